// libbpf 1.1 relocates the same objects against the same types: its instructions and ours must be the same bytes. A
// handler of ours stops libbpf just before it hands a program to the kernel, so poison can be compared as well.
#include <cstring>

#include "skep/asm/codec.hpp"
#include "skep/spec/link.hpp"
#include "skep/tests/spec/core_cases.hpp"
#include "skep/tests/support/libbpf.hpp"
#include "skep/tests/support/temporary_file.hpp"

namespace skep {
namespace {

using test::CoreCase;
using test::CoreEnd;

std::vector<bpf_insn>* seen = nullptr;

int take_instructions(bpf_program* program, bpf_prog_load_opts*, long) {
  const auto* insns = SKEP_LIBBPF(bpf_program__insns)(program);
  seen->assign(insns, insns + SKEP_LIBBPF(bpf_program__insn_cnt)(program));
  return -ECANCELED;
}

// Programs of the fixtures' sections end in take_instructions. For the whole life of the process: libbpf 1.1 corrupts
// its heap when the last handler is taken away.
void add_handlers() {
  libbpf_prog_handler_opts options{};
  options.sz = sizeof options;
  options.prog_prepare_load_fn = take_instructions;
  const auto add = SKEP_LIBBPF(libbpf_register_prog_handler);
  static const bool added = add("raw_tracepoint+", BPF_PROG_TYPE_RAW_TRACEPOINT, bpf_attach_type{}, &options) > 0 &&
                            add("kprobe+", BPF_PROG_TYPE_KPROBE, bpf_attach_type{}, &options) > 0;
  EXPECT_TRUE(added);
}

// The instructions of one program after relocation against the BTF of a file; none if libbpf refuses it. `errno` says
// why.
std::vector<bpf_insn> libbpf_relocated(const std::string& object, const std::string& name, const std::string& btf) {
  add_handlers();
  std::vector<bpf_insn> insns;
  seen = &insns;
  bpf_object_open_opts options{};
  options.sz = sizeof options;
  options.btf_custom_path = btf.c_str();
  const test::BpfObject opened(SKEP_LIBBPF(bpf_object__open_file)(object.c_str(), &options));
  EXPECT_NE(opened, nullptr) << object;
  if (!opened) return insns;
  bpf_program* program = nullptr;
  while ((program = SKEP_LIBBPF(bpf_object__next_program)(opened.get(), program)))
    SKEP_LIBBPF(bpf_program__set_autoload)(program, name == SKEP_LIBBPF(bpf_program__name)(program));
  EXPECT_NE(SKEP_LIBBPF(bpf_object__load)(opened.get()), 0);
  return insns;
}

bool may_load() {
  return SKEP_LIBBPF(libbpf_probe_bpf_prog_type)(BPF_PROG_TYPE_RAW_TRACEPOINT, nullptr) == 1;
}

// Bytes of both, map numbers apart: theirs are file descriptors, ours are names.
void expect_equal(const Code& ours, const std::vector<bpf_insn>& theirs) {
  const auto bytes = encode(ours.insns);
  ASSERT_EQ(bytes.size(), theirs.size() * sizeof(bpf_insn));
  for (std::size_t slot = 0; slot < theirs.size(); ++slot) {
    auto expected = theirs[slot];
    bpf_insn insn;
    std::memcpy(&insn, bytes.data() + slot * sizeof insn, sizeof insn);
    if (expected.code == 0x18 && (expected.src_reg == 1 || expected.src_reg == 2)) expected.imm = insn.imm;
    EXPECT_EQ(std::memcmp(&insn, &expected, sizeof insn), 0)
        << "slot " << slot << ": " << to_hex(std::as_bytes(std::span(&insn, 1))) << ", libbpf "
        << to_hex(std::as_bytes(std::span(&expected, 1)));
  }
}

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
