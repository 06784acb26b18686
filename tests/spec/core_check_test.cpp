#include "skep/spec/core_check.hpp"

#include <algorithm>
#include <fstream>

#include <gtest/gtest.h>

#include "skep/tests/support/core_kernels.hpp"
#include "skep/tests/support/objects.hpp"
#include "skep/tests/support/result.hpp"

namespace skep::spec {
namespace {

using Effect = CoreFinding::Effect;
using btf::CoreLack;

const CollectionSpec& object() {
  static const auto spec = test::load_fixture("spec/core_check.bpf");
  return spec;
}

Target target_of(std::vector<std::byte> kernel) {
  const auto types = btf::Btf::parse(std::move(kernel));
  EXPECT_OK(types);
  return {.types = btf::CoreTargets({{"vmlinux", types ? *types : btf::Btf()}})};
}

CoreReport checked(const CollectionSpec& spec, const Target& target) {
  auto report = check_core(spec, core_subjects(spec), target);
  EXPECT_OK(report);
  return report ? *report : CoreReport{};
}

// The findings of one program.
std::vector<CoreFinding> of(const CoreReport& report, std::string_view program) {
  std::vector<CoreFinding> out;
  for (const auto& finding : report.findings)
    for (const auto each : finding.programs)
      if (report.programs[each].name == program) out.push_back(finding);
  return out;
}

CoreVerdict verdict(const CoreReport& report, std::string_view program) {
  const auto found = std::ranges::find(report.programs, program, &CoreProgram::name);
  EXPECT_NE(found, report.programs.end()) << program;
  return found == report.programs.end() ? CoreVerdict::fails : found->verdict;
}

TEST(CoreCheck, AKernelThatHasAll) {
  const auto report = checked(object(), target_of(test::full_kernel()));
  EXPECT_EQ(report.verdict, CoreVerdict::ok);
  EXPECT_EQ(report.findings.size(), 0u);
  EXPECT_EQ(report.programs.size(), object().programs.size());
  for (const auto& program : report.programs) EXPECT_EQ(program.verdict, CoreVerdict::ok) << program.name;
}

TEST(CoreCheck, TheByteOrderOfTheTargetIsOfNoImportance) {
  EXPECT_EQ(checked(object(), target_of(test::full_kernel(ByteOrder::big))),
            checked(object(), target_of(test::full_kernel())));
}

TEST(CoreCheck, VerdictsOfAnotherKernel) {
  const auto report = checked(object(), target_of(test::other_kernel()));
  EXPECT_EQ(report.verdict, CoreVerdict::fails);
  for (const auto* name : {"unguarded", "spilled", "sized", "first", "second", "optional"})
    EXPECT_EQ(verdict(report, name), CoreVerdict::fails) << name;
  for (const auto* name : {"guarded", "enumerators", "types"})
    EXPECT_EQ(verdict(report, name), CoreVerdict::guarded) << name;
  EXPECT_EQ(verdict(report, "plain"), CoreVerdict::ok);
  EXPECT_TRUE(std::ranges::is_sorted(report.findings, std::greater(), &CoreFinding::effect));
}

TEST(CoreCheck, FindingsSayWhereAndWhat) {
  const auto report = checked(object(), target_of(test::other_kernel()));
  const auto unguarded = of(report, "unguarded");
  ASSERT_EQ(unguarded.size(), 1u);
  const auto& one = unguarded.front();
  EXPECT_EQ(one.effect, Effect::fails);
  EXPECT_EQ(one.reach, Reach::reachable);
  EXPECT_EQ(one.function, "unguarded");
  EXPECT_TRUE(one.file.ends_with("tests/spec/core_check.bpf.c")) << one.file;
  EXPECT_EQ(one.text, "  return t->state;  // unguarded");
  EXPECT_GT(one.line, 0u);
  EXPECT_GT(one.column, 0u);
  EXPECT_EQ(one.kind, 0u);
  EXPECT_EQ(one.asks, "byte_off of \"task.state\" (0:1)");
  EXPECT_EQ(one.lack, CoreLack::name);
  EXPECT_EQ(one.missing, "state");
  EXPECT_EQ(one.nearest, "__state");
  EXPECT_EQ(one.reason, "type 2 STRUCT \"task\" of vmlinux: no member \"state\"");

  // What is asked, and what it protects.
  const auto guarded = of(report, "guarded");
  ASSERT_EQ(guarded.size(), 2u);
  EXPECT_EQ(guarded[0].effect, Effect::guarded);
  EXPECT_EQ(guarded[0].reach, Reach::guarded);
  EXPECT_NE(guarded[0].text.find("// guarded"), std::string::npos) << guarded[0].text;
  EXPECT_EQ(guarded[1].effect, Effect::answered);
  EXPECT_EQ(guarded[1].asks, "field_exists of \"task.state\" (0:1)");

  const auto spilled = of(report, "spilled");
  ASSERT_EQ(spilled.size(), 2u);
  EXPECT_EQ(spilled[0].effect, Effect::fails) << "a flag in memory is not followed";
  EXPECT_NE(spilled[0].text.find("// spilled"), std::string::npos);

  const auto enumerators = of(report, "enumerators");
  ASSERT_EQ(enumerators.size(), 2u);
  EXPECT_EQ(enumerators[0].missing, "MODE_FAST");
  EXPECT_EQ(enumerators[0].nearest, "MODE_FASTER");
  EXPECT_EQ(enumerators[0].asks, "enumval_value of \"mode::MODE_FAST\" (1)");

  const auto types = of(report, "types");
  ASSERT_EQ(types.size(), 2u);
  EXPECT_EQ(types[0].lack, CoreLack::type);
  EXPECT_EQ(types[0].missing, "gone");
  EXPECT_EQ(types[0].nearest, "gone_");

  const auto sized = of(report, "sized");
  ASSERT_EQ(sized.size(), 1u);
  EXPECT_EQ(sized[0].lack, CoreLack::form);
  EXPECT_EQ(sized[0].nearest, "");
  EXPECT_EQ(sized[0].reason, "4 bytes in the target, 8 in the program");
}

TEST(CoreCheck, ASharedFunctionIsToldOnce) {
  const auto report = checked(object(), target_of(test::other_kernel()));
  const auto first = of(report, "first");
  ASSERT_EQ(first.size(), 1u);
  EXPECT_EQ(first, of(report, "second"));
  EXPECT_EQ(first[0].function, "cpu_of");
  EXPECT_EQ(first[0].programs.size(), 2u);
  EXPECT_LT(first[0].slot, 2u) << "slots count from the start of the function";
  EXPECT_NE(first[0].text.find("// shared"), std::string::npos);
  EXPECT_EQ(first[0].nearest, "recent_used_cpu");
}

TEST(CoreCheck, WhatIsNotLoadedByDefaultDoesNotCount) {
  auto spec = object();
  std::erase_if(spec.programs, [](const auto& one) { return one.name != "plain" && one.name != "optional"; });
  const auto target = target_of(test::other_kernel());
  auto report = checked(spec, target);
  EXPECT_EQ(report.verdict, CoreVerdict::ok);
  EXPECT_FALSE(report.programs[1].counts);
  EXPECT_EQ(report.programs[1].verdict, CoreVerdict::fails);
  EXPECT_EQ(report.findings.size(), 1u);

  // Unless nothing else is there.
  std::erase_if(spec.programs, [](const auto& one) { return one.name == "plain"; });
  EXPECT_EQ(checked(spec, target).verdict, CoreVerdict::fails);
}

TEST(CoreCheck, ErrorsAreFindings) {
  const auto report = checked(object(), target_of(test::ambiguous_kernel()));
  EXPECT_EQ(report.verdict, CoreVerdict::fails);
  EXPECT_EQ(verdict(report, "plain"), CoreVerdict::fails);
  EXPECT_EQ(verdict(report, "unguarded"), CoreVerdict::ok) << "both have it at the same place";
  ASSERT_EQ(report.findings.size(), 1u);
  const auto& one = report.findings.front();
  EXPECT_EQ(one.effect, Effect::fails);
  EXPECT_EQ(one.lack, CoreLack::nothing);
  EXPECT_EQ(one.text, "PROG int plain(struct task* t) { return t->pid; }");
  EXPECT_TRUE(one.reason.starts_with("ambiguous: ")) << one.reason;
  EXPECT_EQ(one.nearest, "");
}

TEST(CoreCheck, ProgramsThatCannotBeUsed) {
  auto spec = object();
  spec.programs[0].problem = "it is made of cheese";
  // A relocation that no instruction can take.
  ASSERT_FALSE(spec.programs[1].core_relocations.empty());
  spec.programs[1].core_relocations[0].slot = 1000;
  const auto report = checked(spec, target_of(test::full_kernel()));
  EXPECT_EQ(report.verdict, CoreVerdict::fails);
  EXPECT_EQ(report.programs[0].verdict, CoreVerdict::fails);
  EXPECT_EQ(report.programs[0].error, "it is made of cheese");
  EXPECT_EQ(report.programs[1].verdict, CoreVerdict::fails);
  EXPECT_NE(report.programs[1].error.find("slot 1000"), std::string::npos) << report.programs[1].error;
  EXPECT_EQ(report.findings.size(), 0u);
}

// What an instruction holds is not what the local types say: libbpf refuses the object.
TEST(CoreCheck, WhatIsRefusedIsAFinding) {
  auto spec = object();
  auto& program = *std::ranges::find(spec.programs, "unguarded", &ProgramSpec::name);
  auto& insn = program.code.insns[program.core_relocations.back().slot];
  insn.off = static_cast<std::int16_t>(insn.off + 8);
  insn.imm += 8;
  const auto report = checked(spec, target_of(test::full_kernel()));
  EXPECT_EQ(verdict(report, "unguarded"), CoreVerdict::fails);
  const auto findings = of(report, "unguarded");
  ASSERT_EQ(findings.size(), 1u);
  EXPECT_EQ(findings[0].effect, Effect::fails);
  EXPECT_EQ(findings[0].lack, CoreLack::nothing);
  EXPECT_EQ(findings[0].text, "  return t->state;  // unguarded");
  EXPECT_EQ(findings[0].asks, "byte_off of \"task.state\" (0:1)");
  EXPECT_TRUE(findings[0].reason.starts_with("the instruction holds ")) << findings[0].reason;
  for (const auto& one : report.programs) EXPECT_EQ(one.error, "") << one.name;
}

TEST(CoreCheck, NoTypesAtAll) {
  const auto report = checked(object(), {.types = btf::CoreTargets()});
  EXPECT_EQ(verdict(report, "plain"), CoreVerdict::fails);
  EXPECT_EQ(verdict(report, "types"), CoreVerdict::guarded);
}

// A small object whose programs are enormous once they are linked.
TEST(CoreCheck, RefusesToLinkWithoutEnd) {
  auto spec = object();
  const auto first = *spec.program("first");
  auto& callee = spec.subprograms.front();
  callee.code.insns.resize(1'000'000, callee.code.insns.back());
  spec.programs.assign(100, first);
  const auto report = check_core(spec, core_subjects(spec), target_of(test::full_kernel()));
  ASSERT_FALSE(report);
  EXPECT_EQ(report.error().code(), Errc::rejected);
}

}  // namespace
}  // namespace skep::spec
