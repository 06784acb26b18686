// Results in GoogleTest: ASSERT_OK(r), EXPECT_OK(r), and the text of an error.
#pragma once

#include <gtest/gtest.h>

#include "skep/base/error.hpp"

namespace skep::test {

template <class T>
testing::AssertionResult ok(const Result<T>& result) {
  if (result) return testing::AssertionSuccess();
  return testing::AssertionFailure() << result.error().what();
}

// The message of a failed Result, "" for one that succeeded.
template <class T>
std::string message(const Result<T>& result) {
  return result ? std::string() : result.error().what();
}

}  // namespace skep::test

#define ASSERT_OK(...) ASSERT_TRUE(::skep::test::ok(__VA_ARGS__))
#define EXPECT_OK(...) EXPECT_TRUE(::skep::test::ok(__VA_ARGS__))
