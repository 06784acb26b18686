// BTF as C declarations that clang accepts, the way `bpftool btf dump format c` writes them: every type once, behind
// what it needs, with forward declarations where types point at each other, and with the padding and the attributes
// that give every structure the size and every member the offset that BTF says. The second type of a name becomes
// NAME___2, which CO-RE takes for a flavour of the first.
//
// What C cannot say is still something with that size: a bitfield of a pointer is one of an integer, a structure that
// contains itself bytes. Decl tags other than bpf_kfunc are left out. Sizes of pointers, long and long double are
// those of the machine that the BTF is of; C17 is assumed, for kernels declare their own bool and false.
#pragma once

#include <span>
#include <string>

#include "skep/btf/btf.hpp"

namespace skep::btf {

// A whole vmlinux.h: guard, preserve_access_index for all records, all types of the BTF and its base, prototypes
// of the kfuncs (functions with the decl tag bpf_kfunc). With `roots`: only those and what they need; functions
// and variables become extern declarations. Errors: not_found (a root that does not exist), malformed (a type
// that does not decode, or types whose text would be out of all proportion to the BTF).
Result<std::string> c_header(const Btf& btf, std::span<const TypeId> roots = {});

// The declaration of one type by itself, with a comment behind every member that tells where it lies. "" for a type
// that has no declaration, such as a pointer. Errors: those of c_header.
Result<std::string> c_declaration(const Btf& btf, TypeId id);

}  // namespace skep::btf
