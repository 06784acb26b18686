// Running bare instruction bytes over bare memory: no object, no context.
#pragma once

#include "skep/vm/machine.hpp"

namespace skep::harness {

// What a program may execute unless somebody says otherwise: an endless loop ends within a second or so.
inline constexpr std::uint64_t kDefaultFuel = 500'000'000;

struct RawRun {
  vm::RunResult result;
  std::vector<std::byte> memory;  // as the program left it
};

// Runs little-endian instruction bytes with r1 = address of a copy of `memory` (0 if it is empty) and r2 = its
// length. Errors: malformed (no instructions), rejected, not_supported.
Result<RawRun> run_raw(Bytes program, Bytes memory, const vm::Engine& engine, std::uint64_t fuel = kDefaultFuel,
                       const vm::MachineOptions& options = {});

}  // namespace skep::harness
