// One record to one value. The record itself was checked when the BTF was opened; here its strings and the
// types it names are. Source of the encodings: Documentation/bpf/btf.rst §2.2.
#include "skep/btf/storage.hpp"

namespace skep::btf::detail {
namespace {

class Decoder {
 public:
  Decoder(const Storage& storage, std::uint32_t id) : s_(storage), r_(storage.record(id)) {}
  Result<Type> run() const;

 private:
  std::uint32_t tail(std::size_t byte) const { return s_.u32(r_.tail + byte); }
  Result<> check(std::uint32_t offset) const;
  Result<std::string_view> name(std::uint32_t offset) const;
  Result<std::string_view> name() const { return name(r_.name); }
  // Of a tag, which may be any text.
  Result<std::string_view> value() const;
  Result<TypeId> ref(std::uint32_t id) const;
  Result<TypeId> target() const { return ref(r_.size_or_type); }
  Result<Linkage> linkage(std::uint32_t value) const;

  Result<Type> integer() const;
  Result<Type> array() const;
  Result<Type> composite() const;
  Result<Type> enumeration() const;
  Result<Type> proto() const;
  Result<Type> datasec() const;
  Result<Type> floating() const;
  Result<Type> decl_tag() const;

  const Storage& s_;
  Record r_;
};

Result<> Decoder::check(std::uint32_t offset) const {
  if (offset < s_.string_end() || offset == 0) return {};
  return fail(Errc::malformed, "string offset {} lies outside of {} bytes", offset, s_.string_end());
}

Result<std::string_view> Decoder::name(std::uint32_t offset) const {
  SKEP_TRY(check(offset));
  const auto name = s_.name(offset);
  if (name.size() > kMaxName)
    return fail(Errc::malformed, "name \"{}…\" of more than {} bytes", name.substr(0, 40), kMaxName);
  return name;
}

Result<std::string_view> Decoder::value() const {
  SKEP_TRY(check(r_.name));
  return s_.string(r_.name);
}

Result<TypeId> Decoder::ref(std::uint32_t id) const {
  if (id >= s_.type_count()) return fail(Errc::malformed, "refers to type {}, there are {}", id, s_.type_count());
  return TypeId{id};
}

Result<Linkage> Decoder::linkage(std::uint32_t value) const {
  if (value > static_cast<std::uint32_t>(Linkage::extern_)) return fail(Errc::malformed, "linkage {}", value);
  return static_cast<Linkage>(value);
}

Result<Type> Decoder::integer() const {
  constexpr std::uint32_t kSigned = 1, kChar = 2, kBool = 4;
  const auto data = tail(0);
  const auto encoding = data >> 24;
  Int type{.name = SKEP_TRY(name()),
           .size = r_.size_or_type,
           .bits = static_cast<std::uint8_t>(data),
           .bit_offset = static_cast<std::uint8_t>(data >> 16),
           .is_signed = (encoding & kSigned) != 0,
           .is_char = (encoding & kChar) != 0,
           .is_bool = (encoding & kBool) != 0};
  if (type.size == 0 || type.size > 16) return fail(Errc::malformed, "integer of {} bytes", type.size);
  if (type.bits + type.bit_offset > int(type.size * 8))
    return fail(Errc::malformed, "bits {} to {} of an integer of {} bytes", type.bit_offset,
                type.bit_offset + type.bits, type.size);
  return type;
}

Result<Type> Decoder::array() const {
  return Array{
      .element = SKEP_TRY_CTX(ref(tail(0)), "element"), .index = SKEP_TRY_CTX(ref(tail(4)), "index"), .count = tail(8)};
}

Result<Type> Decoder::composite() const {
  Composite type{.name = SKEP_TRY(name()), .is_union = r_.kind == Kind::Union, .size = r_.size_or_type, .members = {}};
  type.members.reserve(r_.vlen);
  for (std::uint32_t i = 0; i < r_.vlen; ++i) {
    const auto offset = tail(i * 12 + 8);
    type.members.push_back({.name = SKEP_TRY_CTX(name(tail(i * 12)), "member {}", i),
                            .type = SKEP_TRY_CTX(ref(tail(i * 12 + 4)), "member {}", i),
                            .bit_offset = r_.kind_flag ? offset & 0xffffff : offset,
                            .bitfield_size = static_cast<std::uint8_t>(r_.kind_flag ? offset >> 24 : 0)});
  }
  return type;
}

Result<Type> Decoder::enumeration() const {
  const bool is_64 = r_.kind == Kind::Enum64;
  Enum type{.name = SKEP_TRY(name()), .size = r_.size_or_type, .is_signed = r_.kind_flag, .is_64 = is_64, .values = {}};
  const bool is_forward = type.size == 0 && r_.vlen == 0;  // enum x;
  if (!is_forward && (type.size == 0 || type.size > 8 || (type.size & (type.size - 1)) != 0))
    return fail(Errc::malformed, "enumeration of {} bytes", type.size);
  type.values.reserve(r_.vlen);
  const std::size_t step = is_64 ? 12 : 8;
  for (std::size_t i = 0; i < r_.vlen; ++i) {
    const auto low = tail(i * step + 4);
    // An ENUM holds 32 bits, to be extended as its sign says; an ENUM64 the low half, then the high one.
    const std::int64_t value = is_64          ? static_cast<std::int64_t>(std::uint64_t{tail(i * step + 8)} << 32 | low)
                               : r_.kind_flag ? static_cast<std::int32_t>(low)
                                              : std::int64_t{low};
    type.values.push_back({.name = SKEP_TRY_CTX(name(tail(i * step)), "enumerator {}", i), .value = value});
  }
  return type;
}

Result<Type> Decoder::proto() const {
  FuncProto type{.result = SKEP_TRY_CTX(target(), "result"), .params = {}};
  type.params.reserve(r_.vlen);
  for (std::size_t i = 0; i < r_.vlen; ++i)
    type.params.push_back({.name = SKEP_TRY_CTX(name(tail(i * 8)), "parameter {}", i),
                           .type = SKEP_TRY_CTX(ref(tail(i * 8 + 4)), "parameter {}", i)});
  return type;
}

Result<Type> Decoder::datasec() const {
  Datasec type{.name = SKEP_TRY(name()), .size = r_.size_or_type, .vars = {}};
  type.vars.reserve(r_.vlen);
  for (std::size_t i = 0; i < r_.vlen; ++i)
    type.vars.push_back({.var = SKEP_TRY_CTX(ref(tail(i * 12)), "variable {}", i),
                         .offset = tail(i * 12 + 4),
                         .size = tail(i * 12 + 8)});
  return type;
}

Result<Type> Decoder::floating() const {
  const auto size = r_.size_or_type;
  if (size != 2 && size != 4 && size != 8 && size != 12 && size != 16)
    return fail(Errc::malformed, "floating-point number of {} bytes", size);
  return Float{.name = SKEP_TRY(name()), .size = size};
}

Result<Type> Decoder::decl_tag() const {
  const auto component = static_cast<std::int32_t>(tail(0));
  if (component < -1) return fail(Errc::malformed, "component {}", component);
  return DeclTag{
      .value = SKEP_TRY(value()), .type = SKEP_TRY(target()), .component = component, .is_attribute = r_.kind_flag};
}

Result<Type> Decoder::run() const {
  switch (r_.kind) {
    case Kind::Void: break;  // the index holds none
    case Kind::Int: return integer();
    case Kind::Ptr: return Ptr{SKEP_TRY(target())};
    case Kind::Array: return array();
    case Kind::Struct:
    case Kind::Union: return composite();
    case Kind::Enum:
    case Kind::Enum64: return enumeration();
    case Kind::Fwd: return Fwd{.name = SKEP_TRY(name()), .is_union = r_.kind_flag};
    case Kind::Typedef:
    case Kind::Volatile:
    case Kind::Const:
    case Kind::Restrict: return Modifier{.kind = r_.kind, .name = SKEP_TRY(name()), .type = SKEP_TRY(target())};
    case Kind::TypeTag:
      return Modifier{
          .kind = r_.kind, .name = SKEP_TRY(value()), .type = SKEP_TRY(target()), .is_attribute = r_.kind_flag};
    case Kind::Func:
      return Func{.name = SKEP_TRY(name()), .proto = SKEP_TRY(target()), .linkage = SKEP_TRY(linkage(r_.vlen))};
    case Kind::FuncProto: return proto();
    case Kind::Var:
      return Var{.name = SKEP_TRY(name()), .type = SKEP_TRY(target()), .linkage = SKEP_TRY(linkage(tail(0)))};
    case Kind::Datasec: return datasec();
    case Kind::Float: return floating();
    case Kind::DeclTag: return decl_tag();
  }
  const auto& shape = s_.shapes[static_cast<std::size_t>(r_.kind)];
  return Opaque{.kind = r_.kind,
                .name = SKEP_TRY(name()),
                .size_or_type = r_.size_or_type,
                .kind_flag = r_.kind_flag,
                .data = Bytes(r_.tail, shape.fixed + std::size_t{r_.vlen} * shape.each)};
}

}  // namespace

Result<Type> decode(const Storage& storage, std::uint32_t id) { return Decoder(storage, id).run(); }

}  // namespace skep::btf::detail
