// The conformance suite's plugin protocol, as the suite's runner uses it: one process a case.
#include <fstream>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "skep/asm/codec.hpp"
#include "skep/asm/text/parse.hpp"
#include "skep/tests/support/case_file.hpp"
#include "skep/tests/support/paths.hpp"
#include "skep/tests/support/process.hpp"
#include "skep/tests/support/result.hpp"

namespace skep::test {
namespace {

void expect_result(const std::string& name, const std::string& memory, const std::string& program,
                   const std::string& result) {
  for (const std::string engine : {"interp", "jit"}) {
    std::vector<std::string> arguments = {"exec", "--engine", engine};
    if (!memory.empty()) arguments.push_back(memory);
    const auto done = run_skep(arguments, program);
    EXPECT_EQ(done.exit, 0) << engine << ", " << name << ": " << done.err;
    EXPECT_EQ(done.out, result + "\n") << engine << ", " << name;
  }
}

TEST(Exec, EveryConformanceCase) {
  std::ifstream file(conformance_folder() + "/encoded.json");
  if (!file) GTEST_SKIP() << "the conformance suite's encoded.json is not there (set SKEP_CONFORMANCE)";
  const auto cases = nlohmann::json::parse(file);
  EXPECT_EQ(cases.size(), 313u);
  for (const auto& one : cases)
    expect_result(one["name"], one["mem"], one["insns"], one["expected_r0"].get<std::string>().substr(2));
}

TEST(Exec, EveryCaseOfOurOwn) {
  const auto cases = read_cases(data("asm/cases"));
  ASSERT_OK(cases);
  EXPECT_FALSE(cases->empty());
  for (const auto& one : *cases) {
    const auto code = text::parse(one.assembly, text::Dialect::mnemonic);
    ASSERT_OK(code) << one.name;
    expect_result(one.name, to_hex(one.memory), to_hex(encode(code->insns)), fmt::format("{:x}", one.result));
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
