#include "skep/btf/nearest.hpp"

#include <algorithm>
#include <array>
#include <span>

namespace skep::btf {
namespace {

constexpr std::size_t kLongest = 128;
// What decoding a type, and keeping a name, cost in letters compared.
constexpr std::uint64_t kPerType = 500, kPerName = 16;
// A spelling is nearer than a word more, that nearer than a name within another.
constexpr unsigned kPerLetter = 2, kPerWord = 3, kPerPart = 6;

// A name in small letters, and its words: what stands between underscores. Not copied: the words point into it.
class Spelled {
 public:
  explicit Spelled(std::string_view name) : size_(name.size()) {
    for (std::size_t i = 0; i < size_; ++i)
      lower_[i] = name[i] >= 'A' && name[i] <= 'Z' ? static_cast<char>(name[i] - 'A' + 'a') : name[i];
    for (std::size_t at = 0; at < size_;) {
      const auto end = std::min(text().find('_', at), size_);
      if (end > at) words_[count_++] = text().substr(at, end - at);
      at = end + 1;
    }
  }
  Spelled(const Spelled&) = delete;
  Spelled& operator=(const Spelled&) = delete;

  std::string_view text() const { return {lower_.data(), size_}; }
  std::span<const std::string_view> words() const { return {words_.data(), count_}; }
  // The text from one word to the one before another.
  std::string_view text(std::size_t begin, std::size_t end) const {
    if (begin >= end) return {};
    const auto* last = words_[end - 1].data() + words_[end - 1].size();
    return {words_[begin].data(), static_cast<std::size_t>(last - words_[begin].data())};
  }

 private:
  std::array<char, kLongest> lower_;
  std::array<std::string_view, kLongest / 2> words_;
  std::size_t size_, count_ = 0;
};

// Letters to insert, delete, replace or swap with the next; more than `limit` counts as limit + 1.
std::size_t edits(std::string_view a, std::string_view b, std::size_t limit, std::uint64_t& steps) {
  const auto difference = a.size() > b.size() ? a.size() - b.size() : b.size() - a.size();
  if (difference > limit) return limit + 1;
  std::array<std::array<std::uint8_t, kLongest + 1>, 3> rows;
  auto *before = rows[0].data(), *last = rows[1].data(), *row = rows[2].data();
  for (std::size_t j = 0; j <= b.size(); ++j) last[j] = static_cast<std::uint8_t>(j);
  for (std::size_t i = 1; i <= a.size(); ++i) {
    steps += b.size();
    row[0] = static_cast<std::uint8_t>(i);
    unsigned least = row[0];
    for (std::size_t j = 1; j <= b.size(); ++j) {
      unsigned cell = last[j - 1] + (a[i - 1] != b[j - 1]);
      cell = std::min(cell, std::min<unsigned>(last[j], row[j - 1]) + 1);
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) cell = std::min(cell, before[j - 2] + 1u);
      row[j] = static_cast<std::uint8_t>(cell);
      least = std::min(least, cell);
    }
    if (least > limit) return limit + 1;
    const auto next = before;
    before = last;
    last = row;
    row = next;
  }
  return std::min<std::size_t>(last[b.size()], limit + 1);
}

// Of what is left without the words at both ends that are equal.
std::optional<unsigned> spelling_distance(const Spelled& a, const Spelled& b, std::uint64_t& steps) {
  std::size_t front = 0, back = 0;
  const auto ours = a.words(), theirs = b.words();
  const auto fewer = std::min(ours.size(), theirs.size());
  while (front < fewer && ours[front] == theirs[front]) ++front;
  while (front + back < fewer && ours[ours.size() - 1 - back] == theirs[theirs.size() - 1 - back]) ++back;
  const auto rest = a.text(front, ours.size() - back), other = b.text(front, theirs.size() - back);
  // What has nothing left is the other one with words around it.
  if (rest.empty() || other.empty()) return std::nullopt;
  const auto &shorter = rest.size() < other.size() ? rest : other, &longer = rest.size() < other.size() ? other : rest;
  // Of few letters, each counts: pid and pids, but not gone and zone.
  if (longer.size() < 5)
    return shorter.size() >= 3 && shorter.size() + 1 == longer.size() && longer.starts_with(shorter)
               ? std::optional(kPerLetter)
               : std::nullopt;
  const auto limit = longer.size() / 3;
  if (const auto count = edits(rest, other, limit, steps); count <= limit)
    return static_cast<unsigned>(count) * kPerLetter;
  if (shorter.size() >= 4 && shorter.size() * 2 >= longer.size() && longer.find(shorter) != std::string_view::npos)
    return kPerPart;
  return std::nullopt;
}

// Whether the words of `part` are in `whole`, one after the other.
bool has_words(const Spelled& whole, const Spelled& part) {
  return !std::ranges::search(whole.words(), part.words()).empty();
}

std::optional<unsigned> distance(const Spelled& name, const Spelled& other, std::uint64_t& steps) {
  const auto words = name.words().size(), others = other.words().size();
  if (words == 0 || others == 0) return std::nullopt;
  if (std::ranges::equal(name.words(), other.words())) return 0;

  auto best = spelling_distance(name, other, steps).value_or(UINT32_MAX);
  const auto size = name.text().size(), other_size = other.text().size();
  if (size >= 3 && others > words && has_words(other, name))
    best = std::min(best, static_cast<unsigned>(others - words) * kPerWord);
  if (words == others + 1 && other_size * 2 >= size && has_words(name, other)) best = std::min(best, kPerWord);
  return best == UINT32_MAX ? std::nullopt : std::optional(best);
}

bool is_comparable(std::string_view name) { return !name.empty() && name.size() <= kLongest; }

}  // namespace

