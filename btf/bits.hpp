// Runs of bits in memory, as C compilers lay bitfields out: counted from the least significant bit of the
// first byte in little-endian memory, from the most significant one in big-endian memory. A whole integer
// is the run that begins and ends with a byte. Callers check bounds. Internal to btf/.
#pragma once

#include <algorithm>

#include "skep/base/bytes.hpp"

namespace skep::btf::detail {

// One piece of a run: what it has of one byte.
struct BitPiece {
  std::size_t byte;
  unsigned shift_in_byte, shift_in_value, width;
};

// Calls `each` for the pieces of a run of `width` (at most 64) bits.
template <class Each>
void for_each_piece(std::uint64_t offset, unsigned width, ByteOrder order, Each each) {
  for (unsigned done = 0; done < width;) {
    const auto in_byte = static_cast<unsigned>((offset + done) % 8);
    const auto part = std::min(8 - in_byte, width - done);
    const bool little = order == ByteOrder::little;
    each(BitPiece{.byte = static_cast<std::size_t>((offset + done) / 8),
                  .shift_in_byte = little ? in_byte : 8 - in_byte - part,
                  .shift_in_value = little ? done : width - done - part,
                  .width = part});
    done += part;
  }
}

// Zero-extended.
inline std::uint64_t get_bits(Bytes bytes, std::uint64_t offset, unsigned width, ByteOrder order) {
  std::uint64_t value = 0;
  for_each_piece(offset, width, order, [&](const BitPiece& piece) {
    const auto mask = (1u << piece.width) - 1;
    const auto bits = std::to_integer<unsigned>(bytes[piece.byte]) >> piece.shift_in_byte & mask;
    value |= std::uint64_t{bits} << piece.shift_in_value;
  });
  return value;
}

// The other bits of the bytes keep what they were.
inline void put_bits(MutableBytes bytes, std::uint64_t offset, unsigned width, ByteOrder order, std::uint64_t value) {
  for_each_piece(offset, width, order, [&](const BitPiece& piece) {
    const auto mask = ((1u << piece.width) - 1) << piece.shift_in_byte;
    const auto bits = static_cast<unsigned>(value >> piece.shift_in_value) << piece.shift_in_byte & mask;
    bytes[piece.byte] = static_cast<std::byte>((std::to_integer<unsigned>(bytes[piece.byte]) & ~mask) | bits);
  });
}

}  // namespace skep::btf::detail
