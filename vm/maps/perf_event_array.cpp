#include "skep/vm/maps/perf_event_array.hpp"

#include <algorithm>
#include <mutex>

#include "skep/vm/machine.hpp"
#include "skep/vm/maps/families.hpp"

namespace skep::vm {

PerfEventArrayMap::PerfEventArrayMap(Machine& machine, const MapSpec& spec) : Map(machine, spec) {
  for (std::uint32_t cpu = 0; cpu < std::min(machine.cpu_count(), spec.max_entries); ++cpu) events_.set(cpu, cpu + 1);
}

int PerfEventArrayMap::output(Cpu& cpu, std::uint64_t flags, Bytes data, Bytes packet) {
  const std::uint64_t index = (flags & kIndexMask) == kIndexMask ? cpu.id() : flags & kIndexMask;
  if (index >= spec_.max_entries) return -kE2BIG;
  {
    const std::lock_guard locked(lock_);
    const std::uint32_t event = events_.get(static_cast<std::uint32_t>(index));
    if (event == 0) return -kENOENT;
    if (event - 1 != cpu.id()) return -kEOPNOTSUPP;
  }
  Event record{name(), cpu.id(), {data.begin(), data.end()}};
  record.data.insert(record.data.end(), packet.begin(), packet.end());
  return cpu.outcome().deliver(std::move(record)) ? 0 : -kENOSPC;
}

int PerfEventArrayMap::sys_update(Bytes key, Bytes value, std::uint64_t flags) {
  if (flags != kAny) return -kEINVAL;
  if (index_of(key) >= spec_.max_entries) return -kE2BIG;
  const auto cpu = load<std::uint32_t>(value.data());
  if (cpu >= machine_.cpu_count()) return -kEBADF;
  const std::lock_guard locked(lock_);
  events_.set(index_of(key), cpu + 1);
  return 0;
}

int PerfEventArrayMap::sys_erase(Bytes key) {
  if (index_of(key) >= spec_.max_entries) return -kE2BIG;
  const std::lock_guard locked(lock_);
  if (events_.get(index_of(key)) == 0) return -kENOENT;
  events_.set(index_of(key), 0);
  return 0;
}

int PerfEventArrayMap::sys_next_key(std::optional<Bytes> key, MutableBytes next) {
  return next_index(spec_.max_entries, key, next);
}

MapResult create_perf_event_array(Machine& machine, const MapSpec& declared) {
  MapSpec spec = declared;
  if (spec.max_entries == 0) spec.max_entries = machine.cpu_count();
  SKEP_TRY(check_flags(spec, kRdonly | kWronly | kNumaNode | kPreserveElems));
  SKEP_TRY(check_entries(spec));
  SKEP_TRY(check_sizes(spec, 4, 4));
  return std::make_unique<PerfEventArrayMap>(machine, spec);
}

}  // namespace skep::vm
