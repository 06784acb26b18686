// The interpreter over cases that a stranger could write: the project's own in tests/asm/cases, and the public
// bpf_conformance suite where it is at hand, both as text (our assembler) and as the bytes that the suite's own
// assembler made of it.
#include <cstdlib>
#include <fstream>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "skep/asm/codec.hpp"
#include "skep/tests/support/case_file.hpp"
#include "skep/tests/support/paths.hpp"
#include "skep/tests/vm/assembled.hpp"

namespace skep::vm {
namespace {

constexpr std::size_t kSuiteSize = 313;

class Conformance : public test::MachineTest {
 protected:
  // r1: the address of the memory, r2: its length.
  void expect_result(const std::string& name, Code code, Bytes bytes, std::uint64_t result) {
    SCOPED_TRACE(name);
    ProgramSpec spec;
    spec.name = name;
    spec.code = std::move(code);
    auto program = machine->load(spec);
    ASSERT_OK(program);
    const GuestAddress memory = bytes.empty() ? 0 : region(bytes.size());
    ASSERT_TRUE(machine->memory().copy_out(memory, bytes.data(), bytes.size()));
    EXPECT_R0(result, run(*program, memory, bytes.size(), 1'000'000));
    machine->memory().release(memory);
  }

  void expect_results(const std::vector<test::CaseFile>& cases) {
    for (const auto& one : cases) {
      auto code = text::parse(one.assembly, text::Dialect::mnemonic);
      EXPECT_OK(code) << one.name;
      if (code) expect_result(one.name, std::move(*code), one.memory, one.result);
    }
  }
};

TEST_F(Conformance, OwnCases) {
  const auto cases = test::read_cases(test::data("asm/cases"));
  ASSERT_OK(cases);
  EXPECT_FALSE(cases->empty());
  expect_results(*cases);
}

TEST_F(Conformance, SuiteAsText) {
  const auto folder = test::conformance_folder();
  if (folder.empty()) GTEST_SKIP() << "the conformance suite is not there (set SKEP_CONFORMANCE)";
  const auto cases = test::read_cases(folder);
  ASSERT_OK(cases);
  EXPECT_EQ(cases->size(), kSuiteSize);
  expect_results(*cases);
}

TEST_F(Conformance, SuiteAsBytes) {
  std::ifstream file(test::conformance_folder() + "/encoded.json");
  if (!file) GTEST_SKIP() << "the conformance suite's encoded.json is not there (set SKEP_CONFORMANCE)";
  const auto cases = nlohmann::json::parse(file);
  EXPECT_EQ(cases.size(), kSuiteSize);
  for (const auto& one : cases) {
    const auto name = one.at("name").get<std::string>();
    const auto slots = from_hex(one.at("insns").get<std::string>());
    const auto memory = from_hex(one.at("mem").get<std::string>());
    ASSERT_OK(slots);
    ASSERT_OK(memory);
    Code code;
    auto insns = decode(*slots);
    EXPECT_OK(insns) << name;
    if (!insns) continue;
    code.insns = std::move(*insns);
    expect_result(name, std::move(code), *memory, std::stoull(one.at("expected_r0").get<std::string>(), nullptr, 0));
  }
}

}  // namespace
}  // namespace skep::vm
