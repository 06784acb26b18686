#include "skep/base/error.hpp"

#include <cerrno>

#include <gtest/gtest.h>

#include "skep/base/file.hpp"
#include "skep/tests/support/result.hpp"

namespace skep {
namespace {

Result<int> half(int x) {
  if (x % 2) return fail(Errc::invalid, "{} is odd", x);
  return x / 2;
}

Result<int> quarter(int x) {
  const int h = SKEP_TRY_CTX(half(x), "quarter of {}", x);
  return SKEP_TRY(half(h));
}

TEST(Error, ChainReadsOutermostFirst) {
  EXPECT_EQ(*quarter(8), 2);
  EXPECT_EQ(test::message(quarter(3)), "quarter of 3: 3 is odd");
  EXPECT_EQ(test::message(quarter(6)), "3 is odd");
  EXPECT_EQ(quarter(3).error().code(), Errc::invalid);
  EXPECT_EQ(sizeof(Error), 2 * sizeof(void*));
}

TEST(Error, KeepsErrnoThroughContext) {
  const auto missing = read_file("/nonexistent");
  ASSERT_FALSE(missing);
  EXPECT_EQ(missing.error().context("load").sys(), ENOENT);
  EXPECT_EQ(missing.error().what(), "open /nonexistent: No such file or directory (errno 2)");
  EXPECT_EQ(read_file("/").error().sys(), EISDIR);
}

TEST(File, RoundTripAndPseudoFiles) {
  const std::string path = testing::TempDir() + "skep_file_test";
  ASSERT_OK(write_file(path, as_bytes("hello")));
  EXPECT_EQ(as_text(*read_file(path)), "hello");
  ASSERT_OK(write_file(path, {}));
  EXPECT_TRUE(read_file(path)->empty());
  std::remove(path.c_str());
  EXPECT_FALSE(read_file("/proc/self/status")->empty());
}

}  // namespace
}  // namespace skep
