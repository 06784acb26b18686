// Integers of up to 128 bits as people write them, and whether they fit. Internal to btf/.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace skep::btf::detail {

// In two's complement, with what is known of its origin.
struct Number {
  std::uint64_t low = 0, high = 0;
  bool is_negative = false;
  bool is_pattern = false;  // may also mean the bits of a negative number: it was written in hex

  static Number of(std::int64_t value);
  // "12", "-12", "0x1f", "'c'". Nothing for any other text.
  static std::optional<Number> parse(std::string_view text);

  // Whether an integer of so many bits can hold it.
  bool fits(unsigned width, bool is_signed) const;
};

// "-128 to 127"
std::string range_text(unsigned width, bool is_signed);

}  // namespace skep::btf::detail
