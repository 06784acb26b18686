// The conventions of harness/json.hpp. The library's exceptions end here.
#include "skep/harness/json.hpp"

#include <algorithm>
#include <charconv>
#include <set>
#include <vector>

#include <nlohmann/json.hpp>

#include "skep/base/file.hpp"

namespace skep::harness {
namespace {

constexpr std::size_t kMaxDepth = 200;
constexpr std::uint64_t kExact = std::uint64_t{1} << 53;

// Deepest nesting of brackets outside of strings. Copying and printing a document recurse, so depth is
// bounded before there is one.
std::size_t depth_of(std::string_view text) {
  std::size_t depth = 0, deepest = 0;
  bool quoted = false;
  for (std::size_t i = 0; i < text.size(); i++) {
    const char c = text[i];
    if (quoted) {
      if (c == '\\') i++;
      if (c == '"') quoted = false;
    } else if (c == '"') {
      quoted = true;
    } else if (c == '[' || c == '{') {
      deepest = std::max(deepest, ++depth);
    } else if ((c == ']' || c == '}') && depth > 0) {
      depth--;
    }
  }
  return deepest;
}

// "line 3, column 7" of a byte offset that counts from 1.
std::string position(std::string_view text, std::size_t byte) {
  const auto before = text.substr(0, std::min(text.size(), byte > 0 ? byte - 1 : 0));
  const auto line = 1 + std::count(before.begin(), before.end(), '\n');
  const auto start = before.rfind('\n');
  const auto column = before.size() - (start == std::string_view::npos ? 0 : start + 1) + 1;
  return fmt::format("line {}, column {}", line, column);
}

}  // namespace

Result<Json> parse_json(std::string_view text) {
  if (depth_of(text) > kMaxDepth) return fail(Errc::malformed, "JSON is nested deeper than {} levels", kMaxDepth);
  // The library keeps the last of two equal keys; a file that says two things is a mistake.
  std::vector<std::set<std::string>> keys;
  std::string twice;
  const auto watch = [&](int level, Json::parse_event_t event, const Json& parsed) {
    if (event == Json::parse_event_t::object_start) keys.emplace_back();
    if (event == Json::parse_event_t::object_end) keys.pop_back();
    if (event == Json::parse_event_t::key && !keys.back().insert(parsed.get<std::string>()).second && twice.empty())
      twice = parsed.get<std::string>();
    return level >= 0;
  };
  try {
    auto json = Json::parse(text, watch);
    if (!twice.empty()) return fail(Errc::malformed, "JSON: the key \"{}\" is there twice in one object", twice);
    return json;
  } catch (const Json::parse_error& error) {
    // The library's text starts with its own error number and position: keep what follows.
    std::string_view what = error.what();
    const auto colon = what.find(": ");
    if (colon != std::string_view::npos) what.remove_prefix(colon + 2);
    return fail(Errc::malformed, "JSON, {}: {}", position(text, error.byte), what);
  } catch (const Json::exception& error) {
    return fail(Errc::malformed, "JSON: {}", error.what());
  }
}

Result<Json> read_json(const std::string& path) {
  const auto bytes = SKEP_TRY(read_file(path));
  return SKEP_TRY_CTX(parse_json(as_text(bytes)), "{}", path);
}

std::string to_text(const Json& json) { return nested_text(json, 0) + "\n"; }

std::string nested_text(const Json& json, std::size_t level) {
  std::string text = json.dump(2, ' ', false, Json::error_handler_t::replace);
  if (level == 0) return text;
  // A newline inside of a string is written as \n.
  std::string nested;
  for (const char c : text) {
    nested += c;
    if (c == '\n') nested.append(2 * level, ' ');
  }
  return nested;
}

Json json_integer(std::uint64_t value) { return value < kExact ? Json(value) : Json(std::to_string(value)); }

Json json_integer(std::int64_t value) {
  const bool exact = value < static_cast<std::int64_t>(kExact) && value > -static_cast<std::int64_t>(kExact);
  return exact ? Json(value) : Json(std::to_string(value));
}

Result<Integer> integer_of(std::string_view text) {
  std::string_view digits = text;
  const bool negative = digits.starts_with('-');
  if (negative || digits.starts_with('+')) digits.remove_prefix(1);
  int base = 10;
  if (digits.starts_with("0x") || digits.starts_with("0X")) base = 16;
  if (digits.starts_with("0b") || digits.starts_with("0B")) base = 2;
  if (base != 10) digits.remove_prefix(2);
  std::uint64_t magnitude = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), magnitude, base);
  if (error == std::errc::result_out_of_range || (negative && magnitude > std::uint64_t{1} << 63))
    return fail(Errc::invalid, "\"{}\" does not fit in 64 bits", text);
  if (error != std::errc{} || end != digits.data() + digits.size() || digits.empty())
    return fail(Errc::invalid, "\"{}\" is not an integer (decimal, 0x… or 0b…)", text);
  return Integer{negative ? 0 - magnitude : magnitude, negative && magnitude != 0};
}

Result<Integer> integer_of(const Json& json) {
  if (json.is_number_unsigned()) return Integer{json.get<std::uint64_t>(), false};
  if (json.is_number_integer()) {
    const auto value = json.get<std::int64_t>();
    return Integer{static_cast<std::uint64_t>(value), value < 0};
  }
  if (json.is_string()) return integer_of(std::string_view(json.get_ref<const std::string&>()));
  return fail(Errc::invalid, "expected an integer, got {}", kind_of(json));
}

std::string_view kind_of(const Json& json) {
  switch (json.type()) {
    case Json::value_t::null: return "null";
    case Json::value_t::object: return "an object";
    case Json::value_t::array: return "an array";
    case Json::value_t::string: return "a string";
    case Json::value_t::boolean: return "a boolean";
    case Json::value_t::number_integer:
    case Json::value_t::number_unsigned: return "an integer";
    case Json::value_t::number_float: return "a number with a fraction";
    case Json::value_t::binary:
    case Json::value_t::discarded: break;
  }
  return "no JSON value";
}

}  // namespace skep::harness
