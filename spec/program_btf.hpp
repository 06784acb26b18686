// The types and source lines of one program of an object, as the kernel takes them beside its code.
#pragma once

#include "skep/btf/program_btf.hpp"
#include "skep/spec/collection.hpp"

namespace skep::spec {

// The minimal BTF, func_info and line_info of a program that was linked (spec::link; resolving it changes no position).
// Functions that the object hides become static ones. `more_types` of the collection's BTF are kept, too, and the result
// tells their new numbers: those that instructions hold (CO-RE's local type ids) are for the caller to replace. Errors: those
// of btf::program_btf.
Result<btf::ProgramBtf> program_btf(const CollectionSpec& collection, const ProgramSpec& linked,
                                    std::span<const btf::TypeId> more_types = {});

}  // namespace skep::spec
