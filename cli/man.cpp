// Man pages from the rows, with the macros of man(7) that every formatter knows.
#include "skep/cli/help.hpp"

#include <algorithm>
#include <cctype>

namespace skep::cli {
namespace {

// Plain text for roff: backslashes and leading control characters escaped, hyphens kept as typed.
std::string escape(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); i++) {
    const bool at_start = i == 0 || text[i - 1] == '\n';
    if (at_start && (text[i] == '.' || text[i] == '\'')) out += "\\&";
    if (text[i] == '\\') out += "\\e";
    else if (text[i] == '-') out += "\\-";
    else out += text[i];
  }
  return out;
}

bool is_heading(std::string_view line) {
  return !line.empty() && std::ranges::all_of(line, [](unsigned char c) { return std::isupper(c) != 0 || c == ' '; }) &&
         line.front() != ' ';
}

// Paragraphs become .PP, capital lines .SH, indented lines an example without filling.
std::string body(std::string_view text) {
  std::string out;
  bool verbatim = false;
  while (!text.empty()) {
    const auto end = std::min(text.find('\n'), text.size());
    const auto line = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    if (line.starts_with(' ') != verbatim) {
      out += verbatim ? ".EE\n" : ".EX\n";
      verbatim = !verbatim;
    }
    if (line.empty()) out += ".PP\n";
    else if (is_heading(line)) out += fmt::format(".SH {}\n", line);
    else out += escape(line) + "\n";
  }
  if (verbatim) out += ".EE\n";
  return out;
}

std::string capitals(std::string_view text) {
  std::string out(text);
  std::ranges::transform(out, out.begin(), [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
  return out;
}

std::string synopsis(const VerbRow& verb) {
  std::string out = fmt::format(".B skep {}\n.RI [ OPTIONS ]", verb.name);
  for (const auto& argument : verb.arguments) out += fmt::format("\n.I {}", escape(argument.name));
  return out + "\n";
}

std::string items(const VerbRow& verb, std::string_view heading, std::string_view group_heading) {
  std::string out;
  if (!verb.arguments.empty()) out += fmt::format("{} ARGUMENTS\n", heading);
  for (const auto& argument : verb.arguments)
    out += fmt::format(".TP\n.I {}\n", escape(argument.name)) + body(argument.help);
  if (!verb.options.empty()) out += fmt::format("{} OPTIONS\n", heading);
  std::string_view group;
  for (const auto& option : verb.options) {
    if (option.group != group) out += fmt::format("{} {}\n", group_heading, option.group);
    group = option.group;
    out += option.value.empty() ? fmt::format(".TP\n.B {}\n", escape(option.name))
                                : fmt::format(".TP\n.BI {} \" {}\"\n", escape(option.name),
                                              fmt::format("{}{}", escape(option.value), option.list ? "…" : ""));
    out += body(option.help);
  }
  return out;
}

std::string examples(const VerbRow& verb) {
  std::string out;
  for (const auto& example : verb.examples)
    out += fmt::format(".PP\n.EX\n{}\n.EE\n", escape(example.command)) + ".RS\n" + body(example.says) + ".RE\n";
  return out;
}

}  // namespace

std::string man_page(const VerbRow& verb) {
  std::string out =
      fmt::format(".TH {} 1 \"\" skep\n.SH NAME\nskep\\-{} \\- {}\n", capitals(fmt::format("skep-{}", verb.name)), verb.name, escape(verb.summary));
  out += ".SH SYNOPSIS\n";
  if (verb.commands.empty()) out += synopsis(verb);
  for (const auto* command : verb.commands)
    out += (command == verb.commands.front() ? "" : ".br\n") + synopsis(*command);
  out += ".SH DESCRIPTION\n" + body(verb.description) + items(verb, ".SH", ".SS");
  for (const auto* command : verb.commands) {
    out += fmt::format(".SH SKEP {}\n", capitals(command->name));
    out += body(command->description) + items(*command, ".SS", ".PP\n.B") + body(command->notes);
  }
  if (!verb.notes.empty()) out += body(verb.notes);
  out += ".SH EXIT STATUS\n";
  for (const auto exit : {Exit::ok, Exit::usage, Exit::input, Exit::fault, Exit::not_supported})
    out += fmt::format(".TP\n.B {}\n{}\n", static_cast<int>(exit), escape(to_string(exit)));
  out += ".SH EXAMPLES\n" + examples(verb);
  for (const auto* command : verb.commands) out += examples(*command);
  out += ".SH SEE ALSO\n";
  std::string also;
  for (const auto* other : verbs())
    if (other != &verb) also += fmt::format("{}.BR skep\\-{} (1)", also.empty() ? "" : ",\n", other->name);
  return out + also + "\n";
}

}  // namespace skep::cli
