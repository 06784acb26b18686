// The way back of btf/decode.cpp. Only what the words have no room for is refused here; whether a type makes
// sense is the business of whoever reads it.
#include "skep/btf/encode_record.hpp"

#include <algorithm>

#include "skep/btf/links.hpp"

namespace skep::btf::detail {
namespace {

class Encoder {
 public:
  Encoder(StringTable& strings, std::vector<std::uint32_t>& words) : strings_(strings), words_(words) {}

  Result<> operator()(const Void&) { return fail(Errc::invalid, "void has no record"); }
  Result<> operator()(const Int& type);
  Result<> operator()(const Ptr& type) { return header("", Kind::Ptr, 0, false, number(type.type)); }
  Result<> operator()(const Array& type);
  Result<> operator()(const Composite& type);
  Result<> operator()(const Enum& type);
  Result<> operator()(const Fwd& type) { return header(type.name, Kind::Fwd, 0, type.is_union, 0); }
  Result<> operator()(const Modifier& type);
  Result<> operator()(const Func& type) {
    return header(type.name, Kind::Func, static_cast<std::uint32_t>(type.linkage), false, number(type.proto));
  }
  Result<> operator()(const FuncProto& type);
  Result<> operator()(const Var& type);
  Result<> operator()(const Datasec& type);
  Result<> operator()(const Float& type) { return header(type.name, Kind::Float, 0, false, type.size); }
  Result<> operator()(const DeclTag& type);
  Result<> operator()(const Opaque& type) {
    return fail(Errc::not_supported, "kind {} \"{}\": what it refers to is unknown",
                static_cast<unsigned>(type.kind), type.name);
  }

 private:
  Result<> header(std::string_view name, Kind kind, std::size_t vlen, bool kind_flag, std::uint32_t size_or_type);
  Result<> name(std::string_view text) {
    words_.push_back(SKEP_TRY(strings_.add(text)));
    return {};
  }
  void word(std::uint32_t value) { words_.push_back(value); }

  StringTable& strings_;
  std::vector<std::uint32_t>& words_;
};

Result<> Encoder::header(std::string_view called, Kind kind, std::size_t vlen, bool kind_flag,
                         std::uint32_t size_or_type) {
  if (vlen > kMaxVlen)
    return fail(Errc::invalid, "{} \"{}\" of {} elements, a record has at most {}", to_string(kind), called, vlen,
                kMaxVlen);
  SKEP_TRY_CTX(name(called), "{}", to_string(kind));
  word(info_of(kind, static_cast<std::uint32_t>(vlen), kind_flag));
  word(size_or_type);
  return {};
}

Result<> Encoder::operator()(const Int& type) {
  constexpr std::uint32_t kSigned = 1, kChar = 2, kBool = 4;
  SKEP_TRY(header(type.name, Kind::Int, 0, false, type.size));
  const auto encoding = (type.is_signed ? kSigned : 0) | (type.is_char ? kChar : 0) | (type.is_bool ? kBool : 0);
  word(encoding << 24 | std::uint32_t{type.bit_offset} << 16 | type.bits);
  return {};
}

Result<> Encoder::operator()(const Array& type) {
  SKEP_TRY(header("", Kind::Array, 0, false, 0));
  for (const auto value : {number(type.element), number(type.index), type.count}) word(value);
  return {};
}

Result<> Encoder::operator()(const Composite& type) {
  constexpr std::uint32_t kOffsetBits = 24;
  const auto& members = type.members;
  // One bitfield gives all members the form with a width.
  const bool has_width =
      std::any_of(members.begin(), members.end(), [](const Member& member) { return member.bitfield_size != 0; });
  SKEP_TRY(header(type.name, type.is_union ? Kind::Union : Kind::Struct, members.size(), has_width, type.size));
  for (const auto& member : members) {
    if (has_width && member.bit_offset >> kOffsetBits != 0)
      return fail(Errc::invalid, "{} \"{}\": member \"{}\" at bit {}, beside bitfields at most {}",
                  to_string(type.is_union ? Kind::Union : Kind::Struct), type.name, member.name, member.bit_offset,
                  (1u << kOffsetBits) - 1);
    SKEP_TRY_CTX(name(member.name), "\"{}\": member", type.name);
    word(number(member.type));
    word(std::uint32_t{member.bitfield_size} << kOffsetBits | member.bit_offset);
  }
  return {};
}

Result<> Encoder::operator()(const Enum& type) {
  const auto kind = type.is_64 ? Kind::Enum64 : Kind::Enum;
  SKEP_TRY(header(type.name, kind, type.values.size(), type.is_signed, type.size));
  for (const auto& each : type.values) {
    const auto low = static_cast<std::uint32_t>(each.value);
    const auto read_back = type.is_signed ? std::int64_t{static_cast<std::int32_t>(low)} : std::int64_t{low};
    if (!type.is_64 && read_back != each.value)
      return fail(Errc::invalid, "ENUM \"{}\": {} = {} does not fit into 32 {} bits", type.name, each.name, each.value,
                  type.is_signed ? "signed" : "unsigned");
    SKEP_TRY_CTX(name(each.name), "\"{}\": enumerator", type.name);
    word(low);
    if (type.is_64) word(static_cast<std::uint32_t>(static_cast<std::uint64_t>(each.value) >> 32));
  }
  return {};
}

Result<> Encoder::operator()(const Modifier& type) {
  switch (type.kind) {
    case Kind::Typedef:
    case Kind::Volatile:
    case Kind::Const:
    case Kind::Restrict: return header(type.name, type.kind, 0, false, number(type.type));
    case Kind::TypeTag: return header(type.name, type.kind, 0, type.is_attribute, number(type.type));
    default: return fail(Errc::invalid, "{} is no modifier", to_string(type.kind));
  }
}

Result<> Encoder::operator()(const FuncProto& type) {
  SKEP_TRY(header("", Kind::FuncProto, type.params.size(), false, number(type.result)));
  for (const auto& param : type.params) {
    SKEP_TRY_CTX(name(param.name), "FUNC_PROTO: parameter");
    word(number(param.type));
  }
  return {};
}

Result<> Encoder::operator()(const Var& type) {
  SKEP_TRY(header(type.name, Kind::Var, 0, false, number(type.type)));
  word(static_cast<std::uint32_t>(type.linkage));
  return {};
}

Result<> Encoder::operator()(const Datasec& type) {
  SKEP_TRY(header(type.name, Kind::Datasec, type.vars.size(), false, type.size));
  for (const auto& each : type.vars)
    for (const auto value : {number(each.var), each.offset, each.size}) word(value);
  return {};
}

Result<> Encoder::operator()(const DeclTag& type) {
  SKEP_TRY(header(type.value, Kind::DeclTag, 0, type.is_attribute, number(type.type)));
  word(static_cast<std::uint32_t>(type.component));
  return {};
}

}  // namespace

Result<> encode_record(const Type& type, StringTable& strings, std::vector<std::uint32_t>& words) {
  return std::visit(Encoder(strings, words), type);
}

}  // namespace skep::btf::detail
