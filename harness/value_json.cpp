#include "skep/harness/value_json.hpp"

#include <cmath>

#include <nlohmann/json.hpp>

namespace skep::harness {
namespace {

struct ToJson {
  Json operator()(std::int64_t value) const { return json_integer(value); }
  Json operator()(std::uint64_t value) const { return json_integer(value); }
  Json operator()(bool value) const { return value; }
  // JSON has no NaN and no infinity.
  Json operator()(double value) const { return std::isfinite(value) ? Json(value) : Json(fmt::format("{}", value)); }
  Json operator()(const std::string& value) const { return value; }
  Json operator()(const btf::Value::Enumeration& value) const {
    if (!value.name.empty()) return value.name;
    return value.is_signed ? json_integer(value.number) : json_integer(static_cast<std::uint64_t>(value.number));
  }
  Json operator()(const btf::Value::Pointer& value) const { return fmt::format("{:#x}", value.address); }
  Json operator()(const btf::Value::Array& value) const {
    Json array = Json::array();
    for (const auto& element : value) array.push_back(to_json(element));
    return array;
  }
  Json operator()(const btf::Value::Struct& value) const {
    Json object = Json::object();
    for (const auto& field : value) object[field.name] = to_json(field.value);
    return object;
  }
};

}  // namespace

Json to_json(const btf::Value& value) { return std::visit(ToJson{}, value.data); }

Result<btf::Value> to_value(const Json& json) {
  if (json.is_boolean()) return btf::Value{json.get<bool>()};
  if (json.is_number_unsigned()) return btf::Value{json.get<std::uint64_t>()};
  if (json.is_number_integer()) return btf::Value{json.get<std::int64_t>()};
  if (json.is_number_float()) return btf::Value{json.get<double>()};
  if (json.is_string()) return btf::Value{json.get<std::string>()};
  if (json.is_array()) {
    btf::Value::Array array;
    for (std::size_t i = 0; i < json.size(); i++) array.push_back(SKEP_TRY_CTX(to_value(json[i]), "[{}]", i));
    return btf::Value{std::move(array)};
  }
  if (json.is_object()) {
    btf::Value::Struct object;
    for (const auto& [name, field] : json.items()) object.push_back({name, SKEP_TRY_CTX(to_value(field), "{}", name)});
    return btf::Value{std::move(object)};
  }
  return fail(Errc::invalid, "{} is no value", kind_of(json));
}

Json bytes_to_json(const btf::Btf& types, btf::TypeId type, Bytes bytes, ByteOrder order) {
  if (type != btf::TypeId::none)
    if (const auto value = btf::decode_value(types, type, bytes, order)) return to_json(*value);
  return to_hex(bytes);
}

Result<std::vector<std::byte>> bytes_from_json(const btf::Btf& types, btf::TypeId type, std::size_t size,
                                               const Json& json, ByteOrder order) {
  if (type == btf::TypeId::none) return raw_from_json(size, json, order);
  const auto needed = SKEP_TRY(types.size_of(type));
  if (needed > size) return fail(Errc::malformed, "the type has {} bytes, its place {}", needed, size);
  std::vector<std::byte> bytes(size);
  const auto value = SKEP_TRY(to_value(json));
  SKEP_TRY(btf::encode_value(types, type, value, bytes, order));
  return bytes;
}

Result<std::vector<std::byte>> raw_from_json(std::size_t size, const Json& json, ByteOrder order) {
  std::vector<std::byte> bytes;
  if (json.is_array()) {
    for (const auto& element : json) {
      const auto value = SKEP_TRY_CTX(integer_of(element), "byte {}", bytes.size());
      if (value.negative || value.bits > 0xff)
        return fail(Errc::invalid, "byte {}: {} is no byte", bytes.size(), element.dump());
      bytes.push_back(static_cast<std::byte>(value.bits));
    }
  } else if (json.is_number_integer() && (size == 1 || size == 2 || size == 4 || size == 8)) {
    const auto value = SKEP_TRY(integer_of(json));
    const auto shift = 64 - 8 * static_cast<unsigned>(size);
    const auto number = static_cast<std::int64_t>(value.bits);
    const bool fits = value.negative ? static_cast<std::int64_t>(value.bits << shift) >> shift == number
                                     : value.bits << shift >> shift == value.bits;
    if (!fits) return fail(Errc::invalid, "{} does not fit in {} byte{}", json.dump(), size, size == 1 ? "" : "s");
    std::byte wide[8];
    store<std::uint64_t>(wide, order == ByteOrder::little ? value.bits : value.bits << shift, order);
    bytes.assign(wide, wide + size);
  } else if (json.is_string()) {
    auto parsed = from_hex(json.get_ref<const std::string&>());
    if (!parsed) return fail(Errc::invalid, "{}", parsed.error().what());
    bytes = std::move(*parsed);
  } else {
    return fail(Errc::invalid, "expected hex text of {} bytes, got {}", size, kind_of(json));
  }
  if (bytes.size() != size) return fail(Errc::invalid, "expected {} bytes, got {}", size, bytes.size());
  return bytes;
}

}  // namespace skep::harness
