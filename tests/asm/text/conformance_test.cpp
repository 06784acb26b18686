// The conformance suite's own assembler against ours: the same text gives the same bytes.
#include <cstdlib>
#include <fstream>
#include <map>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "skep/asm/codec.hpp"
#include "skep/asm/text/parse.hpp"
#include "skep/asm/text/print.hpp"
#include "skep/asm/validate.hpp"
#include "skep/tests/support/case_file.hpp"
#include "skep/tests/support/paths.hpp"
#include "skep/tests/support/result.hpp"

namespace skep::text {
namespace {

TEST(Conformance, AssemblesToTheSameBytes) {
  const auto folder = test::conformance_folder();
  if (folder.empty())
    GTEST_SKIP() << "the conformance suite's cases are not here (set SKEP_CONFORMANCE to their folder)";
  std::ifstream file(folder + "/encoded.json");
  std::map<std::string, nlohmann::json> encoded;
  for (auto& entry : nlohmann::json::parse(file)) encoded[entry["name"]] = entry;
  const auto cases = test::read_cases(folder);
  ASSERT_OK(cases);
  ASSERT_EQ(cases->size(), encoded.size());
  for (const auto& one : *cases) {
    ASSERT_TRUE(encoded.contains(one.name)) << one.name;
    const auto& expected = encoded[one.name];
    const auto code = parse(one.assembly, Dialect::mnemonic);
    EXPECT_OK(code) << one.name;
    if (!code) continue;
    EXPECT_EQ(to_hex(encode(code->insns)), expected["insns"].get<std::string>()) << one.name;
    EXPECT_EQ(to_hex(one.memory), expected["mem"].get<std::string>()) << one.name;
    EXPECT_EQ(one.result, std::strtoull(expected["expected_r0"].get<std::string>().c_str(), nullptr, 0)) << one.name;
    EXPECT_OK(validate(*code)) << one.name;

    const auto decoded = decode(encode(code->insns));
    ASSERT_OK(decoded) << one.name;
    EXPECT_EQ(*decoded, code->insns) << one.name;
  }
}

// Our own cases, in both dialects, and valid.
TEST(Cases, AssembleAndReadBack) {
  const auto cases = test::read_cases(test::data("asm/cases"));
  ASSERT_OK(cases);
  EXPECT_GE(cases->size(), 40u);
  for (const auto& one : *cases) {
    const auto code = parse(one.assembly, Dialect::mnemonic);
    EXPECT_OK(code) << one.name;
    if (!code) continue;
    EXPECT_OK(validate(*code)) << one.name;
    for (const auto dialect : {Dialect::llvm, Dialect::mnemonic}) {
      const auto back = parse(print(*code, {.dialect = dialect}), dialect);
      EXPECT_OK(back) << one.name;
      EXPECT_TRUE(back && back->insns == code->insns) << one.name;
    }
  }
}

}  // namespace
}  // namespace skep::text
