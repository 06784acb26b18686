// The same operations on an emulated map and on the kernel's: errnos, values and keys must be equal. One row of the table
// below is one map; a seeded generator makes the operations.
#include <algorithm>
#include <optional>
#include <random>
#include <sched.h>
#include <set>

#include "skep/tests/support/kernel_map.hpp"
#include "skep/tests/vm/maps/support.hpp"

namespace skep::vm {
namespace {

using test::KernelMap;

struct Case {
  const char* name;
  MapSpec spec;
  std::uint32_t keys;               // keys are 0 .. keys - 1 (LPM: made of few bits)
  bool ordered = false;             // next_key gives the same order, not only the same set
  std::vector<std::uint32_t> values = {};  // the first 4 bytes of values are among these; none: any bytes
  int operations = 3000;
};

void PrintTo(const Case& row, std::ostream* out) { *out << row.name; }

MapSpec spec(MapType type, std::uint32_t key_size, std::uint32_t value_size, std::uint32_t entries, std::uint32_t flags = 0) {
  return map_spec(type, key_size, value_size, entries, flags);
}

std::vector<Case> cases() {
  using enum MapType;
  const std::vector<std::uint32_t> devices = {0, 1, 1, 1, UINT32_MAX}, queues = {0, 192, 192, 16384, 16385};
  return {
      {"array", spec(array, 4, 4, 8), 10, true},
      {"array_odd_value", spec(array, 4, 5, 3), 4, true},
      {"array_rdonly_prog", spec(array, 4, 16, 4, kRdonlyProg), 6, true},
      {"array_rdonly", spec(array, 4, 8, 4, kRdonly), 6, true},
      {"array_wronly", spec(array, 4, 8, 4, kWronly), 6, true},
      {"array_wronly_prog", spec(array, 4, 8, 4, kWronlyProg), 6, true},
      {"array_mmapable", spec(array, 4, 100, 4, kMmapable), 6, true},
      {"percpu_array", spec(percpu_array, 4, 8, 8), 10, true},
      {"percpu_array_odd_value", spec(percpu_array, 4, 5, 8), 10, true},
      {"hash", spec(hash, 4, 8, 16), 24},
      {"hash_one", spec(hash, 4, 4, 1), 3},
      {"hash_odd_sizes", spec(hash, 7, 13, 16), 24},
      {"hash_byte_key", spec(hash, 1, 1, 16), 24},
      {"hash_long_key", spec(hash, 60, 40, 64), 90},
      {"hash_no_prealloc", spec(hash, 16, 8, 16, kNoPrealloc), 24},
      {"hash_wronly", spec(hash, 4, 8, 16, kWronly), 24},
      {"hash_rdonly", spec(hash, 4, 8, 16, kRdonly), 24},
      {"hash_many", spec(hash, 8, 8, 2000), 3000, false, {}, 20000},
      {"percpu_hash", spec(percpu_hash, 4, 8, 16), 24},
      {"percpu_hash_odd_value", spec(percpu_hash, 3, 3, 16, kNoPrealloc), 24},
      // Below capacity: the kernel's LRU is approximate.
      {"lru_hash", spec(lru_hash, 4, 8, 4096), 64},
      {"lru_percpu_hash", spec(lru_percpu_hash, 4, 8, 4096), 64},
      {"lru_no_common", spec(lru_hash, 4, 8, 4096, kNoCommonLru), 64},
      {"lpm_ipv4", spec(lpm_trie, 8, 8, 24, kNoPrealloc), 0, true, {}, 20000},
      {"lpm_one_byte", spec(lpm_trie, 5, 1, 12, kNoPrealloc), 0, true, {}, 10000},
      {"lpm_ipv6", spec(lpm_trie, 20, 4, 1000, kNoPrealloc), 0, true, {}, 20000},
      {"lpm_wronly", spec(lpm_trie, 8, 8, 24, kNoPrealloc | kWronly), 0, true},
      {"devmap", spec(devmap, 4, 4, 8), 10, true, devices},
      {"devmap_with_program", spec(devmap, 4, 8, 8), 10, true, devices},
      {"devmap_hash", spec(devmap_hash, 4, 4, 8), 12, false, devices},
      {"devmap_hash_with_program", spec(devmap_hash, 4, 8, 8), 12, false, devices},
      // A queue is a kernel thread: few operations.
      {"cpumap", spec(cpumap, 4, 4, 8), 10, true, queues, 100},
      {"cpumap_with_program", spec(cpumap, 4, 8, 8), 10, true, queues, 100},
      // What user space can do without an fd of the kernel's.
      {"prog_array", spec(prog_array, 4, 4, 8), 10, true, {UINT32_MAX}},
      {"xskmap", spec(xskmap, 4, 4, 8), 10, true, {}, 0},
      {"ringbuf", spec(ringbuf, 0, 0, 4096), 0, true, {}, 0},
  };
}

// One of the kernel's CPUs only: its LRU lists and free lists are per CPU.
class OneCpu {
 public:
  OneCpu() {
    sched_getaffinity(0, sizeof before_, &before_);
    cpu_set_t one;
    CPU_ZERO(&one);
    for (std::size_t cpu = 0; cpu < CPU_SETSIZE; ++cpu)
      if (CPU_ISSET(cpu, &before_)) {
        CPU_SET(cpu, &one);
        break;
      }
    sched_setaffinity(0, sizeof one, &one);
  }
  ~OneCpu() { sched_setaffinity(0, sizeof before_, &before_); }
  OneCpu(const OneCpu&) = delete;
  OneCpu& operator=(const OneCpu&) = delete;

