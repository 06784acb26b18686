// From an object to what bpf(2) takes beside the code of one program.
#include "skep/spec/program_btf.hpp"

#include <gtest/gtest.h>

#include "skep/asm/codec.hpp"
#include "skep/spec/link.hpp"
#include "skep/tests/support/kernel_btf.hpp"
#include "skep/tests/support/objects.hpp"
#include "skep/tests/support/result.hpp"

namespace skep::spec {
namespace {

TEST(SpecProgramBtf, EveryProgramOfEveryObject) {
  std::size_t made = 0;
  for (const auto& path : test::built_objects(".o")) {
    const auto spec = elf::load(test::bytes_of(path));
    if (!spec) continue;
    for (const auto& program : spec->programs) {
      const auto linked = link(*spec, program);
      if (!linked) continue;
      SCOPED_TRACE(path + ": " + program.name);
      const auto one = program_btf(*spec, *linked);
      ASSERT_OK(one);
      const auto types = btf::Btf::parse(one->btf);
      ASSERT_OK(types);
      const auto ext = btf::Ext::parse(one->ext, *types);
      ASSERT_OK(ext);
      if (!one->left_out.empty()) continue;
      ASSERT_EQ(ext->funcs.size(), 1u);
      ASSERT_EQ(ext->funcs[0].records.size(), linked->code.functions.size());
      for (std::size_t i = 0; i < linked->code.functions.size(); ++i) {
        const auto& record = ext->funcs[0].records[i];
        EXPECT_EQ(types->name(record.type), linked->code.functions[i].name);
        EXPECT_EQ(record.insn_offset, linked->code.functions[i].slot * kSlotSize);
      }
      ++made;
    }
  }
  EXPECT_GT(made, 250u);
}

TEST(SpecProgramBtf, TheKernelTakesItWithLines) {
  if (const auto reason = test::kernel_btf_unavailable(); !reason.empty()) GTEST_SKIP() << reason;
  constexpr std::uint32_t kSchedCls = 3;  // BPF_PROG_TYPE_SCHED_CLS
  const auto spec = test::load_fixture("btf/program.bpf");
  const auto linked = link(spec, "main_program");
  ASSERT_OK(linked);
  const auto made = program_btf(spec, *linked);
  ASSERT_OK(made);
  EXPECT_EQ(made->left_out, "");
  EXPECT_FALSE(made->line_info.empty());
  const auto types = btf::Btf::parse(made->btf);
  ASSERT_OK(types);
  EXPECT_EQ(types->get<btf::Func>(*types->find("hidden"))->linkage, btf::Linkage::static_);
  EXPECT_EQ(test::load_kernel_program(kSchedCls, encode(linked->code.insns), *made), "");
}

TEST(SpecProgramBtf, TypesThatInstructionsNameAreKept) {
  const auto spec = test::load_fixture("btf/program.bpf");
  const auto linked = link(spec, "other_program");
  ASSERT_OK(linked);
  const std::vector more{*spec.types.find("pair", btf::Kind::Struct)};
  const auto made = program_btf(spec, *linked, more);
  ASSERT_OK(made);
  ASSERT_EQ(made->more_types.size(), 1u);
  EXPECT_EQ(btf::Btf::parse(made->btf)->name(made->more_types[0]), "pair");
}

}  // namespace
}  // namespace skep::spec
