// The engine that compiles to x86-64 (vm/engine.hpp). Observably equal to the interpreter.
#pragma once

#include "skep/vm/engine.hpp"

namespace skep::jit {

// Lives as long as the process. Where code memory cannot be had, programs cannot be prepared: not_supported.
const vm::Engine& engine();
// Whether it can be had at all (a sandbox may forbid memory that is executed). Errors: not_supported, with the reason.
Result<> available();

// The same with code for processors and kernels that have less, or that counts nothing: for tests and comparisons.
struct Variant {
  bool segment = true;   // guest memory through gs, if the kernel allows it
  bool bmi2 = true;      // if the processor has it
  bool counting = true;  // false: runs have no fuel and no count, and one that goes on for ever is ended by nobody
};
const vm::Engine& engine(const Variant& variant);

}  // namespace skep::jit
