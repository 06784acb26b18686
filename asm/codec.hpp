// Between bytes and instructions (RFC 9669 §3): the gate for instruction bytes from outside.
//
// A slot is 8 bytes: opcode, two register nibbles, a 16-bit offset, a 32-bit immediate. Big-endian objects
// swap the nibbles as well as the integers. A wide instruction takes two slots, the second of which holds the
// upper half of its immediate and is otherwise zero. Reserved fields must be zero: what decodes encodes to the
// same bytes, and what this table does not know is an error, not a guess.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "skep/asm/instruction.hpp"
#include "skep/base/bytes.hpp"

namespace skep {

inline constexpr std::size_t kSlotSize = 8;  // bytes

// One element a slot: a wide instruction is followed by a wide_tail whose fields are all zero.
// Errors: malformed; they name the slot, its byte offset and what is wrong with it.
Result<std::vector<Instruction>> decode(Bytes bytes, ByteOrder order = ByteOrder::little);

// One instruction of bytes that need not be code, or why there is none.
struct DecodedSlot {
  std::uint32_t slot = 0;
  Bytes bytes;  // its own: one slot or two, fewer at a torn end
  Result<Instruction> insn;
};
// All of them, for those who show broken code: decoding goes on behind what is no instruction. Errors say what is
// wrong, not where.
std::vector<DecodedSlot> decode_each(Bytes bytes, ByteOrder order = ByteOrder::little);

// kSlotSize bytes for every element. A wide instruction must be followed by its wide_tail, whose own
// fields are ignored.
std::vector<std::byte> encode(std::span<const Instruction> insns, ByteOrder order = ByteOrder::little);

}  // namespace skep
