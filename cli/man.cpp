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

}  // namespace

std::string man_page(const VerbRow& verb) {
  std::string title = fmt::format("SKEP-{}", verb.name);
  std::ranges::transform(title, title.begin(), [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
  std::string out =
      fmt::format(".TH {} 1 \"\" skep\n.SH NAME\nskep\\-{} \\- {}\n", title, verb.name, escape(verb.summary));
  out += fmt::format(".SH SYNOPSIS\n.B skep {}\n.RI [ OPTIONS ]", verb.name);
  for (const auto& argument : verb.arguments) out += fmt::format("\n.I {}", escape(argument.name));
  out += "\n.SH DESCRIPTION\n" + body(verb.description);
  if (!verb.arguments.empty()) out += ".SH ARGUMENTS\n";
  for (const auto& argument : verb.arguments)
    out += fmt::format(".TP\n.I {}\n", escape(argument.name)) + body(argument.help);
  if (!verb.options.empty()) out += ".SH OPTIONS\n";
  std::string_view group;
  for (const auto& option : verb.options) {
    if (option.group != group) out += fmt::format(".SS {}\n", option.group);
    group = option.group;
    out += option.value.empty() ? fmt::format(".TP\n.B {}\n", escape(option.name))
                                : fmt::format(".TP\n.BI {} \" {}\"\n", escape(option.name),
                                              fmt::format("{}{}", escape(option.value), option.list ? "…" : ""));
    out += body(option.help);
  }
  if (!verb.notes.empty()) out += body(verb.notes);
  out += ".SH EXIT STATUS\n";
  for (const auto exit : {Exit::ok, Exit::usage, Exit::input, Exit::fault, Exit::not_supported})
    out += fmt::format(".TP\n.B {}\n{}\n", static_cast<int>(exit), escape(to_string(exit)));
  out += ".SH EXAMPLES\n";
  for (const auto& example : verb.examples)
    out += fmt::format(".PP\n.EX\n{}\n.EE\n", escape(example.command)) + ".RS\n" + body(example.says) + ".RE\n";
  out += ".SH SEE ALSO\n";
  std::string also;
  for (const auto* other : verbs())
    if (other != &verb) also += fmt::format("{}.BR skep\\-{} (1)", also.empty() ? "" : ",\n", other->name);
  return out + also + "\n";
}

}  // namespace skep::cli
