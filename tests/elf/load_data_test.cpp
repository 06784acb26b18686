// Data sections as maps, their variables, and addresses in data.
#include <set>

#include <gtest/gtest.h>

#include "skep/tests/support/objects.hpp"
#include "skep/tests/support/result.hpp"

namespace skep {
namespace {

TEST(LoadData, SectionsAreMapsOfOneElement) {
  const auto spec = test::load_fixture("elf/data.bpf");
  std::vector<std::string> names;
  for (const auto& map : spec.maps) {
    names.push_back(map.name);
    EXPECT_EQ(map.type, MapType::array);
    EXPECT_EQ(map.key_size, 4u);
    EXPECT_EQ(map.max_entries, 1u);
    EXPECT_EQ(map.contents.size(), map.kind == MapKind::bss ? 0u : map.value_size) << map.name;
  }
  EXPECT_EQ(names,
            (std::vector<std::string>{".data", ".rodata", ".data.custom", ".rodata.settings", ".data.only_static",
                                      ".data.only_hidden", ".data.a_very_long_section_name", ".bss", ".bss.scratch",
                                      ".rodata.str1.1"}));
}

TEST(LoadData, ReadOnlySectionsAreReadOnlyForPrograms) {
  const auto spec = test::load_fixture("elf/data.bpf");
  EXPECT_EQ(spec.map(".rodata")->flags, kRdonlyProg | kMmapable);
  EXPECT_EQ(spec.map(".bss.scratch")->flags, kMmapable);
}

TEST(LoadData, SectionsWithoutVisibleVariablesCannotBeMapped) {
  const auto spec = test::load_fixture("elf/data.bpf");
  EXPECT_EQ(spec.map(".rodata.str1.1")->flags, kRdonlyProg);
  EXPECT_EQ(spec.map(".data.only_static")->flags, 0u);
  EXPECT_EQ(spec.map(".data.only_hidden")->flags, 0u);
}

TEST(LoadData, VariablesAreTypedAndPlaced) {
  for (const auto* name : {"elf/data.bpf", "elf/data.bpfeb"}) {
    const auto spec = test::load_fixture(name);
    const auto* origin = spec.variable("origin");
    ASSERT_NE(origin, nullptr);
    EXPECT_EQ(origin->section, ".data");
    EXPECT_EQ(origin->size, 16u);
    EXPECT_EQ(spec.types.name(origin->type), "point");
    const auto bytes = spec.get_variable("origin");
    ASSERT_OK(bytes);
    EXPECT_EQ(load<std::uint32_t>(bytes->data() + 4, spec.byte_order), 2u);
    EXPECT_TRUE(spec.variable("weak_number")->weak);
    EXPECT_TRUE(spec.variable("weak_zero")->weak);
    EXPECT_EQ(spec.variable("scratch")->section, ".bss.scratch");
  }
}

TEST(LoadData, StaticHiddenAndLocalVariablesAreNotExposed) {
  const auto spec = test::load_fixture("elf/data.bpf");
  for (const auto* name : {"hidden_by_static", "hidden_by_visibility", "static_limit", "static_zeros", "only_static",
                           "calls", "use_data.calls"})
    EXPECT_EQ(spec.variable(name), nullptr) << name;
  for (const auto& variable : spec.variables) EXPECT_EQ(variable.name.find('.'), std::string::npos) << variable.name;
}

TEST(LoadData, EverythingThatLiesThereHasItsName) {
  for (const auto* name : {"elf/data.bpf", "elf/data.bpfeb"}) {
    const auto spec = test::load_fixture(name);
    std::set<std::string> names;
    for (const auto& map : spec.maps)
      for (const auto& symbol : map.symbols) {
        EXPECT_LE(std::uint64_t{symbol.offset} + symbol.size, map.value_size);
        names.insert(map.name + " " + symbol.name);
      }
    for (const auto* expected : {".data counter", ".data hidden_by_static", ".data hidden_by_visibility",
                                 ".data use_data.calls", ".rodata static_limit", ".bss weak_zero",
                                 ".data.only_static only_static"})
      EXPECT_TRUE(names.contains(expected)) << expected;
  }
  const auto externs = test::load_fixture("elf/externs.bpf");
  EXPECT_EQ(externs.map(".kconfig")->symbols.size(), 7u);
  EXPECT_EQ(test::load_fixture("elf/arena.bpf").map("arena")->symbols.size(), 2u);
}

TEST(LoadData, VariablesComeBySectionThenOffset) {
  const auto spec = test::load_fixture("elf/data.bpf");
  for (std::size_t i = 1; i < spec.variables.size(); ++i) {
    const auto &a = spec.variables[i - 1], &b = spec.variables[i];
    if (a.section == b.section) {
      EXPECT_LT(a.offset, b.offset);
    }
  }
}

TEST(LoadData, TypesInTheSpecAreAsTheCompilerWroteThem) {
  const auto object = test::bytes_of(test::fixture("elf/data.bpf"));
  const auto file = elf::File::open(object);
  ASSERT_OK(file);
  const auto raw = file->section(".BTF")->data;
  const auto spec = elf::load(object);
  ASSERT_OK(spec);
  EXPECT_EQ(as_text(spec->types.raw()), as_text(raw));
}

// What BTF leaves out (offsets in sections), the symbol table has; and its addends are in the instructions.
TEST(LoadData, CodeRefersToPlacesInSections) {
  const auto spec = test::load_fixture("elf/data.bpf");
  const auto* program = spec.program("use_data");
  ASSERT_NE(program, nullptr);
  EXPECT_EQ(program->problem, "");
  std::set<std::pair<std::string, std::uint32_t>> places;
  for (const auto& reference : program->code.references) {
    ASSERT_EQ(reference.kind, Reference::Kind::map_value);
    const auto& insn = program->code.insns[reference.slot];
    EXPECT_EQ(insn.op, Op::ld_map_value);
    EXPECT_EQ(imm_low(insn), 0u);
    EXPECT_LT(imm_high(insn), spec.map(reference.symbol)->value_size);
    places.emplace(reference.symbol, imm_high(insn));
  }
  for (const auto* name : {"counter", "weak_number", "limit", "corner", "zeros", "custom", "settings"}) {
    const auto* variable = spec.variable(name);
    ASSERT_NE(variable, nullptr) << name;
    // Parts of a variable are referred to by their own offset.
    const auto first = places.lower_bound({variable->section, variable->offset});
    ASSERT_NE(first, places.end()) << name;
    EXPECT_EQ(first->first, variable->section) << name;
    EXPECT_LT(first->second, variable->offset + variable->size) << name;
  }
  EXPECT_TRUE(places.contains({".data.only_static", 0}));
  EXPECT_TRUE(places.contains({".rodata.str1.1", 0}));
}

TEST(LoadData, AddressesInDataAreRefusedWhereTheyAreUsed) {
  const auto spec = test::load_fixture("elf/pointers.bpf");
  EXPECT_NE(spec.program("uses_pointer")->problem.find("\"pointer\" holds the address of \"number\" at 0x8"),
            std::string::npos);
  EXPECT_NE(spec.program("uses_names")->problem.find("\"names\" holds the address of \".rodata.str1.1\""),
            std::string::npos);
  EXPECT_NE(spec.program("uses_functions")->problem.find("\"functions\" holds the address of \".text\""),
            std::string::npos);
  EXPECT_EQ(spec.program("uses_neither")->problem, "");
  EXPECT_EQ(spec.warnings.size(), 3u);
}

TEST(LoadData, EmptySectionsAreNoMaps) {
  test::ElfWriter writer;
  writer.add({.name = ".data", .flags = SHF_ALLOC | SHF_WRITE});
  writer.add({.name = ".bss", .type = SHT_NOBITS, .flags = SHF_ALLOC | SHF_WRITE});
  writer.add({.name = ".database", .flags = SHF_ALLOC, .data = test::code("01020304")});
  const auto spec = elf::load(writer.bytes());
  ASSERT_OK(spec);
  EXPECT_TRUE(spec->maps.empty());
}

TEST(LoadData, TwoNamesForOnePlaceAreTwoVariables) {
  test::ElfWriter writer;
  const auto data =
      writer.add({.name = ".data", .flags = SHF_ALLOC | SHF_WRITE, .data = test::code("0102030405060708")});
  writer.add({.name = "name", .section = data, .size = 8, .type = STT_OBJECT});
  writer.add({.name = "alias", .section = data, .size = 8, .type = STT_OBJECT});
  writer.add({.name = "nothing", .section = data, .size = 0, .type = STT_OBJECT});
  const auto spec = elf::load(writer.bytes());
  ASSERT_OK(spec);
  ASSERT_EQ(spec->variables.size(), 3u);
  for (const auto* name : {"name", "alias"}) EXPECT_EQ(to_hex(*spec->get_variable(name)), "0102030405060708");
  EXPECT_EQ(spec->get_variable("nothing")->size(), 0u);
}

// Its section is no map: there is nothing to point at.
TEST(LoadData, AVariableInAnEmptySectionIsTheProblemOfWhoeverUsesIt) {
  test::ElfWriter writer;
  const auto data = writer.add({.name = ".data", .flags = SHF_ALLOC | SHF_WRITE});
  const auto section = writer.add({.name = "tc",
                                   .flags = SHF_ALLOC | SHF_EXECINSTR,
                                   .data = test::code("1801000000000000 0000000000000000 9500000000000000")});
  writer.add({.name = "program", .section = section, .size = 24});
  writer.relocate(section, 0,
                  writer.add(test::ElfWriter::SymbolFields{.name = "none", .section = data, .type = STT_OBJECT}));
  const auto spec = elf::load(writer.bytes());
  ASSERT_OK(spec);
  EXPECT_NE(spec->programs[0].problem.find("\"none\" at 0x0 of section 1 \".data\" is no map, variable or function"),
            std::string::npos)
      << spec->programs[0].problem;
}

TEST(LoadData, SectionsBeyondAMapsLimitAreRefused) {
  test::ElfWriter writer;
  writer.add({.name = ".bss", .type = SHT_NOBITS, .flags = SHF_ALLOC | SHF_WRITE, .size = std::uint64_t{1} << 40});
  EXPECT_NE(test::message(elf::load(writer.bytes())).find("section 1 \".bss\": 0x10000000000 bytes"),
            std::string::npos);
}

TEST(LoadData, VariablesThatCrossTheirSectionAreRefused) {
  test::ElfWriter writer;
  const auto data = writer.add({.name = ".data", .flags = SHF_ALLOC | SHF_WRITE, .data = test::code("01020304")});
  writer.add({.name = "long", .section = data, .value = 2, .size = 4, .type = STT_OBJECT});
  EXPECT_NE(test::message(elf::load(writer.bytes())).find("variable \"long\" at 0x2"), std::string::npos);
}

TEST(LoadData, ArenaVariablesAreInTheArena) {
  const auto spec = test::load_fixture("elf/arena.bpf");
  const auto* arena = spec.map("arena");
  ASSERT_NE(arena, nullptr);
  EXPECT_EQ(arena->type, MapType::arena);
  EXPECT_EQ(arena->map_extra, 0x100000000000u);
  EXPECT_EQ(to_hex(arena->contents), "2a0000002b000000");
  EXPECT_EQ(spec.program("use_arena")->problem, "");
}

TEST(LoadData, ArenaVariablesNeedAnArena) {
  test::ElfWriter writer;
  writer.add({.name = ".addr_space.1", .flags = SHF_ALLOC | SHF_WRITE, .data = test::code("01020304")});
  EXPECT_EQ(test::message(elf::load(writer.bytes())), "section 1 \".addr_space.1\": no map in .maps is an arena");
}

}  // namespace
}  // namespace skep
