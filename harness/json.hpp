// JSON in and out, with the conventions of every document that skep writes: keys in a fixed order, and
// integers that a double cannot hold (2^53 and more) as decimal strings, which are accepted back.
// Only this folder and cli/ include the JSON library; other headers see the forward declaration.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include <nlohmann/json_fwd.hpp>

#include "skep/base/error.hpp"

namespace skep::harness {

// Objects keep the order in which keys were added: `schema` stays first.
using Json = nlohmann::ordered_json;

// Parses one document. Errors: malformed, with line and column, and for nesting deeper than 200.
Result<Json> parse_json(std::string_view text);
// The same from a file ("-": standard input); the error names it.
Result<Json> read_json(const std::string& path);
// Indented by two, a newline at the end. Bytes that are not UTF-8 become U+FFFD.
std::string to_text(const Json& json);
// The same as a part of a document that is written piece by piece, `level` deep: no newline at the end.
std::string nested_text(const Json& json, std::size_t level);

// A number, or a decimal string from 2^53 (in either direction) on.
Json json_integer(std::uint64_t value);
Json json_integer(std::int64_t value);

// The bits of an integer given as a JSON number or as text ("12", "-3", "0x1f"). Negative numbers come
// back as two's complement, and `negative` tells them apart. Errors: invalid.
struct Integer {
  std::uint64_t bits = 0;
  bool negative = false;
};
Result<Integer> integer_of(const Json& json);
// Decimal, 0x hexadecimal or 0b binary, an optional sign, whole text. Errors: invalid.
Result<Integer> integer_of(std::string_view text);

// What kind of value it is, in words: "a string".
std::string_view kind_of(const Json& json);

}  // namespace skep::harness
