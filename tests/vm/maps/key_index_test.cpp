// The index against a model, with keys that collide, and its orders.
#include <map>
#include <random>

#include "skep/tests/vm/maps/support.hpp"
#include "skep/vm/maps/key_index.hpp"

namespace skep::vm {
namespace {

TEST(KeyIndex, SameAsAModel) {
  for (const std::uint32_t key_size : {1u, 4u, 6u, 8u, 17u}) {
    KeyIndex index(key_size);
    std::map<Data, std::uint32_t> model;
    std::vector<Data> inserted;
    std::mt19937 random(key_size);
    for (int i = 0; i < 20'000; ++i) {
      Data key(key_size);
      for (std::uint32_t at = 0; at < std::min(key_size, 2u); ++at) key[at] = std::byte(random() % (at == 0 ? 256 : 2));
      const auto known = model.find(key);
      ASSERT_EQ(index.find(key.data()), known == model.end() ? KeyIndex::kNone : known->second);
      if (known == model.end()) {
        model[key] = index.insert(key.data());
        inserted.push_back(key);
      } else if (random() % 2 == 0) {
        index.erase(known->second);
        model.erase(known);
        std::erase(inserted, key);
      } else {
        index.touch(known->second);
      }
      ASSERT_EQ(index.size(), model.size());
    }
    std::vector<Data> walked;
    for (auto slot = index.first(); slot != KeyIndex::kNone; slot = index.next(slot)) {
      const auto key = index.key(slot);
      walked.emplace_back(key.begin(), key.end());
    }
    EXPECT_EQ(walked, inserted);
  }
}

TEST(KeyIndex, LeastUsedComesFirst) {
  KeyIndex index(4);
  std::vector<std::uint32_t> slots;
  for (std::uint32_t key = 0; key < 4; ++key) slots.push_back(index.insert(u32(key).data()));
  index.touch(slots[0]);
  index.touch(slots[0]);
  index.touch(slots[2]);
  std::vector<std::uint32_t> order;
  while (index.size() > 0) {
    order.push_back(index.least_used());
    index.erase(order.back());
  }
  EXPECT_EQ(order, (std::vector<std::uint32_t>{slots[1], slots[3], slots[0], slots[2]}));
  EXPECT_EQ(index.least_used(), KeyIndex::kNone);
  EXPECT_EQ(index.first(), KeyIndex::kNone);
}

// Keys at the distance of the multiplier's inverse share their first bucket.
TEST(KeyIndex, LongRunsOfCollisions) {
  KeyIndex index(4);
  std::vector<std::uint32_t> keys;
  for (std::uint32_t key = 0; keys.size() < 2000; ++key)
    if ((key * 0x9e37'79b9'7f4a'7c15u) >> 58 == 5) keys.push_back(key);
  for (const auto key : keys) index.insert(u32(key).data());
  for (std::size_t i = 0; i < keys.size(); i += 3) index.erase(index.find(u32(keys[i]).data()));
  for (std::size_t i = 0; i < keys.size(); ++i) ASSERT_EQ(index.find(u32(keys[i]).data()) != KeyIndex::kNone, i % 3 != 0);
}

}  // namespace
}  // namespace skep::vm
