// Help for terminals. Source of the layout: what git and clig.dev do: usage first, then what it is for, then
// options by group, examples last (they stay on the screen).
#include "skep/cli/help.hpp"

#include <algorithm>

namespace skep::cli {
namespace {

constexpr std::size_t kColumns = 80;

// Characters that a terminal shows: UTF-8 continuation bytes take no column.
std::size_t width(std::string_view text) {
  return static_cast<std::size_t>(std::ranges::count_if(text, [](char c) { return (c & 0xc0) != 0x80; }));
}

// Breaks text into lines that fit behind `indent` columns. Lines that begin with a space are kept as they are.
std::string wrap(std::string_view text, std::size_t indent) {
  std::string out;
  const std::string margin(indent, ' ');
  while (!text.empty()) {
    const auto end = std::min(text.find('\n'), text.size());
    std::string_view paragraph = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    if (paragraph.starts_with(' ') || paragraph.empty()) {
      out += (paragraph.empty() ? "" : margin) + std::string(paragraph) + "\n";
      continue;
    }
    std::size_t column = 0;
    while (!paragraph.empty()) {
      const auto space = std::min(paragraph.find(' '), paragraph.size());
      const auto word = paragraph.substr(0, space);
      paragraph.remove_prefix(std::min(space + 1, paragraph.size()));
      if (column != 0 && indent + column + 1 + width(word) > kColumns) {
        out += "\n";
        column = 0;
      }
      out += column == 0 ? margin : " ";
      out += word;
      column += width(word) + (column != 0);
    }
    out += "\n";
  }
  return out;
}

}  // namespace

std::string usage(const VerbRow& verb) {
  if (!verb.commands.empty()) return "";
  std::string out = fmt::format("skep {} [OPTIONS]", verb.name);
  for (const auto& argument : verb.arguments) out += fmt::format(" {}", argument.name);
  return out;
}

std::string overview() {
  std::string out =
      "skep runs the BPF object that you ship: offline, without root, the same on every\nmachine.\n\n"
      "usage: skep COMMAND [OPTIONS] [ARGUMENTS]\n       skep OBJ             the same as `skep run OBJ`\n\n"
      "Commands:\n";
  for (const auto* verb : verbs()) out += fmt::format("  {:<10} {}\n", verb->name, verb->summary);
  out += fmt::format("  {:<10} {}\n\n", "help", "this text; `skep help COMMAND` tells all about one command");
  out += "Examples:\n";
  for (const auto* verb : verbs()) out += fmt::format("  {}\n", verb->examples.front().command);
  return out;
}

std::string help(const VerbRow& verb) {
  std::string out = fmt::format("skep {}: {}\n\nusage: {}", verb.name, verb.summary, usage(verb));
  for (const auto* command : verb.commands)
    out += (command == verb.commands.front() ? "" : "\n       ") + usage(*command);
  out += "\n\n" + wrap(verb.description, 0);
  if (!verb.commands.empty()) out += "\nCommands:\n";
  for (const auto* command : verb.commands)
    out += fmt::format("  {}\n", command->name) +
           wrap(fmt::format("{}; `skep help {}` tells all about it", command->summary, command->name), 6);
  if (!verb.arguments.empty()) out += "\nArguments:\n";
  for (const auto& argument : verb.arguments) out += fmt::format("  {}\n", argument.name) + wrap(argument.help, 6);
  std::string_view group;
  for (const auto& option : verb.options) {
    if (option.group != group) out += fmt::format("\n{}:\n", option.group);
    group = option.group;
    out += fmt::format("  {}{}{}{}\n", option.name, option.value.empty() ? "" : " ", option.value,
                       option.list ? "…" : "");
    out += wrap(option.help, 6);
  }
  if (!verb.notes.empty()) out += "\n" + wrap(verb.notes, 0);
  out += "\nExit status:\n";
  for (const auto exit : {Exit::ok, Exit::usage, Exit::input, Exit::fault, Exit::not_supported})
    out += fmt::format("  {}  {}\n", static_cast<int>(exit), to_string(exit));
  out += "\nExamples:\n";
  for (const auto& example : verb.examples) out += fmt::format("  {}\n", example.command) + wrap(example.says, 6);
  return out;
}

}  // namespace skep::cli
