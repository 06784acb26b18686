#include "skep/cli/btf_words.hpp"

#include <algorithm>

#include <fmt/format.h>

namespace skep::cli {

std::string harmless(std::string text) {
  std::ranges::replace_if(
      text, [](unsigned char c) { return (c < 0x20 && c != '\n' && c != '\t') || c == 0x7f; }, '?');
  return text;
}

std::string kind_text(btf::Kind kind) {
  const auto known = to_string(kind);
  return known == "UNKNOWN" ? fmt::format("kind {}", static_cast<unsigned>(kind)) : std::string(known);
}

}  // namespace skep::cli
