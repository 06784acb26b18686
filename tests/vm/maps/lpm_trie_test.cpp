// LPM tries: the kernel's answers, and longest matches against a search through all prefixes.
#include <map>
#include <random>

#include "skep/tests/vm/maps/support.hpp"

namespace skep::vm {
namespace {

using Lpm = MapTest;

// "10.1.0.0/16"
Data prefix(std::uint32_t length, std::initializer_list<unsigned> bytes) {
  Data key = u32(length);
  for (const unsigned byte : bytes) key.push_back(std::byte(byte));
  return key;
}

TEST_F(Lpm, AnswersOfUpdatesAndDeletes) {
  Map& map = create(map_spec(MapType::lpm_trie, 8, 8, 3, kNoPrealloc));
  const auto update = [&](const Data& key, std::uint64_t flags) { return map.update(cpu0, key, u64(1), flags); };
  const auto eight = prefix(8, {10, 0, 0, 0}), sixteen = prefix(16, {10, 1, 0, 0});
  EXPECT_EQ(update(prefix(33, {10, 0, 0, 0}), 0), -kEINVAL);
  EXPECT_EQ(map.erase(cpu0, prefix(33, {10, 0, 0, 0})), -kEINVAL);
  EXPECT_EQ(map.lookup(cpu0, prefix(33, {10, 0, 0, 0})), 0u);
  EXPECT_EQ(update(eight, kExist), -kENOENT);
  EXPECT_EQ(update(eight, kNoExist), 0);
  EXPECT_EQ(update(eight, kNoExist), -kEEXIST);
  for (std::uint64_t flags : {3u, 4u, 5u, 8u}) EXPECT_EQ(update(eight, flags), -kEINVAL);
  EXPECT_EQ(update(sixteen, 0), 0);
  EXPECT_EQ(update(prefix(16, {10, 2, 0, 0}), 0), 0);
  EXPECT_EQ(update(prefix(16, {11, 2, 0, 0}), 0), -kENOSPC);
  EXPECT_EQ(update(prefix(14, {10, 0, 0, 0}), 0), -kENOSPC);  // the fork that is there already is no element
  EXPECT_EQ(update(prefix(14, {10, 0, 0, 0}), kExist), -kENOENT);
  EXPECT_EQ(update(sixteen, 0), 0);
  EXPECT_EQ(map.erase(cpu0, prefix(12, {10, 0, 0, 0})), -kENOENT);
  EXPECT_EQ(map.erase(cpu0, prefix(8, {10, 77, 77, 77})), 0);  // bits behind the length mean nothing
  EXPECT_EQ(map.erase(cpu0, eight), -kENOENT);
  EXPECT_EQ(map.for_each(cpu0, [](Bytes, GuestAddress) { return true; }), -kEOPNOTSUPP);
}

TEST_F(Lpm, LongestPrefixWins) {
  Map& map = create(map_spec(MapType::lpm_trie, 8, 8, 10, kNoPrealloc));
  map.host_update(prefix(0, {0, 0, 0, 0}), u64(0), 0);
  map.host_update(prefix(8, {10, 0, 0, 0}), u64(8), 0);
  map.host_update(prefix(24, {10, 1, 2, 0}), u64(24), 0);
  map.host_update(prefix(32, {10, 1, 2, 3}), u64(32), 0);
  const auto match = [&](const Data& key) { return read<std::uint64_t>(map.lookup(cpu0, key)); };
  EXPECT_EQ(match(prefix(32, {10, 1, 2, 3})), 32u);
  EXPECT_EQ(match(prefix(32, {10, 1, 2, 4})), 24u);
  EXPECT_EQ(match(prefix(32, {10, 1, 3, 4})), 8u);
  EXPECT_EQ(match(prefix(32, {192, 168, 0, 1})), 0u);
  EXPECT_EQ(match(prefix(16, {10, 1, 2, 3})), 8u);  // a prefix is matched by what contains all of it
  EXPECT_EQ(match(prefix(24, {10, 1, 2, 3})), 24u);
  EXPECT_EQ(match(prefix(0, {10, 1, 2, 3})), 0u);
}

TEST_F(Lpm, KeysCarryWhatWasWrittenAndGoBySpecificity) {
  Map& map = create(map_spec(MapType::lpm_trie, 8, 8, 10, kNoPrealloc));
  for (const auto& key : {prefix(8, {10, 9, 9, 9}), prefix(24, {10, 1, 2, 0}), prefix(9, {10, 128, 0, 0}),
                          prefix(16, {10, 1, 0, 0}), prefix(4, {192, 0, 0, 0})})
    EXPECT_OK(map.host_update(key, u64(0), 0));
  EXPECT_EQ(keys_of(map), (std::vector<Data>{prefix(24, {10, 1, 2, 0}), prefix(16, {10, 1, 0, 0}),
                                             prefix(9, {10, 128, 0, 0}), prefix(8, {10, 9, 9, 9}),
                                             prefix(4, {192, 0, 0, 0})}));
}

bool contains(const Data& outer, const Data& inner) {
  const auto length = load<std::uint32_t>(outer.data());
  if (length > load<std::uint32_t>(inner.data())) return false;
  for (std::uint32_t bit = 0; bit < length; ++bit)
    if (((std::to_integer<unsigned>(outer[4 + bit / 8]) ^ std::to_integer<unsigned>(inner[4 + bit / 8])) >> (7 - bit % 8)) & 1)
      return false;
  return true;
}

TEST_F(Lpm, SameAsASearchThroughAll) {
  for (const std::uint32_t bytes : {1u, 4u, 16u, 256u}) {
    auto spec = map_spec(MapType::lpm_trie, 4 + bytes, 8, 300, kNoPrealloc);
    spec.name = std::to_string(bytes);
    Map& map = create(spec);
    std::vector<std::pair<Data, std::uint64_t>> model;
    std::mt19937 random(bytes);
    const auto random_key = [&] {
      Data key = u32(static_cast<std::uint32_t>(random() % (std::min(bytes, 6u) * 8 + 1)));
      for (std::uint32_t i = 0; i < bytes; ++i) key.push_back(std::byte(random() % 4 * 85));
      return key;
    };
    for (std::uint64_t i = 0; i < 3000; ++i) {
      const auto key = random_key();
      const auto same = [&](const auto& one) { return contains(one.first, key) && contains(key, one.first); };
      const auto known = std::ranges::find_if(model, same);
      if (random() % 3 == 0) {
        ASSERT_EQ(map.erase(cpu0, key), known == model.end() ? -kENOENT : 0);
        if (known != model.end()) model.erase(known);
      } else {
        const bool full = known == model.end() && model.size() == 300;
        ASSERT_EQ(map.update(cpu0, key, u64(i), 0), full ? -kENOSPC : 0);
        if (known != model.end()) known->second = i;
        else if (!full) model.emplace_back(key, i);
      }
      const auto address = random_key();
      const std::pair<Data, std::uint64_t>* best = nullptr;
      for (const auto& one : model)
        if (contains(one.first, address) &&
            (best == nullptr || load<std::uint32_t>(one.first.data()) > load<std::uint32_t>(best->first.data())))
          best = &one;
      const auto found = map.lookup(cpu0, address);
      ASSERT_EQ(found != 0, best != nullptr);
      if (best != nullptr) {
        ASSERT_EQ(read<std::uint64_t>(found), best->second);
      }
    }
    EXPECT_EQ(keys_of(map).size(), model.size());
    for (auto key = map.next_key(std::nullopt); key; key = map.next_key(std::nullopt)) ASSERT_OK(map.host_erase(*key));
  }
}

TEST_F(Lpm, HundredThousandPrefixes) {
  Map& map = create(map_spec(MapType::lpm_trie, 8, 4, 100'000, kNoPrealloc));
  const auto key = [](std::uint32_t i, std::uint32_t length) { return prefix(length, {10, i >> 16, i >> 8 & 255, i & 255}); };
  for (std::uint32_t i = 0; i < 100'000; ++i) ASSERT_EQ(map.update(cpu0, key(i, 32), u32(i), kNoExist), 0);
  ASSERT_EQ(map.update(cpu0, key(100'000, 32), u32(0), 0), -kENOSPC);
  for (std::uint32_t i = 0; i < 100'000; ++i) ASSERT_EQ(read<std::uint32_t>(map.lookup(cpu0, key(i, 32))), i);
  EXPECT_EQ(keys_of(map).size(), 100'000u);
}

}  // namespace
}  // namespace skep::vm
