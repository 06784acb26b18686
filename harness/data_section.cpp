#include "skep/harness/data_section.hpp"

#include <algorithm>

#include <nlohmann/json.hpp>

#include "skep/harness/names.hpp"
#include "skep/harness/value_json.hpp"

namespace skep::harness {
namespace {

std::vector<VariableSpec> variables_of(const CollectionSpec& spec, const MapSpec& map) {
  std::vector<VariableSpec> found;
  for (const auto& variable : spec.variables)
    if (variable.section == map.name && std::uint64_t{variable.offset} + variable.size <= map.value_size)
      found.push_back(variable);
  return found;
}

}  // namespace

bool is_data_section(const MapSpec& map) {
  return map.kind == MapKind::data || map.kind == MapKind::rodata || map.kind == MapKind::bss;
}

Json section_to_json(const CollectionSpec& spec, const MapSpec& map, Bytes value) {
  const auto variables = variables_of(spec, map);
  if (variables.empty()) return to_hex(value);
  Json json = Json::object();
  for (const auto& variable : variables)
    json[variable.name] =
        bytes_to_json(spec.types, variable.type, value.subspan(variable.offset, variable.size), spec.byte_order);
  return json;
}

Result<std::vector<std::byte>> section_from_json(const CollectionSpec& spec, const MapSpec& map, Bytes value,
                                                 const Json& json) {
  if (!json.is_object()) return raw_from_json(map.value_size, json, spec.byte_order);
  std::vector<std::byte> bytes(value.begin(), value.end());
  const auto variables = variables_of(spec, map);
  for (const auto& [name, one] : json.items()) {
    const auto found = std::ranges::find(variables, name, &VariableSpec::name);
    if (found == variables.end())
      return fail(Errc::invalid, "{} has no variable \"{}\"; {}", map.name, name, list_names(variables));
    const auto part =
        SKEP_TRY_CTX(bytes_from_json(spec.types, found->type, found->size, one, spec.byte_order), "{}", name);
    std::ranges::copy(part, bytes.begin() + found->offset);
  }
  return bytes;
}

}  // namespace skep::harness
