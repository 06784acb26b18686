// The corner cases of RFC 9669 §4, proven while compiling, and the whole table against 128-bit arithmetic.
#include "skep/asm/semantics.hpp"

#include <bit>
#include <cstdint>
#include <vector>

#include <gtest/gtest.h>

namespace skep::semantics {
namespace {

using u64 = std::uint64_t;
constexpr u64 kMin64 = u64{1} << 63, kMin32 = u64{1} << 31, kOnes = ~u64{0}, kOnes32 = 0xffffffff;

// 32-bit results are zero-extended and ignore the upper halves.
static_assert(alu<Op::add32_imm>(kOnes, u64{1}) == 0);
static_assert(alu<Op::add64_imm>(kOnes, u64{1}) == 0);
static_assert(alu<Op::add64_imm>(u64{1}, kOnes) == 0);
static_assert(alu<Op::sub32_reg>(u64{0}, u64{1}) == kOnes32);
static_assert(alu<Op::mov32_imm>(kOnes, kOnes) == kOnes32);
static_assert(alu<Op::mov64_imm>(u64{0}, kOnes) == kOnes);
static_assert(alu<Op::neg32>(u64{1}, u64{0}) == kOnes32);
static_assert(alu<Op::neg64>(kMin64, u64{0}) == kMin64);
static_assert(alu<Op::xor32_reg>(kOnes, u64{0}) == kOnes32);

// Division by zero gives 0, a remainder by zero the dividend.
static_assert(alu<Op::div64_reg>(u64{7}, u64{0}) == 0);
static_assert(alu<Op::sdiv64_reg>(u64{7}, u64{0}) == 0);
static_assert(alu<Op::mod64_reg>(kOnes, u64{0}) == kOnes);
static_assert(alu<Op::smod64_reg>(kOnes, u64{0}) == kOnes);
static_assert(alu<Op::mod32_reg>(kOnes, u64{0}) == kOnes32);
static_assert(alu<Op::smod32_reg>(kOnes, u64{0}) == kOnes32);
static_assert(alu<Op::div32_reg>(u64{7}, u64{1} << 32) == 0);  // a divisor that is zero in 32 bits only
static_assert(alu<Op::smod32_reg>(u64{7}, u64{1} << 32) == 7);

// Unsigned division with a negative immediate uses the sign-extended bits; signed truncates toward zero.
static_assert(alu<Op::div64_imm>(kOnes, static_cast<u64>(-10)) == 1);
static_assert(alu<Op::sdiv64_imm>(static_cast<u64>(-13), u64{4}) == static_cast<u64>(-3));
static_assert(alu<Op::smod64_imm>(static_cast<u64>(-13), u64{4}) == static_cast<u64>(-1));
static_assert(alu<Op::smod64_imm>(u64{13}, static_cast<u64>(-4)) == 1);
static_assert(alu<Op::sdiv32_imm>(static_cast<u64>(-13), u64{4}) == 0xfffffffd);
static_assert(alu<Op::smod32_imm>(static_cast<u64>(-13), u64{4}) == 0xffffffff);

// The one signed overflow.
static_assert(alu<Op::sdiv64_reg>(kMin64, kOnes) == kMin64);
static_assert(alu<Op::smod64_reg>(kMin64, kOnes) == 0);
static_assert(alu<Op::sdiv32_reg>(kMin32, kOnes32) == kMin32);
static_assert(alu<Op::smod32_reg>(kMin32, kOnes32) == 0);

// Shift amounts are masked to the width.
static_assert(alu<Op::lsh64_reg>(u64{1}, u64{65}) == 2);
static_assert(alu<Op::lsh32_reg>(u64{1}, u64{33}) == 2);
static_assert(alu<Op::lsh32_reg>(u64{1}, u64{31}) == kMin32);
static_assert(alu<Op::rsh32_reg>(kOnes, u64{4}) == 0x0fffffff);
static_assert(alu<Op::rsh64_reg>(kOnes, kOnes) == 1);
static_assert(alu<Op::arsh32_imm>(kMin32, u64{31}) == kOnes32);
static_assert(alu<Op::arsh32_imm>(u64{0x7fffffff}, u64{8}) == 0x7fffff);
static_assert(alu<Op::arsh64_imm>(kMin64, u64{63}) == kOnes);
static_assert(alu<Op::arsh32_reg>(kOnes32, u64{32}) == kOnes32);

// Sign-extending moves and byte order.
static_assert(alu<Op::movsx8_64>(u64{0}, u64{0x80}) == static_cast<u64>(-128));
static_assert(alu<Op::movsx16_64>(u64{0}, u64{0x18000}) == static_cast<u64>(-32768));
static_assert(alu<Op::movsx32_64>(u64{0}, kMin32) == static_cast<u64>(INT64_C(-2147483648)));
static_assert(alu<Op::movsx8_32>(u64{0}, u64{0xff}) == kOnes32);
static_assert(alu<Op::movsx16_32>(u64{0}, u64{0x7fff}) == 0x7fff);
static_assert(alu<Op::le16>(u64{0x1122334455667788}, u64{0}) == 0x7788);
static_assert(alu<Op::le32>(u64{0x1122334455667788}, u64{0}) == 0x55667788);
static_assert(alu<Op::le64>(u64{0x1122334455667788}, u64{0}) == 0x1122334455667788);
static_assert(alu<Op::be16>(u64{0x1122334455667788}, u64{0}) == 0x8877);
static_assert(alu<Op::be32>(u64{0x1122334455667788}, u64{0}) == 0x88776655);
static_assert(alu<Op::be64>(u64{0x1122334455667788}, u64{0}) == 0x8877665544332211);
static_assert(alu<Op::bswap16>(u64{0x1122334455667788}, u64{0}) == 0x8877);
static_assert(alu<Op::bswap64>(u64{0x1122334455667788}, u64{0}) == 0x8877665544332211);

// Branches: 32-bit ones see the low halves only; comparisons with negative immediates are of 64 bits.
static_assert(taken<Op::jeq64_imm>(kOnes, kOnes));
static_assert(!taken<Op::jeq64_imm>(kOnes32, kOnes));
static_assert(taken<Op::jeq32_imm>(kOnes32, kOnes));
static_assert(taken<Op::jne64_reg>(u64{1}, u64{1} << 32 | 1) && !taken<Op::jne32_reg>(u64{1}, u64{1} << 32 | 1));
static_assert(taken<Op::jgt64_imm>(kOnes, u64{5}) && !taken<Op::jsgt64_imm>(kOnes, u64{5}));
static_assert(taken<Op::jslt32_imm>(kMin32, u64{0}) && !taken<Op::jslt64_imm>(kMin32, u64{0}));
static_assert(taken<Op::jset64_imm>(kMin64, static_cast<u64>(INT64_C(-2147483648))));
static_assert(!taken<Op::jset32_reg>(u64{1} << 32, kOnes));
static_assert(taken<Op::jge64_reg>(u64{3}, u64{3}) && taken<Op::jle64_reg>(u64{3}, u64{3}));
static_assert(!taken<Op::jsgt32_reg>(u64{3}, u64{3}) && taken<Op::jsge32_reg>(u64{3}, u64{3}));
static_assert(taken<Op::jsle64_reg>(kMin64, u64{0}) && !taken<Op::jlt64_reg>(kMin64, u64{0}));

const std::vector<u64> kEdges = {0,          1,      2,          3,         7,       31,          32,
                                 33,         63,     64,         0x7f,      0x80,    0xff,        0x7fff,
                                 0x8000,     0xffff, 0x7fffffff, kMin32,    kOnes32, kOnes32 + 1, 0x123456789abcdef0,
                                 kMin64 - 1, kMin64, kMin64 + 1, kOnes - 1, kOnes};

// The same answers from arithmetic in 128 bits, where nothing can overflow.
__extension__ typedef __int128 Wide;

u64 expected(Meaning meaning, unsigned bits, u64 dst, u64 src) {
  const u64 mask = bits == 64 ? kOnes : (u64{1} << bits) - 1;
  const auto is_signed = [&](u64 v) {
    const Wide value = static_cast<Wide>(v & mask);
    return (v & mask) >> (bits - 1) ? value - (static_cast<Wide>(1) << bits) : value;
  };
  const auto plain = [&](u64 v) { return static_cast<Wide>(v & mask); };
  const auto low = [&](Wide v) { return static_cast<u64>(v) & mask; };
  switch (meaning) {
    case Meaning::add: return low(plain(dst) + plain(src));
    case Meaning::sub: return low(plain(dst) - plain(src));
    case Meaning::mul: return low(static_cast<Wide>(dst * src));
    case Meaning::div: return plain(src) == 0 ? 0 : low(plain(dst) / plain(src));
    case Meaning::mod: return plain(src) == 0 ? dst & mask : low(plain(dst) % plain(src));
    case Meaning::sdiv: return plain(src) == 0 ? 0 : low(is_signed(dst) / is_signed(src));
    case Meaning::smod: return plain(src) == 0 ? dst & mask : low(is_signed(dst) % is_signed(src));
    case Meaning::lsh: return low(plain(dst) << (src % bits));
    case Meaning::rsh: return low(plain(dst) >> (src % bits));
    case Meaning::arsh: return low(is_signed(dst) >> (src % bits));
    default: ADD_FAILURE() << "no expectation"; return 0;
  }
}

TEST(Semantics, AgreesWithWideArithmetic) {
  for (const u64 dst : kEdges)
    for (const u64 src : kEdges) {
#define CHECK(NAME)                                                                          \
  EXPECT_EQ(alu<Op::NAME>(dst, src), expected(meaning(Op::NAME), width(Op::NAME), dst, src)) \
      << #NAME << " " << dst << " " << src
      CHECK(add64_reg); CHECK(sub64_reg); CHECK(mul64_reg); CHECK(div64_reg); CHECK(mod64_reg);
      CHECK(sdiv64_reg); CHECK(smod64_reg); CHECK(lsh64_reg); CHECK(rsh64_reg); CHECK(arsh64_reg);
      CHECK(add32_reg); CHECK(sub32_reg); CHECK(mul32_reg); CHECK(div32_reg); CHECK(mod32_reg);
      CHECK(sdiv32_reg); CHECK(smod32_reg); CHECK(lsh32_reg); CHECK(rsh32_reg); CHECK(arsh32_reg);
#undef CHECK
    }
}

// Every row that has a meaning compiles, and 32-bit rows never set the upper half.
template <Op op>
void exercise(unsigned& values, unsigned& branches) {
  for (const u64 dst : kEdges)
    for (const u64 src : kEdges) {
      if constexpr (has_value(op)) {
        if constexpr (width(op) < 64) { EXPECT_EQ(alu<op>(dst, src) >> width(op), 0u) << info(op).name; }
      } else if constexpr (is_branch(op)) {
        if constexpr (width(op) == 32) {
          EXPECT_EQ((taken<op>(dst, src)), (taken<op>(dst & kOnes32, src & kOnes32))) << info(op).name;
        }
      }
    }
  values += has_value(op);
  branches += is_branch(op);
}

TEST(Semantics, CoversTheTable) {
  unsigned values = 0, branches = 0;
#define SKEP_INSN(name, ...) exercise<Op::name>(values, branches);
#include "skep/asm/isa.inc"
#undef SKEP_INSN
  EXPECT_EQ(branches, 44u);
  EXPECT_EQ(values, 88u);
}

}  // namespace
}  // namespace skep::semantics

