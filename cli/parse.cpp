// The only file that includes CLI11 (it costs seconds to compile): rows in, Arguments out. Help is not the
// library's but cli/help.cpp's, from the same rows.
#include "skep/cli/parse.hpp"

#include <algorithm>
#include <cctype>

#include <CLI/CLI.hpp>

namespace skep::cli {
namespace {

// An argument that may be given more than once.
constexpr std::string_view kMany = "…";

bool is_option(std::string_view word) {
  // "-3" is a value, "-" is a file name.
  return word.size() > 1 && word[0] == '-' && std::isdigit(static_cast<unsigned char>(word[1])) == 0;
}

// `--arg 1 2 3` becomes `--arg 1 --arg 2 --arg 3`. The library could do that itself, but then it takes
// "[1,2]" apart, which is one JSON value here. Words are taken only when all arguments came before.
std::vector<std::string> spread_lists(const VerbRow& verb, std::span<const std::string> words) {
  std::vector<std::string> out;
  std::size_t arguments = 0;
  for (std::size_t i = 0; i < words.size(); i++) {
    out.push_back(words[i]);
    const auto row = std::ranges::find(verb.options, std::string_view(words[i]), &OptionRow::name);
    if (row == verb.options.end()) {
      arguments += !is_option(words[i]);
      continue;
    }
    if (row->value.empty() || i + 1 == words.size()) continue;
    out.push_back(words[++i]);
    while (row->list && arguments >= verb.arguments.size() && i + 1 < words.size() && !is_option(words[i + 1])) {
      out.emplace_back(row->name);
      out.push_back(words[++i]);
    }
  }
  return out;
}

}  // namespace

Result<Arguments> parse(const VerbRow& verb, std::span<const std::string> words) {
  if (std::ranges::any_of(words, [](const auto& word) { return word == "--help" || word == "-h"; })) {
    Arguments help;
    help.add("--help", "");
    return help;
  }
  CLI::App app;
  app.set_help_flag();
  std::map<std::string_view, std::vector<std::string>> values;
  std::map<std::string_view, bool> flags;
  for (const auto& row : verb.options) {
    if (row.value.empty()) {
      app.add_flag(std::string(row.name), flags[row.name]);
      continue;
    }
    auto* option = app.add_option(std::string(row.name), values[row.name])->allow_extra_args(false);
    if (!row.many) option->expected(1)->multi_option_policy(CLI::MultiOptionPolicy::Throw);
  }
  for (const auto& row : verb.arguments) {
    const bool optional = row.name.starts_with('['), many = row.name.ends_with(kMany);
    auto name = optional ? row.name.substr(1, row.name.size() - 2) : row.name;
    if (many) name.remove_suffix(kMany.size());
    app.add_option(std::string(name), values[name])->allow_extra_args(many)->required(!optional);
  }
  auto list = spread_lists(verb, words);
  std::ranges::reverse(list);  // as the library wants them
  try {
    app.parse(std::move(list));
  } catch (const CLI::Error& error) {
    std::string what = error.what();
    std::ranges::replace(what, '\n', ' ');
    return fail(Errc::invalid, "{} (see `skep help {}`)", what, verb.name);
  }
  Arguments arguments;
  for (const auto& [name, given] : values)
    for (const auto& value : given) arguments.add(name, value);
  for (const auto& [name, given] : flags)
    if (given) arguments.add(name, "");
  return arguments;
}

}  // namespace skep::cli