 private:
  cpu_set_t before_;
};

class Differential : public testing::TestWithParam<Case> {
 protected:
  void SetUp() override {
    if (const auto reason = KernelMap::unavailable(); !reason.empty()) GTEST_SKIP() << reason;
    machine_ = machine_with(KernelMap::possible_cpus());
    auto created = machine_->create_map(GetParam().spec);
    ASSERT_OK(created);
    ours_ = *created;
    theirs_.emplace(GetParam().spec);
    ASSERT_EQ(theirs_->error(), 0);
  }

  std::uint32_t random(std::uint32_t below) { return static_cast<std::uint32_t>(random_() % below); }

  Data random_key() {
    Data key(ours_->key_size());
    if (ours_->type() == MapType::lpm_trie) {
      // Few addresses that share long prefixes, lengths up to one too many.
      const auto bits = static_cast<std::uint32_t>(key.size() - 4) * 8;
      store(key.data(), random(8) == 0 ? random(bits + 2) : std::min(bits, random(6) * 5 + random(3)));
      for (std::size_t i = 4; i < key.size(); ++i) key[i] = std::byte(random(4) == 0 ? random(256) : random(2) * 0x81);
      return key;
    }
    const std::uint32_t number = random(GetParam().keys);
    for (std::size_t i = 0; i < key.size(); ++i) key[i] = std::byte(i < 4 ? (number >> (8 * i)) & 255 : (number * i) & 255);
    return key;
  }

  Data random_value() {
    Data value(ours_->host_value_size());
    for (auto& byte : value) byte = std::byte(random(256));
    if (const auto& values = GetParam().values; !values.empty()) {
      std::ranges::fill(value, std::byte{0});
      store(value.data(), values[random(static_cast<std::uint32_t>(values.size()))]);
      if (value.size() == 8 && random(4) == 0) store(value.data() + 4, random(2) == 0 ? -1 : 77);
    }
    return value;
  }

  void compare_lookup(const Data& key) {
    Data expected(ours_->host_value_size());
    const int result = theirs_->lookup(key, expected);
    const auto found = ours_->host_lookup(key);
    ASSERT_EQ(sys(found), result) << "lookup " << to_hex(key);
    if (found) {
      ASSERT_EQ(to_hex(*found), to_hex(expected)) << "lookup " << to_hex(key);
    }
  }

  void compare_update(const Data& key, const Data& value, std::uint64_t flags) {
    const int result = theirs_->update(key, value, flags);
    ASSERT_EQ(sys(ours_->host_update(key, value, flags)), result)
        << "update " << to_hex(key) << " to " << to_hex(value) << " flags " << flags;
  }

  void compare_erase(const Data& key) {
    const int result = theirs_->erase(key);
    ASSERT_EQ(sys(ours_->host_erase(key)), result) << "delete " << to_hex(key);
  }

  void compare_next(const std::optional<Data>& key) {
    Data expected(ours_->key_size());
    const auto view = key ? std::optional<Bytes>(*key) : std::nullopt;
    const int result = theirs_->next_key(view, expected);
    const auto next = ours_->next_key(view);
    ASSERT_EQ(next.has_value(), result == 0) << "next of " << (key ? to_hex(*key) : "nothing");
    if (next && GetParam().ordered) {
      ASSERT_EQ(to_hex(*next), to_hex(expected)) << "next of " << (key ? to_hex(*key) : "nothing");
    }
  }

  void compare_keys() {
    std::multiset<std::string> ours, theirs;
    for (const auto& key : keys_of(*ours_)) ours.insert(to_hex(key));
    Data key(ours_->key_size()), next(ours_->key_size());
    std::optional<Bytes> at;
    while (theirs_->next_key(at, next) == 0) {
      theirs.insert(to_hex(next));
      key = next;
      at = key;
    }
    ASSERT_EQ(ours, theirs);
  }

