#include "skep/harness/inspect.hpp"

#include <algorithm>

#include <nlohmann/json.hpp>

#include "skep/asm/codec.hpp"
#include "skep/btf/c_name.hpp"
#include "skep/harness/data_section.hpp"
#include "skep/harness/sha256.hpp"
#include "skep/harness/value_json.hpp"
#include "skep/spec/libbpf_name.hpp"
#include "skep/spec/linked_sizes.hpp"

namespace skep::harness {
namespace {

// Larger variables are named but not spelled out.
constexpr std::uint32_t kMaxShownVariable = 4096;

Json text_or_null(std::string_view text) { return text.empty() ? Json(nullptr) : Json(text); }

Json type_or_null(const btf::Btf& types, btf::TypeId type) {
  return type == btf::TypeId::none ? Json(nullptr) : Json(btf::c_name(types, type));
}

Json program_to_json(spec::LinkedSizes& sizes, const ProgramSpec& program) {
  const auto linked = sizes.of(program);
  Json json;
  json["name"] = program.name;
  json["section"] = program.section;
  json["type"] = named(program.type);
  json["attach_type"] = program.attach_type ? Json(named(*program.attach_type)) : Json(nullptr);
  json["attach_to"] = text_or_null(program.attach_to);
  json["autoload"] = program.autoload;
  json["sleepable"] = program.sleepable;
  json["instructions"] = linked ? Json(*linked) : Json(nullptr);
  // Of what is no code too: as many as its bytes would be.
  json["instructions_own"] = std::max<std::size_t>(program.code.size(), program.undecoded.size() / kSlotSize);
  json["core_relocations"] = program.core_relocations.size();
  json["problem"] = !program.problem.empty() ? Json(program.problem)
                    : linked                 ? Json(nullptr)
                                             : Json(linked.error().what());
  return json;
}

// A header of a few bytes can declare any number of sections of gigabytes: as much as the largest one of them has is
// hashed, which takes seconds; what lies beyond is not (null).
constexpr std::uint64_t kMaxDigested = std::uint64_t{2} << 30;

Json data_digest(const MapSpec& map, std::uint64_t& budget) {
  // .kconfig is none here: its bytes come from the running system.
  if (!is_data_section(map) || map.value_size > budget) return nullptr;
  budget -= map.value_size;
  return to_hex(sha256(map.contents, map.value_size - map.contents.size()));
}

Json map_to_json(const CollectionSpec& spec, const MapSpec& map, std::string_view path, std::uint64_t& budget) {
  Json json;
  json["name"] = map.name;
  json["libbpf_name"] = libbpf_name(map, path);
  json["section"] = map.section;
  json["type"] = named(map.type);
  json["key_size"] = map.key_size;
  json["value_size"] = map.value_size;
  json["max_entries"] = map.max_entries;
  json["flags"] = map.flags;
  json["map_extra"] = json_integer(map.map_extra);
  json["numa_node"] = (map.flags & kNumaNode) != 0 || map.numa_node != 0 ? Json(map.numa_node) : Json(nullptr);
  json["pinning"] = map.pinning == Pinning::by_name ? "by_name" : "none";
  json["autocreate"] = map.autocreate;
  json["inner"] = map.inner.empty() ? Json(nullptr) : map_to_json(spec, map.inner.front(), path, budget);
  json["data_sha256"] = data_digest(map, budget);
  json["key_type"] = type_or_null(spec.types, map.key_type);
  json["value_type"] = type_or_null(spec.types, map.value_type);
  Json slots = Json::array();
  for (const auto& slot : map.slots) slots.push_back({{"index", slot.index}, {"symbol", slot.symbol}});
  json["slots"] = std::move(slots);
  return json;
}

// Kernel configuration has its values from the running system, unless somebody has set them.
bool has_value(const CollectionSpec& spec, const VariableSpec& variable) {
  const auto* symbol = variable.section == ".kconfig" ? spec.extern_(variable.name) : nullptr;
  return symbol == nullptr || symbol->given;
}

Json variable_to_json(const CollectionSpec& spec, const VariableSpec& variable) {
  Json json;
  json["name"] = variable.name;
  json["section"] = variable.section;
  json["offset"] = variable.offset;
  json["size"] = variable.size;
  json["type"] = type_or_null(spec.types, variable.type);
  json["weak"] = variable.weak;
  const bool shown = variable.size <= kMaxShownVariable && has_value(spec, variable);
  const auto bytes = shown ? spec.get_variable(variable.name) : fail(Errc::invalid, "not shown");
  json["value"] = bytes ? bytes_to_json(spec.types, variable.type, *bytes, spec.byte_order) : Json(nullptr);
  json["value_hex"] = bytes ? Json(to_hex(*bytes)) : Json(nullptr);
  return json;
}

Json extern_to_json(const CollectionSpec& spec, const ExternSpec& symbol) {
  Json json;
  json["name"] = symbol.name;
  json["kind"] = skep::to_string(symbol.kind);
  json["weak"] = symbol.weak;
  json["type"] = type_or_null(spec.types, symbol.type);
  return json;
}

std::size_t core_relocations(const CollectionSpec& spec) {
  std::size_t count = 0;
  for (const auto& program : spec.programs) count += program.core_relocations.size();
  for (const auto& program : spec.subprograms) count += program.core_relocations.size();
  return count;
}

}  // namespace

Json inspect(const CollectionSpec& spec, std::string_view path) {
  Json json;
  json["schema"] = "skep/inspect/1";
  json["byte_order"] = skep::to_string(spec.byte_order);
  json["license"] = spec.license;
  json["version"] = spec.version;
  for (const auto* key : {"programs", "maps", "variables", "externs"}) json[key] = Json::array();
  spec::LinkedSizes sizes(spec);
  for (const auto& program : spec.programs) json["programs"].push_back(program_to_json(sizes, program));
  auto budget = kMaxDigested;
  for (const auto& map : spec.maps) json["maps"].push_back(map_to_json(spec, map, path, budget));
  for (const auto& variable : spec.variables) json["variables"].push_back(variable_to_json(spec, variable));
  for (const auto& symbol : spec.externs) json["externs"].push_back(extern_to_json(spec, symbol));
  json["core_relocations"] = core_relocations(spec);
  json["warnings"] = spec.warnings;
  return json;
}

}  // namespace skep::harness
