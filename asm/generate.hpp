// Random instructions for tests and fuzzers, from the columns of the table: every field that is an operand
// gets a random value that favours edges. What comes out encodes, and passes validation but for
// the targets of jumps and calls, which no single instruction can know.
#pragma once

#include "skep/asm/instruction.hpp"

namespace skep {

namespace detail {
// An edge of a signed integer of `bits` bits, or anything.
template <class Rng>
std::int64_t random_integer(Rng& rng, unsigned bits) {
  const std::int64_t max = static_cast<std::int64_t>((std::uint64_t{1} << (bits - 1)) - 1);
  switch (rng() % 8) {
    case 0: return 0;
    case 1: return 1;
    case 2: return -1;
    case 3: return max;
    case 4: return -max - 1;
    case 5: return static_cast<std::int64_t>(rng() % 256);
    default: return static_cast<std::int64_t>(static_cast<std::uint64_t>(rng())) >> (64 - bits);
  }
}
}  // namespace detail

// `rng()` gives 64 random bits. A wide instruction wants its wide_tail behind it.
template <class Rng>
Instruction random_instruction(Op op, Rng& rng) {
  const auto& row = info(op);
  const bool address_in_dst = row.form == Form::StoreImm || row.form == Form::StoreReg || row.form == Form::Atomic ||
                              row.form == Form::AtomicFetch || row.form == Form::AtomicXchg ||
                              row.form == Form::AtomicCmpXchg || row.form == Form::StoreRel;
  const bool src_written = row.form == Form::AtomicFetch || row.form == Form::AtomicXchg;
  Instruction insn{.op = op};
  if (has_dst(row.form)) insn.dst = static_cast<Reg>(rng() % (address_in_dst ? kRegCount : kRegCount - 1));
  if (row.src == OpInfo::kAny) insn.src = static_cast<Reg>(rng() % (src_written ? kRegCount - 1 : kRegCount));
  if (row.off == OpInfo::kAny) insn.off = static_cast<std::int16_t>(detail::random_integer(rng, 16));
  if (row.imm == OpInfo::kAny && row.form != Form::WideTail)
    insn.imm = detail::random_integer(rng, row.form == Form::LdImm64 ? 64 : 32);
  return insn;
}

}  // namespace skep