  void step() {
    const auto key = random_key();
    constexpr std::uint64_t kFlags[] = {0, 0, 0, 0, 1, 1, 2, 2, 3, 4, 8, 1ull << 32};
    switch (random(16)) {
      case 0: case 1: case 2: case 3: case 4: case 5: case 6:
        return compare_update(key, random_value(), kFlags[random(std::size(kFlags))]);
      case 7: case 8: case 9: return compare_erase(key);
      case 10: return GetParam().ordered ? compare_next(key) : compare_next(std::nullopt);
      default: return compare_lookup(key);
    }
  }

  OneCpu pinned_;
  std::mt19937 random_{12345};
  std::unique_ptr<Machine> machine_;
  Map* ours_ = nullptr;
  std::optional<KernelMap> theirs_;
};

TEST_P(Differential, SameAnswers) {
  for (int i = 0; i < GetParam().operations; ++i) {
    SCOPED_TRACE(i);
    ASSERT_NO_FATAL_FAILURE(step());
    if (i % 500 == 0) {
      ASSERT_NO_FATAL_FAILURE(compare_keys());
    }
  }
  ASSERT_NO_FATAL_FAILURE(compare_keys());
  ASSERT_NO_FATAL_FAILURE(compare_next(std::nullopt));
}

TEST_P(Differential, SameAnswersOnceFrozen) {
  for (int i = 0; i < std::min(GetParam().operations, 50); ++i) ASSERT_NO_FATAL_FAILURE(step());
  EXPECT_EQ(sys(ours_->freeze()), theirs_->freeze());
  EXPECT_EQ(sys(ours_->freeze()), theirs_->freeze());
  for (int i = 0; i < std::min(GetParam().operations, 50); ++i) ASSERT_NO_FATAL_FAILURE(step());
  const Data key(ours_->key_size()), value(ours_->host_value_size());
  ASSERT_NO_FATAL_FAILURE(compare_update(key, value, 0));
  ASSERT_NO_FATAL_FAILURE(compare_erase(key));
}

TEST_P(Differential, SameSizesAndFlags) {
  const auto theirs = theirs_->info();
  EXPECT_EQ(ours_->spec().max_entries, theirs.max_entries);
  EXPECT_EQ(ours_->key_size(), theirs.key_size);
  EXPECT_EQ(ours_->value_size(), theirs.value_size);
  // RDONLY and WRONLY are the fd's, not the map's.
  EXPECT_EQ(ours_->spec().flags & ~(kRdonly | kWronly), theirs.flags);
}

INSTANTIATE_TEST_SUITE_P(KernelMaps, Differential, testing::ValuesIn(cases()),
                         [](const auto& row) { return std::string(row.param.name); });

// Slots that take fds answer alike where no fd is needed.
TEST(KernelDiff, FdArraysWithoutFds) {
  if (const auto reason = KernelMap::unavailable(); !reason.empty()) GTEST_SKIP() << reason;
  const auto machine = machine_with(2);
  for (const auto type : {MapType::prog_array, MapType::xskmap, MapType::perf_event_array}) {
    auto declared = spec(type, 4, 4, 4);
    declared.name = to_string(type);
    auto created = machine->create_map(declared);
    ASSERT_OK(created);
    Map& ours = **created;
    const KernelMap theirs(declared);
    ASSERT_EQ(theirs.error(), 0);
    // The emulated reader has opened the first slots of a perf event array.
    for (std::uint32_t slot = 0; slot < 2 && type == MapType::perf_event_array; ++slot) EXPECT_OK(ours.host_erase(u32(slot)));
    for (std::uint32_t index : {0u, 3u, 4u, 99u}) {
      SCOPED_TRACE(fmt::format("{} {}", declared.name, index));
      Data value(4);
      EXPECT_EQ(sys(ours.host_lookup(u32(index))), theirs.lookup(u32(index), value));
      EXPECT_EQ(sys(ours.host_erase(u32(index))), theirs.erase(u32(index)));
      for (std::uint64_t flags : {3u, 4u, 8u})
        EXPECT_EQ(sys(ours.host_update(u32(index), u32(UINT32_MAX), flags)), theirs.update(u32(index), u32(UINT32_MAX), flags));
      if (type == MapType::xskmap && index < 4) continue;  // any queue will do here
      EXPECT_EQ(sys(ours.host_update(u32(index), u32(UINT32_MAX), 0)), theirs.update(u32(index), u32(UINT32_MAX), 0));
    }
  }
}

// Creation: each type with one size or flag after the other varied. Left out is what the kernel refuses or takes for
// its own reasons: much memory, its number of CPUs, and what libbpf adjusts before.
TEST(KernelDiff, Creation) {
  if (const auto reason = KernelMap::unavailable(); !reason.empty()) GTEST_SKIP() << reason;
  using enum MapType;
  const MapSpec bases[] = {
      spec(array, 4, 4, 4),        spec(percpu_array, 4, 4, 4),         spec(hash, 4, 4, 4),
      spec(percpu_hash, 4, 4, 4),  spec(lru_hash, 4, 4, 4),             spec(lru_percpu_hash, 4, 4, 4),
      spec(devmap, 4, 4, 4),       spec(lpm_trie, 8, 4, 4, kNoPrealloc), spec(prog_array, 4, 4, 4),
      spec(ringbuf, 0, 0, 4096),   spec(perf_event_array, 4, 4, 4),     spec(devmap_hash, 4, 4, 4),
      spec(cpumap, 4, 4, 4),       spec(xskmap, 4, 4, 4)};
  const auto machine = machine_with(KernelMap::possible_cpus());
  int compared = 0;
  const auto compare = [&](MapSpec one) {
    const KernelMap theirs(one);
    one.name = fmt::format("{} key {} value {} entries {} flags {:#x} extra {}", to_string(one.type), one.key_size,
                           one.value_size, one.max_entries, one.flags, one.map_extra);
    const auto ours = Map::create(*machine, one);
    EXPECT_EQ(sys(ours), theirs.error()) << one.name << "\n" << test::message(ours);
    if (ours && theirs.error() == 0) {
      EXPECT_EQ((*ours)->spec().max_entries, theirs.info().max_entries) << one.name;
    }
    ++compared;
  };
  for (const MapSpec& base : bases) {
    for (const std::uint32_t size : {0u, 1u, 2u, 3u, 4u, 5u, 8u, 9u, 12u, 20u, 256u, 259u, 260u, 261u, 512u, 0x7fff'ffffu, UINT32_MAX}) {
      MapSpec one = base;
      one.key_size = size;
      compare(one);
    }
    for (const std::uint32_t size : {0u, 1u, 3u, 5u, 8u, 12u, 16u, 4096u, 32760u, 32761u, 32768u, 32769u, 4194024u, 4194025u,
                                     4194251u, 4194252u, 0x8000'0000u, 0xffff'fff8u, UINT32_MAX}) {
      MapSpec one = base;
      one.value_size = size;
      one.max_entries = one.type == ringbuf ? 4096 : 1;
      compare(one);
    }
    for (const std::uint32_t entries : {0u, 1u, 2u, 3u, 5u, 100u, 4096u}) {
      if (base.type == ringbuf && entries % 4096 != 0) continue;                 // rounded up
      if (base.type == perf_event_array && entries == 0) continue;               // one a CPU
      if (base.type == cpumap && entries > 128) continue;                        // CONFIG_NR_CPUS
      MapSpec one = base;
      one.max_entries = entries;
      compare(one);
      one.flags |= kNoCommonLru;
      compare(one);
    }
    for (unsigned bit = 0; bit < 32; ++bit) {
      for (const std::uint32_t more : {0u, kRdonly, kWronly, kRdonlyProg, kWronlyProg, kNumaNode, kNoCommonLru}) {
        if (1u << bit == (1u << 15) || 1u << bit == (1u << 16)) continue;        // token and path fds are loaders'
        MapSpec one = base;
        one.flags ^= 1u << bit;
        one.flags |= more;
        compare(one);
      }
    }
    for (const std::uint32_t flags : {0u, +kNumaNode}) {
      MapSpec one = base;
      one.map_extra = flags == 0;
      one.flags |= flags;
      one.numa_node = 70000;
      compare(one);
    }
  }
  EXPECT_GT(compared, 3000);
}

// More entries than a hash's buckets can be.
TEST(KernelDiff, CreationWithTooManyEntries) {
  if (const auto reason = KernelMap::unavailable(); !reason.empty()) GTEST_SKIP() << reason;
  const auto machine = machine_with(1);
  for (const auto& [type, entries] : {std::pair{MapType::hash, (1u << 27) + 1}, {MapType::hash, UINT32_MAX},
                                      {MapType::percpu_hash, (1u << 27) + 1}, {MapType::lru_hash, 1u << 31},
                                      {MapType::devmap_hash, (1u << 31) + 1}, {MapType::ringbuf, 0u}}) {
    const auto sizes = type == MapType::ringbuf ? 0u : 4u;
    const auto declared = spec(type, sizes, sizes, entries);
    EXPECT_EQ(sys(Map::create(*machine, declared)), KernelMap(declared).error()) << to_string(type) << " " << entries;
  }
}

}  // namespace
}  // namespace skep::vm
