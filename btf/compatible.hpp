// Whether a declaration of a program means what a kernel has: the question behind kfuncs and kernel variables.
#pragma once

#include "skep/btf/btf.hpp"

namespace skep::btf {

// Whether two types are of the same make, as libbpf's bpf_core_types_are_compat has it: the same kind, pointers to and
// functions of such types; neither names nor bodies nor widths of integers are compared. Errors: malformed (types that nest
// too deeply, in circles, or take too many steps).
Result<bool> types_compatible(const Btf& local, TypeId local_type, const Btf& target, TypeId target_type);

}  // namespace skep::btf
