// Records are kept as words in host order: writing them is one loop over integers in either byte order, and ids
// and strings are changed in place.
#include "skep/btf/build.hpp"

#include <algorithm>

#include "skep/btf/encode_record.hpp"
#include "skep/btf/links.hpp"

namespace skep::btf {

Builder::Builder(ByteOrder order) : order_(order) {}
Builder::Builder(const Btf& base) : order_(base.byte_order()), base_(base), strings_(base) {}

std::span<std::uint32_t> Builder::record(TypeId id) {
  auto* at = words_.data() + starts_[number(id) - first_id()];
  return {at, detail::size_of_record(at)};
}

std::span<const std::uint32_t> Builder::record(TypeId id) const {
  const auto* at = words_.data() + starts_[number(id) - first_id()];
  return {at, detail::size_of_record(at)};
}

Result<TypeId> Builder::add(const Type& type) {
  const auto start = words_.size();
  if (auto added = detail::encode_record(type, strings_, words_); !added) {
    words_.resize(start);
    return std::unexpected(added.error());
  }
  starts_.push_back(static_cast<std::uint32_t>(start));
  return TypeId{type_count() - 1};
}

Result<> Builder::replace(TypeId id, const Type& type) {
  if (number(id) < first_id() || number(id) >= type_count())
    return fail(Errc::not_found, "type {}: own types are {} to {}", number(id), first_id(), type_count() - 1);
  SKEP_TRY(add(type));
  starts_[number(id) - first_id()] = starts_.back();
  starts_.pop_back();
  return {};
}

void Builder::forget_from(std::uint32_t count) {
  if (count == type_count()) return;
  // What was added last lies behind all others.
  words_.resize(starts_[count - first_id()]);
  starts_.resize(count - first_id());
}

Result<> Builder::check_links() const {
  for (auto id = first_id(); id < type_count(); ++id) {
    const auto words = record(TypeId{id});
    std::uint32_t missing = 0;
    detail::for_each_type(words, [&](std::uint32_t other) { missing = other < type_count() ? missing : other; });
    if (missing != 0)
      return fail(Errc::invalid, "type {} {} \"{}\" refers to type {}, there are {}", id,
                  to_string(detail::kind_of(words)), strings_.at(words[0]), missing, type_count());
  }
  return {};
}

Result<std::vector<std::byte>> Builder::encode() const {
  constexpr std::uint32_t kHeader = 24;
  SKEP_TRY(check_links());
  std::uint64_t type_size = 0;
  for (auto id = first_id(); id < type_count(); ++id) type_size += record(TypeId{id}).size_bytes();
  const auto text = strings_.own();
  if (kHeader + type_size + text.size() > UINT32_MAX) return fail(Errc::invalid, "types of {} bytes", type_size);

  std::vector<std::byte> out(kHeader + type_size + text.size());
  auto* at = out.data();
  const auto word = [&](std::uint32_t value) {
    store(at, value, order_);
    at += 4;
  };
  const auto types = static_cast<std::uint32_t>(type_size);
  store(at, std::uint16_t{0xeb9f}, order_);
  store(at + 2, std::uint16_t{1}, ByteOrder::little);  // version, then flags
  at += 4;
  for (const auto value : {kHeader, 0u, types, types, static_cast<std::uint32_t>(text.size())}) word(value);
  for (auto id = first_id(); id < type_count(); ++id)
    for (const auto value : record(TypeId{id})) word(value);
  std::copy(text.begin(), text.end(), reinterpret_cast<char*>(at));
  return out;
}

Result<Btf> Builder::build() const {
  auto bytes = SKEP_TRY(encode());
  if (base_.type_count() > 1 || base_.string_end() > 0) return Btf::parse(std::move(bytes), base_);
  return Btf::parse(std::move(bytes));
}

}  // namespace skep::btf
