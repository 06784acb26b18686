// Contents of emulated maps as JSON, out and in. One map is
//
//   {"name": …, "type": …, "entries": [{"key": …, "value": …, "key_hex": …, "value_hex": …}, …]}
//
// Per-CPU maps have "values" and "values_hex", one element a CPU, instead of "value" and "value_hex". A prog
// array's value is the name of the program, a data section's an object of its variables.
#pragma once

#include <functional>

#include "skep/harness/json.hpp"
#include "skep/vm/collection.hpp"

namespace skep::harness {

// An element as user space sees it: `value` has host_value_size bytes; in a prog array it is the program's name.
struct MapEntry {
  std::vector<std::byte> key, value;
  bool operator==(const MapEntry&) const = default;
};

struct MapContents {
  const vm::Map* map = nullptr;
  std::vector<MapEntry> entries;  // in the order of next_key
};

// Arrays of more elements than this are read without those that are zero.
inline constexpr std::uint32_t kMaxWholeArray = 65536;

// Reads one entry after the other. Maps without keys (ring buffers) have none.
void each_entry(vm::Map& map, const std::function<void(MapEntry)>& each);
// All of them.
MapContents read_map(vm::Map& map);

Json entry_to_json(const vm::Map& map, const CollectionSpec& spec, const MapEntry& entry);
// Maps as a JSON array, written entry by entry: a map can be larger than its text should be in memory. `level` as in
// nested_text.
using PutText = std::function<void(std::string_view)>;
void put_maps(const std::vector<vm::Map*>& maps, const CollectionSpec& spec, std::size_t level, const PutText& put);

// Puts entries into a map. `document` is a whole {"maps": […]} document (the entry of that name is taken), one
// map as above, a list of entries, or what `bpftool -j map dump` prints. In an entry key_hex and value_hex
// stand in for key and value; where both are given, key and value count. A "value" for a per-CPU map goes to every
// CPU; "values" may have fewer elements than there are CPUs. Variables of a data section that are not named keep
// their value. Errors: malformed, with the number of the entry; os when the map refuses, with the errno.
Result<> fill_map(vm::Map& map, vm::Collection& collection, const Json& document);

}  // namespace skep::harness
