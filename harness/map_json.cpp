#include "skep/harness/map_json.hpp"

#include <algorithm>
#include <array>
#include <functional>

#include <nlohmann/json.hpp>

#include "skep/harness/data_section.hpp"
#include "skep/harness/value_json.hpp"
#include "skep/vm/program.hpp"

namespace skep::harness {
namespace {

// Programs run in this process, on little-endian hosts.
constexpr ByteOrder kOrder = ByteOrder::little;

bool is_per_cpu(const vm::Map& map) {
  switch (map.type()) {
    case MapType::percpu_hash:
    case MapType::percpu_array:
    case MapType::lru_percpu_hash:
    case MapType::percpu_cgroup_storage: return true;
    default: return false;
  }
}

std::size_t stride(const vm::Map& map) { return (std::size_t{map.value_size()} + 7) / 8 * 8; }

using Raw = std::vector<std::byte>;

MapEntry program_entry(std::uint32_t index, const vm::Program& program) {
  MapEntry entry{Raw(sizeof index), {}};
  store(entry.key.data(), index, kOrder);
  const auto name = as_bytes(program.name());
  entry.value.assign(name.begin(), name.end());
  return entry;
}

// The list of entries that a document has for this map.
Result<const Json*> entries_of(const vm::Map& map, const Json& document) {
  const Json* found = &document;
  if (found->is_object() && found->contains("maps")) {
    const auto& maps = (*found)["maps"];
    if (!maps.is_array()) return fail(Errc::malformed, "\"maps\" is {}, not an array", kind_of(maps));
    const auto at = std::ranges::find_if(
        maps, [&](const Json& one) { return one.is_object() && one.contains("name") && one["name"] == map.name(); });
    if (at == maps.end()) return fail(Errc::malformed, "the document has no map \"{}\"", map.name());
    found = &*at;
  }
  if (found->is_object()) {
    if (!found->contains("entries")) return fail(Errc::malformed, "the object has neither \"maps\" nor \"entries\"");
    found = &(*found)["entries"];
  }
  if (!found->is_array()) return fail(Errc::malformed, "the entries are {}, not an array", kind_of(*found));
  return found;
}

// One part of an entry: typed under `name`, raw under `name`_hex, or raw byte values as bpftool writes them.
struct Part {
  const Json* json = nullptr;
  bool raw = false;
};

// How bytes of `size` are shown under the plain name.
struct Shown {
  std::size_t size;
  std::function<Json(Bytes)> render;
};

bool says_the_same(const Json& typed, const Json& hex, const Shown& shown) {
  if (hex.is_array())  // one a CPU
    return typed.is_array() &&
           std::ranges::equal(typed, hex, [&](const Json& a, const Json& b) { return says_the_same(a, b, shown); });
  const auto bytes = raw_from_json(shown.size, hex, kOrder);
  return bytes && shown.render(*bytes) == typed;
}

Part part_of(const Json& entry, const std::string& name, const Shown& shown) {
  // bpftool's entries with BTF: the readable form is beside, the bytes are under the plain names.
  const bool bpftool = entry.contains("formatted");
  const auto typed = entry.find(name), hex = entry.find(name + "_hex");
  if (hex == entry.end()) return typed == entry.end() ? Part{} : Part{&*typed, bpftool};
  // In a dump of ours that nobody edited the bytes hold more than the types show: padding, static variables,
  // the payload of a NaN. Once the typed form says something else, it is what was meant.
  if (typed != entry.end() && !says_the_same(*typed, *hex, shown)) return {&*typed, bpftool};
  return {&*hex, true};
}

Result<Raw> bytes_of(const Part& part, const btf::Btf& types, btf::TypeId type, std::size_t size) {
  if (part.raw) return raw_from_json(size, *part.json, kOrder);
  return bytes_from_json(types, type, size, *part.json, kOrder);
}

// The variables that are given, over those that the section has now.
Result<Raw> section_of(vm::Map& map, const CollectionSpec& spec, Bytes key, const Json& entry) {
  const Shown shown{map.value_size(), [&](Bytes bytes) { return section_to_json(spec, map.spec(), bytes); }};
  const auto part = part_of(entry, "value", shown);
  if (part.json == nullptr) return fail(Errc::malformed, "there is neither \"value\" nor \"value_hex\"");
  const auto now = SKEP_TRY(map.host_lookup(key));
  return SKEP_TRY_CTX(section_from_json(spec, map.spec(), now, *part.json), "value");
}

Result<Raw> value_of(const vm::Map& map, const btf::Btf& types, const Json& entry) {
  const auto type = map.spec().value_type;
  const std::size_t size = map.value_size();
  const bool per_cpu = is_per_cpu(map);
  const Shown shown{size, [&](Bytes bytes) { return bytes_to_json(types, type, bytes, kOrder); }};
  if (const auto part = part_of(entry, "value", shown); part.json != nullptr) {
    const auto one = SKEP_TRY_CTX(bytes_of(part, types, type, size), "value");
    if (!per_cpu) return one;
    Raw all(map.host_value_size());
    for (std::size_t at = 0; at + stride(map) <= all.size(); at += stride(map))
      std::ranges::copy(one, all.begin() + static_cast<std::ptrdiff_t>(at));
    return all;
  }
  const auto part = part_of(entry, "values", shown);
  if (part.json == nullptr) return fail(Errc::malformed, "there is neither \"value\" nor \"value_hex\"");
  if (!per_cpu) return fail(Errc::malformed, "\"values\": the map is not per-CPU");
  if (!part.json->is_array()) return fail(Errc::malformed, "\"values\" is {}, not an array", kind_of(*part.json));
  Raw all(map.host_value_size());
  const std::size_t cpus = all.size() / stride(map);
  if (part.json->size() > cpus)
    return fail(Errc::malformed, "{} values for {} CPU{}", part.json->size(), cpus, cpus == 1 ? "" : "s");
  for (std::size_t cpu = 0; cpu < part.json->size(); cpu++) {
    Part one{&(*part.json)[cpu], part.raw};
    // bpftool: {"cpu": 0, "value": …}
    if (one.json->is_object() && one.json->contains("cpu") && one.json->contains("value"))
      one.json = &(*one.json)["value"];
    const auto bytes = SKEP_TRY_CTX(bytes_of(one, types, type, size), "values[{}]", cpu);
    std::ranges::copy(bytes, all.begin() + static_cast<std::ptrdiff_t>(cpu * stride(map)));
  }
  return all;
}

// A prog array takes programs by name.
Result<> put_program(vm::Map& map, Bytes key, const Json& entry, vm::Collection& collection) {
  if (!entry.contains("value") || !entry["value"].is_string())
    return fail(Errc::malformed, "the \"value\" of a prog array is the name of a program");
  auto* program = SKEP_TRY(collection.program(entry["value"].get_ref<const std::string&>()));
  return map.set_program(load<std::uint32_t>(key.data(), kOrder), program);
}

Result<> put_entry(vm::Map& map, vm::Collection& collection, const Json& entry) {
  if (!entry.is_object())
    return fail(Errc::malformed, "{} is no entry: {{\"key\": …, \"value\": …}}", kind_of(entry));
  // "formatted" and "cpu" are bpftool's.
  static constexpr std::array<std::string_view, 8> kMembers = {"key",     "value",      "values",    "key_hex",
                                                               "value_hex", "values_hex", "formatted", "cpu"};
  for (const auto& [name, ignored] : entry.items())
    if (std::ranges::find(kMembers, name) == kMembers.end())
      return fail(Errc::malformed, "unknown member \"{}\"; an entry has \"key\" and \"value\" (or \"values\")", name);
  const auto& types = collection.spec().types;
  const auto type = map.spec().key_type;
  const Shown shown{map.key_size(), [&](Bytes bytes) { return bytes_to_json(types, type, bytes, kOrder); }};
  const auto part = part_of(entry, "key", shown);
  if (part.json == nullptr) return fail(Errc::malformed, "there is neither \"key\" nor \"key_hex\"");
  const auto key = SKEP_TRY_CTX(bytes_of(part, types, type, map.key_size()), "key");
  if (map.type() == MapType::prog_array) return put_program(map, key, entry, collection);
  const bool section = is_data_section(map.spec());
  const auto value = SKEP_TRY(section ? section_of(map, collection.spec(), key, entry) : value_of(map, types, entry));
  if (section && map.spec().kind == MapKind::rodata) {
    if (value == SKEP_TRY(map.host_lookup(key))) return {};  // a whole dump goes back in
    return fail(Errc::invalid, "{} is read-only: set its variables with --set", map.name());
  }
  return map.host_update(key, value, vm::kAny);
}

}  // namespace

void each_entry(vm::Map& map, const std::function<void(MapEntry)>& each) {
  if (map.type() == MapType::prog_array) {
    for (std::uint32_t index = 0; index < map.spec().max_entries; index++)
      if (const auto* program = map.program_at(index)) each(program_entry(index, *program));
    return;
  }
  const bool array = map.type() == MapType::array || map.type() == MapType::percpu_array;
  const bool skip_zeros = array && map.spec().max_entries > kMaxWholeArray;
  for (auto key = map.next_key({}); key; key = map.next_key(Bytes(*key))) {
    auto value = map.host_lookup(*key);
    const bool zero = value && std::ranges::all_of(*value, [](std::byte byte) { return byte == std::byte{0}; });
    // An element can be gone only if somebody else changes the map, and nobody does.
    if (value && !(skip_zeros && zero)) each({*key, std::move(*value)});
  }
}

MapContents read_map(vm::Map& map) {
  MapContents contents{&map, {}};
  each_entry(map, [&](MapEntry entry) { contents.entries.push_back(std::move(entry)); });
  return contents;
}

Json entry_to_json(const vm::Map& map, const CollectionSpec& collection, const MapEntry& entry) {
  const auto& spec = map.spec();
  const auto& types = collection.types;
  Json json;
  if (map.type() == MapType::prog_array) {
    json["key"] = load<std::uint32_t>(entry.key.data(), kOrder);
    json["value"] = as_text(entry.value);
    json["key_hex"] = to_hex(entry.key);
    json["value_hex"] = nullptr;
    return json;
  }
  // Data sections are arrays of one element.
  const bool section = is_data_section(spec);
  json["key"] = section ? Json(0) : bytes_to_json(types, spec.key_type, entry.key, kOrder);
  if (!is_per_cpu(map)) {
    json["value"] = section ? section_to_json(collection, spec, entry.value)
                            : bytes_to_json(types, spec.value_type, entry.value, kOrder);
    json["key_hex"] = to_hex(entry.key);
    json["value_hex"] = to_hex(entry.value);
    return json;
  }
  Json values = Json::array(), hex = Json::array();
  for (std::size_t at = 0; at + stride(map) <= entry.value.size(); at += stride(map)) {
    const auto one = Bytes(entry.value).subspan(at, map.value_size());
    values.push_back(bytes_to_json(types, spec.value_type, one, kOrder));
    hex.push_back(to_hex(one));
  }
  json["values"] = std::move(values);
  json["key_hex"] = to_hex(entry.key);
  json["values_hex"] = std::move(hex);
  return json;
}

void put_maps(const std::vector<vm::Map*>& maps, const CollectionSpec& spec, std::size_t level, const PutText& put) {
  const auto line = [](std::size_t depth) { return "\n" + std::string(2 * depth, ' '); };
  std::string separator = "[";
  for (auto* map : maps) {
    const Json head = {{"name", map->name()}, {"type", to_string(map->type())}};
    auto text = nested_text(head, level + 1);
    text.erase(text.rfind('\n'));  // its last brace
    put(separator + line(level + 1) + text + "," + line(level + 2) + "\"entries\": [");
    bool first = true;
    each_entry(*map, [&](const MapEntry& entry) {
      put((first ? "" : ",") + line(level + 3) + nested_text(entry_to_json(*map, spec, entry), level + 3));
      first = false;
    });
    put((first ? "" : line(level + 2)) + "]" + line(level + 1) + "}");
    separator = ",";
  }
  put(maps.empty() ? "[]" : line(level) + "]");
}

Result<> fill_map(vm::Map& map, vm::Collection& collection, const Json& document) {
  const auto* entries = SKEP_TRY(entries_of(map, document));
  for (std::size_t i = 0; i < entries->size(); i++) {
    const auto put = put_entry(map, collection, (*entries)[i]);
    if (put) continue;
    // What is wrong with a file is malformed, however the value's own text would be called.
    const auto& error = put.error();
    const auto code = error.code() == Errc::invalid ? Errc::malformed : error.code();
    return std::unexpected(Error(code, fmt::format("entry {}: {}", i, error.what()), error.sys()));
  }
  return {};
}

}  // namespace skep::harness
