// A .BTF section: types and strings of one object or kernel. Opening walks the records once to index
// them; a type is decoded when somebody asks for it.
//
// A Btf is a value: copies share the same immutable bytes, and comparing compares bytes. Any number of
// threads may read one.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "skep/base/bytes.hpp"
#include "skep/btf/types.hpp"

namespace skep::btf {

namespace detail {
struct Storage;
struct Access;
}

// How many levels of modifiers, arrays or nested structures are followed before it counts as a cycle: the
// limit of the kernel and of libbpf.
inline constexpr int kMaxDepth = 32;

// Names of types, members, enumerators and parameters, in bytes: kernels take 511, mangled ones of other languages have
// some thousands. Any number of names may be one string of the file, so that longer ones would cost its square. Tags and
// what Btf::string() gives have no such limit.
inline constexpr std::size_t kMaxName = 16'383;
// As much of a name is shown in messages.
inline constexpr std::size_t kShownName = 200;

class Btf {
 public:
  // No types but void.
  Btf();

  // Parses raw BTF (a .BTF section, /sys/kernel/btf/vmlinux) in either byte order, with a header of 24
  // or 32 bytes. `base`: the BTF that this one extends (split BTF: ids and string offsets go on from
  // its). Errors: malformed, with the offset or the type id. A kind that is unknown here is skipped and
  // kept as Opaque if the layout section tells its size, and is an error without.
  static Result<Btf> parse(std::vector<std::byte> raw);
  static Result<Btf> parse(std::vector<std::byte> raw, const Btf& base);
  // Opens a file of raw BTF. The kernel's own (/sys/kernel/btf/) is mapped where the kernel allows it, any
  // other file is read. Errors: os, and those of parse; the message names the path.
  static Result<Btf> open(const std::string& path);
  static Result<Btf> open(const std::string& path, const Btf& base);

  ByteOrder byte_order() const;
  // The bytes it was parsed from.
  Bytes raw() const;

  // Number of types, void and those of the base included: valid ids are below it.
  std::uint32_t type_count() const;
  // The first id that is not the base's (1 without a base).
  std::uint32_t first_id() const;

  // Cheap looks at a record, without decoding it. `id` out of range gives Void and ""; a name that is too long ends
  // after kMaxName + 1 bytes.
  Kind kind(TypeId id) const;
  std::string_view name(TypeId id) const;

  // As messages name it: `type 5 INT "int"`, or "void".
  std::string describe(TypeId id) const;

  // Decodes one type. Errors: not_found (id out of range), malformed (what the record refers to, names that are too
  // long).
  Result<Type> type(TypeId id) const;
  // The same, when it is of this kind: get<Composite>(id). Errors: not_found also for another kind.
  template <class T>
  Result<T> get(TypeId id) const;

  // The first type of that name, of any of the kinds given, or of any kind. Own types first, then the
  // base's. Nothing if there is none.
  std::optional<TypeId> find(std::string_view name, Kind kind) const;
  std::optional<TypeId> find(std::string_view name) const;
  // All of them, ascending.
  std::vector<TypeId> find_all(std::string_view name) const;

  // Size of a pointer in bytes: 8, or 4 where the BTF of a 32-bit kernel says that a long has 4.
  std::uint32_t pointer_size() const;
  // Follows typedefs, const, volatile, restrict and type tags, at most kMaxDepth of them. Errors: not_found,
  // malformed (a cycle, a bad id).
  Result<TypeId> strip(TypeId id) const;
  // Size in bytes; of a variable, that of its type. Errors: not_found, malformed, invalid (functions, void
  // and forward declarations have none).
  Result<std::uint64_t> size_of(TypeId id) const;
  // Decl tags on a type: ids of DECL_TAG records, ascending. Indexed on first use.
  std::vector<TypeId> tags_of(TypeId id) const;

  // String at an offset of the string section; "" for an offset outside of it.
  std::string_view string(std::uint32_t offset) const;
  // One past the last offset of a string, those of the base included.
  std::uint64_t string_end() const;

  friend bool operator==(const Btf& a, const Btf& b);

 private:
  friend struct detail::Access;
  explicit Btf(std::shared_ptr<const detail::Storage> storage) : storage_(std::move(storage)) {}
  std::shared_ptr<const detail::Storage> storage_;
};

template <class T>
Result<T> Btf::get(TypeId id) const {
  auto any = type(id);
  if (!any) return std::unexpected(any.error());
  if (auto* found = std::get_if<T>(&*any)) return std::move(*found);
  return fail(Errc::not_found, "{} is no {}", describe(id), kKindName<T>);
}

}  // namespace skep::btf
