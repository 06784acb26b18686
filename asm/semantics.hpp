// What an instruction computes: the value of every row of asm/isa.inc whose meaning is not none, and when
// every branch is taken. Written once (RFC 9669 §4.1-4.3) and over any value domain V: the interpreter
// instantiates it over u64, an analysis over a domain of its own (intervals, known bits).
//
//   semantics::alu<Op::add32_imm>(dst, src)    the new dst, 64 bits; 32-bit operations zero-extend
//   semantics::taken<Op::jeq64_reg>(dst, src)  whether the branch is taken
//
// An immediate operand is passed as src, sign-extended to 64 bits as Instruction::imm holds it. Operations
// of one operand take the other and ignore it: neg, le*, be* and bswap* read dst, movsx reads src. For atomics
// dst is the old value in memory. Byte order is that of a little-endian machine: be* swaps, le* truncates.
//
// A domain V is a type of 64-bit words: made from a std::uint64_t, with + - * & | ^, and, found by argument-dependent
// lookup, the functions that are given below for u64. A comparison may give any type T that choose(T, f, g)
// understands: an analysis that does not know the answer evaluates both and joins them.
//
// Loads, stores, jumps without condition, calls and exit have no meaning here: they belong to the engines.
#pragma once

#include <cstdint>

#include "skep/asm/opcode.hpp"
#include "skep/base/bytes.hpp"

