// How names of maps, functions and labels stand in text: as they are when they look like identifiers of an
// assembler (letters, digits, '_', '.', '$', not beginning with a digit), else in quotes with \", \\ and \xNN, so that
// a hostile name can neither break a line nor reach the terminal raw.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace skep::text {

constexpr bool begins_name(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || c == '.' || c == '$';
}
constexpr bool continues_name(char c) { return begins_name(c) || (c >= '0' && c <= '9'); }

std::string quote_name(std::string_view name);

struct ReadName {
  std::string name;
  std::size_t size = 0;  // characters of text that it took
};
// The name at the start of `text`, if one stands there. Never empty.
std::optional<ReadName> read_name(std::string_view text);

}  // namespace skep::text
