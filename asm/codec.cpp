#include "skep/asm/codec.hpp"

#include <algorithm>
#include <utility>

namespace skep {
namespace {

// The fields as they lie in the bytes.
struct Slot {
  std::uint8_t code = 0, dst = 0, src = 0;
  std::int16_t off = 0;
  std::int32_t imm = 0;
};

Slot load_slot(const std::byte* at, ByteOrder order) {
  const auto registers = std::to_integer<std::uint8_t>(at[1]);
  const auto low = static_cast<std::uint8_t>(registers & 15), high = static_cast<std::uint8_t>(registers >> 4);
  const bool little = order == ByteOrder::little;
  return {std::to_integer<std::uint8_t>(at[0]), little ? low : high, little ? high : low,
          load<std::int16_t>(at + 2, order), load<std::int32_t>(at + 4, order)};
}

void store_slot(std::byte* at, const Slot& slot, ByteOrder order) {
  const bool little = order == ByteOrder::little;
  at[0] = std::byte{slot.code};
  at[1] = static_cast<std::byte>(little ? slot.src << 4 | slot.dst : slot.dst << 4 | slot.src);
  store(at + 2, slot.off, order);
  store(at + 4, slot.imm, order);
}

// The instruction of one slot; a wide one still lacks the upper half of its immediate.
Result<Instruction> decode_slot(const Slot& slot) {
  const auto op = find_op(slot.code, slot.src, slot.off, slot.imm);
  if (!op) return fail(Errc::malformed, "{}", why_no_op(slot.code, slot.src, slot.off, slot.imm));
  const auto& row = info(*op);
  if (row.form == Form::WideTail) return fail(Errc::malformed, "opcode 0x00 without a wide instruction before it");
  if (!has_dst(row.form) && slot.dst != 0)
    return fail(Errc::malformed, "opcode {:#04x} as {}: field dst is {:#x}, must be 0x0", slot.code, row.name,
                slot.dst);
  if (slot.dst >= kRegCount) return fail(Errc::malformed, "{}: there is no register r{}", row.name, slot.dst);
  const bool src_operand = row.src == OpInfo::kAny;
  if (src_operand && slot.src >= kRegCount)
    return fail(Errc::malformed, "{}: there is no register r{}", row.name, slot.src);

  Instruction insn{.op = *op};
  insn.dst = static_cast<Reg>(slot.dst);
  if (src_operand) insn.src = static_cast<Reg>(slot.src);
  if (row.off == OpInfo::kAny) insn.off = slot.off;
  if (row.imm == OpInfo::kAny) insn.imm = slot.imm;
  return insn;
}

// The immediate of a wide instruction whose first slot holds `low`.
Result<std::int64_t> decode_tail(const Slot& tail, std::int64_t low) {
  if (tail.code != 0 || tail.dst != 0 || tail.src != 0 || tail.off != 0)
    return fail(Errc::malformed,
                "second slot of a wide instruction has opcode {:#04x}, dst {}, src {}, off {}; all must be 0",
                tail.code, tail.dst, tail.src, tail.off);
  return imm_pair(static_cast<std::uint32_t>(low), static_cast<std::uint32_t>(tail.imm));
}

// The instruction at the start of the bytes.
Result<Instruction> decode_first(Bytes bytes, ByteOrder order) {
  if (bytes.size() < kSlotSize) return fail(Errc::malformed, "{} bytes, a slot has {}", bytes.size(), kSlotSize);
  auto insn = SKEP_TRY(decode_slot(load_slot(bytes.data(), order)));
  if (!is_wide(insn.op)) return insn;
  if (bytes.size() < 2 * kSlotSize) return fail(Errc::malformed, "{} lacks its second slot", info(insn.op).name);
  insn.imm = SKEP_TRY(decode_tail(load_slot(bytes.data() + kSlotSize, order), insn.imm));
  return insn;
}

std::int32_t field(std::int32_t wanted, std::int64_t operand) {
  return wanted == OpInfo::kAny ? static_cast<std::int32_t>(operand) : wanted;
}

Slot encode_slot(const Instruction& insn) {
  const auto& row = info(insn.op);
  Slot slot;
  slot.code = row.code;
  slot.dst = static_cast<std::uint8_t>(insn.dst);
  slot.src = static_cast<std::uint8_t>(field(row.src, static_cast<std::int64_t>(insn.src)));
  slot.off = static_cast<std::int16_t>(field(row.off, insn.off));
  slot.imm = field(row.imm, insn.imm);
  return slot;
}

}  // namespace

Result<std::vector<Instruction>> decode(Bytes bytes, ByteOrder order) {
  if (bytes.size() % kSlotSize != 0)
    return fail(Errc::malformed, "{} bytes of instructions are no multiple of {}", bytes.size(), kSlotSize);
  std::vector<Instruction> insns;
  insns.reserve(bytes.size() / kSlotSize);
  for (std::size_t at = 0; at < bytes.size(); at = insns.size() * kSlotSize) {
    insns.push_back(SKEP_TRY_CTX(decode_first(bytes.subspan(at), order), "instruction {} (byte offset {})",
                                 at / kSlotSize, at));
    if (is_wide(insns.back().op)) insns.push_back({.op = Op::wide_tail});
  }
  return insns;
}

std::vector<DecodedSlot> decode_each(Bytes bytes, ByteOrder order) {
  std::vector<DecodedSlot> all;
  for (std::size_t at = 0; at < bytes.size();) {
    const auto rest = bytes.subspan(at);
    auto insn = decode_first(rest, order);
    const auto size = std::min(insn && is_wide(insn->op) ? 2 * kSlotSize : kSlotSize, rest.size());
    all.push_back({static_cast<std::uint32_t>(at / kSlotSize), rest.first(size), std::move(insn)});
    at += size;
  }
  return all;
}

std::vector<std::byte> encode(std::span<const Instruction> insns, ByteOrder order) {
  std::vector<std::byte> bytes(insns.size() * kSlotSize);
  std::uint32_t high = 0;  // of the wide instruction before
  for (std::size_t i = 0; i < insns.size(); ++i) {
    auto slot = encode_slot(insns[i]);
    if (insns[i].op == Op::wide_tail) slot.imm = static_cast<std::int32_t>(high);
    store_slot(bytes.data() + i * kSlotSize, slot, order);
    high = imm_high(insns[i]);
  }
  return bytes;
}

}  // namespace skep
