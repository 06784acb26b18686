#include "skep/btf/number.hpp"

#include <charconv>

#include <fmt/format.h>

namespace skep::btf::detail {
namespace {

// The whole text, or nothing.
template <class T>
bool read(std::string_view text, T& out, int base = 10) {
  const auto* end = text.data() + text.size();
  const auto got = std::from_chars(text.data(), end, out, base);
  return got.ec == std::errc{} && got.ptr == end;
}

std::optional<Number> parse_hex(std::string_view digits) {
  constexpr std::size_t kHalf = 16;
  Number number{.is_pattern = true};
  if (digits.size() > 2 * kHalf) return std::nullopt;
  const auto cut = digits.size() > kHalf ? digits.size() - kHalf : 0;
  if (cut > 0 && !read(digits.substr(0, cut), number.high, 16)) return std::nullopt;
  if (!read(digits.substr(cut), number.low, 16)) return std::nullopt;
  return number;
}

}  // namespace

Number Number::of(std::int64_t value) {
  return {
      .low = static_cast<std::uint64_t>(value), .high = value < 0 ? ~std::uint64_t{0} : 0, .is_negative = value < 0};
}

std::optional<Number> Number::parse(std::string_view text) {
  if (text.size() == 3 && text.front() == '\'' && text.back() == '\'')
    return Number{.low = static_cast<unsigned char>(text[1]), .is_pattern = true};
  if (text.starts_with("0x") || text.starts_with("0X")) return parse_hex(text.substr(2));
  if (std::int64_t small = 0; read(text, small)) return of(small);
  if (Number large; read(text, large.low)) return large;
  return std::nullopt;
}

bool Number::fits(unsigned width, bool is_signed) const {
  // Of a negative number the complement has the bits that count.
  const auto low_bits = is_negative ? ~low : low;
  const auto high_bits = is_negative ? ~high : high;
  const auto is_clear_from = [&](unsigned bit) {
    if (bit >= 128) return true;
    return bit >= 64 ? high_bits >> (bit - 64) == 0 : high_bits == 0 && low_bits >> bit == 0;
  };
  if (!is_signed || is_pattern) return !is_negative && is_clear_from(width);
  return width > 0 && is_clear_from(width - 1);
}

std::string range_text(unsigned width, bool is_signed) {
  if (width > 64) return fmt::format("{} bits", width);
  const auto top = width == 0 ? 0 : ~std::uint64_t{0} >> (64 - width);
  if (is_signed && width > 0) return fmt::format("{} to {}", -static_cast<std::int64_t>(top / 2) - 1, top / 2);
  return fmt::format("0 to {}", top);
}

}  // namespace skep::btf::detail
