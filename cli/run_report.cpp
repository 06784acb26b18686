#include "skep/cli/run_report.hpp"

#include <algorithm>
#include <map>
#include <span>

#include <nlohmann/json.hpp>

#include "skep/cli/output.hpp"
#include "skep/cli/printable.hpp"
#include "skep/harness/dissect.hpp"
#include "skep/harness/run_json.hpp"

namespace skep::cli {
namespace {

using harness::Json;
using harness::RunRecord;

constexpr std::size_t kShownEntries = 20;   // a map
constexpr std::size_t kShownBytes = 32;     // of an event
constexpr std::size_t kShownLines = 100;    // of events, and of printk, a run
constexpr std::size_t kShownText = 1000;    // bytes of a line
constexpr std::size_t kHeldTable = 1 << 18; // bytes of rows, thousands of them

// A line that fits a few lines of a terminal; UTF-8 is not cut inside of a character.
std::string shortened(std::string text) {
  if (text.size() <= kShownText) return text;
  auto end = kShownText;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xc0) == 0x80) end--;
  const auto left = text.size() - end;
  text.resize(end);
  return text + fmt::format("… ({} more bytes)", left);
}

std::string verdict_text(const RunRecord& run) {
  if (run.result.fault) return "fault";
  if (run.error) return "error";
  return run.verdict ? *run.verdict : fmt::format("{}", static_cast<std::int32_t>(run.result.r0));
}

std::string change_text(const RunRecord& run, harness::LinkType link) {
  if (!run.data_in || !run.data_out || run.result.fault || run.error) return "";
  auto text = harness::describe_change(*run.data_in, packet_after(run), link);
  if (run.meta_size != 0) text += fmt::format("{}{} B of metadata", text.empty() ? "" : "; ", run.meta_size);
  return text.empty() ? "-" : text;
}

std::string redirect_text(const vm::Redirect& redirect) {
  std::string text = redirect.helper;
  if (!redirect.map.empty()) text += " map " + redirect.map;
  if (redirect.key) text += fmt::format(" key {}", *redirect.key);
  if (redirect.ifindex) text += fmt::format(" ifindex {}", *redirect.ifindex);
  if (redirect.flags != 0) text += fmt::format(" flags {:#x}", redirect.flags);
  return text;
}

// The lines below a row.
std::vector<std::string> details(const RunRecord& run) {
  std::vector<std::string> lines;
  if (run.error) lines.push_back(run.error->what());
  if (run.result.fault) {
    lines.push_back(to_string(*run.result.fault));
    if (!run.result.fault->text.empty())
      lines.push_back(fmt::format("  {} | {}", run.result.fault->line, run.result.fault->text));
  }
  if (run.outcome.redirect) lines.push_back("redirect: " + redirect_text(*run.outcome.redirect));
  for (const auto& event : std::span(run.outcome.events).first(std::min(run.outcome.events.size(), kShownLines))) {
    const auto shown = Bytes(event.data).first(std::min(event.data.size(), kShownBytes));
    lines.push_back(fmt::format("event: {} cpu {} {} B {}{}", event.map, event.cpu, event.data.size(), to_hex(shown),
                                shown.size() < event.data.size() ? "…" : ""));
  }
  if (run.outcome.events.size() > kShownLines)
    lines.push_back(fmt::format("… {} more events (--json shows all)", run.outcome.events.size() - kShownLines));
  const auto printed = harness::printk_lines(run.outcome);
  for (const auto& line : std::span(printed).first(std::min(printed.size(), kShownLines)))
    lines.push_back("printk: " + shortened(line));
  if (printed.size() > kShownLines)
    lines.push_back(fmt::format("… {} more lines of printk (--json shows all)", printed.size() - kShownLines));
  return lines;
}

