// What reading and writing typed values share: the fields of a structure, where they lie, and the way to
// the part that a message is about. Internal to btf/.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "skep/btf/btf.hpp"

namespace skep::btf::detail {

// The way from the whole value to a part of it, kept on the stack and spelled out only for an error.
struct Path {
  const Path* up = nullptr;
  std::string_view field;  // empty: an element of an array
  std::uint64_t index = 0;
  // "flow.ports[1]: "; "" for the whole value.
  std::string prefix() const;
  // The error of a part of the value.
  std::unexpected<Error> fail(const Error& error) const;
};

// A run of bits with a type; offsets count from the start of whatever contains it.
struct Slot {
  std::string_view name;
  TypeId type{};
  std::uint64_t bit_offset = 0;
  std::uint32_t bitfield_size = 0;  // bits; 0: as wide as the type
};

// Where the value of a slot lies.
struct BitRange {
  std::uint64_t offset = 0;
  std::uint32_t width = 0;  // at most 128
  // Errors: malformed, when it lies outside of a value of `size` bytes.
  Result<> check(std::size_t size, const Path& path) const;
};

// The bytes that a value takes.
struct Extent {
  std::size_t size = 0;
  std::optional<std::uint64_t> flexible_at;  // where a flexible array at the end of the structure begins
};
// Of a value of `type` in so many bytes: all of them if it is a structure that ends with a flexible array, else its
// size. Errors: invalid (too few bytes), and those of size_of.
Result<Extent> extent_of(const Btf& btf, TypeId type, std::size_t bytes);

// Types that were looked at during one encoding or decoding: an array of structures decodes its element
// type once. Its budget bounds the work that a small hostile type can cause (types may fan out
// exponentially: a union of unions of unions).
class FieldTable {
 public:
  FieldTable(const Btf& btf, const Extent& extent)
      : btf_(btf), extent_(extent), budget_(kFloor + extent.size * kPartsPerByte) {}

  // Counts parts of the value. Errors: malformed when there are too many.
  Result<> spend(std::size_t parts, const Path& path);
  // The type, behind its modifiers; of a variable, its type.
  Result<const Type*> type(TypeId id, const Path& path);
  Result<std::uint64_t> size_of(TypeId id, const Path& path) const;
  // Members of a structure or union, with those of its anonymous members in their place, or variables of a
  // section; in order.
  Result<const std::vector<Slot>*> fields(TypeId id, const Path& path);

  // The elements of an array: as many as its type says, and for a flexible array, which ends the value, as many as
  // fit into the value. `element`: their size, not 0.
  std::uint64_t count(const Array& type, const Slot& slot, int depth, std::uint64_t element) const;

  // Where the value of a slot lies. Legacy bitfields are integers with a width and an offset of their own; a
  // slot that says its width overrules them. Errors: malformed, for one that is wider than its type.
  static Result<BitRange> bits_of(const Int& type, const Slot& slot, const Path& path);
  static Result<BitRange> bits_of(std::uint32_t size, const Slot& slot, const Path& path);

 private:
  Result<Type> decode(TypeId id) const;

  static constexpr std::size_t kFloor = 64 * 1024, kPartsPerByte = 16;

  Result<> add_fields(TypeId id, std::uint64_t bit_offset, int depth, const Path& path, std::vector<Slot>& slots);

  const Btf& btf_;
  Extent extent_;
  std::size_t budget_;
  std::map<TypeId, Type> types_;
  std::map<TypeId, std::vector<Slot>> fields_;
};

// Whether arrays of it are text. Signed and unsigned char are numbers to those who write them.
bool is_text(const Int& type);

}  // namespace skep::btf::detail
