// Names that the kernel defines: configuration, symbols, functions.
#include <gtest/gtest.h>

#include "skep/tests/support/objects.hpp"
#include "skep/tests/support/result.hpp"

namespace skep {
namespace {

TEST(LoadExterns, KindsAndWeaknessAreKept) {
  const auto spec = test::load_fixture("elf/externs.bpf");
  EXPECT_EQ(spec.externs.size(), 12u);
  EXPECT_TRUE(std::is_sorted(spec.externs.begin(), spec.externs.end(),
                             [](const ExternSpec& a, const ExternSpec& b) { return a.name < b.name; }));
  EXPECT_EQ(spec.extern_("CONFIG_BPF")->kind, ExternSpec::Kind::kconfig);
  EXPECT_FALSE(spec.extern_("CONFIG_BPF")->weak);
  EXPECT_TRUE(spec.extern_("CONFIG_EXT4_FS")->weak);
  EXPECT_EQ(spec.extern_("bpf_link_fops")->kind, ExternSpec::Kind::ksym);
  EXPECT_EQ(spec.extern_("bpf_link_fops")->type, btf::TypeId::none);
  EXPECT_NE(spec.extern_("runqueue_like")->type, btf::TypeId::none);
  EXPECT_EQ(spec.extern_("bpf_task_acquire")->kind, ExternSpec::Kind::kfunc);
  EXPECT_EQ(spec.types.kind(spec.extern_("bpf_task_acquire")->type), btf::Kind::FuncProto);
  EXPECT_TRUE(spec.extern_("bpf_task_release")->weak);
}

// Alignment descending, size ascending, name: not the order of the source, nor clang's.
TEST(LoadExterns, ConfigurationIsLaidOutAsLibbpfDoes) {
  for (const auto* name : {"elf/externs.bpf", "elf/externs.bpfeb"}) {
    const auto spec = test::load_fixture(name);
    std::vector<std::pair<std::string, std::uint32_t>> layout;
    for (const auto& variable : spec.variables)
      if (variable.section == ".kconfig") layout.emplace_back(variable.name, variable.offset);
    EXPECT_EQ(layout, (std::vector<std::pair<std::string, std::uint32_t>>{{"CONFIG_HUGE", 0},
                                                                          {"CONFIG_EXT4_FS", 8},
                                                                          {"LINUX_KERNEL_VERSION", 12},
                                                                          {"CONFIG_SHORT", 16},
                                                                          {"CONFIG_BPF", 18},
                                                                          {"CONFIG_LETTER", 19},
                                                                          {"CONFIG_CC_VERSION_TEXT", 20}}));
    const auto* map = spec.map(".kconfig");
    ASSERT_NE(map, nullptr);
    EXPECT_EQ(map->kind, MapKind::kconfig);
    EXPECT_EQ(map->value_size, 84u);
    EXPECT_EQ(map->flags, kRdonlyProg | kMmapable);
    EXPECT_EQ(&spec.maps.back(), map);
  }
}

TEST(LoadExterns, ConfigurationCanBeSetBeforeUse) {
  auto spec = test::load_fixture("elf/externs.bpf");
  const std::uint32_t version = 0x60c00;
  ASSERT_OK(spec.set_variable("LINUX_KERNEL_VERSION", std::as_bytes(std::span(&version, 1))));
  EXPECT_EQ(load<std::uint32_t>(spec.map(".kconfig")->contents.data() + 12), version);
}

TEST(LoadExterns, CodeRefersToThemByName) {
  const auto spec = test::load_fixture("elf/externs.bpf");
  const auto& configuration = spec.program("read_configuration")->code;
  for (const auto& reference : configuration.references) {
    if (reference.kind != Reference::Kind::variable) continue;
    EXPECT_EQ(configuration.insns[reference.slot].op, Op::ld_map_value);
    EXPECT_EQ(imm_low(configuration.insns[reference.slot]), 0u);
    const auto* variable = spec.variable(reference.symbol);
    ASSERT_NE(variable, nullptr);
    EXPECT_EQ(imm_high(configuration.insns[reference.slot]), variable->offset);
  }
  const auto& kernel = spec.program("call_kernel")->code;
  ASSERT_EQ(kernel.references.size(), 3u);
  EXPECT_EQ(kernel.insns[kernel.references[0].slot], (Instruction{.op = Op::call_kfunc}));
  EXPECT_EQ(kernel.references[0].symbol, "bpf_task_acquire");
  // The address of a function, to ask whether it exists.
  EXPECT_EQ(kernel.insns[kernel.references[1].slot].op, Op::ld_imm64);
  EXPECT_EQ(kernel.references[1], (Reference{kernel.references[1].slot, Reference::Kind::extern_, "bpf_task_release"}));
}

TEST(LoadExterns, UndefinedNamesAreTheProblemOfWhoeverUsesThem) {
  const auto spec = test::load_fixture("elf/bad_programs.bpf");
  EXPECT_NE(spec.program("calls_nowhere")->problem.find("extern \"nowhere\": it is in neither .kconfig nor .ksyms"),
            std::string::npos);
  EXPECT_EQ(spec.program("good")->problem, "");
  EXPECT_TRUE(spec.externs.empty());
}

TEST(LoadExterns, WithoutTypesNothingIsKnownOfThem) {
  test::ElfWriter writer;
  const auto section = writer.add(
      {.name = "tc", .flags = SHF_ALLOC | SHF_EXECINSTR, .data = test::code("85100000ffffffff 9500000000000000")});
  writer.add({.name = "program", .section = section, .size = 16});
  writer.relocate(section, 0, writer.add(test::ElfWriter::SymbolFields{.name = "somewhere", .type = STT_NOTYPE}), 10);
  const auto spec = elf::load(writer.bytes());
  ASSERT_OK(spec);
  EXPECT_NE(spec->program("program")->problem.find("extern \"somewhere\": BTF has no variable or function"),
            std::string::npos);
}

}  // namespace
}  // namespace skep
