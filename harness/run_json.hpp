// Records of runs as JSON (docs/run.schema.json).
#pragma once

#include "skep/harness/function.hpp"

namespace skep::harness {

// What a run printed; where lines were lost, the last one says how many, in the words of the kernel's trace_pipe.
std::vector<std::string> printk_lines(const vm::Outcome& outcome);
// An element of "runs".
Json run_to_json(const RunRecord& record);
// The same, with "result", "result_type" and "arguments", typed through `types`.
Json call_to_json(const FunctionRecord& record, const btf::Btf& types);

}  // namespace skep::harness
