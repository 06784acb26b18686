#include "skep/cli/progress.hpp"

#include <cstdio>
#include <string>

#include <unistd.h>

#include <fmt/format.h>

#include "skep/cli/printable.hpp"

namespace skep::cli {
namespace {

constexpr std::size_t kWidth = 79;

}  // namespace

Progress::Progress(std::size_t total)
    : total_(total), enabled_(total > 1 && isatty(STDERR_FILENO) != 0), next_(std::chrono::steady_clock::now()) {}

void Progress::show(std::size_t step, std::string_view what) {
  const auto now = std::chrono::steady_clock::now();
  if (!enabled_ || now < next_) return;
  next_ = now + std::chrono::milliseconds(100);
  auto line = fmt::format("[{}/{}] ", step + 1, total_);
  // The end of a path tells more than its beginning.
  const auto room = kWidth - line.size();
  line += printable(what.size() > room ? what.substr(what.size() - room) : what);
  fmt::print(stderr, "\r{}\033[K", line);
  std::fflush(stderr);
  shown_ = true;
}

void Progress::clear() {
  if (!shown_) return;
  fmt::print(stderr, "\r\033[K");
  std::fflush(stderr);
  shown_ = false;
}

}  // namespace skep::cli
