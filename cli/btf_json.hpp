// A BTF type as JSON, with the keys and the words of `bpftool -j btf dump`.
#pragma once

#include "skep/btf/btf.hpp"
#include "skep/harness/json.hpp"

namespace skep::cli {

// {"id": 4, "kind": "STRUCT", "name": "flow_key", "size": 16, …}. Errors: those of Btf::type.
Result<harness::Json> type_json(const btf::Btf& btf, btf::TypeId id);

}  // namespace skep::cli
