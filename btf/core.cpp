// From queries to fixups. All queries of one local type are looked at together: which candidates match which of
// them, then which candidates count (the rule at the top of core.hpp), then the values, which must agree.
#include "skep/btf/core.hpp"

#include <algorithm>
#include <map>
#include <tuple>

#include "skep/btf/core_detail.hpp"

namespace skep::btf {

std::string_view to_string(CoreKind kind) {
  switch (kind) {
#define SKEP_CORE_KIND(name, number, text, ...) \
  case CoreKind::name:                          \
    return text;
#include "skep/btf/core_kinds.inc"
#undef SKEP_CORE_KIND
  }
  return "unknown";
}

std::optional<detail::About> detail::about(std::uint32_t kind) {
  switch (static_cast<CoreKind>(kind)) {
#define SKEP_CORE_KIND(name, number, text, what) \
  case CoreKind::name:                           \
    return About::what;
#include "skep/btf/core_kinds.inc"
#undef SKEP_CORE_KIND
  }
  return std::nullopt;
}

std::string describe(const Btf& local, const CoreQuery& query) {
  const auto about = detail::about(query.kind);
  const auto called = local.name(query.type);
  std::string place = called.empty() ? local.describe(query.type) : std::string(called.substr(0, kShownName));
  detail::TypeTable table(local);
  const auto path = about ? detail::local_path(table, query, *about) : fail(Errc::malformed, "");
  if (path && *about == detail::About::enumerator) place += fmt::format("::{}", path->enumerator.substr(0, kShownName));
  if (path)
    for (std::size_t i = 0; i < path->steps.size(); ++i) {
      const auto& step = path->steps[i];
      if (!step.name.empty())
        place += fmt::format(".{}", step.name.substr(0, kShownName));
      else if (i > 0 || step.index > 0)
        place += fmt::format("[{}]", step.index);
    }
  return fmt::format("{} of \"{}\" ({})", to_string(static_cast<CoreKind>(query.kind)), place,
                     query.access.substr(0, 80));
}

namespace {

using detail::About;
using detail::CorePath;
using detail::CoreValue;

// A query that makes sense, and what each candidate says to it.
struct Question {
  const CoreQuery* query;
  CoreKind kind;
  About about;
  CorePath path;
  std::vector<std::optional<CorePath>> answers;  // by candidate; nothing: it does not match
  std::string missing, why;                      // what the first candidate lacks
  std::optional<CoreCandidate> searched;         // where it was looked for

  bool matches(std::size_t candidate) const { return answers[candidate].has_value(); }
  bool matches_any() const {
    return std::any_of(answers.begin(), answers.end(), [](const auto& answer) { return answer.has_value(); });
  }
};

class Relocation {
 public:
  Relocation(std::span<const CoreQuery> queries, const Btf& local, const CoreTargets& targets, ByteOrder order,
             CoreUse* use)
      : local_(local, "the program's types"),
        targets_(targets),
        order_(order),
        use_(use),
        work_(kWorkFloor + queries.size() * kWorkPerQuery) {
    // Targets are many only with modules; their tables are empty until a type is looked at.
    for (const auto& set : targets.sets()) tables_.push_back(std::make_unique<detail::TypeTable>(set.types, set.name));
  }

  // Queries of one local type, all different; answers in the same order.
  std::vector<Result<CoreFixup>> run(std::span<const CoreQuery* const> queries);

 private:
  // What a structure of hundreds of members costs, a few times over.
  static constexpr std::uint64_t kWorkFloor = 1'000'000, kWorkPerQuery = 20'000;
  // Each of them by each of 300 modules, if it comes to that.
  static constexpr std::uint64_t kWorkPerAnswer = 50;
  // Kept at a time, some 100 bytes each.
  static constexpr std::uint64_t kMostAnswers = 2'000'000;

  Result<Question> parse(const CoreQuery& query);
  Result<> ask(Question& question);
  Result<std::optional<CorePath>> ask(Question& question, const CoreCandidate& candidate);
  std::vector<std::size_t> choose(const std::vector<const Question*>& questions) const;
  Result<CoreFixup> answer(const Question& question, const std::vector<std::size_t>& counting);
  Result<CoreFixup> fixup(const Question& question, std::size_t candidate);
  Result<CoreFixup> without_match(const Question& question, const std::vector<std::size_t>& counting);
  Result<CoreValue> value(const Question& question, detail::TypeTable& table, const CorePath& path, TypeId type);
  std::string name_of(const Question& question) const;