// A domain that is not numbers: values that may be unknown. The same code gives an analysis.
namespace {

struct Maybe {
  bool known = false;
  std::uint64_t value = 0;
  constexpr Maybe() = default;
  constexpr explicit Maybe(std::uint64_t v) : known(true), value(v) {}
};
enum class Truth { no, yes, unknown };

template <class F>
constexpr Maybe both(Maybe a, Maybe b, F&& compute) {
  return a.known && b.known ? Maybe(compute(a.value, b.value)) : Maybe();
}
constexpr Maybe operator&(Maybe a, Maybe b) {
  return both(a, b, [](auto x, auto y) { return x & y; });
}
template <unsigned Bits>
constexpr Maybe zero_extend(Maybe a) {
  return a.known ? Maybe(skep::semantics::zero_extend<Bits>(a.value)) : a;
}
template <unsigned Bits>
constexpr Maybe divide(Maybe a, Maybe b) {
  return both(a, b, [](auto x, auto y) { return skep::semantics::divide<Bits>(x, y); });
}
constexpr Truth equal(Maybe a, Maybe b) {
  return !a.known || !b.known ? Truth::unknown : a.value == b.value ? Truth::yes : Truth::no;
}
template <class F, class G>
constexpr Maybe choose(Truth condition, F&& yes, G&& no) {
  if (condition != Truth::unknown) return condition == Truth::yes ? yes() : no();
  const Maybe a = yes(), b = no();
  return a.known && b.known && a.value == b.value ? a : Maybe();
}

using skep::Op;
using skep::semantics::alu;
static_assert(alu<Op::div32_reg>(Maybe(9), Maybe(2)).value == 4);
static_assert(alu<Op::div32_reg>(Maybe(), Maybe(0)).known);  // whatever it was, it is 0 now
static_assert(!alu<Op::div64_reg>(Maybe(9), Maybe()).known);
static_assert(alu<Op::and64_reg>(Maybe(6), Maybe(3)).value == 2);

}  // namespace
