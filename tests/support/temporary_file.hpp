// A file for the length of a test.
#pragma once

#include <filesystem>
#include <string>

#include <gtest/gtest.h>
#include <unistd.h>

#include "skep/base/file.hpp"
#include "skep/tests/support/result.hpp"

namespace skep::test {

class TemporaryFile {
 public:
  // `suffix`: what its name ends with, and tells it from others of the same test.
  TemporaryFile(const std::string& suffix, Bytes contents)
      : path_((std::filesystem::temp_directory_path() / ("skep_" + std::to_string(getpid()) + suffix)).string()) {
    EXPECT_OK(write_file(path_, contents));
  }
  ~TemporaryFile() { std::filesystem::remove(path_); }
  TemporaryFile(const TemporaryFile&) = delete;
  TemporaryFile& operator=(const TemporaryFile&) = delete;
  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

}  // namespace skep::test
