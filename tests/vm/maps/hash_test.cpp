// The four hash maps: answers, growth, reuse, iteration, eviction.
#include <thread>

#include "skep/tests/vm/maps/support.hpp"

namespace skep::vm {
namespace {

using Hashes = MapTest;

TEST_F(Hashes, AnswersOfUpdatesAndDeletes) {
  for (const auto type : {MapType::hash, MapType::percpu_hash}) {
    auto spec = map_spec(type, 4, 8, 2);
    spec.name = to_string(type);
    Map& map = create(spec);
    const auto update = [&](std::uint32_t key, std::uint64_t flags) { return map.update(cpu0, u32(key), u64(key), flags); };
    EXPECT_EQ(update(1, kExist), -kENOENT);
    EXPECT_EQ(update(1, kNoExist), 0);
    EXPECT_EQ(update(1, kNoExist), -kEEXIST);
    EXPECT_EQ(update(1, kExist), 0);
    EXPECT_EQ(update(2, kAny), 0);
    EXPECT_EQ(update(3, kAny), -kE2BIG);
    EXPECT_EQ(update(3, kExist), -kENOENT);
    EXPECT_EQ(update(1, kAny), 0);
    for (std::uint64_t flags : {3u, 4u, 5u, 8u}) EXPECT_EQ(update(1, flags), -kEINVAL);
    EXPECT_EQ(map.erase(cpu0, u32(3)), -kENOENT);
    EXPECT_EQ(map.erase(cpu0, u32(1)), 0);
    EXPECT_EQ(map.lookup(cpu0, u32(1)), 0u);
    EXPECT_EQ(update(3, kAny), 0);
  }
}

TEST_F(Hashes, HundredThousandEntries) {
  for (const std::uint32_t key_size : {4u, 8u, 20u}) {
    auto spec = map_spec(MapType::hash, key_size, 8, 100'000);
    spec.name = std::to_string(key_size);
    Map& map = create(spec);
    const auto key = [&](std::uint32_t number) {
      Data bytes(key_size);
      store(bytes.data(), number * 2654435761u);
      return bytes;
    };
    for (std::uint32_t i = 0; i < 100'000; ++i) ASSERT_EQ(map.update(cpu0, key(i), u64(i), kNoExist), 0);
    ASSERT_EQ(map.update(cpu0, key(100'000), u64(0), kAny), -kE2BIG);
    for (std::uint32_t i = 0; i < 100'000; ++i) ASSERT_EQ(read<std::uint64_t>(map.lookup(cpu0, key(i))), i);
    for (std::uint32_t i = 0; i < 100'000; i += 2) ASSERT_EQ(map.erase(cpu0, key(i)), 0);
    for (std::uint32_t i = 0; i < 100'000; ++i) ASSERT_EQ(map.lookup(cpu0, key(i)) != 0, i % 2 == 1);
    for (std::uint32_t i = 0; i < 50'000; ++i) ASSERT_EQ(map.update(cpu0, key(200'000 + i), u64(i), kNoExist), 0);
    ASSERT_EQ(map.update(cpu0, key(0), u64(0), kAny), -kE2BIG);
    EXPECT_EQ(keys_of(map).size(), 100'000u);
  }
}

TEST_F(Hashes, FreedSlotsAreReusedLastFreedFirst) {
  Map& map = create(map_spec(MapType::hash, 4, 8, 8));
  for (std::uint32_t key = 0; key < 4; ++key) map.update(cpu0, u32(key), u64(key), 0);
  const GuestAddress first = map.lookup(cpu0, u32(0)), third = map.lookup(cpu0, u32(2));
  EXPECT_EQ(third, first + 16);
  map.erase(cpu0, u32(0));
  map.erase(cpu0, u32(2));
  map.update(cpu0, u32(10), u64(10), 0);
  map.update(cpu0, u32(11), u64(11), 0);
  EXPECT_EQ(map.lookup(cpu0, u32(10)), third);
  EXPECT_EQ(map.lookup(cpu0, u32(11)), first);
  // Replacing does not move a value.
  map.update(cpu0, u32(10), u64(99), 0);
  EXPECT_EQ(map.lookup(cpu0, u32(10)), third);
}

TEST_F(Hashes, KeysOfOddSizes) {
  for (const std::uint32_t key_size : {1u, 2u, 3u, 5u, 7u, 9u, 63u}) {
    auto spec = map_spec(MapType::hash, key_size, 3, 256);
    spec.name = std::to_string(key_size);
    Map& map = create(spec);
    for (unsigned last = 0; last < 256; ++last) {
      Data key(key_size);
      key.back() = std::byte(last);
      ASSERT_EQ(map.update(cpu0, key, Data(3, std::byte(last)), kNoExist), 0);
    }
    Data key(key_size);
    key.back() = std::byte{200};
    EXPECT_EQ(*map.host_lookup(key), Data(3, std::byte{200}));
  }
}

TEST_F(Hashes, IterationIsInOrderOfInsertion) {
  Map& map = create(map_spec(MapType::hash, 4, 8, 8));
  for (std::uint32_t key : {5u, 3u, 9u, 1u}) map.host_update(u32(key), u64(0), 0);
  map.host_update(u32(3), u64(1), 0);  // keeps its place
  EXPECT_EQ(keys_of(map), (std::vector<Data>{u32(5), u32(3), u32(9), u32(1)}));
  map.host_erase(u32(3));
  map.host_update(u32(3), u64(1), 0);
  EXPECT_EQ(keys_of(map), (std::vector<Data>{u32(5), u32(9), u32(1), u32(3)}));
  EXPECT_EQ(map.next_key(u32(1234)), u32(5));
  // Erasing what was just returned: the loop ends, and everything is gone.
  for (auto key = map.next_key(std::nullopt); key; key = map.next_key(*key)) EXPECT_OK(map.host_erase(*key));
  EXPECT_TRUE(keys_of(map).empty());
}

TEST_F(Hashes, ForEachSurvivesWhatTheCallbackDoes) {
  Map& map = create(map_spec(MapType::hash, 4, 8, 100));
  const auto fill = [&] {
    for (std::uint32_t key = 0; key < 10; ++key) map.update(cpu0, u32(key), u64(key), 0);
  };
  fill();
  // Erases itself and the next.
  std::vector<std::uint32_t> seen;
  EXPECT_EQ(map.for_each(cpu0, [&](Bytes key, GuestAddress value) {
    seen.push_back(load<std::uint32_t>(key.data()));
    EXPECT_EQ(read<std::uint64_t>(value), seen.back());
    map.erase(cpu0, key);
    map.erase(cpu0, u32(seen.back() + 1));
    EXPECT_EQ(load<std::uint32_t>(key.data()), seen.back());
    return true;
  }), 5);
  EXPECT_EQ(seen, (std::vector<std::uint32_t>{0, 2, 4, 6, 8}));
  // Inserts: an end all the same.
  fill();
  std::uint32_t next = 1000;
  EXPECT_EQ(map.for_each(cpu0, [&](Bytes key, GuestAddress) {
    map.erase(cpu0, key);
    map.update(cpu0, u32(next++), u64(0), 0);
    return true;
  }), 10);
  // Iterations within iterations, with everything erased below them.
  EXPECT_EQ(map.for_each(cpu0, [&](Bytes, GuestAddress) {
    map.for_each(cpu0, [&](Bytes inner, GuestAddress) { return map.erase(cpu0, inner) == 0; });
    return true;
  }), 1);
  EXPECT_EQ(map.for_each(cpu0, [](Bytes, GuestAddress) { return true; }), 0);
}

TEST_F(Hashes, PerCpuInsertionZeroesTheOthers) {
  Map& map = create(map_spec(MapType::percpu_hash, 4, 4, 1));
  EXPECT_EQ(map.update(cpu0, u32(1), u32(10), 0), 0);
  EXPECT_EQ(map.update(cpu1, u32(1), u32(20), 0), 0);
  EXPECT_EQ(to_hex(*map.host_lookup(u32(1))), "0a000000000000001400000000000000");
  EXPECT_EQ(map.lookup_cpu(cpu0, u32(1), 1), map.lookup(cpu1, u32(1)));
  EXPECT_EQ(map.lookup_cpu(cpu0, u32(1), 2), 0u);
  EXPECT_EQ(map.lookup_cpu(cpu0, u32(2), 0), 0u);
  // The slot is reused; nothing of its last user is left.
  map.erase(cpu0, u32(1));
  EXPECT_EQ(map.update(cpu1, u32(2), u32(30), 0), 0);
  EXPECT_EQ(to_hex(*map.host_lookup(u32(2))), "00000000000000001e00000000000000");
}

TEST_F(Hashes, LruEvictsWhatWasUsedLongestAgo) {
  for (const auto type : {MapType::lru_hash, MapType::lru_percpu_hash}) {
    auto spec = map_spec(type, 4, 8, 3);
    spec.name = to_string(type);
    Map& map = create(spec);
    const auto has = [&](std::uint32_t key) { return map.host_lookup(u32(key)).has_value(); };
    for (std::uint32_t key : {1u, 2u, 3u}) EXPECT_EQ(map.update(cpu0, u32(key), u64(key), 0), 0);
    EXPECT_NE(map.lookup(cpu0, u32(1)), 0u);             // a program's lookup is a use
    EXPECT_TRUE(has(2));                                 // user space's is not
    EXPECT_EQ(map.update(cpu0, u32(4), u64(4), 0), 0);   // 2 goes
    EXPECT_FALSE(has(2));
    EXPECT_EQ(map.update(cpu0, u32(3), u64(3), kExist), 0);
    EXPECT_EQ(map.update(cpu0, u32(5), u64(5), 0), 0);   // 1 goes
    EXPECT_FALSE(has(1));
    // What is refused evicts nothing.
    EXPECT_EQ(map.update(cpu0, u32(6), u64(6), kExist), -kENOENT);
    EXPECT_EQ(map.update(cpu0, u32(5), u64(6), kNoExist), -kEEXIST);
    EXPECT_EQ(map.update(cpu0, u32(6), u64(6), kLock), -kEINVAL);
    EXPECT_TRUE(has(3) && has(4) && has(5));
    EXPECT_EQ(keys_of(map), (std::vector<Data>{u32(3), u32(4), u32(5)}));
    // An eviction below an iteration.
    std::uint32_t next = 100;
    EXPECT_EQ(map.for_each(cpu0, [&](Bytes, GuestAddress) {
      for (int i = 0; i < 3; ++i) map.update(cpu0, u32(next++), u64(0), 0);
      return true;
    }), 1);
  }
}

TEST_F(Hashes, CpusAndUserSpaceAtOnce) {
  for (const auto type : {MapType::hash, MapType::lru_hash}) {
    auto spec = map_spec(type, 8, 8, 500);
    spec.name = to_string(type);
    Map& map = create(spec);
    const auto work = [&](Cpu* cpu) {
      for (std::uint64_t i = 0; i < 20'000; ++i) {
        const auto key = u64(i * 7919 % 1000);
        if (cpu == nullptr) {
          std::ignore = map.host_lookup(key);
          std::ignore = map.next_key(key);
        } else if (i % 3 == 0) {
          map.erase(*cpu, key);
        } else if (i % 1000 == 1) {
          map.for_each(*cpu, [](Bytes, GuestAddress) { return true; });
        } else {
          map.update(*cpu, key, u64(i), 0);
          map.lookup(*cpu, key);
        }
      }
    };
    std::thread one(work, &cpu0), two(work, &cpu1), user(work, nullptr);
    one.join();
    two.join();
    user.join();
    EXPECT_LE(keys_of(map).size(), 500u);
  }
}

}  // namespace
}  // namespace skep::vm
