// What compiled code calls for what is too rare or too long to be emitted. Cpu::executable is the program's own.
#pragma once

#include <cstdint>

#include "skep/vm/cpu.hpp"

namespace skep::jit {

// Two words in rax and rdx.
struct Pair {
  std::uint64_t first = 0, second = 0;
};

// gotox at `slot` to the address in a register: where to go on; null if the run is over.
const void* goto_register(std::uint64_t target, std::uint32_t slot, vm::Cpu* cpu);

// What callx at `slot` means: the code of a function, or a helper's; null if the run is over.
enum class Callee : std::uint64_t { function, helper, tail_call };
Pair call_register(std::uint64_t target, std::uint32_t slot, vm::Cpu* cpu);

// bpf_tail_call at `slot`: the body to go on in; null for the next instruction, or if the run is over (Cpu::is_stopped).
const void* tail_call(std::uint64_t map, std::uint64_t index, std::uint32_t slot, vm::Cpu* cpu);

// ld_abs, ld_ind: the value, and what to do.
enum class Packet : std::uint64_t { loaded, out_of_range, stopped };
Pair load_packet(std::int32_t offset, std::uint32_t bytes, std::uint32_t slot, vm::Cpu* cpu);

}  // namespace skep::jit
