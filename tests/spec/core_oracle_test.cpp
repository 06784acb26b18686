// libbpf 1.1 relocates the same objects against the same types: its instructions and ours must be the same bytes.
#include "skep/spec/link.hpp"
#include "skep/tests/spec/core_cases.hpp"
#include "skep/tests/support/libbpf_relocated.hpp"
#include "skep/tests/support/temporary_file.hpp"

namespace skep {
namespace {

using test::CoreCase;
using test::CoreEnd;
using test::expect_equal;
using test::libbpf_relocated;
using test::may_load;

TEST(CoreOracle, CasesRelocateToTheSameBytes) {
  if (!test::Libbpf::get()) GTEST_SKIP() << "libbpf.so.1 is not installed";
  if (!may_load()) GTEST_SKIP() << "bpf(2) is not permitted, and libbpf relocates nothing without it";
  for (const auto& one : test::core_cases()) {
    SCOPED_TRACE(one.name);
    const auto types = test::core_target(one);
    const test::TemporaryFile file(".btf", types.raw());
    const auto theirs = libbpf_relocated(test::fixture(test::core_object(one) + ".bpf"), one.program, file.path());
    const auto spec = test::load_fixture(test::core_object(one) + ".bpf");
    const auto linked = spec::link(spec, one.program);
    ASSERT_OK(linked);
    const auto ours = spec::resolve_core(*linked, spec.types, spec.byte_order,
                                         Target{btf::CoreTargets({{"target", types}})});
    EXPECT_EQ(ours.has_value(), !theirs.empty()) << test::message(ours);
    if (ours && !theirs.empty()) expect_equal(ours->program.code, theirs);
  }
}

// Everything else that the build makes and that has CO-RE records, against the running kernel's types.
TEST(CoreOracle, ObjectsRelocateToTheSameBytes) {
  if (!test::Libbpf::get()) GTEST_SKIP() << "libbpf.so.1 is not installed";
  if (!may_load()) GTEST_SKIP() << "bpf(2) is not permitted, and libbpf relocates nothing without it";
  const std::string path = "/sys/kernel/btf/vmlinux";
  const auto kernel = btf::Btf::open(path);
  if (!kernel) GTEST_SKIP() << "no BTF of the running kernel: " << kernel.error().what();
  const Target target{btf::CoreTargets({{"vmlinux", *kernel}})};
  for (const std::string object : {"elf/core.bpf", "spec/core/reads.bpf", "spec/core/types.bpf"}) {
    const auto spec = test::load_fixture(object);
    for (const auto& program : spec.programs) {
      SCOPED_TRACE(object + ": " + program.name);
      const auto theirs = libbpf_relocated(test::fixture(object), program.name, path);
      const auto linked = spec::link(spec, program);
      ASSERT_OK(linked);
      const auto ours = spec::resolve_core(*linked, spec.types, spec.byte_order, target);
      EXPECT_EQ(ours.has_value(), !theirs.empty()) << test::message(ours);
      if (ours && !theirs.empty()) expect_equal(ours->program.code, theirs);
    }
  }
}

}  // namespace
}  // namespace skep
