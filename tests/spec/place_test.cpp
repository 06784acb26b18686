#include "skep/spec/place.hpp"

#include <gtest/gtest.h>

#include "skep/tests/support/objects.hpp"

namespace skep::spec {
namespace {

// "map:variable+offset", "" for a place without a name.
std::string place(const CollectionSpec& spec, const Reference& reference, std::uint32_t offset) {
  const auto found = find_place(spec, reference, offset);
  return found ? fmt::format("{}:{}+{}", found->map, found->variable, found->offset) : "";
}

TEST(Place, IsNamedByTheVariableThatLiesThere) {
  CollectionSpec spec;
  MapSpec map;
  map.name = ".bss";
  map.symbols = {{"first", 0, 8}, {"alias", 0, 8}, {"inner", 4, 2}, {"last", 16, 4}};
  spec.maps.push_back(map);
  const Reference bss{0, Reference::Kind::map_value, ".bss"};
  EXPECT_EQ(place(spec, bss, 0), ".bss:first+0");
  EXPECT_EQ(place(spec, bss, 3), ".bss:first+3");
  EXPECT_EQ(place(spec, bss, 4), ".bss:inner+0");
  EXPECT_EQ(place(spec, bss, 7), "");
  EXPECT_EQ(place(spec, bss, 12), "");
  EXPECT_EQ(place(spec, bss, 19), ".bss:last+3");
  EXPECT_EQ(place(spec, bss, 20), "");
  EXPECT_EQ(place(spec, {0, Reference::Kind::map_value, ".data"}, 0), "");
  EXPECT_EQ(place(spec, {0, Reference::Kind::map, ".bss"}, 0), "");
  EXPECT_EQ(place(spec, {0, Reference::Kind::variable, "first"}, 0), "");
}

// Every reference of these objects to data has a name: static variables and kernel configuration as well.
TEST(Place, NamesEveryReferenceOfCompiledCode) {
  for (const auto* name : {"elf/data.bpf", "elf/data.bpfeb", "elf/externs.bpf", "elf/linked_a.bpf"}) {
    const auto spec = test::load_fixture(name);
    for (const auto& program : spec.programs)
      for (const auto& reference : program.code.references) {
        const auto& insn = program.code.insns[reference.slot];
        // Strings have no symbols.
        if (insn.op != Op::ld_map_value || reference.symbol.starts_with(".rodata.str")) continue;
        EXPECT_NE(place(spec, reference, imm_high(insn)), "") << name << " slot " << reference.slot;
      }
  }
  const auto spec = test::load_fixture("elf/externs.bpf");
  EXPECT_EQ(place(spec, {0, Reference::Kind::variable, "CONFIG_BPF"}, spec.variable("CONFIG_BPF")->offset),
            ".kconfig:CONFIG_BPF+0");
}

}  // namespace
}  // namespace skep::spec
