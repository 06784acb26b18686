// One decoded instruction: a value. Fields that the row of asm/isa.inc does not call operands are 0.
//
// Code is kept slot by slot, as the kernel counts: an instruction of two slots is followed by a
// wide_tail, so that an index in a vector of Instructions is the number that the kernel, llvm-objdump,
// .BTF.ext and jump offsets use. The whole 64-bit immediate of a wide instruction is in its first slot.
#pragma once

#include <cstdint>

#include "skep/asm/opcode.hpp"
#include "skep/asm/register.hpp"

namespace skep {

struct Instruction {
  Op op{};
  Reg dst{};
  Reg src{};          // for ops that are selected by the src field (ld_map_fd, call_local, …) always r0
  std::int16_t off = 0;
  std::int64_t imm = 0;  // sign-extended from 32 bits, or the 64 bits of a wide instruction

  bool operator==(const Instruction&) const = default;
};
static_assert(sizeof(Instruction) == 16);

// The two immediates of a wide instruction: low is the first slot's (a map, a BTF id), high the second's
// (an offset into a map value).
constexpr std::uint32_t imm_low(const Instruction& i) { return static_cast<std::uint32_t>(i.imm); }
constexpr std::uint32_t imm_high(const Instruction& i) {
  return static_cast<std::uint32_t>(static_cast<std::uint64_t>(i.imm) >> 32);
}
constexpr std::int64_t imm_pair(std::uint32_t low, std::uint32_t high) {
  return static_cast<std::int64_t>(std::uint64_t{high} << 32 | low);
}

}  // namespace skep
