#include "skep/spec/core_check.hpp"

#include <algorithm>
#include <cassert>
#include <map>
#include <tuple>

#include "skep/btf/nearest.hpp"
#include "skep/spec/link.hpp"
#include "skep/spec/linked_sizes.hpp"
#include "skep/spec/resolve.hpp"

namespace skep::spec {

std::string_view to_string(CoreVerdict verdict) {
  switch (verdict) {
    case CoreVerdict::ok: return "ok";
    case CoreVerdict::guarded: return "guarded";
    case CoreVerdict::fails: break;
  }
  return "fails";
}

std::string_view to_string(CoreFinding::Effect effect) {
  switch (effect) {
    case CoreFinding::Effect::answered: return "answered";
    case CoreFinding::Effect::guarded: return "guarded";
    case CoreFinding::Effect::fails: break;
  }
  return "fails";
}

namespace {

using Effect = CoreFinding::Effect;

// Slots of all programs together: many small programs that call one large function are a small object. A kernel
// takes a million of one program.
constexpr std::uint64_t kMaxSlots = 32'000'000;

class Check {
 public:
  Check(const CollectionSpec& collection, const Target& target)
      : collection_(collection), linker_(collection), answers_(collection, target), names_(*target.types) {}

  void add(const CoreSubject& subject);
  CoreReport finish();

 private:
  void judge(CoreProgram& program, const ProgramSpec& linked);
  // Relocations that have no answer at all. Whether there were any.
  bool add_errors(const ProgramSpec& linked);
  // The first that no instruction can take, although it has an answer. Whether there is one, at an instruction.
  bool add_refused(const ProgramSpec& linked);
  CoreFinding finding(const CoreOutcome& outcome, const Code& code, Effect effect, Reach reach);
  CoreFinding at(const CoreRelocation& relocation, const Code& code, Effect effect) const;
  void add(CoreFinding finding);

