// Any bytes as a .BTF section that is read and written again: what was read as a type comes back as the same type,
// in either byte order, as values and record by record; single types with what they need; deduplicated; for older
// kernels.
#include <algorithm>
#include <cstdint>
#include <cstdlib>

#include "skep/btf/build.hpp"
#include "skep/btf/encode_ext.hpp"
#include "skep/btf/sanitize.hpp"

namespace {

using namespace skep;
using namespace skep::btf;

void require(bool condition) {
  if (!condition) std::abort();
}

// Of thousands of types the first ones tell as much as all.
std::uint32_t some(const Btf& btf) { return std::min(btf.type_count(), btf.first_id() + 200); }

void same(const Result<Type>& a, const Result<Type>& b) {
  require(a.has_value() == b.has_value());
  if (a) require(*a == *b);
}

void by_record(const Btf& btf, ByteOrder order) {
  Builder builder(order);
  const auto first = builder.append(btf);
  if (!first) {
    require(builder.type_count() == 1);
    return;
  }
  require(*first == TypeId{1});
  const auto copy = builder.build();
  require(copy.has_value() && copy->type_count() == btf.type_count());
  for (std::uint32_t id = 0; id < some(btf); ++id) same(btf.type(TypeId{id}), copy->type(TypeId{id}));
  // Its own layout: nothing moves any more.
  Builder again(order);
  require(again.append(*copy).has_value());
  require(*again.encode() == std::vector(copy->raw().begin(), copy->raw().end()));
}

void by_value(const Btf& btf) {
  Builder builder(btf.byte_order());
  std::vector<std::pair<std::uint32_t, TypeId>> added;
  for (std::uint32_t id = 1; id < some(btf); ++id) {
    const auto type = btf.type(TypeId{id});
    if (!type) continue;
    if (const auto to = builder.add(*type)) added.emplace_back(id, *to);
  }
  // Links may lead to what was not added.
  while (builder.type_count() < btf.type_count()) require(builder.add(Fwd{.name = "missing"}).has_value());
  const auto copy = builder.build();
  require(copy.has_value());
  for (const auto& [from, to] : added) same(btf.type(TypeId{from}), copy->type(to));
}

void by_need(const Btf& btf) {
  Builder builder;
  Copier copier(builder, btf);
  for (std::uint32_t id = 0; id < some(btf); ++id) {
    const auto before = builder.type_count();
    const auto to = copier.copy(TypeId{id});
    require(to ? copier.copied(TypeId{id}) == *to : builder.type_count() == before);
  }
  const auto copy = builder.build();
  require(copy.has_value());
  for (std::uint32_t id = 0; id < some(btf); ++id)
    if (const auto to = copier.copied(TypeId{id}))
      require(copy->kind(*to) == btf.kind(TypeId{id}) && copy->name(*to) == btf.name(TypeId{id}));
}

void without_duplicates(const Btf& btf) {
  Builder builder;
  if (!builder.append(btf) || !builder.append(btf)) return;
  const auto before = builder.type_count();
  const auto ids = builder.deduplicate();
  if (!ids) {
    require(builder.type_count() == before);
    return;
  }
  const auto copy = builder.build();
  require(copy.has_value() && ids->size() == before && copy->type_count() <= before);
  for (std::uint32_t id = 0; id < some(btf); ++id) {
    const auto to = (*ids)[id];
    const auto kind = btf.kind(TypeId{id});
    // Forward declarations, and enumerations without enumerators, may become what they stand for.
    if (kind != Kind::Fwd && kind != Kind::Enum && kind != Kind::Enum64) require(copy->kind(to) == kind);
    require(copy->name(to) == btf.name(TypeId{id}));
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto bytes = std::as_bytes(std::span(data, size));
  const auto btf = Btf::parse({bytes.begin(), bytes.end()});
  if (!btf) return 0;
  by_record(*btf, ByteOrder::little);
  by_record(*btf, ByteOrder::big);
  by_value(*btf);
  by_need(*btf);
  without_duplicates(*btf);
  for (const auto& known : {Features::none(), Features::of_kernel(5, 10)})
    if (const auto old = sanitize(*btf, known))
      for (std::uint32_t id = 0; id < some(*old); ++id) require(old->type(TypeId{id}).has_value());
  // The same bytes as an extension of themselves.
  if (const auto split = Btf::parse({bytes.begin(), bytes.end()}, *btf)) {
    Builder builder(*btf);
    if (builder.append(*split)) {
      const auto copy = builder.build();
      require(copy.has_value() && copy->type_count() == split->type_count());
      (void)builder.deduplicate();
      require(builder.encode().has_value());
    }
    by_need(*split);
  }
  return 0;
}
