#include "skep/spec/quote.hpp"

#include <fmt/format.h>

namespace skep {

std::string quote(std::string_view text) {
  constexpr std::size_t kMax = 1024;
  std::string result = "\"";
  for (const char c : text.substr(0, kMax)) {
    if (c == '"' || c == '\\')
      (result += '\\') += c;
    else if (c >= ' ' && c <= '~')
      result += c;
    else
      fmt::format_to(std::back_inserter(result), "\\x{:02x}", static_cast<unsigned char>(c));
  }
  result += '"';
  if (text.size() > kMax) fmt::format_to(std::back_inserter(result), "... ({} bytes)", text.size());
  return result;
}

}  // namespace skep
