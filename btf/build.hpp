// BTF that is being built: types are added by value, refer to each other by TypeId, and become bytes that
// Btf::parse takes. Everything that writes BTF goes through here.
//
// Ids are given in the order of adding. A type may refer to one that comes later (a list node that points to
// itself: next_id() tells the id before it is given); encode() checks that all of them came.
#pragma once

#include <span>
#include <vector>

#include "skep/btf/btf.hpp"
#include "skep/btf/string_table.hpp"

namespace skep::btf {

class Builder {
 public:
  explicit Builder(ByteOrder order = ByteOrder::little);
  // Split BTF: ids and string offsets go on from those of `base`, in its byte order. Strings that the base has
  // are not repeated.
  explicit Builder(const Btf& base);

  ByteOrder byte_order() const { return order_; }
  // Empty without a base.
  const Btf& base() const { return base_; }
  std::uint32_t first_id() const { return base_.type_count(); }
  // Void and the types of the base included.
  std::uint32_t type_count() const { return first_id() + static_cast<std::uint32_t>(starts_.size()); }
  TypeId next_id() const { return TypeId{type_count()}; }

  // Errors: invalid, for what the record has no room for: more than 2^24 - 1 elements, an enumerator of more
  // than 32 bits in an ENUM, a bitfield beyond 2 MiB, a string with a NUL, strings of more than 16 MiB in all.
  // not_supported for Opaque: what its data refers to is unknown. Void is none to add either (invalid).
  Result<TypeId> add(const Type& type);
  // Gives an own type another content. Errors: not_found, and those of add.
  Result<> replace(TypeId id, const Type& type);
  // Adds all own types of `from` in their order, as they are recorded: what decoding would refuse or lose stays.
  // Gives the id of the first. Errors: invalid (`from` extends another base than this), malformed (a type that is
  // not there, a string outside of the strings), not_supported (a kind that is unknown); nothing is added then.
  Result<TypeId> append(const Btf& from);

  // Makes types that mean the same one type, as libbpf's btf__dedup does: names and shapes decide, a structure
  // takes the place of its forward declarations, variables and sections stay as they are. Types keep their order.
  // Gives the new id of each old one, the base's included. Errors: malformed (a circle without a structure in
  // it; look-alikes that take too long to tell apart); nothing is changed then.
  Result<std::vector<TypeId>> deduplicate();

  // The offset of a string in the section to be, for what refers to it from outside (.BTF.ext). Errors: invalid,
  // as above.
  Result<std::uint32_t> string(std::string_view text) { return strings_.add(text); }

  // Header, types, strings. Errors: invalid (a type refers to one that was never added, sections of more than
  // 4 GiB).
  Result<std::vector<std::byte>> encode() const;
  // The same, opened.
  Result<Btf> build() const;

 private:
  friend class Copier;
  friend class Deduplicator;

  std::span<std::uint32_t> record(TypeId id);
  std::span<const std::uint32_t> record(TypeId id) const;
  Result<> check_links() const;
  // Takes back what was added after the builder had `count` types.
  void forget_from(std::uint32_t count);

  ByteOrder order_;
  Btf base_;
  detail::StringTable strings_;
  std::vector<std::uint32_t> words_;   // records (btf/links.hpp), in host order
  std::vector<std::uint32_t> starts_;  // where that of each own type begins; replaced ones lie behind the others
};

// Copies single types out of one Btf, with all that they refer to and all decl tags on these. What a type refers to
// comes before it, where types are no circle. Each type is copied once, however often it is asked for; types of a
// common base keep their ids.
class Copier {
 public:
  // `to` must outlive it.
  Copier(Builder& to, const Btf& from);

  // The id in the builder. Errors: not_found (no such type), and those of Builder::append; nothing is added then.
  Result<TypeId> copy(TypeId id);
  // What became of a type, if it was copied.
  std::optional<TypeId> copied(TypeId id) const;

 private:
  friend class Builder;
  // All that `root` refers to and that is not there yet, then `root`, behind `order`.
  Result<> collect(TypeId root, std::vector<TypeId>& order);
  // Adds these types, and nothing if one of them cannot be.
  Result<> take(const std::vector<TypeId>& order);
  Result<> write(TypeId id);
  Result<std::uint32_t> string(std::uint32_t offset, std::uint64_t end);

  Builder& to_;
  Btf from_;
  std::uint32_t shared_ = 1;        // ids below are the same in both
  std::vector<std::uint32_t> ids_;  // those of the builder; kUnknown, kFound while collecting
  std::vector<std::uint32_t> strings_;  // offsets, theirs to ours; 0: not there yet
};

}  // namespace skep::btf
