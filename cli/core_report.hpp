// What `skep core check` found, as text and as JSON. What is kept grows with what an object lacks, not with the number
// of kernels that it was held against (but for their names).
#pragma once

#include <map>
#include <string>
#include <tuple>
#include <vector>

#include "skep/cli/table.hpp"
#include "skep/harness/json.hpp"
#include "skep/spec/core_check.hpp"

namespace skep::cli {

// For people: a row per kernel, then each finding once, with the kernels that it was found on.
class CoreText {
 public:
  CoreText();
  void add(const std::string& target, const spec::CoreReport& report);
  // A kernel whose types cannot be read.
  void add_unreadable(const std::string& target, const std::string& error);
  std::string text();

 private:
  struct Seen {
    std::string text;  // as it is printed
    std::size_t count = 0;
    std::vector<std::string> targets;  // the first of them
  };
  // Worst first, then by file and line, then by what tells them apart.
  using Key = std::tuple<int, std::string, std::uint32_t, std::string>;
  void note(Key key, std::string text, const std::string& target);

  Table table_;
  std::size_t targets_ = 0;
  std::map<Key, Seen> seen_;
};

// One element of `targets` in docs/core-check.schema.json.
harness::Json core_json(const std::string& target, const spec::CoreReport& report);
harness::Json core_json_unreadable(const std::string& target, const std::string& error);

}  // namespace skep::cli
