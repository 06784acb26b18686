// Whether two structures mean the same, with everything they reach. Types form circles, so that no order of
// comparing them has all the answers it needs. So it is supposed that they do, for each pair on the way, and the
// walk looks for a contradiction: a pair of other shape, or a type that would have to be two others at once. If
// there is none, what was supposed is so.
//
// A forward declaration may stand for a structure of its name: objects that never look inside have nothing else.
#include "skep/btf/dedup.hpp"

namespace skep::btf {
namespace {

// How deep two types of one compiler are compared when it wrote the same one twice; as in libbpf.
constexpr int kIdenticalDepth = 16;

}  // namespace

void Deduplicator::drop_hypothesis() {
  for (const auto id : supposed_) hypothesis_[id] = kUnprocessed;
  supposed_.clear();
  changes_base_ = false;
}

bool Deduplicator::is_equivalent(std::uint32_t type, std::uint32_t candidate) {
  drop_hypothesis();
  // The pairs ahead, those of the first member on top: a walk in depth, without depth on the host's stack.
  std::vector<std::pair<std::uint32_t, std::uint32_t>> ahead{{type, candidate}};
  std::vector<std::uint32_t> left, right;
  while (!ahead.empty()) {
    auto [a, b] = ahead.back();
    ahead.pop_back();
    if (resolve(a) == resolve(b)) continue;
    b = behind_forward(b);
    if (hypothesis_[b] != kUnprocessed) {
      // Compilers write some types (arrays mostly) several times, so that one may be two that are no different.
      if (hypothesis_[b] == a || is_identical(hypothesis_[b], a, kIdenticalDepth)) continue;
      return false;
    }
    hypothesis_[b] = a;
    supposed_.push_back(b);
    const auto pair = compare(a, b);
    if (pair == Pair::differ) return false;
    if (pair == Pair::agree) continue;
    left.clear();
    right.clear();
    detail::for_each_type(record(a), [&](std::uint32_t id) { left.push_back(id); });
    detail::for_each_type(record(b), [&](std::uint32_t id) { right.push_back(id); });
    for (auto i = left.size(); i > 0; --i) ahead.emplace_back(left[i - 1], right[i - 1]);
  }
  return true;
}

Deduplicator::Pair Deduplicator::compare(std::uint32_t type, std::uint32_t candidate) {
  const auto a = record(type), b = record(candidate);
  if (!spend(a.size())) return Pair::differ;
  if (a[0] != b[0]) return Pair::differ;
  const auto is = [](bool agree) { return agree ? Pair::agree : Pair::differ; };
  const auto a_kind = detail::kind_of(a), b_kind = detail::kind_of(b);
  if (a_kind != b_kind) {
    if (a_kind != Kind::Fwd && b_kind != Kind::Fwd) return Pair::differ;
    const bool is_union = detail::kind_flag_of(a_kind == Kind::Fwd ? a : b);
    const auto declared = is_union ? Kind::Union : Kind::Struct;
    if ((a_kind == Kind::Fwd ? b_kind : a_kind) != declared) return Pair::differ;
    if (b_kind == Kind::Fwd && candidate < first_id_) changes_base_ = true;
    return Pair::agree;
  }
  switch (a_kind) {
    case Kind::Int:
    case Kind::Fwd:
    case Kind::Float: return is(detail::is_equal(a, b));
    case Kind::Enum:
    case Kind::Enum64: return is(detail::is_same_enum(a, b));
    case Kind::Var:
    case Kind::Datasec:
    case Kind::DeclTag: return Pair::differ;  // no part of a structure
    default: return detail::is_same_shape(a, b) ? Pair::follow : Pair::differ;
  }
}

bool Deduplicator::is_identical(std::uint32_t a, std::uint32_t b, int depth) {
  if (a == b) return true;
  const auto x = record(a), y = record(b);
  if (depth == 0 || !spend(x.size())) return false;
  const auto x_kind = detail::kind_of(x);
  if (detail::is_enum(x_kind)) return detail::is_same_enum(x, y);
  if (!detail::is_same_shape(x, y)) return false;
  const auto links = detail::links_of(x_kind);
  for (std::size_t i = 2; i < x.size(); ++i)
    if (detail::is_type_word(links, i) && !is_identical(x[i], y[i], depth - 1)) return false;
  return true;
}

void Deduplicator::keep_hypothesis() {
  for (const auto candidate : supposed_) {
    const auto a = resolve(hypothesis_[candidate]), b = resolve(candidate);
    const bool a_forward = kind(a) == Kind::Fwd, b_forward = kind(b) == Kind::Fwd;
    if (!a_forward && b_forward) map_[b] = a;
    // Then the two are not the same after all, and only the forward declarations of the base were learned.
    if (changes_base_) continue;
    if (a_forward && !b_forward) map_[a] = b;
    if (detail::is_composite(kind(a)) && !b_forward && is_mapped(b) && !is_mapped(a)) map_[a] = b;
  }
}

}  // namespace skep::btf
