// Engines by name.
#pragma once

#include <string>
#include <string_view>

#include "skep/vm/engine.hpp"

namespace skep::harness {

// "interp", "jit". Errors: invalid, listing the engines there are.
Result<const vm::Engine*> find_engine(std::string_view name);

// The fastest engine that can run here, and why it is not the JIT, if it is not: for the user to hear.
struct DefaultEngine {
  const vm::Engine* engine;
  std::string why;
};
DefaultEngine default_engine();

}  // namespace skep::harness