  detail::TypeTable local_;
  const CoreTargets& targets_;
  ByteOrder order_;
  CoreUse* use_;  // or null
  detail::Work work_;
  std::vector<std::unique_ptr<detail::TypeTable>> tables_;
  std::vector<CoreCandidate> candidates_;  // of the local type in hand
};

Result<Question> Relocation::parse(const CoreQuery& query) {
  const auto about = detail::about(query.kind);
  if (!about) return fail(Errc::not_supported, "CO-RE relocation of kind {}", query.kind);
  if (number(query.type) >= local_.btf().type_count())
    return fail(Errc::malformed, "type {} of a BTF of {} types", number(query.type), local_.btf().type_count());
  return Question{.query = &query,
                  .kind = static_cast<CoreKind>(query.kind),
                  .about = *about,
                  .path = SKEP_TRY(detail::local_path(local_, query, *about)),
                  .answers = {},
                  .missing = {},
                  .why = {},
                  .searched = {}};
}

Result<std::optional<CorePath>> Relocation::ask(Question& question, const CoreCandidate& candidate) {
  detail::Matcher matcher(local_, *tables_[candidate.set], work_, use_, candidate.set);
  std::optional<CorePath> found;
  switch (question.about) {
    case About::field: found = SKEP_TRY(matcher.path(question.path, candidate.type)); break;
    case About::enumerator: found = SKEP_TRY(matcher.enumerator(question.path, candidate.type)); break;
    case About::type: {
      const bool is_same = SKEP_TRY(question.kind == CoreKind::type_matches
                                        ? matcher.types_match(question.query->type, candidate.type)
                                        : matcher.types_compatible(question.query->type, candidate.type));
      if (is_same) found.emplace();
    }
  }
  if (!found && question.why.empty()) {
    question.missing = matcher.missing().empty() ? name_of(question) : matcher.missing();
    if (const auto in = matcher.searched()) question.searched = CoreCandidate{candidate.set, *in};
    question.why =
        fmt::format("{}: {}", targets_.describe(candidate), matcher.why().empty() ? "another type" : matcher.why());
  }
  return found;
}

Result<> Relocation::ask(Question& question) {
  SKEP_TRY(work_.spend(1 + candidates_.size() * kWorkPerAnswer));
  if (use_) use_->asked.insert(candidates_.begin(), candidates_.end());
  question.answers.reserve(candidates_.size());
  for (const auto& candidate : candidates_)
    question.answers.push_back(SKEP_TRY_CTX(ask(question, candidate), "compared with {}", targets_.describe(candidate)));
  return {};
}

// The candidates that match all questions that any matches; else those that match what the best one does.
std::vector<std::size_t> Relocation::choose(const std::vector<const Question*>& questions) const {
  std::vector<std::vector<bool>> matched(candidates_.size());
  std::size_t best = 0, most = 0;
  for (std::size_t c = 0; c < candidates_.size(); ++c) {
    for (const auto* question : questions) matched[c].push_back(question->matches(c));
    const auto count = static_cast<std::size_t>(std::count(matched[c].begin(), matched[c].end(), true));
    if (count > most) {
      best = c;
      most = count;
    }
  }
  std::vector<std::size_t> counting;
  for (std::size_t c = 0; c < candidates_.size(); ++c)
    if (matched[c] == matched[best]) counting.push_back(c);
  return counting;
}

Result<CoreValue> Relocation::value(const Question& question, detail::TypeTable& table, const CorePath& path,
                                    TypeId type) {
  if (question.about == About::field) return field_value(question.kind, table, path, order_);
  if (question.about == About::type) return type_value(question.kind, table, type);
  return CoreValue{.value = question.kind == CoreKind::enumval_exists ? 1 : path.enumerator_value};
}

Result<CoreFixup> Relocation::fixup(const Question& question, std::size_t index) {
  const auto& candidate = candidates_[index];
  const auto ours = SKEP_TRY(value(question, local_, question.path, question.query->type));
  const auto theirs = SKEP_TRY_CTX(value(question, *tables_[candidate.set], *question.answers[index], candidate.type),
                                   "{}", targets_.describe(candidate));
  return CoreFixup{.value = theirs.value,
                   .local_value = ours.value,
                   .check_local = ours.exact,
                   .local_size = ours.size,
                   .size = theirs.size,
                   .size_fits = width_may_change(ours, theirs),
                   .target = candidate,
                   .missing = {},
                   .searched = {},
                   .reason = {}};
}

std::string Relocation::name_of(const Question& question) const {
  return std::string(essential_name(local_.btf().name(question.query->type)).substr(0, kShownName));
}

Result<CoreFixup> Relocation::without_match(const Question& question, const std::vector<std::size_t>& counting) {
  const auto ours = SKEP_TRY(value(question, local_, question.path, question.query->type));
  CoreFixup none{.local_value = ours.value,
                 .check_local = ours.exact,
                 .target = {},
                 .missing = {},
                 .searched = {},
                 .reason = {}};
  switch (question.kind) {
    case CoreKind::field_exists:
    case CoreKind::enumval_exists:
    case CoreKind::type_exists:
    case CoreKind::type_matches:
    case CoreKind::type_size:
    case CoreKind::type_id_target: break;  // 0 says it
    default: none.poison = true;
  }
  none.missing = question.missing.empty() ? name_of(question) : question.missing;
  none.reason = question.why;
  none.lack = candidates_.empty() ? CoreLack::type : CoreLack::form;
  if (candidates_.empty()) {
    none.reason = fmt::format("no {} \"{}\"", to_string(local_.btf().kind(question.query->type)), none.missing);
  } else if (question.why.empty() || question.matches_any()) {
    none.reason = fmt::format("only a type that lacks other fields the program names has it; {} is taken",
                              targets_.describe(candidates_[counting.front()]));
  } else {
    none.searched = question.searched;
    if (none.searched) none.lack = CoreLack::name;
    if (candidates_.size() > 1) none.reason += fmt::format(" (and {} more)", candidates_.size() - 1);
  }
  return none;
}

Result<CoreFixup> Relocation::answer(const Question& question, const std::vector<std::size_t>& counting) {
  std::optional<CoreFixup> first;
  std::uint64_t first_bit = 0;
  for (const auto c : counting) {
    if (!question.matches(c)) continue;
    auto next = SKEP_TRY(fixup(question, c));
    const auto bit = question.answers[c]->bit_offset;
    if (!first) {
      first = std::move(next);
      first_bit = bit;
    } else if (bit != first_bit || next.value != first->value) {
      return fail(Errc::rejected, "ambiguous: {} and {} differ ({} and {}, at bits {} and {})",
                  targets_.describe(*first->target), targets_.describe(candidates_[c]), first->value, next.value,
                  first_bit, bit);
    }
  }
  if (first) return std::move(*first);
  return without_match(question, counting);
}

std::vector<Result<CoreFixup>> Relocation::run(std::span<const CoreQuery* const> queries) {
  std::vector<Result<Question>> questions;
  const auto type = queries.front()->type;
  const auto name = local_.btf().name(type);
  candidates_.clear();
  // Many local types may share a name, too: whoever has no steps left need not search.
  if (!name.empty() && work_.spend()) candidates_ = targets_.find(essential_name(name), local_.btf().kind(type));
  const bool too_many = candidates_.size() * queries.size() > kMostAnswers;

  std::vector<const Question*> good;
  questions.reserve(queries.size());
  for (const auto* query : queries) {
    auto& question = questions.emplace_back(parse(*query));
    if (!question || question->kind == CoreKind::type_id_local) continue;
    if (name.empty()) {
      question = fail(Errc::not_supported, "{} has no name to find it by", local_.btf().describe(type));
      continue;
    }
    if (too_many) {
      question = fail(Errc::malformed, "{} types that it could be are too many for {} relocations", candidates_.size(),
                      queries.size());
      continue;
    }
    if (const auto asked = ask(*question); !asked) question = std::unexpected(asked.error());
    if (question && question->matches_any()) good.push_back(&*question);
  }
  const auto counting = choose(good);

  std::vector<Result<CoreFixup>> fixups;
  fixups.reserve(questions.size());
  for (const auto& question : questions) {
    if (!question)
      fixups.push_back(std::unexpected(question.error()));
    else if (question->kind == CoreKind::type_id_local)
      fixups.push_back(CoreFixup{.value = number(type),
                                 .local_value = number(type),
                                 .check_local = false,
                                 .target = {},
                                 .missing = {},
                                 .searched = {},
                                 .reason = {}});
    else
      fixups.push_back(answer(*question, counting));
  }
  return fixups;
}

auto key_of(const CoreQuery& query) { return std::tie(query.type, query.kind, query.access); }

}  // namespace

std::vector<Result<CoreFixup>> relocate(std::span<const CoreQuery> queries, const Btf& local,
                                        const CoreTargets& targets, ByteOrder order, CoreUse* use) {
  // Sorted, so that neither order nor repetition has any say.
  std::vector<std::size_t> sorted(queries.size());
  for (std::size_t i = 0; i < sorted.size(); ++i) sorted[i] = i;
  std::sort(sorted.begin(), sorted.end(),
            [&](std::size_t a, std::size_t b) { return key_of(queries[a]) < key_of(queries[b]); });

  Relocation relocation(queries, local, targets, order, use);
  std::vector<Result<CoreFixup>> fixups(queries.size());
  for (std::size_t begin = 0, end = 0; begin < sorted.size(); begin = end) {
    std::vector<const CoreQuery*> different;
    for (; end < sorted.size() && queries[sorted[end]].type == queries[sorted[begin]].type; ++end)
      if (different.empty() || key_of(*different.back()) != key_of(queries[sorted[end]]))
        different.push_back(&queries[sorted[end]]);
    auto answers = relocation.run(different);
    for (std::size_t i = begin, d = 0; i < end; ++i) {
      const bool is_last = i + 1 == end || key_of(queries[sorted[i]]) != key_of(queries[sorted[i + 1]]);
      auto& fixup = fixups[sorted[i]];
      if (is_last) fixup = std::move(answers[d++]);
      else fixup = answers[d];
    }
  }
  return fixups;
}

}  // namespace skep::btf
