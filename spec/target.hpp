// What an object is resolved against: facts about a kernel, declared or gathered, never read from the running
// system by anything below it. Two equal targets give equal instructions.
#pragma once

#include <optional>

#include "skep/btf/core.hpp"

namespace skep {

struct Target {
  // The kernel's BTF first, then its modules'. None: nothing is known of types, and instructions stay as they were
  // compiled, for the types of the object itself. (An empty CoreTargets is a kernel without any type: whatever is asked
  // of it is missing.)
  std::optional<btf::CoreTargets> types;
};

}  // namespace skep
