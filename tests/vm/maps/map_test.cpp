// What all maps share: creation by type and its errors, rights, sizes, handles.
#include "skep/tests/vm/maps/support.hpp"

namespace skep::vm {
namespace {

using enum MapType;

class Maps : public MapTest {};

TEST_F(Maps, TypesThatAreNotEmulatedAreNamed) {
  auto spec = map_spec(sockmap, 4, 4, 1);
  spec.name = "x";
  const auto made = machine->create_map(spec);
  ASSERT_FALSE(made);
  EXPECT_EQ(made.error().code(), Errc::not_supported);
  EXPECT_EQ(test::message(made), "map \"x\": type sockmap is not emulated");
  spec.type = static_cast<MapType>(999);
  EXPECT_EQ(test::message(machine->create_map(spec)), "map \"x\": type 999 is not emulated");
}

// As measured on Linux 6.18; kernel_diff_test.cpp asks the running kernel.
TEST_F(Maps, CreationIsRefusedAsTheKernelDoes) {
  constexpr int kInvalid = -kEINVAL, kTooBig = -kE2BIG;
  const struct {
    int sys;
    MapSpec spec;
  } rows[] = {
      {kInvalid, map_spec(array, 8, 4, 1)},
      {kInvalid, map_spec(array, 4, 0, 1)},
      {kInvalid, map_spec(array, 4, 4, 0)},
      {kTooBig, map_spec(array, 4, 0x8000'0000, 1)},
      {kInvalid, map_spec(array, 4, 4, 1, kNoPrealloc)},
      {kInvalid, map_spec(array, 4, 4, 1, kRdonlyProg | kWronlyProg)},
      {kInvalid, map_spec(array, 4, 4, 1, kRdonly | kWronly)},
      {0, map_spec(array, 4, 4, 1, kMmapable | kInnerMap | kNumaNode | kRdonlyProg)},
      {0, map_spec(percpu_array, 4, 32768, 1)},
      {kTooBig, map_spec(percpu_array, 4, 32769, 1)},
      {kInvalid, map_spec(percpu_array, 4, 4, 1, kMmapable)},
      {kInvalid, map_spec(percpu_array, 4, 4, 1, kNumaNode)},
      {kInvalid, map_spec(hash, 0, 4, 1)},
      {kInvalid, map_spec(hash, 4, 0, 1)},
      {0, map_spec(hash, 4, 4194251, 1)},
      {kTooBig, map_spec(hash, 4, 4194252, 1)},
      {kTooBig, map_spec(hash, UINT32_MAX, UINT32_MAX, 1)},
      {kTooBig, map_spec(hash, 4, 4, (1u << 27) + 1)},
      {kInvalid, map_spec(hash, 4, 4, 1, kNoCommonLru)},
      {kTooBig, map_spec(percpu_hash, 4, 32769, 1)},
      {-kENOTSUPP, map_spec(lru_hash, 4, 4, 1, kNoPrealloc)},
      {kInvalid, map_spec(lru_hash, 4, 4, 1, kNoCommonLru | kNumaNode)},
      {0, map_spec(lru_hash, 4, 4, 1, kNumaNode)},
      {kInvalid, map_spec(lpm_trie, 8, 4, 1)},
      {kInvalid, map_spec(lpm_trie, 4, 4, 1, kNoPrealloc)},
      {0, map_spec(lpm_trie, 5, 4, 1, kNoPrealloc)},
      {0, map_spec(lpm_trie, 260, 4, 1, kNoPrealloc)},
      {kInvalid, map_spec(lpm_trie, 261, 4, 1, kNoPrealloc)},
      {kInvalid, map_spec(lpm_trie, 8, 4194025, 1, kNoPrealloc)},
      {kInvalid, map_spec(prog_array, 4, 8, 1)},
      {kInvalid, map_spec(prog_array, 4, 4, 1, kRdonlyProg)},
      {0, map_spec(perf_event_array, 4, 4, 0)},
      {0, map_spec(perf_event_array, 4, 4, 8, kPreserveElems)},
      {kInvalid, map_spec(ringbuf, 4, 0, 4096)},
      {kInvalid, map_spec(ringbuf, 0, 4, 4096)},
      {kInvalid, map_spec(ringbuf, 0, 0, 0)},
      {kInvalid, map_spec(ringbuf, 0, 0, 0x8000'0001)},
      {kInvalid, map_spec(ringbuf, 0, 0, 4096, kRdonly)},
      {0, map_spec(devmap, 4, 8, 8)},
      {kInvalid, map_spec(devmap, 4, 12, 8)},
      {kInvalid, map_spec(devmap, 4, 4, 8, kRdonlyProg)},
      {kInvalid, map_spec(devmap_hash, 4, 4, 0x8000'0001)},
      {kTooBig, map_spec(cpumap, 4, 4, 8193)},
      {kInvalid, map_spec(cpumap, 4, 4, 8, kRdonly)},
      {kInvalid, map_spec(xskmap, 4, 8, 8)},
  };
  for (const auto& row : rows)
    EXPECT_EQ(refused(row.spec), row.sys) << to_string(row.spec.type) << " key " << row.spec.key_size << " value "
                                          << row.spec.value_size << " entries " << row.spec.max_entries << " flags "
                                          << row.spec.flags;
}

TEST_F(Maps, CreationErrorsNameMapAndField) {
  auto spec = map_spec(array, 8, 4, 1);
  spec.name = "counters";
  const auto made = machine->create_map(spec);
  ASSERT_FALSE(made);
  EXPECT_EQ(made.error().code(), Errc::invalid);
  EXPECT_EQ(test::message(made),
            "map \"counters\": key_size 8: keys of type array have 4 bytes: Invalid argument (errno 22)");
  spec.key_size = 4;
  spec.map_extra = 5;
  EXPECT_EQ(test::message(machine->create_map(spec)),
            "map \"counters\": map_extra 0x5: a map of type array has none: Invalid argument (errno 22)");
  spec.map_extra = 0;
  spec.numa_node = 3;
  EXPECT_OK(Map::create(*machine, spec));  // the node counts only with its flag
  spec.flags = kNumaNode;
  EXPECT_EQ(sys(Map::create(*machine, spec)), -kEINVAL);
}

TEST_F(Maps, WhatDoesNotFitIsNamed) {
  auto spec = map_spec(array, 4, 0x7fff'ffff, 4);
  spec.name = "huge";
  auto made = machine->create_map(spec);
  ASSERT_FALSE(made);
  EXPECT_EQ(made.error().code(), Errc::rejected);
  EXPECT_NE(test::message(made).find("map \"huge\": values of map huge"), std::string::npos) << test::message(made);
  for (const auto type : {array, percpu_array, xskmap, devmap})
    EXPECT_FALSE(machine->create_map(map_spec(type, 4, type == percpu_array ? 32768 : 4, UINT32_MAX)));
  EXPECT_FALSE(machine->create_map(map_spec(array, 4, 0x7fff'ffff, UINT32_MAX)));
  EXPECT_FALSE(machine->create_map(map_spec(hash, 1 << 20, 8, 1 << 20)));
  EXPECT_FALSE(machine->create_map(map_spec(lpm_trie, 260, 8, UINT32_MAX, kNoPrealloc)));
  EXPECT_FALSE(machine->create_map(map_spec(ringbuf, 0, 0, 1u << 31)));
}

TEST_F(Maps, MillionsOfEntriesCostNothingUnused) {
  EXPECT_OK(Map::create(*machine, map_spec(hash, 8, 8, 1 << 27)));
  EXPECT_OK(Map::create(*machine, map_spec(lpm_trie, 8, 8, 1 << 27, kNoPrealloc)));
  EXPECT_OK(Map::create(*machine, map_spec(percpu_array, 4, 8, 1 << 27)));
  const auto programs = Map::create(*machine, map_spec(prog_array, 4, 4, UINT32_MAX));
  ASSERT_OK(programs);
  EXPECT_OK((*programs)->set_program(UINT32_MAX - 1, nullptr));
}

TEST_F(Maps, AMapThatGoesGivesItsMemoryBack) {
  for (int i = 0; i < 20; ++i) {
    EXPECT_OK(Map::create(*machine, map_spec(array, 4, 0x7fff'ffff, 1)));
    EXPECT_OK(Map::create(*machine, map_spec(ringbuf, 0, 0, 1u << 30)));
  }
}

TEST_F(Maps, LoaderAdjustments) {
  EXPECT_EQ(create(map_spec(perf_event_array, 4, 4, 0)).spec().max_entries, 2u);
  const struct {
    std::uint32_t declared, adjusted;
  } rows[] = {{1, 4096}, {4096, 4096}, {4097, 8192}, {12288, 16384}, {1 << 20, 1 << 20}};
  for (const auto& row : rows) {
    auto spec = map_spec(ringbuf, 0, 0, row.declared);
    spec.name = std::to_string(row.declared);
    EXPECT_EQ(create(spec).spec().max_entries, row.adjusted);
  }
  auto lru = map_spec(lru_hash, 4, 4, 3, kNoCommonLru);
  lru.name = "lru";
  EXPECT_EQ(create(lru).spec().max_entries, 4u);
}

TEST_F(Maps, RightsOfUserSpace) {
  Map& map = create(map_spec(array, 4, 4, 1, kRdonly));
  EXPECT_EQ(sys(map.host_update(u32(0), u32(1), 0)), -kEPERM);
  EXPECT_EQ(sys(map.host_erase(u32(0))), -kEPERM);
  EXPECT_OK(map.host_lookup(u32(0)));
  EXPECT_EQ(sys(map.freeze()), -kEPERM);

  auto spec = map_spec(hash, 4, 4, 1, kWronly);
  spec.name = "written";
  Map& written = create(spec);
  EXPECT_OK(written.host_update(u32(0), u32(1), 0));
  EXPECT_EQ(sys(written.host_lookup(u32(0))), -kEPERM);
  EXPECT_EQ(written.next_key(std::nullopt), std::nullopt);
  EXPECT_NE(written.lookup(cpu0, u32(0)), 0u);
}

TEST_F(Maps, FreezeBindsUserSpaceAlone) {
  Map& map = create(map_spec(array, 4, 4, 1));
  EXPECT_OK(map.freeze());
  const auto changed = map.host_update(u32(0), u32(1), 0);
  ASSERT_FALSE(changed);
  EXPECT_EQ(changed.error().code(), Errc::permission);
  EXPECT_EQ(test::message(changed), "map \"m\": update key 00000000: Operation not permitted (errno 1)");
  EXPECT_EQ(map.update(cpu0, u32(0), u32(7), 0), 0);
  EXPECT_EQ(*map.host_lookup(u32(0)), u32(7));
  EXPECT_EQ(sys(map.freeze()), -kEPERM);
}

TEST_F(Maps, ReadOnlyForPrograms) {
  for (const auto& spec : {map_spec(array, 4, 8, 1, kRdonlyProg), map_spec(hash, 4, 8, 1, kRdonlyProg),
                           map_spec(lpm_trie, 8, 8, 1, kNoPrealloc | kRdonlyProg)}) {
    const auto made = Map::create(*machine, spec);
    ASSERT_OK(made);
    Map& map = **made;
    const Data key(map.key_size());
    EXPECT_OK(map.host_update(key, u64(1), 0));
    EXPECT_EQ(map.update(cpu0, key, u64(2), 0), -kEACCES);
    EXPECT_EQ(map.erase(cpu0, key), -kEACCES);
    const GuestAddress value = map.lookup(cpu0, key);
    EXPECT_EQ(read<std::uint64_t>(value), 1u);
    EXPECT_FALSE(machine->memory().copy_out(value, "x", 1));
    EXPECT_OK(map.host_update(key, u64(3), 0));
    EXPECT_EQ(read<std::uint64_t>(value), 3u);
    EXPECT_FALSE(machine->memory().copy_out(value, "x", 1));
  }
}

TEST_F(Maps, WrongSizesAreRefused) {
  Map& map = create(map_spec(hash, 4, 8, 1));
  EXPECT_EQ(sys(map.host_update(u64(0), u64(0), 0)), -kEINVAL);
  EXPECT_EQ(sys(map.host_update(u32(0), u32(0), 0)), -kEINVAL);
  EXPECT_EQ(sys(map.host_lookup(Data{})), -kEINVAL);
  EXPECT_EQ(sys(map.host_erase(u64(0))), -kEINVAL);
  EXPECT_EQ(map.next_key(u64(0)), std::nullopt);
}

TEST_F(Maps, OthersHoldNoPrograms) {
  Map& map = create(map_spec(hash, 4, 8, 1));
  EXPECT_EQ(map.program_at(0), nullptr);
  EXPECT_EQ(test::message(map.set_program(0, nullptr)), "map \"m\" of type hash holds no programs");
}

TEST_F(Maps, RegionsAreNamedAfterTheMap) {
  auto spec = map_spec(array, 4, 8, 4);
  spec.name = ".bss";
  EXPECT_EQ(machine->memory().describe(create(spec).values() + 8), "values of map .bss +8");
}

// The same calls give the same addresses, in any process.
TEST_F(Maps, AddressesAreDeterministic) {
  const auto other = machine_with(2);
  for (const auto type : {array, hash, lru_hash, percpu_hash}) {
    auto spec = map_spec(type, 4, 24, 100);
    spec.name = to_string(type);
    Map& map = create(spec);
    const auto second = other->create_map(spec);
    ASSERT_OK(second);
    for (std::uint32_t key = 0; key < 100; ++key) {
      map.update(cpu0, u32(key * 7 % 100), Data(24), 0);
      (*second)->update(other->cpu(0), u32(key * 7 % 100), Data(24), 0);
    }
    for (std::uint32_t key = 0; key < 100; ++key)
      EXPECT_EQ(map.lookup(cpu1, u32(key)), (*second)->lookup(other->cpu(1), u32(key)));
  }
}

}  // namespace
}  // namespace skep::vm
