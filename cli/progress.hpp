// How far a long command is: one line on standard error that is written over and over, if that is a terminal;
// nothing otherwise.
#pragma once

#include <chrono>
#include <cstddef>
#include <string_view>

namespace skep::cli {

class Progress {
 public:
  // Of so many steps; one is not worth a line.
  explicit Progress(std::size_t total);
  ~Progress() { clear(); }
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;

  // That the step of this number (from 0 on) begins. Ten times a second at most.
  void show(std::size_t step, std::string_view what);
  // Takes the line away: before anything else is printed.
  void clear();

 private:
  std::size_t total_;
  bool enabled_, shown_ = false;
  std::chrono::steady_clock::time_point next_;
};

}  // namespace skep::cli
