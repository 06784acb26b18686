// What an object declares, as one JSON document (docs/inspect.schema.json). Depends on the object alone,
// except for libbpf_name, which libbpf makes from the path.
#pragma once

#include "skep/harness/json.hpp"
#include "skep/spec/collection.hpp"

namespace skep::harness {

// Never fails: what is wrong with one program is told with it.
Json inspect(const CollectionSpec& spec, std::string_view path);

}  // namespace skep::harness
