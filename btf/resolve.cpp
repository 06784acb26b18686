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
    const auto decides = first_long();
    const auto size = decides ? record(number(*decides)).size_or_type : 0;
    if (size == 4 || size == 8) pointer_size_ = size;
  });
  return pointer_size_;
}

std::optional<TypeId> detail::Storage::first_long() const {
  for (auto id = first_id; id < type_count(); ++id) {
    const auto known = record(id);
    if (known.kind == Kind::Int && std::find(kLong.begin(), kLong.end(), string(known.name)) != kLong.end())
      return TypeId{id};
  }
  return std::nullopt;
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
  // Arrays only multiply, so that no recursion is needed; and a structure need not be decoded for its size.
  std::uint64_t count = 1;
  auto at = id;
  for (int depth = 0; depth <= kMaxDepth; ++depth) {
    std::uint64_t size = 0;
    switch (kind(at)) {
      case Kind::Int:
      case Kind::Float:
      case Kind::Struct:
      case Kind::Union:
      case Kind::Datasec: size = storage_->owner(number(at)).record(number(at)).size_or_type; break;
      case Kind::Enum:
      case Kind::Enum64:
        size = storage_->owner(number(at)).record(number(at)).size_or_type;
        if (size == 0) return fail(Errc::invalid, "{} has no size", describe(at));
        break;
      case Kind::Ptr: size = pointer_size(); break;
      case Kind::Array: {
        const auto array = SKEP_TRY(get<Array>(at));
        if (__builtin_mul_overflow(count, array.count, &count))
          return fail(Errc::malformed, "type {}: array of more than 2^64 elements", number(id));
        at = array.element;
        continue;
      }
      case Kind::Typedef:
      case Kind::Volatile:
      case Kind::Const:
      case Kind::Restrict:
      case Kind::TypeTag: at = SKEP_TRY(get<Modifier>(at)).type; continue;
      case Kind::Var: at = SKEP_TRY(get<Var>(at)).type; continue;
      default:
        SKEP_TRY(type(at));
        return fail(Errc::invalid, "{} has no size", describe(at));
    }
    if (__builtin_mul_overflow(count, size, &size))
      return fail(Errc::malformed, "type {}: array of more than 2^64 bytes", number(id));
    return size;
  }
  return too_deep(id);
}

}  // namespace skep::btf
