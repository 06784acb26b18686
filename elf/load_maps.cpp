// BTF maps: each VAR of the DATASEC .maps is a map, in the order of their offsets. clang leaves the offsets
// in BTF 0, the static linker fills them in; the symbol table has them in both cases.
#include <algorithm>
#include <tuple>
#include <unordered_map>

#include <elf.h>

#include "skep/elf/loader.hpp"

namespace skep::elf {
namespace {

constexpr std::string_view kSection = ".maps";

struct Definition {
  MapPlace place;
  std::string_view name;
  btf::TypeId type{};
};

Result<std::vector<Definition>> find_definitions(const Loader& loader, const Section& section) {
  const auto& types = loader.spec.types;
  const auto id = types.find(kSection, btf::Kind::Datasec);
  if (!id) return fail(Errc::malformed, "BTF has no DATASEC {} (compile with -g)", kSection);
  std::unordered_map<std::string_view, const Symbol*> symbols;
  for (const auto index : loader.file.symbols_of(section)) {
    const auto& symbol = loader.file.symbols()[index];
    if (symbol.global()) symbols.emplace(symbol.name, &symbol);
  }

  std::vector<Definition> found;
  const auto datasec = SKEP_TRY(types.get<btf::Datasec>(*id));
  for (const auto& one : datasec.vars) {
    const auto var = SKEP_TRY(types.get<btf::Var>(one.var));
    if (var.linkage == btf::Linkage::static_) return fail(Errc::not_supported, "map \"{}\" is static", var.name);
    if (var.linkage != btf::Linkage::global) return fail(Errc::not_supported, "map \"{}\" is extern", var.name);
    const auto symbol = symbols.find(var.name);
    if (symbol == symbols.end()) return fail(Errc::malformed, "map \"{}\" has no symbol", var.name);
    // libbpf takes a hidden variable for a static one.
    if (symbol->second->hidden()) return fail(Errc::not_supported, "map \"{}\" is hidden", var.name);
    const auto offset = symbol->second->value;
    if (offset > section.size || one.size > section.size - offset)
      return fail(Errc::malformed, "map \"{}\" at {:#x}, {:#x} bytes, crosses the end ({:#x})", var.name, offset,
                  one.size, section.size);
    found.push_back({{0, offset, one.size, std::nullopt}, var.name, var.type});
  }
  std::sort(found.begin(), found.end(), [](const Definition& a, const Definition& b) {
    return std::tie(a.place.offset, a.name) < std::tie(b.place.offset, b.name);
  });
  return found;
}

Result<MapSpec> read_definition(const btf::Btf& types, Definition& definition) {
  MapSpec map;
  map.name = SKEP_TRY(checked_name(definition.name, "map"));
  map.section = kSection;
  const auto type = SKEP_TRY(types.strip(definition.type));
  const auto composite = SKEP_TRY(types.get<btf::Composite>(type));
  if (composite.is_union) return fail(Errc::malformed, "a union is no map definition");
  if (composite.size > definition.place.size)
    return fail(Errc::malformed, "the definition has {} bytes, the variable {}", composite.size, definition.place.size);
  SKEP_TRY(load_map_fields(types, composite, map, nullptr));
  if (!composite.members.empty() && composite.members.back().name == "values")
    definition.place.values_offset = composite.members.back().bit_offset / 8;
  return map;
}

}  // namespace

Result<> load_maps(Loader& loader) {
  const auto* section = loader.file.section(kSection);
  if (!section) return {};
  for (auto& definition : SKEP_TRY_CTX(find_definitions(loader, *section), "{}", describe(*section))) {
    auto map = SKEP_TRY_CTX(read_definition(loader.spec.types, definition), "{}: map \"{}\"", describe(*section),
                            definition.name);
    definition.place.index = loader.spec.maps.size();
    if (!loader.map_at.emplace(std::pair(section->index, definition.place.offset), definition.place.index).second)
      return fail(Errc::malformed, "{}: map \"{}\" is at the place of another one", describe(*section), map.name);
    loader.map_places.push_back(definition.place);
    loader.spec.maps.push_back(std::move(map));
  }
  return {};
}

}  // namespace skep::elf
