// Engines by name.
#pragma once

#include <string_view>

#include "skep/vm/engine.hpp"

namespace skep::harness {

// "interp". Errors: invalid, listing the engines there are.
Result<const vm::Engine*> find_engine(std::string_view name);

}  // namespace skep::harness
