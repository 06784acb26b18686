// Arrays and per-CPU arrays, as programs and as user space see them.
#include "skep/tests/vm/maps/support.hpp"

namespace skep::vm {
namespace {

using Arrays = MapTest;

TEST_F(Arrays, AnswersOfUpdatesAndDeletes) {
  for (const auto type : {MapType::array, MapType::percpu_array}) {
    auto spec = map_spec(type, 4, 8, 4);
    spec.name = to_string(type);
    Map& map = create(spec);
    const auto update = [&](std::uint32_t index, std::uint64_t flags) { return map.update(cpu0, u32(index), u64(1), flags); };
    EXPECT_EQ(update(0, kAny), 0);
    EXPECT_EQ(update(0, kExist), 0);
    EXPECT_EQ(update(0, kNoExist), -kEEXIST);
    EXPECT_EQ(update(0, 3), -kEINVAL);
    EXPECT_EQ(update(0, 8), -kEINVAL);
    EXPECT_EQ(update(0, kLock), -kEINVAL);
    EXPECT_EQ(update(0, kLock | kNoExist), -kEEXIST);
    EXPECT_EQ(update(4, kAny), -kE2BIG);
    EXPECT_EQ(update(4, kLock), -kE2BIG);
    EXPECT_EQ(update(4, 3), -kEINVAL);
    EXPECT_EQ(map.erase(cpu0, u32(0)), -kEINVAL);
    EXPECT_EQ(map.lookup(cpu0, u32(4)), 0u);
    EXPECT_EQ(map.lookup(cpu0, u32(UINT32_MAX)), 0u);
  }
}

TEST_F(Arrays, ElementsLieInARow) {
  Map& map = create(map_spec(MapType::array, 4, 5, 3));
  for (std::uint32_t index = 0; index < 3; ++index) EXPECT_EQ(map.lookup(cpu0, u32(index)), map.values() + 8 * index);
  EXPECT_EQ(map.host_value_size(), 5u);
  EXPECT_EQ(map.lookup_cpu(cpu0, u32(0), 0), 0u);
  // A program writes through the pointer, user space sees it.
  const Data value = {std::byte{1}, std::byte{2}, std::byte{3}, std::byte{4}, std::byte{5}};
  EXPECT_TRUE(machine->memory().copy_out(map.lookup(cpu0, u32(2)), value.data(), 5));
  EXPECT_EQ(*map.host_lookup(u32(2)), value);
  EXPECT_EQ(*map.host_lookup(u32(1)), Data(5));
}

TEST_F(Arrays, PerCpuValuesAreApart) {
  Map& map = create(map_spec(MapType::percpu_array, 4, 4, 10));
  EXPECT_EQ(map.values(), 0u);
  EXPECT_EQ(map.host_value_size(), 16u);
  EXPECT_EQ(map.update(cpu0, u32(3), u32(100), 0), 0);
  EXPECT_EQ(map.update(cpu1, u32(3), u32(200), 0), 0);
  EXPECT_EQ(read<std::uint32_t>(map.lookup(cpu0, u32(3))), 100u);
  EXPECT_EQ(read<std::uint32_t>(map.lookup(cpu1, u32(3))), 200u);
  EXPECT_EQ(map.lookup_cpu(cpu0, u32(3), 1), map.lookup(cpu1, u32(3)));
  EXPECT_EQ(map.lookup_cpu(cpu0, u32(3), 2), 0u);
  EXPECT_EQ(map.lookup_cpu(cpu0, u32(10), 1), 0u);
  const auto all = map.host_lookup(u32(3));
  ASSERT_OK(all);
  EXPECT_EQ(to_hex(*all), "6400000000000000c800000000000000");
  // No cache line holds values of two CPUs.
  EXPECT_GE(map.lookup(cpu1, u32(0)) - map.lookup(cpu0, u32(9)), 64u);
}

TEST_F(Arrays, ForEachCountsTheCallThatStops) {
  Map& map = create(map_spec(MapType::array, 4, 8, 5));
  std::vector<std::uint32_t> seen;
  EXPECT_EQ(map.for_each(cpu0, [&](Bytes key, GuestAddress value) {
    seen.push_back(load<std::uint32_t>(key.data()));
    EXPECT_EQ(value, map.values() + 8 * seen.back());
    return true;
  }), 5);
  EXPECT_EQ(seen, (std::vector<std::uint32_t>{0, 1, 2, 3, 4}));
  EXPECT_EQ(map.for_each(cpu0, [](Bytes, GuestAddress) { return false; }), 1);
}

TEST_F(Arrays, KeysAscendAndStartOverWhenOutOfRange) {
  Map& map = create(map_spec(MapType::array, 4, 8, 3));
  EXPECT_EQ(keys_of(map), (std::vector<Data>{u32(0), u32(1), u32(2)}));
  EXPECT_EQ(map.next_key(u32(77)), u32(0));
  EXPECT_EQ(map.next_key(u32(2)), std::nullopt);
}

}  // namespace
}  // namespace skep::vm
