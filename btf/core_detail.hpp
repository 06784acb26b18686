// What the steps of CO-RE share: decoded types, a bound on the work, paths. Internal to btf/.
#pragma once

#include <unordered_map>

#include "skep/btf/core.hpp"

namespace skep::btf::detail {

// As in libbpf: elements of an access string, and levels of a path through the target.
inline constexpr std::size_t kMaxPath = 64;

enum class About : std::uint8_t { field, type, enumerator };
// Nothing for a number that no kind has.
std::optional<About> about(std::uint32_t kind);

// Hostile types fan out exponentially (an anonymous member of anonymous members, functions that take
// functions): whoever walks types pays for each step.
class Work {
 public:
  explicit Work(std::uint64_t steps) : left_(steps) {}
  Result<> spend(std::uint64_t steps = 1) {
    if (steps <= left_) {
      left_ -= steps;
      return {};
    }
    left_ = 0;
    return fail(Errc::malformed, "comparing the types takes too many steps");
  }

 private:
  std::uint64_t left_;
};

// Types decoded once, without their modifiers.
class TypeTable {
 public:
  // `whose`: what errors begin with, "" for nothing.
  explicit TypeTable(const Btf& btf, std::string whose = "") : btf_(btf), whose_(std::move(whose)) {}
  TypeTable(const TypeTable&) = delete;
  TypeTable& operator=(const TypeTable&) = delete;

  struct Entry {
    TypeId id;  // behind the modifiers
    Type type;
    Kind kind;
    template <class T>
    const T* as() const {
      return std::get_if<T>(&type);
    }
  };
  const Btf& btf() const { return btf_; }
  // The type behind the modifiers of `id`. Valid as long as the table.
  Result<const Entry*> strip(TypeId id);
  // Size in bytes, below 4 GiB; 0 for an enumeration without a size, as in libbpf.
  Result<std::uint32_t> size_of(TypeId id);

 private:
  std::unexpected<Error> blame(const Error& error) const;

  const Btf& btf_;
  std::string whose_;
  std::unordered_map<std::uint32_t, Entry> entries_;    // by stripped id
  std::unordered_map<std::uint32_t, TypeId> stripped_;  // ids with modifiers
};

// A step of a path that has a meaning in another layout of the same type: a member by name, an element by number.
struct Step {
  const TypeTable::Entry* type;  // the structure that has the member; the type of the element
  std::uint32_t index = 0;       // of the member; of the element
  std::string_view name;         // empty: an element
  const Member* member() const { return &type->as<Composite>()->members[index]; }
};

// Where an access leads.
struct CorePath {
  std::vector<Step> steps;       // the first is an element: the type is reached through a pointer
  std::uint64_t bit_offset = 0;  // from where the pointer points to
  std::size_t levels = 0;        // steps, and anonymous members on the way
  std::string_view enumerator;   // About::enumerator: its name
  std::uint64_t enumerator_value = 0;
  bool enumerator_signed = false;  // its enumeration is
};

// The numbers of an access string. Errors: malformed.
Result<std::vector<std::uint32_t>> parse_access(std::string_view access);
// The path of a query in the types that it was compiled with. Errors: malformed.
Result<CorePath> local_path(TypeTable& local, const CoreQuery& query, About about);
// Whether an array at the end of `path` has no bound: no elements, and last in its structure.
bool is_flexible(const CorePath& path, const Array& array);
// Goes on to an element of a size. Errors: malformed (too far, or too deep).
Result<> enter_element(TypeTable& table, CorePath& path, const TypeTable::Entry* element, std::uint32_t index);
// An ENUM holds 32 bits, which are extended as it says, or if `is_signed` as signed ones; an ENUM64 all 64.
std::uint64_t enumerator_value(const Enum& type, std::size_t index, bool is_signed);

// Compares one local type with types of one target. What it looks at is noted in `use`, if there is one, as of the
// target's set of that number.
class Matcher {
 public:
  Matcher(TypeTable& local, TypeTable& target, Work& work, CoreUse* use = nullptr, std::uint32_t set = 0)
      : local_(local), target_(target), work_(work), use_(use), set_(set) {}

  // The same path in the type `root`; nothing if it has none, and then missing() and why() tell why not.
  Result<std::optional<CorePath>> path(const CorePath& local, TypeId root);
  // The enumerator of that name in the enumeration `root`.
  Result<std::optional<CorePath>> enumerator(const CorePath& local, TypeId root);
  // Whether the two are of the same make: kinds alone behind names (bodies are not compared).
  Result<bool> types_compatible(TypeId local, TypeId target);
  // Whether all that the local type declares is in the target, in the same form.
  Result<bool> types_match(TypeId local, TypeId target);

  const std::string& missing() const { return missing_; }
  // The type that has no such name at all; nothing if it is there in another form.
  std::optional<TypeId> searched() const { return searched_; }
  const std::string& why() const { return why_; }

 private:
  using Entry = TypeTable::Entry;
  struct Found {
    bool found = false;       // a member of that name is there
    bool compatible = false;  // and its type will do
    TypeId next{};            // its type
  };
  Result<std::optional<CorePath>> follow(const CorePath& local, TypeId root);
  Result<Found> find_member(const Step& wanted, TypeId in, CorePath& path);
  Result<std::optional<TypeId>> enter_member(const Step& wanted, const Entry* in, CorePath& path);
  Result<std::optional<TypeId>> enter_array(const Step& wanted, const Entry* in, CorePath& path);
  Result<bool> fields_compatible(TypeId local, TypeId target);
  Result<bool> compatible(TypeId local, TypeId target, int level);
  Result<bool> match(TypeId local, TypeId target, bool behind_pointer, int level);
  Result<bool> composites_match(const Composite& local, const Entry* in, bool behind_pointer, int level);
  Result<bool> enums_match(const Enum& local, const Entry* in);

  TypeTable& local_;
  // Notes a member on the way of a path, which is taken back if the way leads nowhere.
  void pass(const Entry* in, std::size_t index) {
    if (use_) trail_.push_back({{set_, in->id}, static_cast<std::uint32_t>(index)});
  }
  void note(const Entry* in, std::size_t index) {
    if (use_) use_->parts.insert({{set_, in->id}, static_cast<std::uint32_t>(index)});
  }
  void note_pointer(const Entry* pointer) {
    if (use_) use_->pointers.insert({set_, pointer->id});
  }
  // That `in` has as many parts as this.
  void note_count(const Entry* in, std::size_t count);

  TypeTable& target_;
  Work& work_;
  CoreUse* use_;
  std::uint32_t set_;
  std::vector<CoreUse::Part> trail_;  // at most one per level, and no more than one behind
  std::string missing_, why_;
  std::optional<TypeId> searched_;
};

// What a kind of relocation says of a path (field), a type, or an enumerator in one BTF.
struct CoreValue {
  std::uint64_t value = 0;
  bool exact = true;                        // the compiler must have come to the same
  std::uint32_t size = 0;                   // field_byte_offset, not of a bitfield
  const TypeTable::Entry* sized = nullptr;  // the type of that field
};
Result<CoreValue> field_value(CoreKind kind, TypeTable& table, const CorePath& path, ByteOrder order);
Result<CoreValue> type_value(CoreKind kind, TypeTable& table, TypeId type);
// Whether a load of the field in one width can be one of the other width.
bool width_may_change(const CoreValue& local, const CoreValue& target);

}  // namespace skep::btf::detail
