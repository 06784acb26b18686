// A path is walked through the types to the bytes that it means, so that the rest of a structure (and of
// a union) stays as the object has it.
#include "skep/harness/variables.hpp"

#include <algorithm>

#include "skep/btf/c_name.hpp"
#include "skep/harness/json.hpp"
#include "skep/harness/names.hpp"
#include "skep/harness/text_value.hpp"
#include "skep/spec/kconfig.hpp"

namespace skep::harness {
namespace {

struct Place {
  btf::TypeId type{};
  std::uint64_t offset = 0;  // bytes
};

// The field `name` of a structure, anonymous members looked through; sets `place`. False if there is none.
// The names there are go to `known`.
Result<bool> find_field(const btf::Btf& types, btf::TypeId id, std::string_view name, int depth, Place& place,
                        std::string& known) {
  if (depth > 32) return fail(Errc::malformed, "anonymous members nested deeper than 32 levels");
  const auto stripped = SKEP_TRY(types.strip(id));
  const auto composite = SKEP_TRY(types.get<btf::Composite>(stripped));
  for (const auto& member : composite.members) {
    Place inside{member.type, place.offset + member.bit_offset / 8};
    if (member.name.empty()) {
      if (member.bitfield_size == 0 && SKEP_TRY(find_field(types, member.type, name, depth + 1, inside, known))) {
        place = inside;
        return true;
      }
      continue;
    }
    known += fmt::format("{}{}", known.empty() ? "" : ", ", member.name);
    if (member.name != name) continue;
    if (member.bitfield_size != 0 || member.bit_offset % 8 != 0)
      return fail(Errc::invalid, "{} is a bitfield: set the whole structure", name);
    place = inside;
    return true;
  }
  return false;
}

Result<> enter_field(const btf::Btf& types, std::string_view name, Place& place) {
  const auto kind = types.kind(SKEP_TRY(types.strip(place.type)));
  if (kind != btf::Kind::Struct && kind != btf::Kind::Union)
    return fail(Errc::invalid, ".{}: {} has no fields", name, btf::c_name(types, place.type));
  std::string known;
  if (!SKEP_TRY(find_field(types, place.type, name, 0, place, known)))
    return fail(Errc::invalid, "no field \"{}\" in {}; it has {}", name, btf::c_name(types, place.type), known);
  return {};
}

Result<> enter_element(const btf::Btf& types, std::string_view text, Place& place) {
  const auto id = SKEP_TRY(types.strip(place.type));
  if (types.kind(id) != btf::Kind::Array)
    return fail(Errc::invalid, "[{}]: {} is no array", text, btf::c_name(types, place.type));
  const auto array = SKEP_TRY(types.get<btf::Array>(id));
  const auto index = SKEP_TRY(integer_of(text));
  if (index.negative || index.bits >= array.count)
    return fail(Errc::invalid, "[{}]: the array has {} elements", text, array.count);
  place = {array.element, place.offset + index.bits * SKEP_TRY(types.size_of(array.element))};
  return {};
}

// `path` is what follows the variable's name: ".a.b[1]".
Result<Place> walk(const btf::Btf& types, btf::TypeId type, std::string_view path) {
  Place place{type, 0};
  while (!path.empty()) {
    const bool field = path.front() == '.';
    const auto end = field ? std::min(path.find_first_of(".[", 1), path.size()) : path.find(']');
    if ((!field && path.front() != '[') || end == std::string_view::npos)
      return fail(Errc::invalid, "\"{}\" is no path (.field or [index])", path);
    const auto word = path.substr(1, end - 1);
    if (field) SKEP_TRY(enter_field(types, word, place));
    else SKEP_TRY(enter_element(types, word, place));
    path.remove_prefix(field ? end : end + 1);
  }
  return place;
}

// y, n and m mean for options what they mean in a configuration file; in an array of char they are text.
bool is_option_letter(const CollectionSpec& spec, std::string_view name, std::string_view text) {
  const auto* symbol = spec.extern_(name);
  if (symbol == nullptr || symbol->kind != ExternSpec::Kind::kconfig) return false;
  if (text != "y" && text != "n" && text != "m") return false;
  const auto stripped = spec.types.strip(symbol->type);
  return stripped && spec.types.kind(*stripped) != btf::Kind::Array;
}

Result<std::vector<std::byte>> option_bytes(const btf::Btf& types, btf::TypeId type, std::size_t size,
                                            std::string_view text, ByteOrder order) {
  return spec::kconfig_bytes(types, type, static_cast<std::uint32_t>(size), text, order);
}

}  // namespace

Result<> set_variable(CollectionSpec& spec, std::string_view assignment) {
  const auto equals = assignment.find('=');
  if (equals == std::string_view::npos) return fail(Errc::invalid, "\"{}\" is not VAR=VALUE", assignment);
  const auto left = assignment.substr(0, equals), text = assignment.substr(equals + 1);
  const auto name = left.substr(0, left.find_first_of(".["));
  const auto* variable = spec.variable(name);
  if (variable == nullptr) return fail(Errc::invalid, "the object has no global variable \"{}\"; {}", name,
                list_names(spec.variables));
  auto bytes = SKEP_TRY(spec.get_variable(name));

  const auto path = left.substr(name.size());
  Place place{variable->type, 0};
  std::uint64_t size = variable->size;
  if (!path.empty()) {
    if (variable->type == btf::TypeId::none)
      return fail(Errc::invalid, "{}: the type of \"{}\" is unknown", left, name);
    place = SKEP_TRY_CTX(walk(spec.types, variable->type, path), "{}", left);
    size = SKEP_TRY_CTX(spec.types.size_of(place.type), "{}", left);
    if (place.offset > bytes.size() || size > bytes.size() - place.offset)
      return fail(Errc::malformed, "{}: lies outside of the variable", left);
  }
  const auto from_text = is_option_letter(spec, name, text) ? option_bytes : bytes_from_text;
  const auto part = SKEP_TRY_CTX(from_text(spec.types, place.type, size, text, spec.byte_order), "{}", left);
  std::copy(part.begin(), part.end(), bytes.begin() + static_cast<std::ptrdiff_t>(place.offset));
  return spec.set_variable(name, bytes);
}

}  // namespace skep::harness
