// The conformance suite's plugin protocol, as the suite's runner uses it: one process a case.
#include <filesystem>
#include <fstream>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "skep/tests/support/process.hpp"

namespace skep::test {
namespace {

TEST(Exec, EveryConformanceCase) {
  const std::string path = SKEP_SOURCE_DIR "/../shared/conformance/encoded.json";
  if (!std::filesystem::exists(path)) GTEST_SKIP() << "the public conformance cases are not beside this checkout";
  std::ifstream stream(path);
  const auto cases = nlohmann::json::parse(stream);
  EXPECT_GE(cases.size(), 313u);
  for (const auto& one : cases) {
    const auto name = one["name"].get<std::string>();
    std::vector<std::string> arguments = {"exec"};
    if (const auto memory = one["mem"].get<std::string>(); !memory.empty()) arguments.push_back(memory);
    const auto done = run_skep(arguments, one["insns"].get<std::string>());
    EXPECT_EQ(done.exit, 0) << name << ": " << done.err;
    if (done.exit != 0) continue;
    EXPECT_EQ("0x" + done.out, one["expected_r0"].get<std::string>() + "\n") << name;
  }
}

TEST(Exec, PrintsR0InHex) {
  const auto done = run_skep({"exec"}, "b7000000 2a000000\n95000000 00000000\n");
  EXPECT_EQ(done.exit, 0);
  EXPECT_EQ(done.out, "2a\n");
  EXPECT_EQ(done.err, "");
}

TEST(Exec, MemoryAndItsLength) {
  EXPECT_EQ(run_skep({"exec", "aa bb cc"}, "7110020000000000 9500000000000000").out, "cc\n");
  EXPECT_EQ(run_skep({"exec", "aabbcc"}, "bf20000000000000 9500000000000000").out, "3\n");
  EXPECT_EQ(run_skep({"exec"}, "bf10000000000000 9500000000000000").out, "0\n");
}

}  // namespace
}  // namespace skep::test
