#include "skep/btf/dedup.hpp"

#include <algorithm>

#include "skep/btf/storage.hpp"

namespace skep::btf {
namespace {

// Words compared that are always allowed, and for each type more: many times the 300 that a kernel takes. Types
// that were made to look alike would take the square or the cube of their number.
constexpr std::uint64_t kFloor = 1 << 22, kPerType = 2048;

}  // namespace

Deduplicator::Deduplicator(Builder& builder)
    : builder_(builder),
      first_id_(builder.first_id()),
      count_(builder.type_count()),
      map_(count_, kUnprocessed),
      candidates_(count_),
      hypothesis_(count_, kUnprocessed),
      budget_(kFloor + kPerType * count_) {
  starts_.reserve(count_ + std::size_t{1});
  for (std::uint32_t id = 0; id < first_id_; ++id) {
    starts_.push_back(static_cast<std::uint32_t>(words_.size()));
    detail::read_words(detail::Access::storage(builder.base()), id, words_);
  }
  for (auto id = first_id_; id < count_; ++id) {
    starts_.push_back(static_cast<std::uint32_t>(words_.size()));
    const auto own = builder.record(TypeId{id});
    words_.insert(words_.end(), own.begin(), own.end());
  }
  starts_.push_back(static_cast<std::uint32_t>(words_.size()));
}

std::uint32_t Deduplicator::resolve(std::uint32_t id) const {
  while (is_mapped(id) && map_[id] != id) id = map_[id];
  return id;
}

std::uint32_t Deduplicator::behind_forward(std::uint32_t id) {
  if (kind(id) != Kind::Fwd) return id;
  const auto behind = resolve(id);
  return kind(behind) == Kind::Fwd ? id : behind;
}

bool Deduplicator::spend(std::size_t words) {
  budget_ = budget_ > words ? budget_ - words : 0;
  return budget_ > 0;
}

Result<> Deduplicator::check_spent() const {
  if (budget_ > 0) return {};
  return fail(Errc::malformed, "{} types look so alike that telling them apart takes too long", count_);
}

void Deduplicator::index_base() {
  for (std::uint32_t id = 0; id < first_id_; ++id) {
    map_[id] = id;
    const auto of = kind(id);
    if (of != Kind::Void && of != Kind::Var && of != Kind::Datasec) candidates_.add(detail::hash_of(record(id)), id);
  }
}

void Deduplicator::add(std::uint32_t id, std::uint64_t hash, std::uint32_t representative) {
  map_[id] = representative;
  if (id == representative) candidates_.add(hash, id);
}

void Deduplicator::merge_equal(std::uint32_t id) {
  const auto hash = detail::hash_of(record(id));
  auto other = candidates_.first(hash);
  while (other != 0 && budget_ > 0 && !(spend(record(id).size()) && detail::is_equal(record(id), record(other))))
    other = candidates_.next(other);
  add(id, hash, other != 0 ? other : id);
}

void Deduplicator::merge_enum(std::uint32_t id) {
  const auto self = record(id);
  const auto hash = detail::hash_of(self);
  auto representative = id;
  for (auto other = candidates_.first(hash); other != 0 && budget_ > 0; other = candidates_.next(other)) {
    if (!spend(self.size()) || !detail::is_same_enum(self, record(other))) continue;
    if (detail::vlen_of(self) == 0 || detail::is_equal(self, record(other))) {
      representative = other;
      break;
    }
    map_[other] = id;  // a mere name, whose enumerators these are
  }
  add(id, hash, representative);
}

void Deduplicator::merge_number(std::uint32_t id) {
  switch (kind(id)) {
    case Kind::Int:
    case Kind::Float:
    case Kind::Fwd: return merge_equal(id);
    case Kind::Enum:
    case Kind::Enum64: return merge_enum(id);
    case Kind::Var:
    case Kind::Datasec: map_[id] = id; return;
    default: return;
  }
}

void Deduplicator::merge_structure(std::uint32_t id) {
  if (is_mapped(id) || !(detail::is_composite(kind(id)) || kind(id) == Kind::Typedef)) return;
  const auto hash = detail::hash_of(record(id));
  auto representative = id;
  for (auto other = candidates_.first(hash); other != 0; other = candidates_.next(other)) {
    // Not a forward declaration of the same hash: those would stand for each other.
    if (!spend(record(id).size()) || !detail::is_same_shape(record(id), record(other))) continue;
    if (!is_equivalent(id, other) || budget_ == 0) continue;
    keep_hypothesis();
    if (changes_base_) continue;
    representative = other;
    break;
  }
  add(id, hash, representative);
}

void Deduplicator::find_forwards() {
  std::unordered_map<std::uint32_t, std::uint32_t> by_name;  // 0: there are several
  for (std::uint32_t id = 1; id < count_; ++id) {
    if (!detail::is_composite(kind(id)) || map_[id] != id || record(id)[0] == 0) continue;
    const auto [known, is_new] = by_name.emplace(record(id)[0], id);
    if (!is_new) known->second = 0;
  }
  for (auto id = first_id_; id < count_; ++id) {
    if (kind(id) != Kind::Fwd || map_[id] != id) continue;
    const auto found = by_name.find(record(id)[0]);
    if (found == by_name.end() || found->second == 0) continue;
    const auto declared = detail::kind_flag_of(record(id)) ? Kind::Union : Kind::Struct;
    if (kind(found->second) == declared) map_[id] = found->second;
  }
}

Result<> Deduplicator::merge_rest(std::uint32_t root) {
  std::vector<std::uint32_t> stack{root};
  while (!stack.empty()) {
    const auto id = stack.back();
    if (is_mapped(id)) {
      stack.pop_back();
      continue;
    }
    if (map_[id] == kInProgress) {
      // All that it refers to has a representative by now.
      detail::for_each_type(record(id), [&](std::uint32_t& other) { other = resolve(other); });
      merge_equal(id);
      continue;
    }
    map_[id] = kInProgress;
    bool is_circle = false;
    detail::for_each_type(record(id), [&](std::uint32_t other) {
      if (map_[other] == kInProgress) is_circle = true;
      else if (!is_mapped(other)) stack.push_back(other);
    });
    if (is_circle)
      return fail(Errc::malformed, "type {} {} is part of a circle without a structure", id, to_string(kind(id)));
  }
  return {};
}

std::vector<TypeId> Deduplicator::compact() {
  std::vector<TypeId> ids(count_);
  auto next = first_id_;
  for (std::uint32_t id = 0; id < count_; ++id) {
    if (id < first_id_) ids[id] = TypeId{id};
    else if (map_[id] == id) ids[id] = TypeId{next++};
  }
  std::vector<std::uint32_t> words, starts;
  for (auto id = first_id_; id < count_; ++id) {
    if (map_[id] != id) continue;
    const auto own = record(id);
    detail::for_each_type(own, [&](std::uint32_t& other) { other = number(ids[resolve(other)]); });
    starts.push_back(static_cast<std::uint32_t>(words.size()));
    words.insert(words.end(), own.begin(), own.end());
  }
  for (auto id = first_id_; id < count_; ++id) ids[id] = ids[resolve(id)];
  builder_.words_ = std::move(words);
  builder_.starts_ = std::move(starts);
  return ids;
}

Result<std::vector<TypeId>> Deduplicator::run() {
  index_base();
  for (auto id = first_id_; id < count_; ++id) merge_number(id);
  for (auto id = first_id_; id < count_ && budget_ > 0; ++id) merge_structure(id);
  SKEP_TRY(check_spent());
  find_forwards();
  for (auto id = first_id_; id < count_; ++id) SKEP_TRY(merge_rest(id));
  SKEP_TRY(check_spent());
  return compact();
}

Result<std::vector<TypeId>> Builder::deduplicate() {
  SKEP_TRY(check_links());
  return Deduplicator(*this).run();
}

}  // namespace skep::btf
