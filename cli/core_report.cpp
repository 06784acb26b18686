#include "skep/cli/core_report.hpp"

#include <algorithm>

#include <nlohmann/json.hpp>

#include "skep/cli/output.hpp"
#include "skep/cli/printable.hpp"

namespace skep::cli {
namespace {

using harness::Json;
using spec::CoreFinding;
using spec::CoreProgram;
using spec::CoreReport;
using Effect = spec::CoreFinding::Effect;

// As many kernels are named with a finding.
constexpr std::size_t kNamed = 3;

bool counts(const CoreReport& report, const CoreFinding& finding) {
  return std::ranges::any_of(finding.programs, [&](auto program) { return report.programs[program].counts; });
}

std::string program_list(const CoreReport& report, const CoreFinding& finding) {
  std::string list;
  for (std::size_t i = 0; i < finding.programs.size() && i < kNamed; ++i)
    list += (i == 0 ? "" : ", ") + report.programs[finding.programs[i]].name;
  if (finding.programs.size() > kNamed) list += fmt::format(" and {} more", finding.programs.size() - kNamed);
  return list;
}

// "file.c:12:3: in get_state, for on_exec, on_exit"
std::string place(const CoreReport& report, const CoreFinding& finding) {
  std::string text;
  if (finding.line != 0) text = fmt::format("{}:{}:", finding.file, finding.line);
  if (finding.line != 0 && finding.column != 0) text += fmt::format("{}:", finding.column);  // 0: the whole line
  if (finding.line != 0) text += ' ';
  text += finding.function;
  if (finding.line == 0) text += fmt::format(", instruction {}", finding.slot);
  const bool is_own = finding.programs.size() == 1 && report.programs[finding.programs[0]].name == finding.function;
  if (!is_own) text += ", for " + program_list(report, finding);
  if (!counts(report, finding)) text += " (not loaded by default)";
  return text;
}

// Type numbers are another on every kernel, so the reason stands only where nothing shorter says it.
std::string lacks(const CoreFinding& finding) {
  const bool is_enumerator =
      finding.kind == static_cast<std::uint32_t>(btf::CoreKind::enumval_exists) ||
      finding.kind == static_cast<std::uint32_t>(btf::CoreKind::enumval_value);
  std::string text = finding.lack == btf::CoreLack::name
                         ? fmt::format("no {} \"{}\"", is_enumerator ? "enumerator" : "member", finding.missing)
                         : finding.reason;
  if (!finding.nearest.empty()) text += fmt::format("; nearest: \"{}\"", finding.nearest);
  return text;
}

Colour colour_of(Effect effect) {
  return effect == Effect::fails ? Colour::red : effect == Effect::guarded ? Colour::yellow : Colour::dim;
}

// Columns of the words in front of findings.
constexpr std::size_t kIndent = 10;

std::string describe(const CoreReport& report, const CoreFinding& finding) {
  const std::string margin(kIndent, ' ');
  const auto effect = to_string(finding.effect);
  auto text = paint(colour_of(finding.effect), effect) + margin.substr(effect.size());
  text += printable(place(report, finding)) + "\n";
  auto line = std::string_view(finding.text);
  line.remove_prefix(std::min(line.find_first_not_of(" \t"), line.size()));
  if (!line.empty()) text += margin + "    " + printable(line) + "\n";
  return text + margin + printable(fmt::format("{}: {}", finding.asks, lacks(finding))) + "\n";
}

Json text_or_null(const std::string& text) { return text.empty() ? Json() : Json(text); }

std::string_view to_string(btf::CoreLack lack) {
  switch (lack) {
    case btf::CoreLack::nothing: break;
    case btf::CoreLack::type: return "type";
    case btf::CoreLack::name: return "name";
    case btf::CoreLack::form: return "form";
  }
  return "nothing";
}

std::string_view to_string(spec::Reach reach) {
  switch (reach) {
    case spec::Reach::dead: return "dead";
    case spec::Reach::guarded: return "guarded";
    case spec::Reach::reachable: break;
  }
  return "reachable";
}

Json program_json(const CoreProgram& program) {
  return {{"name", program.name},
          {"autoload", program.autoload},
          {"counts", program.counts},
          {"verdict", to_string(program.verdict)},
          {"error", text_or_null(program.error)}};
}

Json finding_json(const CoreReport& report, const CoreFinding& finding) {
  Json programs = Json::array();
  for (const auto program : finding.programs) programs.push_back(report.programs[program].name);
  const bool has_line = finding.line != 0;
  return {{"effect", to_string(finding.effect)},
          {"programs", std::move(programs)},
          {"function", finding.function},
          {"slot", finding.slot},
          {"file", has_line ? Json(finding.file) : Json()},
          {"line", has_line ? Json(finding.line) : Json()},
          {"column", has_line ? Json(finding.column) : Json()},
          {"text", has_line ? Json(finding.text) : Json()},
          {"kind", btf::to_string(static_cast<btf::CoreKind>(finding.kind))},
          {"relocation", finding.asks},
          {"lack", to_string(finding.lack)},
          {"missing", text_or_null(finding.missing)},
          {"nearest", text_or_null(finding.nearest)},
          {"reason", finding.reason},
          {"reach", to_string(finding.reach)}};
}

}  // namespace

CoreText::CoreText() : table_({"verdict", "fails", "guarded", "answered", "target"}, {1, 2, 3}) {}

void CoreText::note(Key key, std::string text, const std::string& target) {
  const auto [known, is_new] = seen_.try_emplace(std::move(key));
  if (is_new) known->second.text = std::move(text);
  ++known->second.count;
  if (known->second.targets.size() < kNamed) known->second.targets.push_back(target);
}

void CoreText::add(const std::string& target, const CoreReport& report) {
  ++targets_;
  std::size_t found[3] = {};
  for (const auto& finding : report.findings) found[static_cast<int>(finding.effect)] += counts(report, finding);
  // What no finding tells fails, too.
  found[2] += static_cast<std::size_t>(std::ranges::count_if(
      report.programs, [](const CoreProgram& program) { return program.counts && !program.error.empty(); }));
  table_.add({std::string(to_string(report.verdict)), std::to_string(found[2]), std::to_string(found[1]),
              std::to_string(found[0]), target});
  for (const auto& program : report.programs) {
    if (program.error.empty()) continue;
    note({-3, program.name, 0, ""},
         paint(Colour::red, "fails") + "     " +
             printable(fmt::format("{}{}", program.name, program.counts ? "" : " (not loaded by default)")) +
             "\n          " + printable(program.error) + "\n",
         target);
  }
  for (const auto& finding : report.findings)
    note({-static_cast<int>(finding.effect), finding.file, finding.line,
          fmt::format("{}\n{:8}\n{}\n{}\n{}", finding.function, finding.slot, finding.asks,
                      static_cast<int>(finding.lack), finding.nearest)},
         describe(report, finding), target);
}

void CoreText::add_unreadable(const std::string& target, const std::string& error) {
  ++targets_;
  table_.add({"unreadable", "-", "-", "-", target});
  table_.add_line("  " + error);
}

std::string CoreText::text() {
  auto text = table_.text();
  for (const auto& [key, seen] : seen_) {
    text += "\n" + seen.text;
    if (targets_ == 1) continue;
    std::string names;
    for (const auto& name : seen.targets) names += (names.empty() ? "" : ", ") + name;
    if (seen.count > seen.targets.size()) names += fmt::format(" and {} more", seen.count - seen.targets.size());
    text += std::string(kIndent, ' ') + printable(fmt::format("on {} of {}: {}", seen.count, targets_, names)) + "\n";
  }
  return text;
}

Json core_json(const std::string& target, const CoreReport& report) {
  Json programs = Json::array(), findings = Json::array();
  for (const auto& program : report.programs) programs.push_back(program_json(program));
  for (const auto& finding : report.findings) findings.push_back(finding_json(report, finding));
  return {{"target", target},
          {"verdict", to_string(report.verdict)},
          {"error", nullptr},
          {"programs", std::move(programs)},
          {"findings", std::move(findings)}};
}

Json core_json_unreadable(const std::string& target, const std::string& error) {
  return {{"target", target},
          {"verdict", "unreadable"},
          {"error", error},
          {"programs", Json::array()},
          {"findings", Json::array()}};
}

}  // namespace skep::cli
