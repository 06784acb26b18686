#include "skep/cli/btf_words.hpp"

#include <fmt/format.h>

namespace skep::cli {

std::string kind_text(btf::Kind kind) {
  const auto known = to_string(kind);
  return known == "UNKNOWN" ? fmt::format("kind {}", static_cast<unsigned>(kind)) : std::string(known);
}

}  // namespace skep::cli
