// How numbers stand in text: decimal or 0x and hex, with an optional sign that may stand apart ("- 0x4").
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

namespace skep::text {

struct ReadNumber {
  std::uint64_t magnitude = 0;
  bool negative = false;
  bool too_large = false;  // for 64 bits; the magnitude means nothing then
  std::size_t size = 0;    // characters of text that it took
};

// The number at the start of `text`, if one stands there.
std::optional<ReadNumber> read_number(std::string_view text);

}  // namespace skep::text
