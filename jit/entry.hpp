// The way into compiled code and out of it. Each entry pushes an exit frame: the host's stack pointer that a fault or
// the end of a run goes back to, so that no C++ frame is ever skipped. Entries nest through callbacks.
#pragma once

#include <array>
#include <cstdint>

#include "skep/base/error.hpp"
#include "skep/vm/cpu.hpp"

// A function of the host that calls compiled code: clang's check of function pointers would look for a type before the
// code, where none is.
#if defined(__clang__)
#define SKEP_CALLS_COMPILED_CODE [[clang::no_sanitize("function")]]
#else
#define SKEP_CALLS_COMPILED_CODE
#endif

namespace skep::jit {

// Why compiled code was left.
enum class Exit : std::uint32_t {
  done,
  memory,       // filled by the signal handler
  misaligned,
  out_of_fuel,
  call_depth,
  invalid,
  stopped,      // reported already, by a helper or by our own run time
};

// Lives on the host's stack while its entry runs; Cpu::entry points to the innermost one.
struct Entry {
  void* exit_stack = nullptr;  // rsp to go back to; the first member, for compiled code
  std::uint32_t slot = 0;      // of the instruction that left
  Exit exit = Exit::done;
  std::uint64_t r0 = 0;
  std::byte* frame = nullptr;  // host address of r10
  std::array<std::uint64_t, 5> arguments{};
  // Exit::memory, and what else names an address: all registers of BPF as they were, and the executable.
  std::array<std::uint64_t, 11> registers{};
  const void* where = nullptr;
  vm::Cpu* cpu = nullptr;
};

// Code that all programs share.
struct EntryCode {
  void (*enter)(vm::Cpu* cpu, Entry* entry, const void* code);
  const void* leave;  // ends the innermost entry; r12 is the Cpu
};
// Made on first use, with any Cpu to look at. `fuel_register`: compiled code has the fuel in r9. Errors: those of
// CodeMemory.
Result<const EntryCode*> entry_code(const vm::Cpu& any, bool fuel_register);

// Where compiled code finds what it needs, from the Cpu in r12 (bytes).
struct CpuLayout {
  std::int32_t fuel_left, is_stopped, call_site, frame_pointer, entry, frames_left, program, executable;
};
CpuLayout layout_of(const vm::Cpu& cpu);

}  // namespace skep::jit
