// Maps of .maps, their fields, inner maps and initial values; and maps as they were before BTF.
#include <gtest/gtest.h>

#include "skep/tests/support/btf_builder.hpp"
#include "skep/tests/support/objects.hpp"
#include "skep/tests/support/result.hpp"

namespace skep {
namespace {

TEST(LoadMaps, EveryFieldIsRead) {
  const auto spec = test::load_fixture("elf/maps.bpf");
  const auto* flows = spec.map("flows");
  ASSERT_NE(flows, nullptr);
  EXPECT_EQ(flows->section, ".maps");
  EXPECT_EQ(flows->type, MapType::hash);
  EXPECT_EQ(flows->key_size, 8u);
  EXPECT_EQ(flows->value_size, 16u);
  EXPECT_EQ(flows->max_entries, 1024u);
  EXPECT_EQ(flows->flags, kNoPrealloc | kNumaNode);
  EXPECT_EQ(flows->numa_node, 1u);
  EXPECT_EQ(flows->pinning, Pinning::by_name);
  EXPECT_EQ(spec.types.name(flows->key_type), "key");
  EXPECT_EQ(spec.types.name(flows->value_type), "value");
  EXPECT_EQ(spec.map("bloom")->map_extra, 3u);
  EXPECT_EQ(spec.map("cells")->value_size, 4u);
  EXPECT_EQ(spec.map("events")->max_entries, 0u);
}

TEST(LoadMaps, LongFieldsAreEnumerators) {
  const auto spec = test::load_fixture("elf/long_fields.bpf");
  EXPECT_EQ(spec.map("small")->map_extra, 7u);
  EXPECT_EQ(spec.map("large")->map_extra, 0x123456789au);
}

TEST(LoadMaps, ValuesAreAsDeclaredWhateverTheMachine) {
  EXPECT_EQ(test::load_fixture("elf/maps.bpf").map("ring")->max_entries, 5000u);
}

TEST(LoadMaps, OneDefinitionCanServeTwoMaps) {
  const auto spec = test::load_fixture("elf/maps.bpf");
  EXPECT_EQ(spec.map("first_of_shared")->key_type, spec.map("second_of_shared")->key_type);
  EXPECT_EQ(spec.map("second_of_shared")->value_size, 32u);
}

TEST(LoadMaps, OrderIsThatOfTheSection) {
  const auto object = test::bytes_of(test::fixture("elf/maps.bpf"));
  const auto file = elf::File::open(object);
  ASSERT_OK(file);
  std::map<std::uint64_t, std::string> by_offset;
  for (const auto& symbol : file->symbols())
    if (symbol.section == file->section(".maps")->index && symbol.global()) by_offset[symbol.value] = symbol.name;
  std::vector<std::string> expected, names;
  for (const auto& [offset, name] : by_offset) expected.push_back(name);
  expected.emplace_back(".rodata.str1.1");
  const auto spec = elf::load(object);
  ASSERT_OK(spec);
  for (const auto& map : spec->maps) names.push_back(map.name);
  EXPECT_EQ(names, expected);
}

TEST(LoadMaps, InnerMapsHaveTheirOwnDefinition) {
  const auto spec = test::load_fixture("elf/maps.bpf");
  const auto* outer = spec.map("outer_hash");
  ASSERT_EQ(outer->inner.size(), 1u);
  EXPECT_EQ(outer->value_size, 4u);
  EXPECT_EQ(outer->inner[0].name, "outer_hash.inner");
  EXPECT_EQ(outer->inner[0].type, MapType::hash);
  EXPECT_EQ(outer->inner[0].max_entries, 16u);
  EXPECT_EQ(outer->inner[0].flags, kNoPrealloc);
  EXPECT_EQ(spec.map("outer")->inner[0].value_size, 8u);
}

TEST(LoadMaps, InitialValuesKeepTheirHolesInBothByteOrders) {
  for (const auto* name : {"elf/maps.bpf", "elf/maps.bpfeb"}) {
    const auto spec = test::load_fixture(name);
    EXPECT_EQ(spec.map("outer")->slots, (std::vector<SlotInit>{{1, "inner_a"}, {4, "inner_b"}})) << name;
    EXPECT_EQ(spec.map("jumps")->slots, (std::vector<SlotInit>{{0, "second_program"}, {3, "first_program"}})) << name;
    EXPECT_TRUE(spec.map("outer_hash")->slots.empty());
  }
}

TEST(LoadMaps, WeakMapsCanBeReferredTo) {
  const auto spec = test::load_fixture("elf/maps.bpf");
  const auto& references = spec.program("second_program")->code.references;
  EXPECT_TRUE(std::any_of(references.begin(), references.end(), [](const Reference& r) {
    return r.kind == Reference::Kind::map && r.symbol == "optional_map";
  }));
}

// A fixture with one string of its BTF changed to another of the same length.
std::string with_string(const std::string& name, std::string_view from, std::string_view to) {
  auto object = test::bytes_of(test::fixture(name));
  const auto begin = test::section_offset(object, ".BTF");
  const auto text = as_text(Bytes(object).subspan(begin));
  const auto wanted = '\0' + std::string(from) + '\0';
  const auto at = text.find(wanted);
  EXPECT_NE(at, std::string_view::npos) << from;
  std::copy(as_bytes(to).begin(), as_bytes(to).end(), object.begin() + static_cast<std::ptrdiff_t>(begin + at + 1));
  return test::message(elf::load(object));
}

TEST(LoadMaps, UnknownFieldsAreRefusedByName) {
  const auto refusal = with_string("elf/maps.bpf", "numa_node", "numb_node");
  EXPECT_NE(refusal.find("map \"flows\": field \"numb_node\": there is no such field"), std::string::npos) << refusal;
}

TEST(LoadMaps, AMapWithoutATypeIsRefused) {
  const auto refusal = with_string("elf/long_fields.bpf", "type", "kind");
  EXPECT_NE(refusal.find("field \"kind\""), std::string::npos) << refusal;
}

// That libbpf refuses the same objects is in oracle_test.cpp.
TEST(LoadMaps, WrongDefinitionsAreRefusedWithMapAndField) {
  const std::pair<std::string, std::string> cases[] = {
      {"sizes", "field \"key_size\": 8 bytes, and 4 bytes in another field"},
      {"large", "field \"value\": 4294967296 bytes, more than 32 bits can say"},
      {"static", "map \"wrong\" is static"},
      {"hidden", "map \"wrong\" is hidden"},
      {"values_first", "field \"values\": must be the last field"},
      {"type_last", "field \"values\": only maps of maps and of programs have initial values"},
      {"nested", "field \"values\": maps in maps in maps"},
      {"pinned_inner", "field \"pinning\": an inner map cannot be pinned"},
      {"field", "field \"colour\": there is no such field"},
      {"no_type", "there is no field \"type\""},
      {"pinning", "field \"pinning\": 2 is neither"},
      {"slot", "map \"wrong\": slot 0: \"no_program\" is no program"}};
  for (const auto& [name, reason] : cases) {
    const auto refusal = test::message(elf::load(test::bytes_of(test::fixture("elf/bad_map_" + name + ".bpf"))));
    EXPECT_NE(refusal.find(reason), std::string::npos) << name << ": " << refusal;
    EXPECT_NE(refusal.find("map \"wrong\""), std::string::npos) << name << ": " << refusal;
  }
}

TEST(LoadMaps, BrokenTypesAreAnErrorForMapsOnly) {
  auto object = test::bytes_of(test::fixture("elf/maps.bpf"));
  object[test::section_offset(object, ".BTF")] = std::byte{0};
  EXPECT_NE(test::message(elf::load(object)).find(".maps"), std::string::npos);
  object = test::bytes_of(test::fixture("elf/calls.bpf"));
  object[test::section_offset(object, ".BTF")] = std::byte{0};
  EXPECT_NE(test::message(elf::load(object)), "");
  object = test::bytes_of(test::fixture("elf/sections.bpf"));
  object[test::section_offset(object, ".BTF")] = std::byte{0};
  const auto spec = elf::load(object);
  ASSERT_OK(spec);
  EXPECT_FALSE(spec->warnings.empty());
}

TEST(LoadMaps, TypesOfTheOtherByteOrderAreNotRead) {
  auto object = test::bytes_of(test::fixture("elf/sections.bpf"));
  const auto twin = test::BtfBuilder(ByteOrder::big).build();
  std::copy(twin.begin(), twin.end(),
            object.begin() + static_cast<std::ptrdiff_t>(test::section_offset(object, ".BTF")));
  // What is behind them is not theirs; the magic number decides first.
  const auto spec = elf::load(object);
  ASSERT_OK(spec);
  EXPECT_EQ(spec->types.type_count(), 1u);
  ASSERT_FALSE(spec->warnings.empty());
  EXPECT_NE(spec->warnings[0].find("big-endian types in a little-endian object"), std::string::npos)
      << spec->warnings[0];
}

TEST(LoadMaps, ASlotThatNamesNoProgramIsRefused) {
  auto object = test::bytes_of(test::fixture("elf/maps.bpf"));
  // The symbol of a program becomes an object: no program starts there any more.
  const auto file = elf::File::open(object);
  ASSERT_OK(file);
  for (std::size_t i = 0; i < file->symbols().size(); ++i)
    if (file->symbols()[i].name == "first_program")
      object[test::section_offset(object, ".symtab") + i * 24 + 4] = std::byte{STB_GLOBAL << 4 | STT_OBJECT};
  const auto refusal = test::message(elf::load(object));
  EXPECT_NE(refusal.find("map \"jumps\": slot 3: \"first_program\" is no program"), std::string::npos) << refusal;
}

TEST(LoadLegacyMaps, DefinitionsOf20And28Bytes) {
  const auto spec = test::load_fixture("elf/legacy.bpf");
  const auto* hash = spec.map("old_hash");
  ASSERT_NE(hash, nullptr);
  EXPECT_EQ(hash->type, MapType::hash);
  EXPECT_EQ(hash->value_size, 8u);
  EXPECT_EQ(hash->max_entries, 100u);
  EXPECT_EQ(hash->flags, kNoPrealloc);
  EXPECT_EQ(spec.types.name(hash->key_type), "__u32");
  EXPECT_EQ(spec.map("old_pinned")->pinning, Pinning::by_name);
  EXPECT_EQ(spec.map("old_array")->max_entries, 3u);
}

TEST(LoadLegacyMaps, NeedNoTypes) {
  const auto spec = test::load_fixture("elf/no_btf.bpf");
  EXPECT_EQ(spec.map("plain")->max_entries, 10u);
  EXPECT_EQ(spec.program("use")->problem, "");
  EXPECT_EQ(spec.variable("number")->type, btf::TypeId::none);
}

std::string legacy(std::string_view hex, unsigned binding = STB_GLOBAL) {
  test::ElfWriter writer;
  const auto section = writer.add({.name = "maps", .flags = SHF_ALLOC | SHF_WRITE, .data = test::code(hex)});
  writer.add({.name = "old", .section = section, .type = STT_OBJECT, .binding = binding});
  return test::message(elf::load(writer.bytes()));
}

TEST(LoadLegacyMaps, MapsNeedNamesOfTheirOwn) {
  for (const std::string name : {"", "same"}) {
    test::ElfWriter writer;
    const auto section =
        writer.add({.name = "maps",
                    .data = test::code("01000000 04000000 08000000 0a000000 01000000 04000000 08000000 0a000000")});
    writer.add({.name = name, .section = section, .value = 0, .type = STT_OBJECT});
    writer.add({.name = name, .section = section, .value = 16, .type = STT_OBJECT});
    const auto refusal = test::message(elf::load(writer.bytes()));
    EXPECT_NE(refusal.find(name.empty() ? "map without a name" : "two maps are called \"same\""), std::string::npos)
        << refusal;
  }
}

TEST(LoadLegacyMaps, WhatIsNotUnderstoodIsRefusedWithTheMapsName) {
  const std::string five = "01000000 04000000 08000000 0a000000 00000000";
  EXPECT_EQ(legacy(five), "");
  EXPECT_EQ(legacy(five + "00000000 00000000 00000000 00000000"), "");
  EXPECT_NE(legacy(five + "00000000 00000000 00000000 01000000").find("map \"old\": a definition of 36 bytes"),
            std::string::npos);
  EXPECT_NE(legacy(five + "05000000 00000000").find("map \"old\": an id (5)"), std::string::npos);
  EXPECT_NE(legacy(five + "00000000 02000000").find("map \"old\": pinning 2"), std::string::npos);
  EXPECT_NE(legacy("01000000 04000000").find("map \"old\": a definition of 8 bytes"), std::string::npos);
  EXPECT_NE(legacy(five, STB_LOCAL).find("map \"old\" is static"), std::string::npos);
}

}  // namespace
}  // namespace skep