  const CollectionSpec& collection_;
  Linker linker_;
  CoreAnswers answers_;
  btf::NearestNames names_;
  CoreReport report_;
  using Key = std::tuple<std::string, std::uint32_t, Effect, std::string, std::string, std::string>;
  std::map<Key, std::size_t> known_;  // findings by what makes them the same
};

CoreFinding Check::at(const CoreRelocation& relocation, const Code& code, Effect effect) const {
  CoreFinding finding;
  finding.effect = effect;
  finding.kind = relocation.kind;
  finding.slot = relocation.slot;
  finding.function = report_.programs.back().name;
  if (const auto* function = code.function_at(relocation.slot)) {
    finding.function = function->name;
    finding.slot -= function->slot;
  }
  if (const auto* line = code.line_at(relocation.slot)) {
    if (line->file < code.files.size()) finding.file = code.files[line->file];
    finding.line = line->line;
    finding.column = line->column;
    finding.text = line->text;
  }
  return finding;
}

CoreFinding Check::finding(const CoreOutcome& outcome, const Code& code, Effect effect, Reach reach) {
  auto finding = at(outcome.relocation, code, effect);
  const auto& fixup = outcome.fixup;
  finding.reach = reach;
  // Its text is "asks: reason".
  finding.asks = outcome.missing.substr(0, outcome.missing.size() - fixup.reason.size() - 2);
  finding.lack = fixup.lack;
  finding.missing = fixup.missing;
  finding.nearest = names_.find(fixup, collection_.types.kind(outcome.relocation.type));
  finding.reason = fixup.reason;
  return finding;
}

void Check::add(CoreFinding finding) {
  const auto program = static_cast<std::uint32_t>(report_.programs.size() - 1);
  const Key key(finding.function, finding.slot, finding.effect, finding.asks, finding.reason, finding.file);
  const auto [known, is_new] = known_.emplace(key, report_.findings.size());
  if (is_new) report_.findings.push_back(std::move(finding));
  auto& programs = report_.findings[known->second].programs;
  if (programs.empty() || programs.back() != program) programs.push_back(program);
}

bool Check::add_errors(const ProgramSpec& linked) {
  std::vector<btf::CoreQuery> queries;
  for (const auto& each : linked.core_relocations) queries.push_back({each.type, each.access, each.kind});
  const auto fixups = answers_.of(queries);
  bool any = false;
  for (std::size_t i = 0; i < queries.size(); ++i) {
    if (fixups[i]) continue;
    auto finding = at(linked.core_relocations[i], linked.code, Effect::fails);
    finding.asks = btf::describe(collection_.types, queries[i]);
    finding.reason = fixups[i].error().what();
    add(std::move(finding));
    any = true;
  }
  return any;
}

bool Check::add_refused(const ProgramSpec& linked) {
  // What fails of some relocations fails of more, too: so the first is found by halving.
  auto part = linked;
  std::ranges::sort(part.core_relocations, {}, [](const CoreRelocation& each) {
    return std::tuple<std::uint32_t, std::uint32_t, std::string_view, std::uint32_t>(each.slot, number(each.type),
                                                                                      each.access, each.kind);
  });
  const auto all = part.core_relocations;
  const auto error_of_first = [&](std::size_t count) {
    part.core_relocations.assign(all.begin(), all.begin() + static_cast<std::ptrdiff_t>(count));
    const auto resolved = resolve_core(part, collection_.types, answers_);
    return resolved ? std::string() : resolved.error().what();
  };
  std::size_t good = 0, bad = all.size();
  while (good + 1 < bad) {
    const auto middle = good + (bad - good) / 2;
    (error_of_first(middle).empty() ? good : bad) = middle;
  }
  const auto& refused = all[bad - 1];
  if (refused.slot >= linked.code.size()) return false;
  auto finding = at(refused, linked.code, Effect::fails);
  finding.asks = btf::describe(collection_.types, {refused.type, refused.access, refused.kind});
  finding.reason = error_of_first(bad);
  if (const auto said = finding.reason.find(finding.asks + ": "); said != std::string::npos)
    finding.reason.erase(0, said + finding.asks.size() + 2);
  add(std::move(finding));
  return true;
}

void Check::judge(CoreProgram& program, const ProgramSpec& linked) {
  const auto resolved = resolve_core(linked, collection_.types, answers_);
  if (!resolved) {
    program.verdict = CoreVerdict::fails;
    if (!add_errors(linked) && !add_refused(linked)) program.error = resolved.error().what();
    return;
  }
  const auto is_poison = [](const CoreOutcome& outcome) { return outcome.poisoned; };
  const auto& code = resolved->program.code;
  const auto reached = std::ranges::any_of(resolved->outcomes, is_poison) ? reach(code) : std::vector<Reach>();
  for (const auto& outcome : resolved->outcomes) {
    if (outcome.missing.empty()) continue;
    const auto slot_reach = reached.empty() ? Reach::reachable : reached[outcome.relocation.slot];
    auto effect = Effect::answered;
    if (outcome.poisoned) effect = slot_reach == Reach::reachable ? Effect::fails : Effect::guarded;
    program.verdict = std::max(program.verdict, effect == Effect::fails ? CoreVerdict::fails : CoreVerdict::guarded);
    add(finding(outcome, code, effect, slot_reach));
  }
}

void Check::add(const CoreSubject& subject) {
  report_.programs.push_back(
      {.name = subject.program->name, .autoload = subject.program->autoload, .counts = subject.counts, .error = {}});
  auto& program = report_.programs.back();
  const auto linked = linker_.link(*subject.program);
  if (linked) {
    if (!linked->core_relocations.empty()) judge(program, *linked);
  } else {
    program.verdict = CoreVerdict::fails;
    program.error = linked.error().what();
  }
  if (program.counts) report_.verdict = std::max(report_.verdict, program.verdict);
}

CoreReport Check::finish() {
  std::vector<CoreFinding> sorted;
  sorted.reserve(report_.findings.size());
  for (const auto effect : {Effect::fails, Effect::guarded, Effect::answered})
    for (auto& finding : report_.findings)
      if (finding.effect == effect) sorted.push_back(std::move(finding));
  report_.findings = std::move(sorted);
  return std::move(report_);
}

}  // namespace

std::vector<CoreSubject> core_subjects(const CollectionSpec& collection) {
  const bool any = std::ranges::any_of(collection.programs, &ProgramSpec::autoload);
  std::vector<CoreSubject> subjects;
  for (const auto& program : collection.programs) subjects.push_back({&program, program.autoload || !any});
  return subjects;
}

Result<CoreReport> check_core(const CollectionSpec& collection, std::span<const CoreSubject> subjects,
                              const Target& target) {
  assert(target.types.has_value());
  LinkedSizes sizes(collection);
  std::uint64_t slots = 0;
  for (const auto& subject : subjects)
    if (const auto size = sizes.of(*subject.program)) slots += *size;  // what cannot be linked is told below
  if (slots > kMaxSlots)
    return fail(Errc::rejected, "the programs have {} instructions with the functions that they call; {} are too many",
                slots, kMaxSlots + 1);
  Check check(collection, target);
  for (const auto& subject : subjects) check.add(subject);
  return check.finish();
}

}  // namespace skep::spec
