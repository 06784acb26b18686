// BTF and records of one linked program, as the kernel wants them.
#include <gtest/gtest.h>

#include "skep/asm/codec.hpp"
#include "skep/btf/program_btf.hpp"
#include "skep/spec/link.hpp"
#include "skep/tests/support/btf_builder.hpp"
#include "skep/tests/support/kernel_btf.hpp"
#include "skep/tests/support/objects.hpp"
#include "skep/tests/support/result.hpp"

namespace skep::btf {
namespace {

constexpr std::uint32_t kSchedCls = 3;  // BPF_PROG_TYPE_SCHED_CLS

// A linked program of the fixture with what is known of it.
struct Linked {
  CollectionSpec spec = test::load_fixture("btf/program.bpf");
  ProgramSpec program;
  std::vector<ProgramFunction> functions;
  std::vector<ProgramLine> lines;

  explicit Linked(std::string_view name) {
    auto linked = spec::link(spec, name);
    EXPECT_OK(linked);
    if (!linked) return;
    program = std::move(*linked);
    for (const auto& function : program.code.functions)
      functions.push_back({.slot = function.slot, .type = TypeId{function.type_id},
                           .is_static = function.name == "hidden"});
    for (const auto& line : program.code.lines)
      lines.push_back({.slot = line.slot, .file = program.code.files[line.file], .text = line.text, .line = line.line,
                       .column = line.column});
  }
  ProgramSource source() const {
    return {.types = spec.types, .functions = functions, .lines = lines, .more_types = {}};
  }
};

TEST(ProgramBtf, HasWhatTheProgramNeedsAndNoMore) {
  const Linked linked("main_program");
  ASSERT_EQ(linked.functions.size(), 4u);
  const auto made = program_btf(linked.source(), "tc");
  ASSERT_OK(made);
  EXPECT_EQ(made->left_out, "");
  const auto btf = Btf::parse(made->btf);
  ASSERT_OK(btf);
  for (const auto* name : {"main_program", "local", "global", "hidden"})
    EXPECT_TRUE(btf->find(name, Kind::Func)) << name;
  for (const auto* name : {"unrelated", "pair", "other_program", "license"}) EXPECT_FALSE(btf->find(name)) << name;
  EXPECT_EQ(btf->get<Func>(*btf->find("hidden"))->linkage, Linkage::static_);
  EXPECT_EQ(btf->get<Func>(*btf->find("global"))->linkage, Linkage::global);
  EXPECT_LT(made->btf.size(), linked.spec.types.raw().size());
}

TEST(ProgramBtf, RecordsNameTheLinkedCode) {
  const Linked linked("main_program");
  const auto made = program_btf(linked.source(), "tc");
  ASSERT_OK(made);
  const auto btf = Btf::parse(made->btf);
  ASSERT_OK(btf);
  const auto ext = Ext::parse(made->ext, *btf);
  ASSERT_OK(ext);
  ASSERT_EQ(ext->funcs.size(), 1u);
  EXPECT_EQ(ext->funcs[0].section, "tc");
  ASSERT_EQ(ext->funcs[0].records.size(), linked.program.code.functions.size());
  ASSERT_EQ(made->func_info.size(), ext->funcs[0].records.size() * ProgramBtf::kFuncInfoSize);
  for (std::size_t i = 0; i < ext->funcs[0].records.size(); ++i) {
    const auto& record = ext->funcs[0].records[i];
    EXPECT_EQ(record.insn_offset, linked.program.code.functions[i].slot * 8);
    EXPECT_EQ(btf->name(record.type), linked.program.code.functions[i].name);
    EXPECT_EQ(load<std::uint32_t>(made->func_info.data() + i * 8), linked.program.code.functions[i].slot);
    EXPECT_EQ(load<std::uint32_t>(made->func_info.data() + i * 8 + 4), number(record.type));
  }
  ASSERT_EQ(ext->lines.size(), 1u);
  const auto& lines = ext->lines[0].records;
  ASSERT_EQ(lines.size(), linked.program.code.lines.size());
  ASSERT_EQ(made->line_info.size(), lines.size() * ProgramBtf::kLineInfoSize);
  for (std::size_t i = 0; i < lines.size(); ++i) {
    const auto& line = linked.program.code.lines[i];
    EXPECT_EQ(lines[i], (LineRecord{line.slot * 8, linked.program.code.files[line.file], line.text, line.line,
                                    line.column}));
    EXPECT_EQ(load<std::uint32_t>(made->line_info.data() + i * 16), line.slot);
    EXPECT_EQ(btf->string(load<std::uint32_t>(made->line_info.data() + i * 16 + 8)), line.text);
  }
}

TEST(ProgramBtf, TheKernelTakesIt) {
  if (const auto reason = test::kernel_btf_unavailable(); !reason.empty()) GTEST_SKIP() << reason;
  for (const auto* name : {"main_program", "other_program"}) {
    const Linked linked(name);
    const auto made = program_btf(linked.source(), linked.program.section);
    ASSERT_OK(made);
    EXPECT_EQ(test::load_kernel_program(kSchedCls, encode(linked.program.code.insns), *made), "") << name;
  }
}

TEST(ProgramBtf, IncompleteRecordsAreLeftOut) {
  Linked linked("main_program");
  auto without_type = linked;
  without_type.functions[2].type = TypeId::none;
  auto made = program_btf(without_type.source(), "tc");
  ASSERT_OK(made);
  EXPECT_EQ(made->left_out, fmt::format("the function at slot {} has no type", linked.functions[2].slot));
  EXPECT_TRUE(made->func_info.empty());
  EXPECT_TRUE(made->line_info.empty());

  auto without_line = linked;
  const auto slot = linked.functions[1].slot;
  std::erase_if(without_line.lines, [&](const ProgramLine& line) { return line.slot == slot; });
  made = program_btf(without_line.source(), "tc");
  ASSERT_OK(made);
  EXPECT_EQ(made->left_out, fmt::format("the function at slot {} begins without a line", slot));
  EXPECT_FALSE(made->func_info.empty());
  EXPECT_TRUE(made->line_info.empty());

  made = program_btf({.types = {}, .functions = {}, .lines = {}, .more_types = {}}, "tc");
  ASSERT_OK(made);
  EXPECT_EQ(made->left_out, "no functions are known");
  EXPECT_OK(Btf::parse(made->btf));
}

TEST(ProgramBtf, MoreTypes) {
  const Linked linked("other_program");
  auto source = linked.source();
  const std::vector more{*linked.spec.types.find("pair", Kind::Struct), TypeId::none};
  source.more_types = more;
  const auto made = program_btf(source, "socket");
  ASSERT_OK(made);
  ASSERT_EQ(made->more_types.size(), 2u);
  EXPECT_EQ(Btf::parse(made->btf)->name(made->more_types[0]), "pair");
  EXPECT_EQ(made->more_types[1], TypeId::none);
}

TEST(ProgramBtf, RefusesWhatIsOutOfOrder) {
  Linked linked("main_program");
  auto swapped = linked;
  std::swap(swapped.functions[0], swapped.functions[1]);
  EXPECT_EQ(test::message(program_btf(swapped.source(), "tc")),
            fmt::format("function 1 at slot 0 comes after slot {}", linked.functions[1].slot));
  auto wrong = linked;
  wrong.functions[0].type = *linked.spec.types.find("int");
  EXPECT_EQ(test::message(program_btf(wrong.source(), "tc")),
            fmt::format("function at slot 0: {} is no FUNC", linked.spec.types.describe(wrong.functions[0].type)));
  auto long_line = linked;
  long_line.lines[0].column = 1024;
  EXPECT_EQ(test::message(program_btf(long_line.source(), "tc")),
            fmt::format("line_info: section \"tc\": record 0: line {}, column 1024: at most 4194303 and 1023",
                        linked.lines[0].line));
}

}  // namespace
}  // namespace skep::btf
