// An engine turns a loaded Program into an Executable; an Executable runs on a virtual CPU. All engines
// are observably equal: r0, memory, maps, helper calls, fault, instruction count.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>

#include "skep/base/error.hpp"
#include "skep/vm/fault.hpp"

namespace skep::vm {

class Context;
class Cpu;
class Program;

struct RunResult {
  std::uint64_t r0 = 0;            // 0 if the run faulted
  std::uint64_t instructions = 0;  // executed, exact; a wide instruction is one
  std::optional<Fault> fault;
};

class Executable {
 public:
  virtual ~Executable() = default;
  // Runs the program on `cpu` from its first instruction, r1 and r2 as given. The CPU's outcome is
  // cleared first. At most `fuel` instructions. One thread per CPU.
  RunResult run(Cpu& cpu, Context* context, std::uint64_t r1, std::uint64_t r2, std::uint64_t fuel) {
    return run(cpu, context, {r1, r2, 0, 0, 0}, fuel);
  }
  // The same with r1..r5: any function can be an entry.
  virtual RunResult run(Cpu& cpu, Context* context, const std::uint64_t (&arguments)[5], std::uint64_t fuel) = 0;
  // For Cpu::call: the function at `slot`, in a new frame of a run in progress. Nothing if the run is over; it is
  // if there would be more than 8 frames.
  virtual std::optional<std::uint64_t> call(Cpu& cpu, std::uint32_t slot, const std::uint64_t (&arguments)[5]) = 0;
  // The slot of the instruction at `site`, a Cpu::call_site that this executable stored.
  virtual std::uint32_t slot_of(const void* site) const = 0;
};

class Engine {
 public:
  virtual ~Engine() = default;
  // "interp", "jit"
  virtual std::string_view name() const = 0;
  // `program` must outlive the Executable. Errors: not_supported (names what).
  virtual Result<std::unique_ptr<Executable>> prepare(Program& program) const = 0;
};

// The reference engine. Stateless; lives as long as the process.
const Engine& interpreter();

}  // namespace skep::vm