std::string compact(const Json& json) {
  return json.is_string() ? json.get<std::string>() : json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

const Json& value_of(const Json& entry) { return entry.contains("values") ? entry["values"] : entry["value"]; }

// "before → after", of structures only the fields that differ.
std::string difference(const Json& before, const Json& after) {
  if (!before.is_object() || !after.is_object()) return fmt::format("{} → {}", compact(before), compact(after));
  std::string text;
  for (const auto& [name, value] : after.items())
    if (!before.contains(name) || before[name] != value)
      text += fmt::format("{}{} {}", text.empty() ? "" : ", ", name,
                          difference(before.contains(name) ? before[name] : Json(), value));
  return text;
}

// One entry that is there before, after or both times.
std::string entry_change(const vm::Map& map, const CollectionSpec& spec, const harness::MapEntry* before,
                         const harness::MapEntry* after) {
  const auto then = before != nullptr ? harness::entry_to_json(map, spec, *before) : Json();
  const auto now = after != nullptr ? harness::entry_to_json(map, spec, *after) : Json();
  if (before == nullptr) return fmt::format("+ {}: {}", compact(now["key"]), compact(value_of(now)));
  if (after == nullptr) return fmt::format("- {}: {}", compact(then["key"]), compact(value_of(then)));
  return fmt::format("  {}: {}", compact(now["key"]), difference(value_of(then), value_of(now)));
}

// Lines for the first kShownEntries changes of a map, and how many there are.
struct MapChanges {
  std::vector<std::string> lines;
  std::size_t count = 0;
};

MapChanges compare(const CollectionSpec& spec, const harness::MapContents& before, vm::Map& map) {
  std::map<std::vector<std::byte>, const harness::MapEntry*> old_entries;
  for (const auto& entry : before.entries) old_entries[entry.key] = &entry;
  MapChanges changes;
  const auto add = [&](const harness::MapEntry* then, const harness::MapEntry* now) {
    if (changes.count++ < kShownEntries) changes.lines.push_back(shortened(entry_change(map, spec, then, now)));
  };
  harness::each_entry(map, [&](const harness::MapEntry& entry) {
    const auto found = old_entries.find(entry.key);
    const auto* then = found == old_entries.end() ? nullptr : found->second;
    if (then == nullptr || then->value != entry.value) add(then, &entry);
    if (then != nullptr) old_entries.erase(found);
  });
  for (const auto& [key, entry] : old_entries) add(entry, nullptr);
  return changes;
}

}  // namespace

void RunTable::add(const RunRecord& run) {
  table_.add({std::to_string(++count_), run.data_in ? std::to_string(run.data_in->size()) : "-", verdict_text(run),
              std::to_string(run.result.instructions), change_text(run, link_)});
  for (const auto& line : details(run)) table_.add_line("    " + line);
}

bool RunTable::is_long() const { return table_.held() > kHeldTable; }

void RunSummary::add(const RunRecord& run) {
  verdicts_[verdict_text(run)]++;
  runs_++;
  instructions_ += run.result.instructions;
}

std::string RunSummary::text() const {
  std::string text;
  for (const auto& [verdict, count] : verdicts_)
    text += fmt::format("{}{} {}", text.empty() ? "" : ", ", count, verdict);
  return fmt::format("\n{} run{}: {}; {} instructions\n", runs_, runs_ == 1 ? "" : "s", text, instructions_);
}

std::string map_changes(const CollectionSpec& spec, const std::vector<harness::MapContents>& before,
                        const std::vector<vm::Map*>& maps) {
  std::string text;
  for (std::size_t i = 0; i < maps.size() && i < before.size(); i++) {
    const auto changes = compare(spec, before[i], *maps[i]);
    if (changes.count == 0) continue;
    text += fmt::format("\n{} ({}): {} changed\n", printable(maps[i]->name()), to_string(maps[i]->type()),
                        changes.count);
    for (const auto& line : changes.lines) text += "  " + printable(line) + "\n";
    if (changes.count > kShownEntries)
      text += fmt::format("  … {} more (--json shows all)\n", changes.count - kShownEntries);
  }
  return text;
}

std::string call_text(std::string_view function, const Json& call, const harness::FunctionRecord& record) {
  std::string passed;
  for (const auto& argument : call["arguments"])
    passed += fmt::format("{}{} = {}", passed.empty() ? "" : ", ", compact(argument["name"]),
                          compact(argument[!argument["before"].is_null()  ? "before"
                                                 : !argument["value"].is_null() ? "value"
                                                                                : "passed"]));
  const auto& type = call["result_type"];
  const auto result = record.run.result.fault ? "fault"
                      : type.is_null()        ? compact(call["r0"])
                      : call["result"].is_null() ? "returns"
                                                 : fmt::format("{} ({})", compact(call["result"]), compact(type));
  std::string text = fmt::format("{}({}) → {}\n", printable(function), printable(passed), printable(result));
  for (const auto& argument : call["arguments"])
    if (argument["before"] != argument["after"])
      text += fmt::format("  {}: {} → {}\n", printable(compact(argument["name"])),
                          printable(compact(argument["before"])), printable(compact(argument["after"])));
  for (const auto& line : details(record.run)) text += "  " + printable(line) + "\n";
  return text + fmt::format("{} instructions\n", record.run.result.instructions);
}

}  // namespace skep::cli
