// BPF_MAP_TYPE_PERF_EVENT_ARRAY: one perf event a slot, each bound to a CPU; records sent to it reach user space.
// kernel/bpf/arraymap.c and kernel/trace/bpf_trace.c of Linux 6.18.
//
// The emulated user space has done what perf_buffer__new does: slot i holds an event of CPU i, for all CPUs that the map
// has room for, and a reader takes every record at once. User space closes an event by deleting its slot. Updating a
// slot opens one; the value, in the kernel an fd, is here the number of the CPU that the event is bound to.
//
// So a program's first record arrives, where the kernel answers -ENOENT until somebody has opened an event.
#pragma once

#include "skep/vm/cpu.hpp"
#include "skep/vm/map.hpp"
#include "skep/vm/maps/slot_table.hpp"

namespace skep::vm {

class PerfEventArrayMap final : public Map {
 public:
  // BPF_F_INDEX_MASK; all ones mean the CPU that runs (BPF_F_CURRENT_CPU).
  static constexpr std::uint64_t kIndexMask = 0xffff'ffff;

  PerfEventArrayMap(Machine& machine, const MapSpec& spec);

  // Null if the map is of another type.
  static PerfEventArrayMap* from(Map* map) {
    return map != nullptr && map->type() == MapType::perf_event_array ? static_cast<PerfEventArrayMap*>(map) : nullptr;
  }

  // bpf_perf_event_output with the slot in the lower half of `flags` (the upper half is the helper's to check): the
  // record is `data` and, behind it, the bytes of the packet that the program asked for. It goes to the CPU's outcome as
  // it was sent: without the padding that perf adds (to 8 bytes, with a 4-byte size in front), and whole where the kernel's
  // 16-bit size would have wrapped. 0, -E2BIG (no such slot), -ENOENT (no event there), -EOPNOTSUPP (an event of
  // another CPU), -ENOSPC (the reader has fallen behind, see Outcome).
  int output(Cpu& cpu, std::uint64_t flags, Bytes data, Bytes packet = {});

 protected:
  int sys_update(Bytes key, Bytes value, std::uint64_t flags) override;
  int sys_erase(Bytes key) override;
  int sys_next_key(std::optional<Bytes> key, MutableBytes next) override;

 private:
  SlotTable<std::uint32_t> events_;  // CPU + 1; 0: none
};

}  // namespace skep::vm
