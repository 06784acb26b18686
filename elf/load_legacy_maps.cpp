// Maps as they were declared before BTF: each global symbol of a section "maps" is a struct bpf_map_def,
// 32-bit numbers in the order of the fields below. Loaders grew the struct at its end, each in its own way;
// what is known here is the kernel's samples (up to map_flags) and the 28 bytes with an id and a pinning. A
// longer definition is accepted when its tail is zero.
//
// Key and value types come from the struct that BPF_ANNOTATE_KV_PAIR leaves in BTF, if it is there.
#include <algorithm>
#include <tuple>

#include <elf.h>

#include "skep/elf/loader.hpp"

namespace skep::elf {
namespace {

constexpr std::uint64_t kMinimum = 16;  // type, key size, value size, entries

enum Field : std::size_t { type, key_size, value_size, max_entries, flags, id, pinning, field_count };

void annotate(const btf::Btf& types, MapSpec& map) {
  const auto id = types.find("____btf_map_" + map.name, btf::Kind::Struct);
  if (!id) return;
  const auto pair = types.get<btf::Composite>(*id);
  if (!pair || pair->members.size() != 2) return;
  const auto key = types.size_of(pair->members[0].type), value = types.size_of(pair->members[1].type);
  if (!key || !value || *key != map.key_size || *value != map.value_size) return;
  map.key_type = pair->members[0].type;
  map.value_type = pair->members[1].type;
}

Result<MapSpec> read_definition(Bytes bytes, ByteOrder order) {
  if (bytes.size() < kMinimum)
    return fail(Errc::malformed, "a definition of {} bytes, at least {} are needed", bytes.size(), kMinimum);
  std::uint32_t fields[field_count] = {};
  ByteReader reader(bytes, order);
  for (auto& field : fields)
    if (reader.left() >= sizeof field) field = SKEP_TRY(reader.read<std::uint32_t>());
  const auto tail = SKEP_TRY(reader.take(reader.left()));
  if (std::any_of(tail.begin(), tail.end(), [](std::byte b) { return b != std::byte{0}; }))
    return fail(Errc::not_supported, "a definition of {} bytes whose end, from byte {} on, is not zero", bytes.size(),
                bytes.size() - tail.size());
  if (fields[id] != 0) return fail(Errc::not_supported, "an id ({})", fields[id]);
  if (fields[pinning] > static_cast<std::uint32_t>(Pinning::by_name))
    return fail(Errc::not_supported, "pinning {}", fields[pinning]);
  if (fields[type] == 0) return fail(Errc::malformed, "there is no type");

  MapSpec map;
  map.type = static_cast<MapType>(fields[type]);
  map.key_size = fields[key_size];
  map.value_size = fields[value_size];
  map.max_entries = fields[max_entries];
  map.flags = fields[flags];
  map.pinning = static_cast<Pinning>(fields[pinning]);
  return map;
}

Result<> load_section(Loader& loader, const Section& section) {
  std::vector<const Symbol*> symbols;
  for (const auto index : loader.file.symbols_of(section)) {
    const auto& symbol = loader.file.symbols()[index];
    if (symbol.type != STT_OBJECT && symbol.type != STT_NOTYPE) continue;
    if (!symbol.global()) return fail(Errc::not_supported, "map \"{}\" is static", symbol.name);
    if (symbol.value > section.data.size())
      return fail(Errc::malformed, "map \"{}\" at {:#x} is outside ({:#x} bytes)", symbol.name, symbol.value,
                  section.size);
    symbols.push_back(&symbol);
  }
  std::sort(symbols.begin(), symbols.end(),
            [](const Symbol* a, const Symbol* b) { return std::tie(a->value, a) < std::tie(b->value, b); });
  for (std::size_t i = 0; i < symbols.size(); ++i) {
    const auto& symbol = *symbols[i];
    const auto end = i + 1 < symbols.size() ? symbols[i + 1]->value : section.data.size();
    auto map =
        SKEP_TRY_CTX(read_definition(section.data.subspan(symbol.value, end - symbol.value), loader.file.byte_order()),
                     "map \"{}\"", symbol.name);
    map.name = SKEP_TRY(checked_name(symbol.name, "map"));
    map.section = section.name;
    annotate(loader.spec.types, map);
    loader.map_at.emplace(std::pair(section.index, symbol.value), loader.spec.maps.size());
    loader.spec.maps.push_back(std::move(map));
  }
  return {};
}

}  // namespace

Result<> load_legacy_maps(Loader& loader) {
  for (const auto& section : loader.file.sections())
    if (section.type == SHT_PROGBITS && (section.name == "maps" || section.name.starts_with("maps/")))
      SKEP_TRY_CTX(load_section(loader, section), "{}", describe(section));
  return {};
}

}  // namespace skep::elf
