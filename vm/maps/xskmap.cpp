// BPF_MAP_TYPE_XSKMAP: entries are AF_XDP sockets. net/xdp/xskmap.c of Linux 6.18.
//
// User space writes a socket's fd. An emulated machine has no sockets: the value is the queue that the socket would be
// bound to, which is what programs that look an entry up see (struct bpf_xdp_sock holds a queue_id). User space
// cannot look entries up, as in the kernel.
#include <mutex>

#include "skep/vm/machine.hpp"
#include "skep/vm/maps/families.hpp"
#include "skep/vm/maps/redirect_map.hpp"
#include "skep/vm/maps/slot_table.hpp"
#include "skep/vm/maps/value_slab.hpp"

namespace skep::vm {
namespace {

class XskMap final : public RedirectMap {
 public:
  XskMap(Machine& machine, const MapSpec& spec, ValueSlab sockets)
      : RedirectMap(machine, spec), sockets_(std::move(sockets)) {}

  std::optional<std::uint32_t> target(std::uint64_t key) override {
    const std::lock_guard locked(lock_);
    if (!has(key)) return std::nullopt;
    std::byte queue[4];
    sockets_.read(static_cast<std::uint32_t>(key), 0, queue);
    return load<std::uint32_t>(queue);
  }

  GuestAddress lookup(Cpu&, Bytes key) override {
    const std::lock_guard locked(lock_);
    return has(index_of(key)) ? sockets_.address(index_of(key)) : 0;
  }

 protected:
  int sys_lookup(Bytes, MutableBytes) override { return -kEOPNOTSUPP; }

  int sys_update(Bytes key, Bytes value, std::uint64_t flags) override {
    const std::uint32_t index = index_of(key);
    if (flags > kExist) return -kEINVAL;
    if (index >= spec_.max_entries) return -kE2BIG;
    const std::lock_guard locked(lock_);
    if (has(index) && flags == kNoExist) return -kEEXIST;
    if (!has(index) && flags == kExist) return -kENOENT;
    sockets_.write(index, 0, value);
    present_.set(index, true);
    return 0;
  }

  int sys_erase(Bytes key) override {
    if (index_of(key) >= spec_.max_entries) return -kEINVAL;
    const std::lock_guard locked(lock_);
    present_.set(index_of(key), false);
    return 0;
  }

  int sys_next_key(std::optional<Bytes> key, MutableBytes next) override {
    return next_index(spec_.max_entries, key, next);
  }

 private:
  bool has(std::uint64_t index) const {
    return index < spec_.max_entries && present_.get(static_cast<std::uint32_t>(index));
  }

  ValueSlab sockets_;  // struct bpf_xdp_sock, read-only for programs
  SlotTable<bool> present_;
};

}  // namespace

MapResult create_xskmap(Machine& machine, const MapSpec& spec) {
  SKEP_TRY(check_flags(spec, kRdonly | kWronly | kNumaNode));
  SKEP_TRY(check_entries(spec));
  SKEP_TRY(check_sizes(spec, 4, 4));
  auto sockets = SKEP_TRY(ValueSlab::allocate(machine.memory(), spec.name, spec.max_entries, 4, 1, true));
  return std::make_unique<XskMap>(machine, spec, std::move(sockets));
}

}  // namespace skep::vm
