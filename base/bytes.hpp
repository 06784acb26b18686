// Bytes from outside pass this gate: a checked reader and a writer that know the byte order as a value.
// No other file casts pointers to read integers.
#pragma once

#include <bit>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "skep/base/error.hpp"

namespace skep {

// Borrowed bytes; whoever hands them out says how long they live.
using Bytes = std::span<const std::byte>;
using MutableBytes = std::span<std::byte>;

enum class ByteOrder : std::uint8_t { little, big };
// "little" or "big"
std::string_view to_string(ByteOrder order);

template <std::unsigned_integral T>
constexpr T byteswap(T value) {
  if constexpr (sizeof(T) == 1) return value;
  else if constexpr (sizeof(T) == 2) return __builtin_bswap16(value);
  else if constexpr (sizeof(T) == 4) return __builtin_bswap32(value);
  else return __builtin_bswap64(value);
}

// Reads an integer at the start of `bytes`, which must hold it (asserted by the caller).
template <std::integral T>
T load(const std::byte* bytes, ByteOrder order = ByteOrder::little) {
  std::make_unsigned_t<T> raw;
  std::memcpy(&raw, bytes, sizeof raw);
  if ((order == ByteOrder::little) != (std::endian::native == std::endian::little)) raw = byteswap(raw);
  return static_cast<T>(raw);
}

template <std::integral T>
void store(std::byte* bytes, T value, ByteOrder order = ByteOrder::little) {
  auto raw = static_cast<std::make_unsigned_t<T>>(value);
  if ((order == ByteOrder::little) != (std::endian::native == std::endian::little)) raw = byteswap(raw);
  std::memcpy(bytes, &raw, sizeof raw);
}

// A cursor over borrowed bytes. Reading past the end is an Error that names the offset.
class ByteReader {
 public:
  explicit ByteReader(Bytes bytes, ByteOrder order = ByteOrder::little) : bytes_(bytes), order_(order) {}

  std::size_t offset() const { return offset_; }
  std::size_t size() const { return bytes_.size(); }
  std::size_t left() const { return bytes_.size() - offset_; }
  ByteOrder order() const { return order_; }

  template <std::integral T>
  Result<T> read() {
    if (left() < sizeof(T)) return truncated(sizeof(T));
    const T value = load<T>(bytes_.data() + offset_, order_);
    offset_ += sizeof(T);
    return value;
  }
  Result<Bytes> take(std::size_t size);
  Result<> skip(std::size_t size);
  Result<> seek(std::size_t offset);

 private:
  std::unexpected<Error> truncated(std::size_t wanted) const;

  Bytes bytes_;
  std::size_t offset_ = 0;
  ByteOrder order_;
};

// Appends integers and bytes to a vector that it owns.
class ByteWriter {
 public:
  explicit ByteWriter(ByteOrder order = ByteOrder::little) : order_(order) {}

  template <std::integral T>
  void write(T value) {
    std::byte raw[sizeof(T)];
    store(raw, value, order_);
    bytes_.insert(bytes_.end(), raw, raw + sizeof(T));
  }
  void write(Bytes bytes) { bytes_.insert(bytes_.end(), bytes.begin(), bytes.end()); }
  std::size_t size() const { return bytes_.size(); }
  const std::vector<std::byte>& bytes() const& { return bytes_; }
  std::vector<std::byte> bytes() && { return std::move(bytes_); }

 private:
  std::vector<std::byte> bytes_;
  ByteOrder order_;
};

inline Bytes as_bytes(std::string_view text) { return std::as_bytes(std::span(text.data(), text.size())); }
inline std::string_view as_text(Bytes bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

// "0a1bff": lower case, no separators.
std::string to_hex(Bytes bytes);
// Accepts both cases, white space between bytes, and an optional leading 0x; the error names the column.
Result<std::vector<std::byte>> from_hex(std::string_view text);

}  // namespace skep
