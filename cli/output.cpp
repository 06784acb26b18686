#include "skep/cli/output.hpp"

#include <cstdio>
#include <cstdlib>

#include <unistd.h>

#include <fmt/format.h>

#include "skep/cli/printable.hpp"

namespace skep::cli {
namespace {

bool write_failed = false;

bool colours() {
  const char* no_color = std::getenv("NO_COLOR");
  const char* term = std::getenv("TERM");
  return isatty(STDOUT_FILENO) != 0 && (no_color == nullptr || *no_color == '\0') &&
         !(term != nullptr && std::string_view(term) == "dumb");
}

}  // namespace

void put(std::string_view text) {
  if (std::fwrite(text.data(), 1, text.size(), stdout) != text.size()) write_failed = true;
}

void warn(std::string_view text) { fmt::print(stderr, "skep: warning: {}\n", printable(text)); }

void complain(std::string_view text) {
  output_failed();  // what was printed comes first
  fmt::print(stderr, "skep: error: {}\n", printable(text));
}

bool output_failed() {
  if (std::fflush(stdout) != 0) write_failed = true;
  return write_failed;
}

std::string paint(Colour colour, std::string_view text) {
  static const bool enabled = colours();
  if (!enabled) return std::string(text);
  static constexpr int kCodes[] = {31, 32, 33, 2, 1};
  return fmt::format("\033[{}m{}\033[0m", kCodes[static_cast<int>(colour)], text);
}

}  // namespace skep::cli
