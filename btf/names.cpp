// Finding types: by name, and decl tags by what they are on. Both indexes are made when first asked for,
// for most programs that open the kernel's BTF look at a handful of its 127,000 types.
#include <algorithm>

#include "skep/btf/storage.hpp"

namespace skep::btf {
namespace detail {
namespace {

// 32 bits of the hash as a fraction of the buckets: a division would cost as much as the hash.
std::size_t bucket_of(std::string_view name, std::size_t buckets) {
  const auto hash = static_cast<std::uint32_t>(std::hash<std::string_view>{}(name));
  return std::uint64_t{hash} * buckets >> 32;
}

}  // namespace

void Storage::build_names() const {
  // A counting sort by bucket: ids stay ascending within each. Nameless types are left out.
  const auto buckets = offsets.size();
  std::vector<std::uint32_t> bucket(buckets, UINT32_MAX);
  names_.starts.assign(buckets + 1, 0);
  std::uint32_t named = 0;
  for (std::size_t i = 0; i < buckets; ++i) {
    const auto own = name(record(first_id + static_cast<std::uint32_t>(i)).name);
    if (own.empty()) continue;
    bucket[i] = static_cast<std::uint32_t>(bucket_of(own, buckets));
    ++names_.starts[bucket[i]];
    ++named;
  }
  std::uint32_t start = 0;
  for (auto& count : names_.starts) start += std::exchange(count, start);
  names_.ids.resize(named);
  // Fills each bucket from its start, which moves on to its end; one step back afterwards.
  for (std::size_t i = 0; i < buckets; ++i)
    if (bucket[i] != UINT32_MAX) names_.ids[names_.starts[bucket[i]]++] = first_id + static_cast<std::uint32_t>(i);
  for (std::size_t b = buckets; b > 0; --b) names_.starts[b] = names_.starts[b - 1];
  names_.starts[0] = 0;
}

void Storage::find_own(std::string_view wanted, std::vector<TypeId>& found) const {
  if (wanted.empty() || wanted.size() > kMaxName || offsets.empty()) return;
  std::call_once(names_once_, [this] { build_names(); });
  const auto bucket = bucket_of(wanted, offsets.size());
  for (auto i = names_.starts[bucket]; i < names_.starts[bucket + 1]; ++i)
    if (name(record(names_.ids[i]).name) == wanted) found.push_back(TypeId{names_.ids[i]});
}

const std::vector<std::pair<TypeId, TypeId>>& Storage::tags() const {
  std::call_once(tags_once_, [this] {
    for (auto id = first_id; id < type_count(); ++id)
      if (const auto tag = record(id); tag.kind == Kind::DeclTag)
        tags_.emplace_back(TypeId{tag.size_or_type}, TypeId{id});
    std::sort(tags_.begin(), tags_.end());
  });
  return tags_;
}

}  // namespace detail

std::optional<TypeId> Btf::find(std::string_view name, Kind wanted) const {
  std::vector<TypeId> found;
  for (const auto* storage = storage_.get(); storage; storage = storage->base.get()) {
    found.clear();
    storage->find_own(name, found);
    for (const auto id : found)
      if (kind(id) == wanted) return id;
  }
  return std::nullopt;
}

std::optional<TypeId> Btf::find(std::string_view name) const {
  std::vector<TypeId> found;
  for (const auto* storage = storage_.get(); storage; storage = storage->base.get()) {
    storage->find_own(name, found);
    if (!found.empty()) return found.front();
  }
  return std::nullopt;
}

std::vector<TypeId> Btf::find_all(std::string_view name) const {
  std::vector<TypeId> found;
  for (const auto* storage = storage_.get(); storage; storage = storage->base.get()) storage->find_own(name, found);
  std::sort(found.begin(), found.end());
  return found;
}

std::vector<TypeId> Btf::tags_of(TypeId id) const {
  std::vector<TypeId> found;
  for (const auto* storage = storage_.get(); storage; storage = storage->base.get()) {
    const auto& tags = storage->tags();
    auto tag = std::lower_bound(tags.begin(), tags.end(), std::pair(id, TypeId::none));
    for (; tag != tags.end() && tag->first == id; ++tag) found.push_back(tag->second);
  }
  std::sort(found.begin(), found.end());
  return found;
}

}  // namespace skep::btf
