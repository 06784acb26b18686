// The engine that the tests run programs on: SKEP_ENGINE says which. The build runs them once for each.
#pragma once

#include <cstdlib>
#include <string_view>

#include <gtest/gtest.h>

#include "skep/jit/engine.hpp"
#include "skep/vm/engine.hpp"

namespace skep::test {

inline const vm::Engine& engine() {
  const char* const named = std::getenv("SKEP_ENGINE");
  const std::string_view name = named != nullptr ? named : "interp";
  if (name == "jit") return jit::engine();
  if (name == "jit-plain") return jit::engine({.segment = false, .bmi2 = false});
  if (name != "interp") ADD_FAILURE() << "SKEP_ENGINE: no engine \"" << name << '"';
  return vm::interpreter();
}

}  // namespace skep::test
