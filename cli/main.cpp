// skep: picks the command, parses its options, prints its error. Everything else is in the commands.
#include <cstdio>
#include <filesystem>
#include <string>
#include <vector>

#include "skep/cli/help.hpp"
#include "skep/cli/output.hpp"
#include "skep/cli/parse.hpp"

namespace skep::cli {
namespace {

Exit exit_of(const Error& error) {
  switch (error.code()) {
    case Errc::invalid: return Exit::usage;
    case Errc::not_supported: return Exit::not_supported;
    case Errc::fault: return Exit::fault;
    case Errc::malformed:
    case Errc::not_found:
    case Errc::permission:
    case Errc::rejected:
    case Errc::os: break;
  }
  return Exit::input;
}

Exit complain(const Error& error) {
  cli::complain(error.what());
  return exit_of(error);
}

// `skep obj.o` runs it; a word that is neither a command nor looks like a file is a mistyped command.
bool looks_like_file(const std::string& word) {
  std::error_code ignored;
  return word == "-" || word.find_first_of("./") != std::string::npos || std::filesystem::exists(word, ignored);
}

Exit print_help(std::span<const std::string> words) {
  const bool man = !words.empty() && words.front() == "--man";  // how docs/man is made
  if (man) words = words.subspan(1);
  if (words.empty()) {
    put(overview());
    return Exit::ok;
  }
  const auto* verb = take_verb(words);
  if (verb == nullptr)
    return complain(Error(Errc::invalid, fmt::format("there is no command \"{}\" (see `skep help`)", words.front())));
  put(man ? man_page(*verb) : help(*verb));
  return Exit::ok;
}

// A group of commands by itself: `skep btf`, `skep btf --help`, `skep btf dmup`.
Exit dispatch_group(const VerbRow& group, std::span<const std::string> words) {
  for (const auto& word : words) {
    if (word != "--help" && word != "-h") continue;
    put(help(group));
    return Exit::ok;
  }
  std::string names;
  for (const auto* command : group.commands)
    names += fmt::format("{}`skep {}`", names.empty() ? "" : ", ", command->name);
  const auto given = words.empty() ? "" : fmt::format("there is no `skep {} {}`; ", group.name, words.front());
  return complain(Error(Errc::invalid, fmt::format("{}the commands are {}", given, names)));
}

Exit dispatch(std::span<const std::string> words) {
  if (words.empty()) {
    fmt::print(stderr, "{}", overview());
    return Exit::usage;
  }
  const std::string& first = words.front();
  if (first == "help") return print_help(words.subspan(1));
  if (first == "--help" || first == "-h") return print_help({});
  if (first == "--version") {
    put("skep " SKEP_VERSION "\n");
    return Exit::ok;
  }
  const auto* verb = take_verb(words);
  if (verb == nullptr && looks_like_file(first)) verb = &kRun;
  if (verb == nullptr)
    return complain(
        Error(Errc::invalid, fmt::format("\"{}\" is neither a command nor a file (see `skep help`)", first)));
  if (!verb->commands.empty()) return dispatch_group(*verb, words);

  const auto arguments = parse(*verb, words);
  if (!arguments) return complain(arguments.error());
  if (arguments->has("--help")) {
    put(help(*verb));
    return Exit::ok;
  }
  const auto exit = verb->run(*arguments);
  return exit ? *exit : complain(exit.error());
}

}  // namespace
}  // namespace skep::cli

int main(int argc, char** argv) {
  const std::vector<std::string> words(argv + 1, argv + argc);
  auto exit = skep::cli::dispatch(words);
  if (skep::cli::output_failed()) {
    fmt::print(stderr, "skep: error: cannot write to standard output\n");
    exit = skep::cli::Exit::input;
  }
  return static_cast<int>(exit);
}