std::optional<unsigned> name_distance(std::string_view name, std::string_view other) {
  if (!is_comparable(name) || !is_comparable(other)) return std::nullopt;
  std::uint64_t steps = 0;
  return distance(Spelled(name), Spelled(other), steps);
}

bool NearestNames::spend(std::uint64_t steps) {
  if (steps > left_) {
    left_ = 0;
    return false;
  }
  left_ -= steps;
  return true;
}

void NearestNames::add_members(const Btf& btf, TypeId type, int depth, Names& names) {
  const auto real = btf.strip(type);
  if (!real || depth == 0) return;
  const auto composite = btf.get<Composite>(*real);
  if (!composite || !spend(kPerType + kPerName * composite->members.size())) return;
  for (const auto& member : composite->members) {
    if (!member.name.empty()) names.push_back(member.name);
    else add_members(btf, member.type, depth - 1, names);
  }
}

const NearestNames::Names& NearestNames::names_in(const CoreCandidate& type) {
  auto [known, is_new] = in_types_.try_emplace({type.set, type.type});
  auto& names = known->second;
  if (!is_new) return names;
  const auto& btf = targets_.sets()[type.set].types;
  add_members(btf, type.type, kMaxDepth, names);
  if (const auto enumeration = btf.get<Enum>(type.type); enumeration && spend(kPerName * enumeration->values.size()))
    for (const auto& value : enumeration->values) names.push_back(essential_name(value.name));
  return names;
}

const NearestNames::Names& NearestNames::names_of(Kind kind) {
  if (kind == Kind::Enum64) kind = Kind::Enum;
  auto [known, is_new] = of_kinds_.try_emplace(kind);
  auto& names = known->second;
  if (!is_new) return names;
  for (const auto& set : targets_.sets()) {
    if (!spend(set.types.type_count() - set.types.first_id())) break;
    for (auto id = set.types.first_id(); id < set.types.type_count(); ++id) {
      const auto is = set.types.kind(TypeId{id});
      if (is == kind || (is == Kind::Enum64 && kind == Kind::Enum))
        names.push_back(essential_name(set.types.name(TypeId{id})));
    }
  }
  return names;
}

std::string NearestNames::nearest(std::string_view name, const Names& names) {
  if (!is_comparable(name)) return "";
  const Spelled wanted(name);
  // Distance, length, name.
  auto best = std::tuple(UINT32_MAX, SIZE_MAX, std::string_view());
  for (const auto other : names) {
    if (!is_comparable(other)) continue;
    std::uint64_t steps = 16 + name.size() + other.size();
    if (const auto far = distance(wanted, Spelled(other), steps))
      best = std::min(best, std::tuple(*far, other.size(), other));
    if (!spend(steps)) return "";
  }
  return std::string(std::get<2>(best));
}

std::string NearestNames::find(const CoreFixup& fixup, Kind kind) {
  const bool is_type = fixup.lack == CoreLack::type;
  if ((!is_type && !fixup.searched) || left_ == 0) return "";
  const auto key = is_type ? std::tuple(true, static_cast<std::uint32_t>(kind), 0u, fixup.missing)
                           : std::tuple(false, fixup.searched->set, number(fixup.searched->type), fixup.missing);
  const auto [known, is_new] = known_.try_emplace(key);
  if (is_new) known->second = nearest(fixup.missing, is_type ? names_of(kind) : names_in(*fixup.searched));
  return known->second;
}

}  // namespace skep::btf
