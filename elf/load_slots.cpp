// Initial elements of maps: a relocation in .maps puts the program or map that it names into a slot of the
// member `values`, 8 bytes a slot whatever the host. Slots without a relocation stay empty.
#include <algorithm>

#include "skep/elf/loader.hpp"

namespace skep::elf {
namespace {

constexpr std::uint64_t kPointerSize = 8;

const MapPlace* place_of(const Loader& loader, std::uint64_t offset) {
  const auto after =
      std::upper_bound(loader.map_places.begin(), loader.map_places.end(), offset,
                       [](std::uint64_t wanted, const MapPlace& place) { return wanted < place.offset; });
  if (after == loader.map_places.begin()) return nullptr;
  const auto& place = *std::prev(after);
  return offset - place.offset + kPointerSize <= place.size ? &place : nullptr;
}

Result<std::string> slot_symbol(const Loader& loader, const Section& section, const MapSpec& map,
                                const Symbol& symbol) {
  const auto name = loader.file.label(symbol);
  if (map.type == MapType::prog_array) {
    const auto* program = loader.function_at(symbol.section, symbol.value);
    if (!program || program->subprogram) return fail(Errc::malformed, "\"{}\" is no program", name);
    return loader.spec.programs[program->index].name;
  }
  if (map.type == MapType::hash_of_maps && map.key_size != 4)
    return fail(Errc::malformed, "initial values of a hash_of_maps need a key of 4 bytes, not {}", map.key_size);
  const auto target = loader.map_at.find({section.index, symbol.value});
  if (symbol.section != section.index || target == loader.map_at.end())
    return fail(Errc::malformed, "\"{}\" is no map of {}", name, section.name);
  return loader.spec.maps[target->second].name;
}

Result<> load_slot(Loader& loader, const Section& section, const Relocation& relocation) {
  const auto* place = place_of(loader, relocation.offset);
  if (!place) return fail(Errc::malformed, "no map is there");
  auto& map = loader.spec.maps[place->index];
  const auto& symbol = loader.file.symbols()[relocation.symbol];
  const auto inside = relocation.offset - place->offset;
  if (!place->values_offset || inside < *place->values_offset || (inside - *place->values_offset) % kPointerSize != 0)
    return fail(Errc::malformed, "map \"{}\": \"{}\" is not put into a slot of \"values\"", map.name,
                loader.file.label(symbol));
  const auto index = static_cast<std::uint32_t>((inside - *place->values_offset) / kPointerSize);
  if (!map.slots.empty() && map.slots.back().index == index)
    return fail(Errc::malformed, "map \"{}\": two values for slot {}", map.name, index);
  auto name = SKEP_TRY_CTX(slot_symbol(loader, section, map, symbol), "map \"{}\": slot {}", map.name, index);
  map.slots.push_back({index, std::move(name)});
  return {};
}

}  // namespace

Result<> load_slots(Loader& loader) {
  const auto* section = loader.file.section(".maps");
  if (!section) return {};
  // Sorted by offset, so that the slots of each map come sorted by index.
  for (const auto& relocation : loader.relocations[section->index])
    SKEP_TRY_CTX(load_slot(loader, *section, relocation), "{}: relocation at {:#x}", describe(*section),
                 relocation.offset);
  return {};
}

}  // namespace skep::elf
