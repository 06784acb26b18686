// BPF_MAP_TYPE_HASH, PERCPU_HASH, LRU_HASH and LRU_PERCPU_HASH. kernel/bpf/hashtab.c of Linux 6.18.
//
// LRU maps are exact here: what is evicted is the element whose use is the longest ago, a use being a program's lookup or
// anybody's update; user space's lookups do not count. (The kernel approximates, per CPU and in batches,
// and may evict before the map is full.) An update that is refused evicts nothing. A replaced element
// keeps its place in memory, and so does every other one: pointers to a deleted element's value stay valid memory, which
// the next insertion reuses.
#include <mutex>

#include "skep/vm/machine.hpp"
#include "skep/vm/maps/families.hpp"
#include "skep/vm/maps/keyed_map.hpp"
#include "skep/vm/maps/value_slab.hpp"

namespace skep::vm {
namespace {

bool is_lru(MapType type) { return type == MapType::lru_hash || type == MapType::lru_percpu_hash; }
bool is_per_cpu(MapType type) { return type == MapType::percpu_hash || type == MapType::lru_percpu_hash; }

class HashMap final : public KeyedMap<Map> {
 public:
  HashMap(Machine& machine, const MapSpec& spec, ValueSlab values)
      : KeyedMap(machine, spec), lru_(is_lru(spec.type)), per_cpu_(is_per_cpu(spec.type)), values_(std::move(values)) {}

  GuestAddress lookup(Cpu& cpu, Bytes key) override { return used(key, per_cpu_ ? cpu.id() : 0); }

  GuestAddress lookup_cpu(Cpu&, Bytes key, std::uint32_t on_cpu) override {
    return per_cpu_ && on_cpu < values_.cpus() ? used(key, on_cpu) : 0;
  }

  int update(Cpu& cpu, Bytes key, Bytes value, std::uint64_t flags) override {
    if (read_only_for_programs()) return -kEACCES;
    const auto plain = [&](std::uint64_t how) {
      const std::lock_guard locked(lock_);
      std::uint32_t slot = kNone;
      if (const int refused = slot_for(key, how, slot); refused != 0) return refused;
      values_.write(slot, per_cpu_ ? cpu.id() : 0, value, fields_);
      return 0;
    };
    return (flags & kLock) != 0 ? locked_update(&cpu, key, flags, plain) : plain(flags);
  }

  int erase(Cpu&, Bytes key) override { return read_only_for_programs() ? -kEACCES : sys_erase(key); }

  // Visits what is there now, in order of insertion; the callback may insert and erase.
  std::int64_t for_each(Cpu& cpu, const Each& each) override {
    Cursor cursor(*this);
    std::vector<std::byte> key(spec_.key_size);
    for (std::int64_t calls = 1;; ++calls) {
      const auto slot = cursor.take(key);
      if (slot == kNone) return calls - 1;
      if (!each(key, values_.address(slot, per_cpu_ ? cpu.id() : 0))) return calls;
    }
  }

  std::size_t host_value_size() const override {
    return per_cpu_ ? std::size_t{values_.stride()} * values_.cpus() : spec_.value_size;
  }

 protected:
  int sys_lookup(Bytes key, MutableBytes value) override {
    const std::lock_guard locked(lock_);
    const auto slot = index_.find(key.data());
    if (slot == kNone) return -kENOENT;
    values_.read_all(slot, value, fields_);
    return 0;
  }

  int sys_update(Bytes key, Bytes value, std::uint64_t flags) override {
    const std::lock_guard locked(lock_);
    std::uint32_t slot = kNone;
    if (const int refused = slot_for(key, flags, slot); refused != 0) return refused;
    values_.write_all(slot, value, fields_);
    return 0;
  }

  GuestAddress find_value(Bytes key) override {
    const std::lock_guard locked(lock_);
    const auto slot = index_.find(key.data());
    return slot == kNone ? 0 : values_.address(slot);
  }

  void drop(std::uint32_t slot) override {
    for (Cursor* cursor : cursors_) cursor->leave(slot);
    index_.erase(slot);
  }

 private:
  // An iteration in progress. It knows the next slot, and drop() moves it on when that one goes away. It ends
  // before what was inserted after its start: a callback that inserts cannot keep it going.
  class Cursor {
   public:
    explicit Cursor(HashMap& map) : map_(map) {
      const std::lock_guard locked(map_.lock_);
      next_ = map_.index_.first();
      end_ = map_.index_.next_serial();
      map_.cursors_.push_back(this);
    }
    ~Cursor() {
      const std::lock_guard locked(map_.lock_);
      std::erase(map_.cursors_, this);
    }
    Cursor(const Cursor&) = delete;
    Cursor& operator=(const Cursor&) = delete;

