// The tables behind opcode.hpp, and the proof that they are unambiguous. In one .cpp: as a header the
// consteval work would cost every file seconds.
#include "skep/asm/opcode.hpp"

#include <algorithm>
#include <array>
#include <vector>

#include <fmt/format.h>

namespace skep {
namespace {

constexpr std::int32_t ANY = OpInfo::kAny;

constexpr std::array<OpInfo, kOpCount> kOps{{
#define SKEP_INSN(name, code, src, off, imm, form, width, meaning, symbol) \
  {#name, code, src, off, imm, Form::form, width, Meaning::meaning, symbol},
#include "skep/asm/isa.inc"
#undef SKEP_INSN
}};

constexpr bool overlap(std::int32_t a, std::int32_t b) { return a == ANY || b == ANY || a == b; }

consteval bool unambiguous() {
  for (std::size_t a = 0; a < kOpCount; ++a)
    for (std::size_t b = a + 1; b < kOpCount; ++b)
      if (kOps[a].code == kOps[b].code && overlap(kOps[a].src, kOps[b].src) && overlap(kOps[a].off, kOps[b].off) &&
          overlap(kOps[a].imm, kOps[b].imm))
        return false;
  return true;
}
static_assert(unambiguous(), "two rows of asm/isa.inc match the same encoding");

// Rows of one opcode byte stand together in `order`, from first[code] to first[code + 1].
struct Index {
  std::array<std::uint8_t, kOpCount> order{};
  std::array<std::uint16_t, 257> first{};
};

consteval Index make_index() {
  Index index;
  std::uint16_t next = 0;
  for (unsigned code = 0; code < 256; ++code) {
    index.first[code] = next;
    for (std::size_t op = 0; op < kOpCount; ++op)
      if (kOps[op].code == code) index.order[next++] = static_cast<std::uint8_t>(op);
  }
  index.first[256] = next;
  return index;
}
constexpr Index kIndex = make_index();

constexpr bool matches(std::int32_t wanted, std::int32_t value) { return wanted == ANY || wanted == value; }

}  // namespace

const OpInfo& info(Op op) { return kOps[static_cast<std::size_t>(op)]; }

std::optional<Op> find_op(std::uint8_t code, std::uint8_t src, std::int16_t off, std::int32_t imm) {
  for (auto i = kIndex.first[code]; i < kIndex.first[code + 1u]; ++i) {
    const auto& row = kOps[kIndex.order[i]];
    if (matches(row.src, src) && matches(row.off, off) && matches(row.imm, imm))
      return static_cast<Op>(kIndex.order[i]);
  }
  return std::nullopt;
}

std::string why_no_op(std::uint8_t code, std::uint8_t src, std::int16_t off, std::int32_t imm) {
  if (kIndex.first[code] == kIndex.first[code + 1u]) return fmt::format("unknown opcode {:#04x}", code);
  // The row that differs in the fewest fields is the one that was meant.
  const OpInfo* best = nullptr;
  int fewest = 4;
  for (auto i = kIndex.first[code]; i < kIndex.first[code + 1u]; ++i) {
    const auto& row = kOps[kIndex.order[i]];
    const int wrong = !matches(row.src, src) + !matches(row.off, off) + !matches(row.imm, imm);
    if (wrong < fewest) {
      fewest = wrong;
      best = &row;
    }
  }
  std::string text(best->name);
  const char* separator = ": ";
  const auto complain = [&](const char* field, std::int32_t wanted, std::int32_t value) {
    if (matches(wanted, value)) return;
    text += fmt::format("{}field {} is {:#x}, must be {:#x}", separator, field, value, wanted);
    separator = ", ";
  };
  complain("src", best->src, src);
  complain("off", best->off, off);
  complain("imm", best->imm, imm);
  return fmt::format("opcode {:#04x} as {}", code, text);
}

}  // namespace skep
