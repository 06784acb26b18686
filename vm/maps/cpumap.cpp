// BPF_MAP_TYPE_CPUMAP: entry i is a queue to CPU i. kernel/bpf/cpumap.c of Linux 6.18.
//
// A value is the queue's size and, in maps with 8-byte values, a program to run there (an fd when written, an id when
// read); an emulated machine has no fds and refuses one as the kernel refuses a bad one. Only CPUs that the
// machine has can get an entry. Programs cannot look entries up, so values stay on the host.
#include <mutex>

#include "skep/vm/machine.hpp"
#include "skep/vm/maps/families.hpp"
#include "skep/vm/maps/redirect_map.hpp"
#include "skep/vm/maps/slot_table.hpp"

namespace skep::vm {
namespace {

// CONFIG_NR_CPUS of the distributions' kernels: more entries are refused.
constexpr std::uint32_t kMaxEntries = 8192;
constexpr std::uint32_t kMaxQueue = 16384;

class CpuMap final : public RedirectMap {
 public:
  CpuMap(Machine& machine, const MapSpec& spec) : RedirectMap(machine, spec) {}

  std::optional<std::uint32_t> target(std::uint64_t key) override {
    if (key >= spec_.max_entries) return std::nullopt;
    const auto cpu = static_cast<std::uint32_t>(key);
    const std::lock_guard locked(lock_);
    return queues_.get(cpu) == 0 ? std::nullopt : std::optional(cpu);
  }

 protected:
  int sys_lookup(Bytes key, MutableBytes value) override {
    if (!target(index_of(key))) return -kENOENT;
    std::ranges::fill(value, std::byte{0});
    const std::lock_guard locked(lock_);
    store(value.data(), queues_.get(index_of(key)));
    return 0;
  }

  int sys_update(Bytes key, Bytes value, std::uint64_t flags) override {
    const std::uint32_t cpu = index_of(key), queue = load<std::uint32_t>(value.data());
    const std::int32_t program = value.size() == 8 ? load<std::int32_t>(value.data() + 4) : 0;
    if (flags > kExist) return -kEINVAL;
    if (cpu >= spec_.max_entries) return -kE2BIG;
    if (flags == kNoExist) return -kEEXIST;
    if (queue > kMaxQueue) return -kEOVERFLOW;
    if (cpu >= machine_.cpu_count()) return -kENODEV;
    if (queue != 0 && program > 0) return -kENOMEM;
    const std::lock_guard locked(lock_);
    queues_.set(cpu, queue);
    return 0;
  }

  int sys_erase(Bytes key) override {
    if (index_of(key) >= spec_.max_entries) return -kEINVAL;
    const std::lock_guard locked(lock_);
    queues_.set(index_of(key), 0);
    return 0;
  }

  int sys_next_key(std::optional<Bytes> key, MutableBytes next) override {
    return next_index(spec_.max_entries, key, next);
  }

 private:
  SlotTable<std::uint32_t> queues_;  // sizes; 0: no entry
};

}  // namespace

MapResult create_cpumap(Machine& machine, const MapSpec& spec) {
  SKEP_TRY(check_flags(spec, kNumaNode));
  SKEP_TRY(check_entries(spec));
  SKEP_TRY(check_sizes(spec, 4, spec.value_size == 8 ? 8 : 4));
  if (spec.max_entries > kMaxEntries)
    return refuse(kE2BIG, "max_entries {}: at most {} CPUs", spec.max_entries, kMaxEntries);
  return std::make_unique<CpuMap>(machine, spec);
}

}  // namespace skep::vm
