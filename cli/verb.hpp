// What a command of skep is: one row that the option parser, `--help` and the man page all read, and the
// function behind it. Texts are written once, here in rows.
#pragma once

#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "skep/base/error.hpp"

namespace skep::cli {

// Never to change: scripts branch on them.
enum class Exit : std::uint8_t {
  ok = 0,
  mismatch = 1,       // an expectation was not met
  usage = 2,          // the command line makes no sense
  input = 3,          // unreadable or refused input, failed system calls
  fault = 4,          // the guest program faulted
  no_test = 5,        // no test matched
  not_supported = 6,  // not supported here, and named
  skipped = 77,       // privileges are missing
};
// What each means, for help texts.
std::string_view to_string(Exit exit);

// With several runs the worst decides: the larger of the two, except that `usage` cannot happen by then.
constexpr Exit worst(Exit a, Exit b) { return a > b ? a : b; }

struct ArgumentRow {
  std::string_view name;  // "OBJ"; optional ones in brackets: "[HEXMEM]"; one or more of them: "OBJ…"
  std::string_view help;
};

struct OptionRow {
  std::string_view group;  // heading in the help
  std::string_view name;   // "--prog"
  std::string_view value;  // "NAME"; empty: a flag
  std::string_view help;
  bool many = false;       // may be given more than once
  bool list = false;       // takes all words that follow, up to the next option
};

struct ExampleRow {
  std::string_view command;
  std::string_view says;
};

// A parsed command line.
class Arguments {
 public:
  void add(std::string_view name, std::string value) { values_[std::string(name)].push_back(std::move(value)); }

  bool has(std::string_view name) const { return values_.contains(name); }
  // The value of an option or argument, "" if it was not given.
  std::string get(std::string_view name) const { return has(name) ? values_.find(name)->second.back() : ""; }
  std::span<const std::string> all(std::string_view name) const {
    return has(name) ? std::span<const std::string>(values_.find(name)->second) : std::span<const std::string>();
  }
  // The value of an option as a number (decimal or 0x…). Errors: invalid, naming the option.
  Result<std::uint64_t> number(std::string_view name, std::uint64_t otherwise, std::uint64_t least = 0,
                               std::uint64_t most = UINT64_MAX) const;

 private:
  std::map<std::string, std::vector<std::string>, std::less<>> values_;
};

// A command, or one of a group of them: the row of the group has `commands` and no `run`.
struct VerbRow {
  std::string_view name;         // "disasm"; within a group "btf dump"
  std::string_view summary;      // one line, lower case, no full stop
  std::string_view description;  // paragraphs, separated by empty lines
  std::span<const ArgumentRow> arguments;
  std::span<const OptionRow> options;
  std::span<const ExampleRow> examples;
  std::string_view notes;        // further paragraphs, below the options; a line in capitals is a heading
  Result<Exit> (*run)(const Arguments& arguments);
  std::span<const VerbRow* const> commands = {};
};

extern const VerbRow kRun, kInspect, kDisasm, kExec, kBtf, kCore;
std::span<const VerbRow* const> verbs();
// Takes the name of a command off the words ("disasm", or "btf" and "dump"); the group itself if the second word is
// none of its commands. Null, and the words as they were, if there is no such command.
const VerbRow* take_verb(std::span<const std::string>& words);

}  // namespace skep::cli
