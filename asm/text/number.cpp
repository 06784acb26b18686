#include "skep/asm/text/number.hpp"

#include "skep/asm/text/name.hpp"

namespace skep::text {
namespace {

// 16 for what is no digit.
unsigned digit_of(char c) {
  if (c >= '0' && c <= '9') return static_cast<unsigned>(c - '0');
  if (c >= 'a' && c <= 'f') return static_cast<unsigned>(c - 'a' + 10);
  if (c >= 'A' && c <= 'F') return static_cast<unsigned>(c - 'A' + 10);
  return 16;
}

}  // namespace

std::optional<ReadNumber> read_number(std::string_view text) {
  ReadNumber number;
  std::size_t i = 0;
  if (!text.empty() && (text[0] == '+' || text[0] == '-')) {
    number.negative = text[i++] == '-';
    while (i < text.size() && (text[i] == ' ' || text[i] == '\t')) ++i;
  }
  const bool hex = text.substr(i, 2) == "0x" || text.substr(i, 2) == "0X";
  const unsigned base = hex ? 16 : 10;
  if (hex) i += 2;
  const auto first = i;
  for (; i < text.size() && continues_name(text[i]); ++i) {
    const auto digit = digit_of(text[i]);
    if (digit >= base) return std::nullopt;
    if (__builtin_mul_overflow(number.magnitude, base, &number.magnitude) ||
        __builtin_add_overflow(number.magnitude, digit, &number.magnitude))
      number.too_large = true;
  }
  if (i == first) return std::nullopt;
  number.size = i;
  return number;
}

}  // namespace skep::text
