// SHA-256 as FIPS 180-4 defines it (§4.1.2 functions, §5.3.3 initial value, §6.2.2 rounds). No allowed
// library has it, and reports need nothing else of a crypto library. The rounds are done by the processor where it
// has instructions for them: the zeros of a .bss may be gigabytes.
#include "skep/harness/sha256.hpp"

#include <algorithm>
#include <bit>

#include <cpuid.h>
#include <immintrin.h>

namespace skep::harness {
namespace {

using Word = std::uint32_t;
using State = std::array<Word, 8>;

constexpr State kInitial = {0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a,
                            0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19};

// The first 32 bits of the fractional parts of the cube roots of the first 64 primes (§4.2.2), computed here
// from that sentence: the integer cube root of p * 2^96 has them in its low half.
constexpr std::array<Word, 64> round_constants() {
  __extension__ using Wide = unsigned __int128;
  std::array<Word, 64> constants{};
  std::size_t found = 0;
  for (Word prime = 2; found < constants.size(); prime++) {
    bool is_prime = true;
    for (Word d = 2; d * d <= prime; d++) is_prime = is_prime && prime % d != 0;
    if (!is_prime) continue;
    std::uint64_t root = 0;  // of prime * 2^96, so below 2^35 * 7
    for (int bit = 35; bit >= 0; bit--) {
      const std::uint64_t candidate = root | std::uint64_t{1} << bit;
      // candidate^3 <= prime << 96, compared without overflow of 128 bits: candidate < 2^36.
      if (Wide{candidate} * candidate * candidate <= Wide{prime} << 96) root = candidate;
    }
    constants[found++] = static_cast<Word>(root);
  }
  return constants;
}
constexpr auto kRound = round_constants();
static_assert(kRound[0] == 0x428a2f98 && kRound[63] == 0xc67178f2);

using Schedule = std::array<Word, 64>;

Schedule schedule(const std::byte* block) {
  Schedule w{};
  for (std::size_t t = 0; t < 16; t++) w[t] = load<Word>(block + 4 * t, ByteOrder::big);
  for (std::size_t t = 16; t < 64; t++) {
    const Word s0 = std::rotr(w[t - 15], 7) ^ std::rotr(w[t - 15], 18) ^ (w[t - 15] >> 3);
    const Word s1 = std::rotr(w[t - 2], 17) ^ std::rotr(w[t - 2], 19) ^ (w[t - 2] >> 10);
    w[t] = s1 + w[t - 7] + s0 + w[t - 16];
  }
  return w;
}

void plain_rounds(State& state, const Schedule& w) {
  auto [a, b, c, d, e, f, g, h] = state;
  for (std::size_t t = 0; t < 64; t++) {
    const Word t1 =
        h + (std::rotr(e, 6) ^ std::rotr(e, 11) ^ std::rotr(e, 25)) + ((e & f) ^ (~e & g)) + kRound[t] + w[t];
    const Word t2 = (std::rotr(a, 2) ^ std::rotr(a, 13) ^ std::rotr(a, 22)) + ((a & b) ^ (a & c) ^ (b & c));
    h = g, g = f, f = e, e = d + t1, d = c, c = b, b = a, a = t1 + t2;
  }
  const State add = {a, b, c, d, e, f, g, h};
  for (std::size_t i = 0; i < state.size(); i++) state[i] += add[i];
}

// The same by SHA256RNDS2, which does two rounds and wants the state as (a b e f) and (c d g h), highest word first.
__attribute__((target("sha,sse4.1"))) void fast_rounds(State& state, const Schedule& w) {
  const auto load4 = [](const Word* from) { return _mm_loadu_si128(reinterpret_cast<const __m128i*>(from)); };
  const auto cdab = _mm_shuffle_epi32(load4(&state[0]), 0xb1), efgh = _mm_shuffle_epi32(load4(&state[4]), 0x1b);
  const auto abef0 = _mm_alignr_epi8(cdab, efgh, 8), cdgh0 = _mm_blend_epi16(efgh, cdab, 0xf0);
  auto abef = abef0, cdgh = cdgh0;
  for (std::size_t t = 0; t < 64; t += 4) {
    const auto message = _mm_add_epi32(load4(&w[t]), load4(&kRound[t]));
    cdgh = _mm_sha256rnds2_epu32(cdgh, abef, message);
    abef = _mm_sha256rnds2_epu32(abef, cdgh, _mm_shuffle_epi32(message, 0x0e));
  }
  const auto feba = _mm_shuffle_epi32(_mm_add_epi32(abef, abef0), 0x1b);
  const auto dchg = _mm_shuffle_epi32(_mm_add_epi32(cdgh, cdgh0), 0xb1);
  _mm_storeu_si128(reinterpret_cast<__m128i*>(&state[0]), _mm_blend_epi16(feba, dchg, 0xf0));
  _mm_storeu_si128(reinterpret_cast<__m128i*>(&state[4]), _mm_alignr_epi8(dchg, feba, 8));
}

bool has_fast_rounds() {
  unsigned a = 0, b = 0, c = 0, d = 0;
  const bool sse41 = __get_cpuid(1, &a, &b, &c, &d) != 0 && (c & bit_SSE4_1) != 0;
  return sse41 && __get_cpuid_count(7, 0, &a, &b, &c, &d) != 0 && (b & bit_SHA) != 0;
}

}  // namespace

std::array<std::byte, 32> sha256(Bytes data, std::uint64_t zeros, bool plain) {
  State state = kInitial;
  const auto rounds = !plain && has_fast_rounds() ? fast_rounds : plain_rounds;
  const auto compress = [&](const std::byte* block) { rounds(state, schedule(block)); };
  const std::uint64_t bits = (data.size() + zeros) * 8;
  for (; data.size() >= 64; data = data.subspan(64)) compress(data.data());

  // What is left is filled up with zeros, then come whole blocks of them, whose schedule is zeros as well.
  std::array<std::byte, 128> tail{};
  std::copy(data.begin(), data.end(), tail.begin());
  std::uint64_t left = data.size() + zeros;
  if (left >= 64) {
    compress(tail.data());
    tail = {};
    constexpr Schedule kZeros{};
    for (left -= 64; left >= 64; left -= 64) rounds(state, kZeros);
  }
  // A one bit, zeros, and the length: one block or two (§5.1.1).
  tail[left] = std::byte{0x80};
  const std::size_t size = left < 56 ? 64 : 128;
  store<std::uint64_t>(tail.data() + size - 8, bits, ByteOrder::big);
  for (std::size_t at = 0; at < size; at += 64) compress(tail.data() + at);

  std::array<std::byte, 32> digest{};
  for (std::size_t i = 0; i < state.size(); i++) store<Word>(digest.data() + 4 * i, state[i], ByteOrder::big);
  return digest;
}

}  // namespace skep::harness
