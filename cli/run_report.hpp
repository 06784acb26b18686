// The records of `skep run` as tables for people.
#pragma once

#include <string>

#include "skep/harness/function.hpp"
#include "skep/harness/packets.hpp"

namespace skep::cli {

// One row a run, and below it what else it did (events, printk lines, redirect, fault).
std::string run_table(const std::vector<harness::RunRecord>& runs, harness::LinkType link);
// "3 packets: 1 XDP_TX, 2 XDP_PASS; 272 instructions"
std::string run_summary(const std::vector<harness::RunRecord>& runs);
// Entries that differ between two readings of all maps; "" if none does.
std::string map_changes(const CollectionSpec& spec, const std::vector<harness::MapContents>& before,
                        const std::vector<harness::MapContents>& after);
// The signature, what was passed, the result and what pointers point to now.
std::string call_text(std::string_view function, const harness::Json& call, const harness::FunctionRecord& record);

}  // namespace skep::cli
