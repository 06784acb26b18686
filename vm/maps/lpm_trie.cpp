// BPF_MAP_TYPE_LPM_TRIE: a key is a prefix length in bits (4 bytes, host order) and data; a lookup finds the
// longest prefix that contains it. kernel/bpf/lpm_trie.c of Linux 6.18. Prefixes that overlap each other are separate
// elements; forks do not count against max_entries.
#include <mutex>

#include "skep/vm/machine.hpp"
#include "skep/vm/maps/families.hpp"
#include "skep/vm/maps/prefix_trie.hpp"
#include "skep/vm/maps/value_slab.hpp"

namespace skep::vm {
namespace {

constexpr std::uint32_t kNone = PrefixTrie::kNone;

Prefix prefix_of(Bytes key) { return {load<std::uint32_t>(key.data()), key.subspan(4)}; }

class LpmTrieMap final : public Map {
 public:
  LpmTrieMap(Machine& machine, const MapSpec& spec, ValueSlab values)
      : Map(machine, spec), max_length_((spec.key_size - 4) * 8), trie_(spec.key_size - 4), values_(std::move(values)) {}

  GuestAddress lookup(Cpu&, Bytes key) override {
    const std::lock_guard locked(lock_);
    const auto slot = match(key);
    return slot == kNone ? 0 : values_.address(slot);
  }

  int update(Cpu&, Bytes key, Bytes value, std::uint64_t flags) override {
    return read_only_for_programs() ? -kEACCES : sys_update(key, value, flags);
  }
  int erase(Cpu&, Bytes key) override { return read_only_for_programs() ? -kEACCES : sys_erase(key); }

 protected:
  int sys_lookup(Bytes key, MutableBytes value) override {
    const std::lock_guard locked(lock_);
    const auto slot = match(key);
    if (slot == kNone) return -kENOENT;
    values_.read(slot, 0, value);
    return 0;
  }

  int sys_update(Bytes key, Bytes value, std::uint64_t flags) override {
    const Prefix prefix = prefix_of(key);
    if (flags > kExist || prefix.length > max_length_) return -kEINVAL;
    const std::lock_guard locked(lock_);
    if (trie_.find(prefix) != kNone) {
      if (flags == kNoExist) return -kEEXIST;
    } else {
      if (flags == kExist) return -kENOENT;
      if (trie_.size() == spec_.max_entries) return -kENOSPC;
    }
    values_.write(trie_.insert(prefix), 0, value);
    return 0;
  }

  int sys_erase(Bytes key) override {
    const Prefix prefix = prefix_of(key);
    if (prefix.length > max_length_) return -kEINVAL;
    const std::lock_guard locked(lock_);
    if (trie_.find(prefix) == kNone) return -kENOENT;
    trie_.erase(prefix);
    return 0;
  }

  int sys_next_key(std::optional<Bytes> key, MutableBytes next) override {
    const std::lock_guard locked(lock_);
    Prefix here, found;
    if (key) here = prefix_of(*key);
    if (!trie_.after(key && here.length <= max_length_ ? &here : nullptr, found)) return -kENOENT;
    store(next.data(), found.length);
    std::ranges::copy(found.data, next.begin() + 4);
    return 0;
  }

 private:
  std::uint32_t match(Bytes key) const {
    const Prefix address = prefix_of(key);
    return address.length > max_length_ ? kNone : trie_.longest_match(address);
  }

  std::uint32_t max_length_;
  PrefixTrie trie_;
  ValueSlab values_;
};

}  // namespace

MapResult create_lpm_trie(Machine& machine, const MapSpec& spec) {
  if ((spec.flags & kNoPrealloc) == 0)
    return refuse(kEINVAL, "flags {:#x}: an LPM trie must have NO_PREALLOC", spec.flags);
  SKEP_TRY(check_flags(spec, kAccessFlags | kNoPrealloc | kNumaNode));
  SKEP_TRY(check_entries(spec));
  constexpr std::uint32_t kMinKey = 4 + 1, kMaxKey = 4 + 256;
  if (spec.key_size < kMinKey || spec.key_size > kMaxKey)
    return refuse(kEINVAL, "key_size {}: a prefix has {} to {} bytes", spec.key_size, kMinKey, kMaxKey);
  // KMALLOC_MAX_SIZE less the longest data and a node's header.
  constexpr std::uint32_t kMaxValue = (4u << 20) - 256 - 24;
  if (spec.value_size == 0 || spec.value_size > kMaxValue)
    return refuse(kEINVAL, "value_size {}: values of an LPM trie have 1 to {} bytes", spec.value_size, kMaxValue);
  if (std::uint64_t{spec.key_size} * spec.max_entries > UINT32_MAX)
    return refuse(kENOMEM, "max_entries {}: keys of {} bytes would take more than 4 GiB", spec.max_entries, spec.key_size);
  auto values = SKEP_TRY(ValueSlab::allocate(machine.memory(), spec.name, spec.max_entries, spec.value_size, 1,
                                             (spec.flags & kRdonlyProg) != 0));
  return std::make_unique<LpmTrieMap>(machine, spec, std::move(values));
}

}  // namespace skep::vm
