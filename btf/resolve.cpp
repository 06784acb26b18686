// From a type to what it is made of: through its modifiers, and to its size. Types refer to each other
// freely and hostile ones in circles, so every walk has an end at kMaxDepth.
#include <algorithm>
#include <array>

#include "skep/btf/storage.hpp"

namespace skep::btf {
namespace {

// How compilers call a long: gcc and clang differ, and so do older ones.
constexpr std::array kLong = {std::string_view("long int"), std::string_view("long"),
                              std::string_view("long unsigned int"), std::string_view("unsigned long")};

constexpr bool is_modifier(Kind kind) {
  return kind == Kind::Typedef || kind == Kind::Volatile || kind == Kind::Const || kind == Kind::Restrict ||
         kind == Kind::TypeTag;
}

std::unexpected<Error> too_deep(TypeId id) {
  return fail(Errc::malformed, "type {}: more than {} levels, or a cycle", number(id), kMaxDepth);
}

}  // namespace

std::uint32_t detail::Storage::pointer_size() const {
  std::call_once(pointer_once_, [this] {
    if (base) pointer_size_ = base->pointer_size();
    for (auto id = first_id; id < type_count(); ++id) {
      const auto known = record(id);
      if (known.kind != Kind::Int || std::find(kLong.begin(), kLong.end(), string(known.name)) == kLong.end()) continue;
      if (known.size_or_type == 4 || known.size_or_type == 8) pointer_size_ = known.size_or_type;
      break;
    }
  });
  return pointer_size_;
}

std::uint32_t Btf::pointer_size() const { return storage_->pointer_size(); }

Result<TypeId> Btf::strip(TypeId id) const {
  auto at = id;
  for (int depth = 0; depth <= kMaxDepth; ++depth) {
    if (!is_modifier(kind(at))) {
      if (number(at) >= type_count()) SKEP_TRY(type(at));
      return at;
    }
    at = SKEP_TRY(get<Modifier>(at)).type;
  }
  return too_deep(id);
}

Result<std::uint64_t> Btf::size_of(TypeId id) const {
  // Arrays only multiply, so that no recursion is needed.
  std::uint64_t count = 1;
  auto at = id;
  for (int depth = 0; depth <= kMaxDepth; ++depth) {
    const auto known = SKEP_TRY(type(at));
    std::uint64_t size = 0;
    if (const auto* modifier = std::get_if<Modifier>(&known)) {
      at = modifier->type;
      continue;
    } else if (const auto* var = std::get_if<Var>(&known)) {
      at = var->type;
      continue;
    } else if (const auto* array = std::get_if<Array>(&known)) {
      if (__builtin_mul_overflow(count, array->count, &count))
        return fail(Errc::malformed, "type {}: array of more than 2^64 elements", number(id));
      at = array->element;
      continue;
    } else if (const auto* integer = std::get_if<Int>(&known)) {
      size = integer->size;
    } else if (std::holds_alternative<Ptr>(known)) {
      size = pointer_size();
    } else if (const auto* composite = std::get_if<Composite>(&known)) {
      size = composite->size;
    } else if (const auto* enumeration = std::get_if<Enum>(&known)) {
      size = enumeration->size;
    } else if (const auto* floating = std::get_if<Float>(&known)) {
      size = floating->size;
    } else if (const auto* section = std::get_if<Datasec>(&known)) {
      size = section->size;
    } else {
      return fail(Errc::invalid, "type {} {} \"{}\" has no size", number(at), to_string(kind(at)), name(at));
    }
    if (__builtin_mul_overflow(count, size, &size))
      return fail(Errc::malformed, "type {}: array of more than 2^64 bytes", number(id));
    return size;
  }
  return too_deep(id);
}

}  // namespace skep::btf
