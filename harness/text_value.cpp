#include "skep/harness/text_value.hpp"

#include <nlohmann/json.hpp>

#include "skep/harness/value_json.hpp"

namespace skep::harness {
namespace {

Result<Json> json_of(const btf::Btf& types, btf::TypeId type, std::string_view text) {
  const auto stripped = SKEP_TRY(types.strip(type));
  const auto kind = types.kind(stripped);
  // What begins like JSON with parts or quotes is JSON; a char array may hold such text, too.
  if (text.starts_with('{') || text.starts_with('[') || text.starts_with('"')) {
    auto json = parse_json(text);
    if (json) return json;
    if (kind != btf::Kind::Array) return fail(Errc::invalid, "{}", json.error().what());
  }
  const bool scalar = kind == btf::Kind::Int || kind == btf::Kind::Enum || kind == btf::Kind::Enum64 ||
                      kind == btf::Kind::Ptr;
  const auto integer = types.get<btf::Int>(stripped);
  const auto number = integer_of(text);
  // A dump may hold such a byte and goes back in whole; nobody means it who writes it.
  if (integer && integer->is_bool && number && (number->negative || number->bits > 1))
    return fail(Errc::invalid, "{} is no truth value: true, false, 0 or 1", text);
  if (scalar && number)
    return number->negative ? Json(static_cast<std::int64_t>(number->bits)) : Json(number->bits);
  if (kind == btf::Kind::Int && (text == "true" || text == "false")) return Json(text == "true");
  if (kind == btf::Kind::Float)
    if (auto real = parse_json(text); real && real->is_number()) return real;
  return Json(std::string(text));
}

}  // namespace

Result<std::vector<std::byte>> bytes_from_text(const btf::Btf& types, btf::TypeId type, std::size_t size,
                                               std::string_view text, ByteOrder order) {
  if (type != btf::TypeId::none)
    return bytes_from_json(types, type, size, SKEP_TRY(json_of(types, type, text)), order);
  // Without a type, digits are a number where one fits, and hex otherwise.
  if (const auto number = integer_of(text); number && (size == 1 || size == 2 || size == 4 || size == 8)) {
    const Json json = number->negative ? Json(static_cast<std::int64_t>(number->bits)) : Json(number->bits);
    return raw_from_json(size, json, order);
  }
  return raw_from_json(size, Json(std::string(text)), order);
}

}  // namespace skep::harness
