// What the copies of a Btf share: the bytes, where each record begins, and indexes made on first use.
// Internal to btf/. Everything but those indexes is written by parse alone.
#pragma once

#include <cstring>
#include <mutex>
#include <utility>

#include "skep/btf/btf.hpp"
#include "skep/btf/header.hpp"

namespace skep::btf::detail {

// The 12 bytes that every type begins with. `info` is read with the wide fields of newer kernels (vlen 24
// bits, kind 7, kind_flag 1); what older ones write into the narrow fields reads the same.
struct Record {
  const std::byte* tail = nullptr;  // what follows them
  std::uint32_t name = 0, vlen = 0, size_or_type = 0;
  Kind kind{};
  bool kind_flag = false;
};

// Ids by hash of the name: those of bucket b are ids[starts[b]] .. ids[starts[b + 1]], ascending.
// Two integers a type, and no copy of any name.
struct NameIndex {
  std::vector<std::uint32_t> starts, ids;
};

struct Storage {
  ~Storage();
  Storage() = default;
  Storage(const Storage&) = delete;
  Storage& operator=(const Storage&) = delete;

  std::vector<std::byte> owned;  // empty when mapped
  MutableBytes mapped;           // unmapped by the destructor
  Bytes raw;                     // either of them
  std::shared_ptr<const Storage> base;
  Header header;
  Shapes shapes;
  std::uint32_t first_id = 1, first_string = 0;
  std::vector<std::uint32_t> offsets;  // of the records, from the start of the type section

  // Checks `raw` and fills in the rest.
  Result<> open();

  std::uint32_t type_count() const { return first_id + static_cast<std::uint32_t>(offsets.size()); }
  std::uint64_t string_end() const { return first_string + std::uint64_t{header.strings.size()}; }
  // The one in the chain of bases that holds an id below type_count(), other than 0.
  const Storage& owner(std::uint32_t id) const;
  // An own record.
  Record record(std::uint32_t id) const;
  std::uint32_t u32(const std::byte* at) const { return load<std::uint32_t>(at, header.order); }
  std::string_view string(std::uint32_t offset) const { return text(offset); }
  // The same, but no more than kMaxName + 1 bytes.
  std::string_view name(std::uint32_t offset) const {
    const auto* at = text(offset);
    return {at, ::strnlen(at, kMaxName + 1)};
  }

  // Adds the own types of that name, ascending.
  void find_own(std::string_view wanted, std::vector<TypeId>& found) const;
  // Own DECL_TAG records, as (target, tag), sorted.
  const std::vector<std::pair<TypeId, TypeId>>& tags() const;
  std::uint32_t pointer_size() const;
  // The own type that decides how long a pointer is: the first that is called as compilers call a long.
  std::optional<TypeId> first_long() const;

 private:
  Result<> index();
  // Ends with a NUL.
  const char* text(std::uint32_t offset) const;
  void build_names() const;

  mutable std::once_flag names_once_, tags_once_, pointer_once_;
  mutable NameIndex names_;
  mutable std::uint32_t pointer_size_ = 8;
  mutable std::vector<std::pair<TypeId, TypeId>> tags_;
};

// The way from a Btf to its records for the rest of btf/.
struct Access {
  static const Storage& storage(const Btf& btf) { return *btf.storage_; }
  // The BTF that it extends, if any.
  static std::optional<Btf> base(const Btf& btf) {
    if (!btf.storage_->base) return std::nullopt;
    return Btf(btf.storage_->base);
  }
};

// Decodes an own record of the storage.
Result<Type> decode(const Storage& storage, std::uint32_t id);

}  // namespace skep::btf::detail
