// Help texts, and the man pages that are made from the same rows.
#include <gtest/gtest.h>

#include "skep/base/file.hpp"
#include "skep/tests/support/process.hpp"

namespace skep::test {
namespace {

const std::vector<std::string> kVerbs = {"run", "inspect", "disasm", "exec", "btf", "core"};

std::size_t columns(std::string_view line) {
  std::size_t count = 0;
  for (const char c : line) count += (c & 0xc0) != 0x80;
  return count;
}

// To write them anew: for v in run inspect disasm exec btf core; do build/skep help --man $v > docs/man/skep-$v.1; done
TEST(Help, ManPagesAreThoseOfTheDocs) {
  for (const auto& verb : kVerbs) {
    const auto page = read_file(SKEP_SOURCE_DIR "/docs/man/skep-" + verb + ".1");
    ASSERT_TRUE(page.has_value()) << verb;
    const auto done = run_skep({"help", "--man", verb});
    EXPECT_EQ(done.exit, 0);
    EXPECT_EQ(done.out, as_text(*page)) << verb;
  }
}

TEST(Help, TellsAllWaysToAsk) {
  const auto overview = run_skep({"help"});
  EXPECT_EQ(overview.exit, 0);
  EXPECT_EQ(overview.out, run_skep({"--help"}).out);
  for (const auto& verb : kVerbs) {
    EXPECT_NE(overview.out.find("  " + verb + " "), std::string::npos);
    const auto help = run_skep({"help", verb});
    EXPECT_EQ(help.exit, 0);
    EXPECT_NE(help.out.find("Examples:"), std::string::npos);
    EXPECT_EQ(help.out, run_skep({verb, "--help"}).out);
    EXPECT_EQ(help.out, run_skep({verb, "--nonsense", "-h"}).out);
  }
}

TEST(Help, FitsATerminal) {
  for (const auto& verb : kVerbs) {
    const auto help = run_skep({"help", verb}).out;
    for (std::size_t at = 0; at < help.size();) {
      const auto end = help.find('\n', at);
      const auto line = help.substr(at, end - at);
      // Commands in examples are not broken.
      if (line.find("skep ") == std::string::npos && line.find("runner") == std::string::npos) {
        EXPECT_LE(columns(line), 80u) << line;
      }
      at = end + 1;
    }
  }
}

TEST(Help, Version) {
  const auto done = run_skep({"--version"});
  EXPECT_EQ(done.exit, 0);
  EXPECT_EQ(done.out.substr(0, 5), "skep ");
}

TEST(Help, NothingToDoIsUsage) {
  const auto done = run_skep({});
  EXPECT_EQ(done.exit, 2);
  EXPECT_EQ(done.out, "");
  EXPECT_NE(done.err.find("usage: skep COMMAND"), std::string::npos);
}

}  // namespace
}  // namespace skep::test
