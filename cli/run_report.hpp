// The records of `skep run` as tables for people.
#pragma once

#include <map>
#include <string>

#include "skep/cli/table.hpp"
#include "skep/harness/function.hpp"
#include "skep/harness/packets.hpp"

namespace skep::cli {

// One row a run, and below it what else it did (events, printk lines, redirect, fault).
class RunTable {
 public:
  explicit RunTable(harness::LinkType link) : link_(link) {}
  void add(const harness::RunRecord& run);
  // The rows added since the last call, see Table::text.
  std::string text() { return table_.text(); }
  // Time to print what there is.
  bool is_long() const;

 private:
  harness::LinkType link_;
  Table table_{{"#", "len", "verdict", "insns", "change"}, {0, 1, 3}};
  std::uint64_t count_ = 0;
};

// "3 runs: 1 XDP_TX, 2 XDP_PASS; 272 instructions"
class RunSummary {
 public:
  void add(const harness::RunRecord& run);
  std::string text() const;

 private:
  std::map<std::string, std::uint64_t> verdicts_;
  std::uint64_t runs_ = 0, instructions_ = 0;
};
// Entries in which maps differ from what they held before; "" if none does.
std::string map_changes(const CollectionSpec& spec, const std::vector<harness::MapContents>& before,
                        const std::vector<vm::Map*>& maps);
// The signature, what was passed, the result and what pointers point to now.
std::string call_text(std::string_view function, const harness::Json& call, const harness::FunctionRecord& record);

}  // namespace skep::cli
