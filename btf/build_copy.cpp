// Types from one BTF to another. Records go over as they are, only their numbers change: nothing is lost, and
// nothing needs to be understood.
#include <algorithm>

#include "skep/btf/build.hpp"
#include "skep/btf/links.hpp"
#include "skep/btf/storage.hpp"

namespace skep::btf {
namespace {

constexpr std::uint32_t kUnknown = 0, kFound = UINT32_MAX;

// How many ids mean the same type in `from` and in what extends `base`.
std::uint32_t shared_with(const Btf& from, const Btf& base) {
  for (std::optional<Btf> each = from; each; each = detail::Access::base(*each))
    if (*each == base) return base.type_count();
  return 1;
}

Result<> check_known(const Btf& from, std::uint32_t id) {
  const auto kind = from.kind(TypeId{id});
  if (detail::is_known(kind)) return {};
  return fail(Errc::not_supported, "type {} of kind {}: what it refers to is unknown", id,
              static_cast<unsigned>(kind));
}

}  // namespace

Copier::Copier(Builder& to, const Btf& from)
    : to_(to),
      from_(from),
      shared_(shared_with(from, to.base())),
      ids_(from.type_count(), kUnknown),
      strings_(from.string_end(), 0) {
  for (std::uint32_t id = 0; id < shared_; ++id) ids_[id] = id;
}

std::optional<TypeId> Copier::copied(TypeId id) const {
  if (number(id) >= ids_.size()) return std::nullopt;
  if (number(id) >= shared_ && ids_[number(id)] == kUnknown) return std::nullopt;
  return TypeId{ids_[number(id)]};
}

Result<std::uint32_t> Copier::string(std::uint32_t offset, std::uint64_t end) {
  if (offset == 0) return 0;
  if (offset >= end) return fail(Errc::malformed, "string offset {} lies outside of {} bytes", offset, end);
  // By offset first: many names may share one long string.
  auto& known = strings_[offset];
  if (known == 0) known = SKEP_TRY(to_.strings_.add(from_.string(offset)));
  return known;
}

Result<> Copier::collect(TypeId root, std::vector<TypeId>& order) {
  const auto& storage = detail::Access::storage(from_);
  // Twice on the stack: to see what it refers to, and when all of that is in its place.
  std::vector<std::pair<std::uint32_t, bool>> stack{{number(root), false}};
  std::vector<std::uint32_t> words;
  while (!stack.empty()) {
    const auto [id, done] = stack.back();
    stack.pop_back();
    if (done) {
      order.push_back(TypeId{id});
      continue;
    }
    if (id < shared_ || ids_[id] != kUnknown) continue;
    SKEP_TRY(check_known(from_, id));
    ids_[id] = kFound;
    stack.emplace_back(id, true);
    words.clear();
    detail::read_words(storage, id, words);
    const auto first = stack.size();
    // One that is not there is left to write().
    const auto end = storage.owner(id).type_count();
    detail::for_each_type(detail::ConstWords(words), [&](std::uint32_t other) {
      if (other >= shared_ && other < end && ids_[other] == kUnknown) stack.emplace_back(other, false);
    });
    std::reverse(stack.begin() + static_cast<std::ptrdiff_t>(first), stack.end());
  }
  return {};
}

Result<> Copier::write(TypeId id) {
  const auto start = to_.words_.size();
  // What a record of a base refers to is in that base.
  const auto& owner = detail::Access::storage(from_).owner(number(id));
  detail::read_words(owner, number(id), to_.words_);
  to_.starts_.push_back(static_cast<std::uint32_t>(start));
  const detail::Words words(to_.words_.data() + start, to_.words_.size() - start);
  std::optional<Error> error;
  detail::for_each_string(words, [&](std::uint32_t& offset) {
    if (error) return;
    if (const auto added = string(offset, owner.string_end())) offset = *added;
    else error = added.error().context("{}", from_.describe(id));
  });
  if (error) return std::unexpected(*error);
  detail::for_each_type(words, [&](std::uint32_t& other) {
    if (other < owner.type_count()) other = ids_[other];
    else error = Error(Errc::malformed, fmt::format("{} refers to type {}, there are {}", from_.describe(id), other,
                                                    owner.type_count()));
  });
  if (error) return std::unexpected(*error);
  return {};
}

Result<> Copier::take(const std::vector<TypeId>& order) {
  const auto count = to_.type_count();
  auto next = count;
  for (const auto id : order) ids_[number(id)] = next++;
  for (const auto id : order) {
    auto written = write(id);
    if (written) continue;
    to_.forget_from(count);
    for (const auto each : order) ids_[number(each)] = kUnknown;
    return written;
  }
  return {};
}

Result<TypeId> Copier::copy(TypeId id) {
  if (number(id) >= ids_.size()) return fail(Errc::not_found, "type {} of a BTF of {} types", number(id), ids_.size());
  if (const auto known = copied(id)) return *known;
  std::vector<TypeId> order;
  auto collected = collect(id, order);
  // Grows on the way: a tag may refer to a type that brings more.
  for (std::size_t i = 0; collected && i < order.size(); ++i)
    for (const auto tag : from_.tags_of(order[i]))
      if (collected) collected = collect(tag, order);
  if (!collected) {
    std::replace(ids_.begin(), ids_.end(), kFound, kUnknown);
    return std::unexpected(collected.error());
  }
  SKEP_TRY(take(order));
  return TypeId{ids_[number(id)]};
}

Result<TypeId> Builder::append(const Btf& from) {
  Copier copier(*this, from);
  if (copier.shared_ < from.first_id())
    return fail(Errc::invalid, "a BTF whose first type is {}, on top of another base", from.first_id());
  const auto first = next_id();
  std::vector<TypeId> order;
  order.reserve(from.type_count() - from.first_id());
  for (auto id = from.first_id(); id < from.type_count(); ++id) {
    SKEP_TRY(check_known(from, id));
    order.push_back(TypeId{id});
  }
  SKEP_TRY(copier.take(order));
  return first;
}

}  // namespace skep::btf
