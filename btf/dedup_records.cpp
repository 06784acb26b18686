// Comparing single records. Strings are there once only (btf/string_table.hpp), so their offsets compare as they
// do, and a record is its words.
#include <algorithm>

#include "skep/btf/dedup.hpp"

namespace skep::btf::detail {
namespace {

std::uint64_t mix(std::uint64_t hash, std::uint32_t word) {
  hash = (hash ^ word) * 0x9e3779b97f4a7c15u;
  return hash ^ hash >> 29;
}

bool has_no_enumerators(ConstWords record) { return vlen_of(record) == 0; }

}  // namespace

void Candidates::add(std::uint64_t hash, std::uint32_t id) {
  const auto [ends, is_new] = ends_.try_emplace(hash, id, id);
  if (is_new) return;
  next_[ends->second.second] = id;
  ends->second.second = id;
}

std::uint32_t Candidates::first(std::uint64_t hash) const {
  const auto ends = ends_.find(hash);
  return ends == ends_.end() ? 0 : ends->second.first;
}

bool is_composite(Kind kind) { return kind == Kind::Struct || kind == Kind::Union; }
bool is_enum(Kind kind) { return kind == Kind::Enum || kind == Kind::Enum64; }

bool is_equal(ConstWords a, ConstWords b) { return std::equal(a.begin(), a.end(), b.begin(), b.end()); }

bool is_same_shape(ConstWords a, ConstWords b) {
  if (a.size() != b.size() || a[1] != b[1]) return false;
  const auto links = links_of(kind_of(a));
  for (std::size_t i = 0; i < a.size(); ++i)
    if (a[i] != b[i] && !is_type_word(links, i)) return false;
  return true;
}

bool is_same_enum(ConstWords a, ConstWords b) {
  if (!is_enum(kind_of(a)) || !is_enum(kind_of(b))) return false;
  if (has_no_enumerators(a) || has_no_enumerators(b)) return a[0] == b[0];
  return is_equal(a, b);
}

std::uint64_t hash_of(ConstWords record) {
  const auto kind = kind_of(record);
  auto hash = mix(1, record[0]);
  // Neither size nor enumerators: it may be only the name of one. Nameless ones are no such thing, and many.
  if (is_enum(kind) && record[0] != 0) return hash;
  const bool by_shape = is_composite(kind) || kind == Kind::Typedef;
  const auto links = by_shape ? links_of(kind) : Links{};
  for (std::size_t i = 1; i < record.size(); ++i)
    if (!is_type_word(links, i)) hash = mix(hash, record[i]);
  return hash;
}

}  // namespace skep::btf::detail
