// SHA-256 as FIPS 180-4 defines it (§4.1.2 functions, §5.3.3 initial value, §6.2.2 rounds). No allowed
// library has it, and reports need nothing else of a crypto library.
#include "skep/harness/sha256.hpp"

#include <algorithm>
#include <bit>

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

void compress(State& state, const std::byte* block) {
  std::array<Word, 64> w{};
  for (std::size_t t = 0; t < 16; t++) w[t] = load<Word>(block + 4 * t, ByteOrder::big);
  for (std::size_t t = 16; t < 64; t++) {
    const Word s0 = std::rotr(w[t - 15], 7) ^ std::rotr(w[t - 15], 18) ^ (w[t - 15] >> 3);
    const Word s1 = std::rotr(w[t - 2], 17) ^ std::rotr(w[t - 2], 19) ^ (w[t - 2] >> 10);
    w[t] = s1 + w[t - 7] + s0 + w[t - 16];
  }
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

}  // namespace

std::array<std::byte, 32> sha256(Bytes data, std::uint64_t zeros) {
  State state = kInitial;
  const std::uint64_t bits = (data.size() + zeros) * 8;
  for (; data.size() >= 64; data = data.subspan(64)) compress(state, data.data());

  // What is left is filled up with zeros, then come whole blocks of them.
  std::array<std::byte, 128> tail{};
  std::copy(data.begin(), data.end(), tail.begin());
  std::uint64_t left = data.size() + zeros;
  for (; left >= 64; left -= 64) {
    compress(state, tail.data());
    tail = {};
  }
  // A one bit, zeros, and the length: one block or two (§5.1.1).
  tail[left] = std::byte{0x80};
  const std::size_t size = left < 56 ? 64 : 128;
  store<std::uint64_t>(tail.data() + size - 8, bits, ByteOrder::big);
  for (std::size_t at = 0; at < size; at += 64) compress(state, tail.data() + at);

  std::array<std::byte, 32> digest{};
  for (std::size_t i = 0; i < state.size(); i++) store<Word>(digest.data() + 4 * i, state[i], ByteOrder::big);
  return digest;
}

}  // namespace skep::harness
