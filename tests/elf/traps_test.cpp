// tests/TRAPS.md names the test for each known mistake: they must exist.
#include <filesystem>
#include <regex>
#include <set>

#include <gtest/gtest.h>

#include "skep/tests/support/objects.hpp"

namespace skep {
namespace {

std::string text_of(const std::string& path) { return std::string(as_text(test::bytes_of(path))); }

// "Suite.Name" of every TEST, TEST_F and TEST_P.
std::set<std::string> all_tests() {
  const std::regex definition(R"(TEST(?:_F|_P)?\((\w+), (\w+)\))");
  std::set<std::string> names;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(SKEP_SOURCE_DIR "/tests")) {
    if (entry.path().extension() != ".cpp") continue;
    const auto source = text_of(entry.path().string());
    for (std::sregex_iterator found(source.begin(), source.end(), definition), end; found != end; ++found)
      names.insert((*found)[1].str() + "." + (*found)[2].str());
  }
  return names;
}

TEST(Traps, EachHasATest) {
  const auto tests = all_tests();
  const auto list = text_of(SKEP_SOURCE_DIR "/tests/TRAPS.md");
  const std::regex row(R"(\n\| ([^|\n]+) \| ([^|\n]+) \|)"), name(R"(\w+\.\w+)");
  std::size_t rows = 0;
  for (std::sregex_iterator found(list.begin(), list.end(), row), end; found != end; ++found) {
    const auto named = (*found)[2].str();
    if (named == "tests") continue;  // the heading
    ++rows;
    std::sregex_iterator test(named.begin(), named.end(), name);
    EXPECT_NE(test, end) << (*found)[1];
    for (; test != end; ++test) EXPECT_TRUE(tests.contains(test->str())) << test->str();
  }
  EXPECT_GT(rows, 40u);
}

}  // namespace
}  // namespace skep
