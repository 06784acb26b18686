// The functions that make maps, one a family, as named in families.inc; and what they share: the kernel's
// checks of a new map's sizes and flags (map_alloc_check of each map type in Linux 6.18).
#pragma once

#include <cstdint>
#include <memory>

#include "skep/vm/map.hpp"

namespace skep::vm {

using MapResult = Result<std::unique_ptr<Map>>;

// Each gets a spec whose type has a row that names it. Errors as Map::create, without the map's name.
#define SKEP_MAP_FAMILY(type, function) MapResult function(Machine& machine, const MapSpec& spec);
#include "skep/vm/maps/families.inc"
#undef SKEP_MAP_FAMILY

// BPF_F_RDONLY, WRONLY, RDONLY_PROG, WRONLY_PROG.
inline constexpr std::uint32_t kAccessFlags = kRdonly | kWronly | kRdonlyProg | kWronlyProg;
// PCPU_MIN_UNIT_SIZE: the most that a per-CPU value may take.
inline constexpr std::uint32_t kMaxPerCpuValue = 32768;

// What the kernel answers to a creation that it refuses: an invalid-error with its errno.
template <class... Args>
[[nodiscard]] std::unexpected<Error> refuse(int sys, fmt::format_string<Args...> format, Args&&... args) {
  return std::unexpected(
      Error(Errc::invalid, fmt::format(format, std::forward<Args>(args)...) + ": " + errno_text(sys), sys));
}

// The flags are among `allowed`, agree with each other, and name no NUMA node but 0.
Result<> check_flags(const MapSpec& spec, std::uint32_t allowed);
// map_extra is 0 (only bloom filters and arenas have one) and there is at least one entry.
Result<> check_entries(const MapSpec& spec);
// The sizes are exactly these.
Result<> check_sizes(const MapSpec& spec, std::uint32_t key_size, std::uint32_t value_size);

// Keys of arrays: the index that 4 bytes hold.
inline std::uint32_t index_of(Bytes key) { return load<std::uint32_t>(key.data()); }
// get_next_key of everything that is indexed: after a key out of range comes 0.
int next_index(std::uint32_t max_entries, std::optional<Bytes> key, MutableBytes next);

}  // namespace skep::vm
