// Lines, function types and CO-RE relocations go to the function whose bytes they name.
#include <algorithm>

#include <gtest/gtest.h>

#include "skep/tests/support/objects.hpp"
#include "skep/tests/support/result.hpp"

namespace skep {
namespace {

TEST(LoadExt, EveryFunctionHasItsTypeInBothByteOrders) {
  for (const auto* name : {"elf/calls.bpf", "elf/calls.bpfeb"}) {
    const auto spec = test::load_fixture(name);
    for (const auto* all : {&spec.programs, &spec.subprograms})
      for (const auto& program : *all) {
        ASSERT_EQ(program.code.functions.size(), 1u);
        const btf::TypeId type{program.code.functions[0].type_id};
        EXPECT_EQ(spec.types.kind(type), btf::Kind::Func);
        EXPECT_EQ(spec.types.name(type), program.name);
      }
  }
}

TEST(LoadExt, LinesAreThoseOfTheFunction) {
  const auto spec = test::load_fixture("elf/calls.bpf");
  for (const auto& program : spec.programs) {
    ASSERT_FALSE(program.code.lines.empty());
    EXPECT_EQ(program.code.lines[0].slot, 0u);
    EXPECT_TRUE(program.code.files[program.code.lines[0].file].ends_with("tests/elf/calls.bpf.c"));
    for (const auto& line : program.code.lines) EXPECT_LT(line.slot, program.code.size());
  }
  // The first line of a program is that of its name in the source.
  const auto source = test::bytes_of(test::data("elf/calls.bpf.c"));
  const auto before = as_text(source).substr(0, as_text(source).find("int main_a("));
  EXPECT_EQ(spec.program("main_a")->code.lines[0].line, 1u + std::count(before.begin(), before.end(), '\n'));
}

TEST(LoadExt, CoreRelocationsAreAtTheirInstructions) {
  const auto spec = test::load_fixture("elf/core.bpf");
  const auto& two = *spec.program("two");
  ASSERT_EQ(two.core_relocations.size(), 1u);
  EXPECT_EQ(spec.types.name(two.core_relocations[0].type), "task");
  EXPECT_EQ(two.core_relocations[0].access, "0");
  EXPECT_EQ(two.core_relocations[0].kind, 6u);  // BPF_CORE_TYPE_ID_LOCAL
  const auto& slot = two.code.insns[two.core_relocations[0].slot];
  EXPECT_EQ(slot.op, Op::ld_imm64);
  std::size_t total = 0;
  for (const auto& sub : spec.subprograms) total += sub.core_relocations.size();
  EXPECT_EQ(total, 2u);
}

// A function that lost against another one leaves a gap with records of its own. Here a symbol is taken away.
TEST(LoadExt, RecordsOfGapsShiftNothing) {
  auto object = test::bytes_of(test::fixture("elf/core.bpf"));
  const auto before = elf::load(object);
  ASSERT_OK(before);
  const auto file = elf::File::open(object);
  ASSERT_OK(file);
  const auto symbols = test::section_offset(object, ".symtab");
  for (std::size_t i = 0; i < file->symbols().size(); ++i)
    if (file->symbols()[i].name == "one") object[symbols + i * 24 + 4] = std::byte{STB_GLOBAL << 4 | STT_NOTYPE};
  const auto after = elf::load(object);
  ASSERT_OK(after);
  EXPECT_EQ(after->program("one"), nullptr);
  EXPECT_EQ(*after->program("two"), *before->program("two"));
  EXPECT_EQ(after->subprograms, before->subprograms);
}

// .BTF.ext knows a section by its whole name.
TEST(LoadExt, QuestionMarksAreAPartOfTheName) {
  const auto spec = test::load_fixture("elf/sections.bpf");
  for (const auto* name : {"optional_probe", "optional_express"}) {
    EXPECT_FALSE(spec.program(name)->code.lines.empty()) << name;
    EXPECT_NE(spec.program(name)->code.functions[0].type_id, 0u) << name;
  }
}

TEST(LoadExt, ABrokenSectionLosesItsRecordsAlone) {
  auto object = test::bytes_of(test::fixture("elf/core.bpf"));
  object[test::section_offset(object, ".BTF.ext")] = std::byte{0};
  const auto spec = elf::load(object);
  ASSERT_OK(spec);
  ASSERT_EQ(spec->warnings.size(), 1u);
  EXPECT_NE(spec->warnings[0].find("\".BTF.ext\""), std::string::npos);
  EXPECT_TRUE(spec->program("one")->code.lines.empty());
  EXPECT_FALSE(spec->program("one")->code.insns.empty());
}

}  // namespace
}  // namespace skep
