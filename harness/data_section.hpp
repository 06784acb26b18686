// The one value of a data section's map (.data, .rodata, .bss) as an object of global variables. BTF's own type
// for it, the DATASEC, does not do: clang leaves its offsets 0, and the loader found the variables' places.
#pragma once

#include "skep/harness/json.hpp"
#include "skep/spec/collection.hpp"

namespace skep::harness {

bool is_data_section(const MapSpec& map);

// {"seen": 1, "config": {…}}; hex if the section has no named variables.
Json section_to_json(const CollectionSpec& spec, const MapSpec& map, Bytes value);

// The section with the variables that `json` names replaced, the others as in `value`. Hex replaces all. Errors:
// invalid; an unknown variable's message lists those there are.
Result<std::vector<std::byte>> section_from_json(const CollectionSpec& spec, const MapSpec& map, Bytes value,
                                                 const Json& json);

}  // namespace skep::harness
