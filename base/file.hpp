// Whole files in and out.
#pragma once

#include <string>
#include <vector>

#include "skep/base/bytes.hpp"
#include "skep/base/fd.hpp"

namespace skep {

// What is read at once: more is an error, so that an endless input does not take all memory.
inline constexpr std::size_t kMaxFile = std::size_t{1} << 31;

// The contents of a regular file, pipe or pseudo file (/sys, /proc), kMaxFile bytes at most. "-" is standard input.
// Errors: os with the errno; the message names the path.
Result<std::vector<std::byte>> read_file(const std::string& path);

// Writes (creates or replaces) a file. "-" is standard output.
Result<> write_file(const std::string& path, Bytes bytes);

// The same piece by piece. What was not finished may have been written in part.
class FileWriter {
 public:
  // Errors: os.
  static Result<FileWriter> create(std::string path);
  // Failures are told by finish().
  void write(Bytes bytes);
  // The rest, and how it went. Errors: os.
  Result<> finish();

 private:
  FileWriter(std::string path, Fd fd) : path_(std::move(path)), fd_(std::move(fd)) {}
  void flush();

  std::string path_;
  Fd fd_;
  std::vector<std::byte> held_;
  int error_ = 0;  // errno of the first write that failed
};

}  // namespace skep
