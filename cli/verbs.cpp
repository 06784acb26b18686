// The list of commands, and the small functions of cli/verb.hpp.
#include "skep/cli/verb.hpp"

#include <algorithm>

#include "skep/harness/json.hpp"

namespace skep::cli {

std::span<const VerbRow* const> verbs() {
  static constexpr const VerbRow* kVerbs[] = {&kRun, &kInspect, &kDisasm, &kExec, &kBtf, &kCore};
  return kVerbs;
}

const VerbRow* take_verb(std::span<const std::string>& words) {
  const VerbRow* found = nullptr;
  for (auto choices = verbs(); !words.empty(); choices = found->commands) {
    const auto name = found == nullptr ? words.front() : fmt::format("{} {}", found->name, words.front());
    const auto choice = std::ranges::find(choices, name, &VerbRow::name);
    if (choice == choices.end()) break;
    found = *choice;
    words = words.subspan(1);
  }
  return found;
}

std::string_view to_string(Exit exit) {
  switch (exit) {
    case Exit::ok: return "success";
    case Exit::mismatch: return "an expectation was not met";
    case Exit::usage: return "the command line makes no sense";
    case Exit::input: return "unreadable or refused input, or a failed system call";
    case Exit::fault: return "the BPF program faulted";
    case Exit::no_test: return "no test matched";
    case Exit::not_supported: return "something is not supported here; the message names it";
    case Exit::skipped: return "skipped for want of privileges";
  }
  return "";
}

Result<std::uint64_t> Arguments::number(std::string_view name, std::uint64_t otherwise, std::uint64_t least,
                                        std::uint64_t most) const {
  if (!has(name)) return otherwise;
  const auto value = SKEP_TRY_CTX(harness::integer_of(std::string_view(values_.find(name)->second.back())), "{}", name);
  if (value.negative || value.bits < least || value.bits > most)
    return fail(Errc::invalid, "{}: {} is not between {} and {}", name, get(name), least, most);
  return value.bits;
}

}  // namespace skep::cli
