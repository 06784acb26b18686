// What an object is resolved against: facts about a kernel, declared or gathered, never read from the running
// system by anything below it. Two equal targets give equal instructions.
#pragma once

#include "skep/btf/core.hpp"

namespace skep {

struct Target {
  btf::CoreTargets types;  // BTF by name: vmlinux first, then modules; none: whatever is asked of types is missing
};

}  // namespace skep