namespace skep::semantics {

// --- the domain of plain numbers --------------------------------------------------------------------

constexpr bool equal(std::uint64_t a, std::uint64_t b) { return a == b; }
constexpr bool less(std::uint64_t a, std::uint64_t b) { return a < b; }
constexpr bool signed_less(std::uint64_t a, std::uint64_t b) {
  return static_cast<std::int64_t>(a) < static_cast<std::int64_t>(b);
}
// Shift amounts are less than 64.
constexpr std::uint64_t shift_left(std::uint64_t a, std::uint64_t n) { return a << n; }
constexpr std::uint64_t shift_right(std::uint64_t a, std::uint64_t n) { return a >> n; }
constexpr std::uint64_t shift_right_signed(std::uint64_t a, std::uint64_t n) {
  return static_cast<std::uint64_t>(static_cast<std::int64_t>(a) >> n);
}
// Divisors are not 0, and for the signed ones not -1. The operands are extended from Bits bits, so that a
// narrow division, which is faster, gives the same.
template <unsigned Bits>
constexpr std::uint64_t divide(std::uint64_t a, std::uint64_t b) {
  if constexpr (Bits == 32) return static_cast<std::uint32_t>(a) / static_cast<std::uint32_t>(b);
  else return a / b;
}
template <unsigned Bits>
constexpr std::uint64_t remainder(std::uint64_t a, std::uint64_t b) {
  if constexpr (Bits == 32) return static_cast<std::uint32_t>(a) % static_cast<std::uint32_t>(b);
  else return a % b;
}
template <unsigned Bits>
constexpr std::uint64_t divide_signed(std::uint64_t a, std::uint64_t b) {
  if constexpr (Bits == 32)
    return static_cast<std::uint64_t>(static_cast<std::int32_t>(a) / static_cast<std::int32_t>(b));
  else return static_cast<std::uint64_t>(static_cast<std::int64_t>(a) / static_cast<std::int64_t>(b));
}
template <unsigned Bits>
constexpr std::uint64_t remainder_signed(std::uint64_t a, std::uint64_t b) {
  if constexpr (Bits == 32)
    return static_cast<std::uint64_t>(static_cast<std::int32_t>(a) % static_cast<std::int32_t>(b));
  else return static_cast<std::uint64_t>(static_cast<std::int64_t>(a) % static_cast<std::int64_t>(b));
}
template <unsigned Bits>
constexpr std::uint64_t zero_extend(std::uint64_t a) {
  if constexpr (Bits == 64) return a;
  else return a & ((std::uint64_t{1} << Bits) - 1);
}
template <unsigned Bits>
constexpr std::uint64_t sign_extend(std::uint64_t a) {
  return static_cast<std::uint64_t>(static_cast<std::int64_t>(a << (64 - Bits)) >> (64 - Bits));
}
// The low Bits bits with their bytes reversed, zero-extended.
template <unsigned Bits>
constexpr std::uint64_t reverse_bytes(std::uint64_t a) {
  return byteswap(a) >> (64 - Bits);
}
template <class F, class G>
constexpr std::uint64_t choose(bool condition, F&& yes, G&& no) {
  return condition ? yes() : no();
}

// --- the meanings -----------------------------------------------------------------------------------

// The value that `M` computes on operands of Bits bits; the rest of dst and src does not matter.
template <Meaning M, unsigned Bits, class V>
constexpr V alu(V dst, V src) {
  const V zero(std::uint64_t{0});
  const V minus_one(~std::uint64_t{0});
  const V shift_mask(std::uint64_t{Bits - 1});
  if constexpr (M == Meaning::add) return zero_extend<Bits>(dst + src);
  else if constexpr (M == Meaning::sub) return zero_extend<Bits>(dst - src);
  else if constexpr (M == Meaning::mul) return zero_extend<Bits>(dst * src);
  else if constexpr (M == Meaning::or_) return zero_extend<Bits>(dst | src);
  else if constexpr (M == Meaning::and_) return zero_extend<Bits>(dst & src);
  else if constexpr (M == Meaning::xor_) return zero_extend<Bits>(dst ^ src);
  else if constexpr (M == Meaning::mov) return zero_extend<Bits>(src);
  else if constexpr (M == Meaning::neg) return zero_extend<Bits>(zero - dst);
  else if constexpr (M == Meaning::lsh) return zero_extend<Bits>(shift_left(dst, src & shift_mask));
  else if constexpr (M == Meaning::rsh) return shift_right(zero_extend<Bits>(dst), src & shift_mask);
  else if constexpr (M == Meaning::arsh)
    return zero_extend<Bits>(shift_right_signed(sign_extend<Bits>(dst), src & shift_mask));
  else if constexpr (M == Meaning::div) {
    const V a = zero_extend<Bits>(dst), b = zero_extend<Bits>(src);
    return choose(equal(b, zero), [&] { return zero; }, [&] { return divide<Bits>(a, b); });
  } else if constexpr (M == Meaning::mod) {
    const V a = zero_extend<Bits>(dst), b = zero_extend<Bits>(src);
    return choose(equal(b, zero), [&] { return a; }, [&] { return remainder<Bits>(a, b); });
  } else if constexpr (M == Meaning::sdiv) {
    const V a = sign_extend<Bits>(dst), b = sign_extend<Bits>(src);
    const auto not_zero = [&] {  // INT_MIN / -1 is INT_MIN
      return choose(equal(b, minus_one), [&] { return zero - a; }, [&] { return divide_signed<Bits>(a, b); });
    };
    return zero_extend<Bits>(choose(equal(b, zero), [&] { return zero; }, not_zero));
  } else if constexpr (M == Meaning::smod) {
    const V a = sign_extend<Bits>(dst), b = sign_extend<Bits>(src);
    const auto not_zero = [&] {  // INT_MIN % -1 is 0
      return choose(equal(b, minus_one), [&] { return zero; }, [&] { return remainder_signed<Bits>(a, b); });
    };
    return zero_extend<Bits>(choose(equal(b, zero), [&] { return a; }, not_zero));
  } else if constexpr (M == Meaning::sx8) return zero_extend<Bits>(sign_extend<8>(src));
  else if constexpr (M == Meaning::sx16) return zero_extend<Bits>(sign_extend<16>(src));
  else if constexpr (M == Meaning::sx32) return zero_extend<Bits>(sign_extend<32>(src));
  else if constexpr (M == Meaning::le16 || M == Meaning::le32 || M == Meaning::le64) return zero_extend<Bits>(dst);
  else {
    static_assert(M == Meaning::be16 || M == Meaning::be32 || M == Meaning::be64 || M == Meaning::bswap16 ||
                      M == Meaning::bswap32 || M == Meaning::bswap64,
                  "this instruction computes no value");
    return reverse_bytes<Bits>(dst);
  }
}

// Whether the branch `M` on operands of Bits bits is taken.
template <Meaning M, unsigned Bits, class V>
constexpr auto taken(V dst, V src) {
  const V a = zero_extend<Bits>(dst), b = zero_extend<Bits>(src);
  const V sa = sign_extend<Bits>(dst), sb = sign_extend<Bits>(src);
  const V zero(std::uint64_t{0});
  if constexpr (M == Meaning::jeq) return equal(a, b);
  else if constexpr (M == Meaning::jne) return !equal(a, b);
  else if constexpr (M == Meaning::jset) return !equal(a & b, zero);
  else if constexpr (M == Meaning::jgt) return less(b, a);
  else if constexpr (M == Meaning::jge) return !less(a, b);
  else if constexpr (M == Meaning::jlt) return less(a, b);
  else if constexpr (M == Meaning::jle) return !less(b, a);
  else if constexpr (M == Meaning::jsgt) return signed_less(sb, sa);
  else if constexpr (M == Meaning::jsge) return !signed_less(sa, sb);
  else if constexpr (M == Meaning::jslt) return signed_less(sa, sb);
  else {
    static_assert(M == Meaning::jsle, "this instruction is no conditional branch");
    return !signed_less(sb, sa);
  }
}

// --- by instruction ---------------------------------------------------------------------------------

namespace detail {
inline constexpr Meaning kMeanings[] = {
#define SKEP_INSN(name, code, src, off, imm, form, width, meaning, symbol) Meaning::meaning,
#include "skep/asm/isa.inc"
#undef SKEP_INSN
};
inline constexpr std::uint8_t kWidths[] = {
#define SKEP_INSN(name, code, src, off, imm, form, width, meaning, symbol) width,
#include "skep/asm/isa.inc"
#undef SKEP_INSN
};
}  // namespace detail

// The columns of the table as constants, for engines that generate their cases from it.
constexpr Meaning meaning(Op op) { return detail::kMeanings[static_cast<std::size_t>(op)]; }
constexpr unsigned width(Op op) { return detail::kWidths[static_cast<std::size_t>(op)]; }
constexpr bool is_branch(Op op) { return meaning(op) >= Meaning::jeq; }
// Whether alu<op> is defined.
constexpr bool has_value(Op op) { return meaning(op) != Meaning::none && !is_branch(op); }

template <Op op, class V>
constexpr V alu(V dst, V src) {
  return alu<meaning(op), width(op)>(dst, src);
}

template <Op op, class V>
constexpr auto taken(V dst, V src) {
  return taken<meaning(op), width(op)>(dst, src);
}

}  // namespace skep::semantics
