// Contents of emulated maps as JSON, out and in. One map is
//
//   {"name": …, "type": …, "entries": [{"key": …, "value": …, "key_hex": …, "value_hex": …}, …]}
//
// Per-CPU maps have "values" and "values_hex", one element a CPU, instead of "value" and "value_hex". A prog
// array's value is the name of the program, a data section's an object of its variables.
#pragma once

#include "skep/harness/json.hpp"
#include "skep/vm/collection.hpp"

namespace skep::harness {

// All entries in the order of next_key. Maps without keys (ring buffers) have none.
Json map_to_json(vm::Map& map, const CollectionSpec& spec);

// Puts entries into a map. `document` is a whole {"maps": […]} document (the entry of that name is taken), one
// map as above, a list of entries, or what `bpftool -j map dump` prints. In an entry key_hex and value_hex
// stand in for key and value; where both are given, key and value count. A "value" for a per-CPU map goes to every
// CPU; "values" may have fewer elements than there are CPUs. Variables of a data section that are not named keep
// their value. Errors: malformed, with the number of the entry; os when the map refuses, with the errno.
Result<> fill_map(vm::Map& map, vm::Collection& collection, const Json& document);

}  // namespace skep::harness
