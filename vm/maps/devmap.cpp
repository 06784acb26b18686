// BPF_MAP_TYPE_DEVMAP and DEVMAP_HASH: entries name network interfaces. kernel/bpf/devmap.c of Linux 6.18.
//
// A value is an interface index and, in maps with 8-byte values, a program to run there (an fd when written, an id
// when read). An emulated machine has every interface with a positive index, and no fds: a value that asks for a
// program is refused. Programs may look entries up but not write them, so the kernel adds RDONLY_PROG to the flags.
#include <mutex>

#include "skep/vm/machine.hpp"
#include "skep/vm/maps/families.hpp"
#include "skep/vm/maps/keyed_map.hpp"
#include "skep/vm/maps/redirect_map.hpp"
#include "skep/vm/maps/value_slab.hpp"

namespace skep::vm {
namespace {

constexpr std::uint32_t kNone = KeyIndex::kNone;
constexpr std::uint64_t kBroadcast = 1u << 3, kExcludeIngress = 1u << 4;

// The value as entries hold it.
struct Device {
  std::uint32_t interface = 0;
  std::int32_t program = 0;  // an fd; none unless positive

  explicit Device(Bytes value)
      : interface(load<std::uint32_t>(value.data())),
        program(value.size() == 8 ? load<std::int32_t>(value.data() + 4) : 0) {}
  bool exists() const { return interface >= 1 && interface <= INT32_MAX && program <= 0; }
};

// Entries by slot; what the two families share.
class DeviceMap : public RedirectMap {
 public:
  DeviceMap(Machine& machine, const MapSpec& spec, ValueSlab values)
      : RedirectMap(machine, spec), values_(std::move(values)) {}

  std::optional<std::uint32_t> target(std::uint64_t key) override {
    if (key > UINT32_MAX) return std::nullopt;
    const std::lock_guard locked(lock_);
    const auto slot = slot_at(static_cast<std::uint32_t>(key));
    return slot == kNone ? std::nullopt : std::optional(interface_at(slot));
  }
  std::uint64_t redirect_flags() const override { return kBroadcast | kExcludeIngress; }

  GuestAddress lookup(Cpu&, Bytes key) override {
    const std::lock_guard locked(lock_);
    const auto slot = slot_at(index_of(key));
    return slot == kNone ? 0 : values_.address(slot);
  }

 protected:
  // The slot of a key that has an entry, else kNone.
  virtual std::uint32_t slot_at(std::uint32_t key) const = 0;

  std::uint32_t interface_at(std::uint32_t slot) const {
    std::byte interface[4];
    values_.read(slot, 0, interface);
    return load<std::uint32_t>(interface);
  }
  void put(std::uint32_t slot, const Device& device) {
    std::byte value[8] = {};
    store(value, device.interface);
    values_.write(slot, 0, Bytes(value).first(spec_.value_size));
  }

  int sys_lookup(Bytes key, MutableBytes value) override {
    const std::lock_guard locked(lock_);
    const auto slot = slot_at(index_of(key));
    if (slot == kNone) return -kENOENT;
    values_.read(slot, 0, value);
    return 0;
  }

  ValueSlab values_;
};

// Slots are indices; interface 0 marks an empty one.
class Devmap final : public DeviceMap {
 public:
  using DeviceMap::DeviceMap;

 protected:
  std::uint32_t slot_at(std::uint32_t key) const override {
    return key < spec_.max_entries && interface_at(key) != 0 ? key : kNone;
  }

  int sys_update(Bytes key, Bytes value, std::uint64_t flags) override {
    if (flags > kExist) return -kEINVAL;
    if (index_of(key) >= spec_.max_entries) return -kE2BIG;
    if (flags == kNoExist) return -kEEXIST;
    const Device device(value);
    // Interface 0 empties the slot.
    if (!device.exists() && (device.interface != 0 || device.program > 0)) return -kEINVAL;
    const std::lock_guard locked(lock_);
    put(index_of(key), device);
    return 0;
  }

  int sys_erase(Bytes key) override {
    if (index_of(key) >= spec_.max_entries) return -kEINVAL;
    const std::lock_guard locked(lock_);
    if (interface_at(index_of(key)) != 0) values_.write(index_of(key), 0, std::array<std::byte, 8>{});
    return 0;
  }

  int sys_next_key(std::optional<Bytes> key, MutableBytes next) override {
    return next_index(spec_.max_entries, key, next);
  }
};

class DevmapHash final : public KeyedMap<DeviceMap> {
 public:
  DevmapHash(Machine& machine, const MapSpec& spec, ValueSlab values) : KeyedMap(machine, spec, std::move(values)) {}

 protected:
  std::uint32_t slot_at(std::uint32_t key) const override {
    std::byte bytes[4];
    store(bytes, key);
    return index_.find(bytes);
  }

  int sys_update(Bytes key, Bytes value, std::uint64_t flags) override {
    const Device device(value);
    if (flags > kExist || device.interface == 0) return -kEINVAL;
    const std::lock_guard locked(lock_);
    auto slot = index_.find(key.data());
    if (slot != kNone && flags == kNoExist) return -kEEXIST;
    if (!device.exists()) return -kEINVAL;
    if (slot == kNone) {
      if (index_.size() == spec_.max_entries) return -kE2BIG;
      slot = index_.insert(key.data());  // also with BPF_EXIST, which the kernel does not look at here
    }
    put(slot, device);
    return 0;
  }
};

template <class Family>
MapResult create(Machine& machine, const MapSpec& declared, std::uint32_t most_entries) {
  MapSpec spec = declared;
  SKEP_TRY(check_flags(spec, kRdonly | kWronly | kNumaNode));
  SKEP_TRY(check_entries(spec));
  SKEP_TRY(check_sizes(spec, 4, spec.value_size == 8 ? 8 : 4));
  if (spec.max_entries > most_entries) return refuse(kEINVAL, "max_entries {}: at most {}", spec.max_entries, most_entries);
  spec.flags |= kRdonlyProg;
  auto values = SKEP_TRY(ValueSlab::allocate(machine.memory(), spec.name, spec.max_entries, spec.value_size, 1, true));
  return std::make_unique<Family>(machine, spec, std::move(values));
}

}  // namespace

MapResult create_devmap(Machine& machine, const MapSpec& spec) { return create<Devmap>(machine, spec, UINT32_MAX); }
// Its buckets are a power of two that 32 bits hold.
MapResult create_devmap_hash(Machine& machine, const MapSpec& spec) { return create<DevmapHash>(machine, spec, 1u << 31); }

RedirectMap* RedirectMap::from(Map* map) {
  if (map == nullptr) return nullptr;
  switch (map->type()) {
    case MapType::devmap:
    case MapType::devmap_hash:
    case MapType::cpumap:
    case MapType::xskmap: return static_cast<RedirectMap*>(map);
    default: return nullptr;
  }
}

}  // namespace skep::vm
