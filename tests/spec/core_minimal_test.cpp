// The second pass of Linux's own test of CO-RE: every case again, against the minimal BTF of its target. And whole
// objects against that of the running kernel.
#include <regex>

#include "skep/btf/minimal.hpp"
#include "skep/spec/link.hpp"
#include "skep/tests/spec/core_cases.hpp"
#include "skep/tests/support/libbpf_relocated.hpp"
#include "skep/tests/support/temporary_file.hpp"

namespace skep {
namespace {

using btf::CoreKind;

std::vector<btf::CoreQuery> queries_of(const ProgramSpec& program) {
  std::vector<btf::CoreQuery> queries;
  for (const auto& each : program.core_relocations) queries.push_back({each.type, each.access, each.kind});
  return queries;
}

Target target_of(const btf::Btf& types) { return {btf::CoreTargets({{"target", types}})}; }

// Messages without the numbers of types.
std::string without_ids(const std::string& text) {
  const auto unnamed = std::regex_replace(text, std::regex("type [0-9]+ "), "type N ");
  if (text.find("target_type_id") == std::string::npos) return unnamed;
  return std::regex_replace(unnamed, std::regex("differ .[0-9]+ and [0-9]+"), "differ (N and N");
}

// The same instructions, but for type ids; the same poison, for the same reasons; the same errors.
void expect_same(const ProgramSpec& program, const CollectionSpec& spec, const btf::Btf& whole,
                 const btf::Btf& minimal) {
  const auto linked = spec::link(spec, program);
  ASSERT_OK(linked);
  const auto expected = spec::resolve_core(*linked, spec.types, spec.byte_order, target_of(whole));
  const auto got = spec::resolve_core(*linked, spec.types, spec.byte_order, target_of(minimal));
  ASSERT_EQ(got.has_value(), expected.has_value()) << test::message(expected) << test::message(got);
  if (!got) {
    EXPECT_EQ(without_ids(got.error().what()), without_ids(expected.error().what()));
    return;
  }
  auto ours = got->program.code, theirs = expected->program.code;
  ASSERT_EQ(got->outcomes.size(), expected->outcomes.size());
  for (std::size_t i = 0; i < got->outcomes.size(); ++i) {
    const auto& one = got->outcomes[i];
    const auto& other = expected->outcomes[i];
    EXPECT_EQ(one.poisoned, other.poisoned);
    EXPECT_EQ(without_ids(one.missing), without_ids(other.missing));
    EXPECT_EQ(one.fixup.target.has_value(), other.fixup.target.has_value());
    if (one.fixup.target && other.fixup.target) {
      EXPECT_EQ(minimal.kind(one.fixup.target->type), whole.kind(other.fixup.target->type));
      EXPECT_EQ(minimal.name(one.fixup.target->type), whole.name(other.fixup.target->type));
    }
    if (one.relocation.kind == static_cast<std::uint32_t>(CoreKind::type_id_target))
      ours.insns[one.relocation.slot].imm = theirs.insns[one.relocation.slot].imm;
  }
  EXPECT_EQ(ours, theirs);
}

btf::Btf minimal_of(const btf::Btf& whole, const CollectionSpec& spec, std::string_view only = {}) {
  btf::MinimalBtf minimal(whole);
  for (const auto* functions : {&spec.programs, &spec.subprograms})
    for (const auto& function : *functions)
      if (only.empty() || function.name == only) (void)minimal.add(queries_of(function), spec.types);
  const auto built = minimal.build();
  EXPECT_OK(built);
  return built ? *built : btf::Btf();
}

class CoreMinimal : public testing::TestWithParam<test::CoreCase> {};

TEST_P(CoreMinimal, EndsAsAgainstTheWhole) {
  const auto& one = GetParam();
  const auto spec = test::load_fixture(test::core_object(one) + ".bpf");
  const auto whole = test::core_target(one);
  const auto* program = spec.program(one.program);
  ASSERT_NE(program, nullptr);
  {
    SCOPED_TRACE("of this program");
    expect_same(*program, spec, whole, minimal_of(whole, spec, one.program));
  }
  SCOPED_TRACE("of the object");
  const auto minimal = minimal_of(whole, spec);
  for (const auto& each : spec.programs) expect_same(each, spec, whole, minimal);
}

std::string name_of(const testing::TestParamInfo<test::CoreCase>& info) {
  auto name = info.param.name;
  std::replace(name.begin(), name.end(), ':', '_');
  return name;
}
INSTANTIATE_TEST_SUITE_P(Core, CoreMinimal, testing::ValuesIn(test::core_cases()), name_of);

// libbpf takes it as well, and comes to the same.
TEST(CoreMinimalObjects, ForLibbpf) {
  if (!test::Libbpf::get()) GTEST_SKIP() << "libbpf.so.1 is not installed";
  if (!test::may_load()) GTEST_SKIP() << "bpf(2) is not permitted, and libbpf relocates nothing without it";
  for (const auto& one : test::core_cases()) {
    SCOPED_TRACE(one.name);
    const auto object = test::core_object(one) + ".bpf";
    const auto spec = test::load_fixture(object);
    const auto minimal = minimal_of(test::core_target(one), spec);
    const test::TemporaryFile file(".btf", minimal.raw());
    const auto theirs = test::libbpf_relocated(test::fixture(object), one.program, file.path());
    const auto linked = spec::link(spec, one.program);
    ASSERT_OK(linked);
    const auto ours = spec::resolve_core(*linked, spec.types, spec.byte_order, target_of(minimal));
    EXPECT_EQ(ours.has_value(), !theirs.empty()) << test::message(ours);
    if (ours && !theirs.empty()) test::expect_equal(ours->program.code, theirs);
  }
}

// All cases at once: types of one essential name by the dozen.
TEST(CoreMinimalObjects, AmongManyFlavours) {
  for (const std::string name : {"spec/core/reads", "spec/core/types"}) {
    SCOPED_TRACE(name);
    const auto spec = test::load_fixture(name + ".bpf");
    const auto whole = test::load_fixture(name + "_targets.bpf").types;
    const auto minimal = minimal_of(whole, spec);
    for (const auto& program : spec.programs) expect_same(program, spec, whole, minimal);
  }
}

TEST(CoreMinimalObjects, OfTheRunningKernel) {
  const auto kernel = btf::Btf::open("/sys/kernel/btf/vmlinux");
  if (!kernel) GTEST_SKIP() << "no BTF of the running kernel: " << kernel.error().what();
  std::size_t objects = 0;
  for (const auto& path : test::built_objects(".bpf.o")) {
    const auto spec = elf::load(test::bytes_of(path));
    if (!spec) continue;  // fixtures that are refused as a whole
    std::size_t records = 0;
    for (const auto& program : spec->programs) records += program.core_relocations.size();
    if (records == 0) continue;
    SCOPED_TRACE(path);
    ++objects;
    const auto minimal = minimal_of(*kernel, *spec);
    for (const auto& program : spec->programs)
      if (program.problem.empty() && spec::link(*spec, program)) expect_same(program, *spec, *kernel, minimal);
    EXPECT_LT(minimal.raw().size(), kernel->raw().size() / 100);
    RecordProperty(std::filesystem::path(path).stem().string(), static_cast<int>(minimal.raw().size()));
  }
  EXPECT_GE(objects, 4u);
}

}  // namespace
}  // namespace skep
