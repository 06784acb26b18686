// Each variable of .struct_ops or .struct_ops.link is a map of type struct_ops: its value is the structure as
// the object has it, and relocations put programs into members that are pointers to functions. In front of the
// section's name, '?' means that the map is not created by default.
#include <algorithm>
#include <array>
#include <unordered_map>

#include <elf.h>

#include "skep/elf/loader.hpp"

namespace skep::elf {
namespace {

constexpr std::array<std::string_view, 4> kSections{".struct_ops", ".struct_ops.link", "?.struct_ops",
                                                    "?.struct_ops.link"};
constexpr std::uint32_t kLink = 1u << 13;  // BPF_F_LINK

struct Placed {
  std::uint64_t offset = 0;  // bytes, in the section
  std::size_t map = 0;
  btf::Composite type;
  std::unordered_map<std::uint64_t, std::uint32_t> member_at;  // bit offset -> number
};

Result<MapSpec> read_map(const Section& section, std::string_view name, const Symbol& symbol, btf::TypeId type,
                         const btf::Composite& definition) {
  if (definition.is_union || definition.name.empty()) return fail(Errc::malformed, "its type is no struct with a name");
  if (symbol.value > section.data.size() || definition.size > section.data.size() - symbol.value)
    return fail(Errc::malformed, "{:#x} bytes at {:#x} cross the end ({:#x})", definition.size, symbol.value,
                section.size);
  MapSpec map;
  map.name = SKEP_TRY(checked_name(name, "map"));
  map.section = section.name.substr(section.name.starts_with('?') ? 1 : 0);
  map.kind = MapKind::struct_ops;
  map.type = MapType::struct_ops;
  map.key_size = 4;
  map.value_size = definition.size;
  map.max_entries = 1;
  map.flags = map.section == ".struct_ops.link" ? kLink : 0;
  map.value_type = type;
  map.autocreate = !section.name.starts_with('?');
  const auto bytes = section.data.subspan(symbol.value, definition.size);
  map.contents.assign(bytes.begin(), bytes.end());
  return map;
}

Result<std::vector<Placed>> load_section(Loader& loader, const Section& section) {
  const auto& types = loader.spec.types;
  const auto id = types.find(section.name, btf::Kind::Datasec);
  if (!id) return fail(Errc::malformed, "BTF has no DATASEC of that name (compile with -g)");
  std::unordered_map<std::string_view, const Symbol*> symbols;
  for (const auto index : loader.file.symbols_of(section)) {
    const auto& symbol = loader.file.symbols()[index];
    if (symbol.type == STT_OBJECT) symbols.emplace(symbol.name, &symbol);
  }

  std::vector<Placed> placed;
  std::uint64_t total = 0;
  const auto datasec = SKEP_TRY(types.get<btf::Datasec>(*id));
  for (const auto& one : datasec.vars) {
    const auto var = SKEP_TRY(types.get<btf::Var>(one.var));
    const auto symbol = symbols.find(var.name);
    if (symbol == symbols.end()) return fail(Errc::malformed, "variable \"{}\" has no symbol", var.name);
    const auto type = SKEP_TRY_CTX(types.strip(var.type), "variable \"{}\"", var.name);
    auto definition = SKEP_TRY_CTX(types.get<btf::Composite>(type), "variable \"{}\"", var.name);
    auto map =
        SKEP_TRY_CTX(read_map(section, var.name, *symbol->second, type, definition), "variable \"{}\"", var.name);
    total += definition.size;
    if (total > section.size) return fail(Errc::malformed, "variable \"{}\" overlaps another one", var.name);
    Placed here{symbol->second->value, loader.spec.maps.size(), std::move(definition), {}};
    for (std::uint32_t i = 0; i < here.type.members.size(); ++i)
      here.member_at.emplace(here.type.members[i].bit_offset, i);
    placed.push_back(std::move(here));
    loader.spec.maps.push_back(std::move(map));
  }
  std::sort(placed.begin(), placed.end(), [](const Placed& a, const Placed& b) { return a.offset < b.offset; });
  return placed;
}

Result<> load_member(Loader& loader, const std::vector<Placed>& placed, const Relocation& relocation) {
  const auto after = std::upper_bound(placed.begin(), placed.end(), relocation.offset,
                                      [](std::uint64_t offset, const Placed& one) { return offset < one.offset; });
  if (after == placed.begin()) return fail(Errc::malformed, "no variable is there");
  const auto& holder = *std::prev(after);
  auto& map = loader.spec.maps[holder.map];
  const auto found = holder.member_at.find((relocation.offset - holder.offset) * 8);
  if (found == holder.member_at.end()) return fail(Errc::malformed, "map \"{}\" has no member there", map.name);
  const auto index = found->second;
  const auto& member = holder.type.members[index];
  const auto& symbol = loader.file.symbols()[relocation.symbol];
  const auto* program = loader.function_at(symbol.section, symbol.value);
  if (!program || program->subprogram || loader.spec.programs[program->index].type != ProgramType::struct_ops)
    return fail(Errc::malformed, "map \"{}\": member \"{}\": \"{}\" is no struct_ops program", map.name, member.name,
                loader.file.label(symbol));
  if (!map.slots.empty() && map.slots.back().index == index)
    return fail(Errc::malformed, "map \"{}\": two programs for member \"{}\"", map.name, member.name);
  map.slots.push_back({index, loader.spec.programs[program->index].name});
  return {};
}

}  // namespace

Result<> load_struct_ops(Loader& loader) {
  for (const auto& section : loader.file.sections()) {
    if (section.type != SHT_PROGBITS || section.data.empty() ||
        std::find(kSections.begin(), kSections.end(), section.name) == kSections.end())
      continue;
    const auto placed = SKEP_TRY_CTX(load_section(loader, section), "{}", describe(section));
    for (const auto& relocation : loader.relocations[section.index])
      SKEP_TRY_CTX(load_member(loader, placed, relocation), "{}: relocation at {:#x}", describe(section),
                   relocation.offset);
  }
  return {};
}

}  // namespace skep::elf
