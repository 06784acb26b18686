// A type as one would write it in C, for messages: "struct flow_key *", "__u32[4]", "int (*)(void *)".
#pragma once

#include <string>

#include "skep/btf/btf.hpp"

namespace skep::btf {

// Short: members are left out ("struct {...}"), long parameter lists end in "...". Functions and variables
// come with their name: "int f(void *ctx)". What is broken or circular is shown as "?".
std::string c_name(const Btf& btf, TypeId id);

}  // namespace skep::btf