    // The next slot, its key copied; kNone at the end.
    std::uint32_t take(MutableBytes key) {
      const std::lock_guard locked(map_.lock_);
      const auto slot = next_;
      if (slot == kNone || map_.index_.serial(slot) >= end_) return kNone;
      next_ = map_.index_.next(slot);
      std::ranges::copy(map_.index_.key(slot), key.begin());
      return slot;
    }
    void leave(std::uint32_t slot) {
      if (next_ == slot) next_ = map_.index_.next(slot);
    }

   private:
    HashMap& map_;
    std::uint32_t next_ = kNone;
    std::uint64_t end_ = 0;
  };

  // A program's lookup.
  GuestAddress used(Bytes key, std::uint32_t cpu) {
    const std::lock_guard locked(lock_);
    const auto slot = index_.find(key.data());
    if (slot == kNone) return 0;
    if (lru_) index_.touch(slot);
    return values_.address(slot, cpu);
  }

  // The slot to write to; a new one holds zeros.
  int slot_for(Bytes key, std::uint64_t flags, std::uint32_t& slot) {
    if (flags > kExist) return -kEINVAL;
    slot = index_.find(key.data());
    if (slot != kNone) {
      if (flags == kNoExist) return -kEEXIST;
      if (lru_) index_.touch(slot);
      return 0;
    }
    if (flags == kExist) return -kENOENT;
    if (index_.size() == spec_.max_entries) {
      if (!lru_) return -kE2BIG;
      drop(index_.least_used());
    }
    slot = index_.insert(key.data());
    values_.clear(slot);
    return 0;
  }

  bool lru_, per_cpu_;
  ValueSlab values_;
  std::vector<Cursor*> cursors_;
};

Result<> check(const MapSpec& spec, bool lru, bool per_cpu) {
  if (lru && (spec.flags & kNoPrealloc) != 0)
    return refuse(kENOTSUPP, "flags {:#x}: LRU maps are always preallocated", spec.flags);
  // A list per CPU is for LRU maps alone, and cannot be had on one NUMA node.
  const bool per_cpu_lru = lru && (spec.flags & kNoCommonLru) != 0;
  SKEP_TRY(check_flags(spec, kAccessFlags | kZeroSeed | (lru ? kNoCommonLru : kNoPrealloc) |
                                 (per_cpu || per_cpu_lru ? 0 : kNumaNode)));
  SKEP_TRY(check_entries(spec));
  if (spec.key_size == 0) return refuse(kEINVAL, "key_size 0");
  if (spec.value_size == 0) return refuse(kEINVAL, "value_size 0");
  // KMALLOC_MAX_SIZE less an element's header.
  constexpr std::uint64_t kMaxElement = (4u << 20) - 48 - 1;
  if (const auto element = std::uint64_t{spec.key_size} + spec.value_size; element > kMaxElement)
    return refuse(kE2BIG, "key_size {}, value_size {}: an element has at most {} bytes", spec.key_size, spec.value_size,
                  kMaxElement);
  if (per_cpu && spec.value_size > kMaxPerCpuValue)
    return refuse(kE2BIG, "value_size {}: a per-CPU value has at most {} bytes", spec.value_size, kMaxPerCpuValue);
  constexpr std::uint32_t kMaxEntries = 1u << 27;
  if (spec.max_entries > kMaxEntries)
    return refuse(kE2BIG, "max_entries {}: a hash has at most {}", spec.max_entries, kMaxEntries);
  // Keys lie on the host; the guest fills at most as much of it as it has memory of its own.
  if (std::uint64_t{spec.key_size} * spec.max_entries > UINT32_MAX)
    return refuse(kE2BIG, "max_entries {}: keys of {} bytes would take more than 4 GiB", spec.max_entries, spec.key_size);
  return {};
}

}  // namespace

MapResult create_hash(Machine& machine, const MapSpec& declared) {
  MapSpec spec = declared;
  const bool lru = is_lru(spec.type), per_cpu = is_per_cpu(spec.type);
  SKEP_TRY(check(spec, lru, per_cpu));
  // An LRU list per CPU: as many entries on each.
  if (const auto cpus = machine.cpu_count(); (spec.flags & kNoCommonLru) != 0)
    spec.max_entries = (spec.max_entries + cpus - 1) / cpus * cpus;
  auto values = SKEP_TRY(ValueSlab::allocate(machine.memory(), spec.name, spec.max_entries, spec.value_size,
                                             per_cpu ? machine.cpu_count() : 1, (spec.flags & kRdonlyProg) != 0));
  return std::make_unique<HashMap>(machine, spec, std::move(values));
}

}  // namespace skep::vm
