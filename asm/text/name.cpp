#include "skep/asm/text/name.hpp"

#include <algorithm>

#include <fmt/format.h>

namespace skep::text {
namespace {

std::optional<unsigned> hex_digit(char c) {
  if (c >= '0' && c <= '9') return static_cast<unsigned>(c - '0');
  if (c >= 'a' && c <= 'f') return static_cast<unsigned>(c - 'a' + 10);
  if (c >= 'A' && c <= 'F') return static_cast<unsigned>(c - 'A' + 10);
  return std::nullopt;
}

}  // namespace

std::string quote_name(std::string_view name) {
  if (!name.empty() && begins_name(name[0]) && std::all_of(name.begin(), name.end(), continues_name))
    return std::string(name);
  std::string quoted = "\"";
  for (const char c : name) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') quoted += fmt::format("\\{}", c);
    else if (byte < 0x20 || byte >= 0x7f) quoted += fmt::format("\\x{:02x}", byte);
    else quoted += c;
  }
  return quoted + '"';
}

std::optional<ReadName> read_name(std::string_view text) {
  ReadName result;
  if (text.empty()) return std::nullopt;
  if (begins_name(text[0])) {
    while (result.size < text.size() && continues_name(text[result.size])) ++result.size;
    result.name = text.substr(0, result.size);
    return result;
  }
  if (text[0] != '"') return std::nullopt;
  for (std::size_t i = 1; i < text.size(); ++i) {
    if (text[i] == '"') {
      if (result.name.empty()) return std::nullopt;
      result.size = i + 1;
      return result;
    }
    if (text[i] != '\\') {
      result.name += text[i];
      continue;
    }
    if (i + 1 < text.size() && (text[i + 1] == '"' || text[i + 1] == '\\')) {
      result.name += text[++i];
    } else if (i + 3 < text.size() && text[i + 1] == 'x') {
      const auto high = hex_digit(text[i + 2]), low = hex_digit(text[i + 3]);
      if (!high || !low) return std::nullopt;
      result.name += static_cast<char>(*high << 4 | *low);
      i += 3;
    } else {
      return std::nullopt;
    }
  }
  return std::nullopt;
}

}  // namespace skep::text
