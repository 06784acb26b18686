// Data sections become maps of one element whose value is the section; their global variables can be set
// before use. libbpf's rules: .data, .rodata and .bss, each also with ".suffix"; empty ones are no maps;
// read-only ones are BPF_F_RDONLY_PROG; a section is BPF_F_MMAPABLE if BTF shows a variable of it to the
// user, that is, neither static nor hidden.
//
// Variables come from the symbol table (BTF of compiler output has no offsets), their types from the DATASEC.
// Static variables, function-local ones and constants without a name are data without a VariableSpec.
#include <algorithm>
#include <tuple>
#include <unordered_map>

#include <elf.h>

#include "skep/elf/loader.hpp"

namespace skep::elf {
namespace {

constexpr std::uint64_t kValueMax = INT32_MAX;  // the kernel's limit for the value of an array

bool is_family(std::string_view name, std::string_view family) {
  return name.starts_with(family) && (name.size() == family.size() || name[family.size()] == '.');
}

std::optional<MapKind> kind_of(const Section& section) {
  if (section.size == 0) return std::nullopt;
  if (section.type == SHT_PROGBITS && !section.executable()) {
    if (is_family(section.name, ".data")) return MapKind::data;
    if (is_family(section.name, ".rodata")) return MapKind::rodata;
  }
  if (section.type == SHT_NOBITS && is_family(section.name, ".bss")) return MapKind::bss;
  return std::nullopt;
}

// What BTF knows of a section's variables.
struct SectionTypes {
  btf::TypeId datasec{};
  std::unordered_map<std::string_view, btf::TypeId> variables;  // types of those that are not static
};

Result<SectionTypes> section_types(const btf::Btf& types, std::string_view section) {
  SectionTypes result;
  const auto id = types.find(section, btf::Kind::Datasec);
  if (!id) return result;  // constants only: .rodata.str1.1
  result.datasec = *id;
  const auto datasec = SKEP_TRY(types.get<btf::Datasec>(*id));
  for (const auto& one : datasec.vars) {
    const auto var = SKEP_TRY(types.get<btf::Var>(one.var));
    if (var.linkage != btf::Linkage::static_) result.variables.emplace(var.name, var.type);
  }
  return result;
}

Result<std::vector<VariableSpec>> variables_of(const Loader& loader, const Section& section,
                                               const SectionTypes& types) {
  std::vector<VariableSpec> variables;
  for (const auto index : loader.file.symbols_of(section)) {
    const auto& symbol = loader.file.symbols()[index];
    if (symbol.type != STT_OBJECT || !symbol.global() || symbol.hidden()) continue;
    if (symbol.value > section.size || symbol.size > section.size - symbol.value)
      return fail(Errc::malformed, "variable \"{}\" at {:#x}, {:#x} bytes, crosses the end ({:#x})", symbol.name,
                  symbol.value, symbol.size, section.size);
    VariableSpec variable;
    variable.name = SKEP_TRY(checked_name(symbol.name, "variable"));
    variable.section = section.name;
    variable.offset = static_cast<std::uint32_t>(symbol.value);
    variable.size = static_cast<std::uint32_t>(symbol.size);
    variable.weak = symbol.weak();
    if (const auto type = types.variables.find(symbol.name); type != types.variables.end())
      variable.type = type->second;
    variables.push_back(std::move(variable));
  }
  std::sort(variables.begin(), variables.end(), [](const VariableSpec& a, const VariableSpec& b) {
    return std::tie(a.offset, a.name) < std::tie(b.offset, b.name);
  });
  return variables;
}

// Everything that has a name there. Of several names for one place the global one stands first.
std::vector<DataSymbol> symbols_of(const Loader& loader, const Section& section) {
  std::vector<const Symbol*> found;
  for (const auto index : loader.file.symbols_of(section)) {
    const auto& symbol = loader.file.symbols()[index];
    if (symbol.type != STT_OBJECT || symbol.name.empty() || symbol.size == 0) continue;
    if (symbol.value <= section.size && symbol.size <= section.size - symbol.value) found.push_back(&symbol);
  }
  std::sort(found.begin(), found.end(), [](const Symbol* a, const Symbol* b) {
    return std::tuple(a->value, !a->global(), a->name, a->size) < std::tuple(b->value, !b->global(), b->name, b->size);
  });
  std::vector<DataSymbol> symbols;
  for (const auto* symbol : found)
    if (auto name = checked_name(symbol->name, "variable"))
      symbols.push_back({std::move(*name), static_cast<std::uint32_t>(symbol->value),
                         static_cast<std::uint32_t>(symbol->size)});
  return symbols;
}

// Whether BTF shows one of its variables to user space: a VAR that is not static and whose symbol is not hidden.
bool mmapable(const Loader& loader, const Section& section, const SectionTypes& types) {
  auto shown = types.variables.size();
  for (const auto index : loader.file.symbols_of(section)) {
    const auto& symbol = loader.file.symbols()[index];
    if (symbol.global() && symbol.hidden() && types.variables.contains(symbol.name)) --shown;
  }
  return shown > 0;
}

Result<> load_section(Loader& loader, const Section& section, MapKind kind) {
  if (section.size > kValueMax)
    return fail(Errc::not_supported, "{:#x} bytes, more than a map's value can have", section.size);
  const auto types = SKEP_TRY(section_types(loader.spec.types, section.name));

  MapSpec map;
  map.name = SKEP_TRY(checked_name(section.name, "section"));
  map.section = section.name;
  map.kind = kind;
  map.type = MapType::array;
  map.key_size = 4;
  map.value_size = static_cast<std::uint32_t>(section.size);
  map.max_entries = 1;
  map.flags = (kind == MapKind::rodata ? kRdonlyProg : 0) | (mmapable(loader, section, types) ? kMmapable : 0);
  map.value_type = types.datasec;
  map.contents.assign(section.data.begin(), section.data.end());
  map.symbols = symbols_of(loader, section);

  for (auto& variable : SKEP_TRY(variables_of(loader, section, types)))
    loader.spec.variables.push_back(std::move(variable));
  find_pointers(loader, section);
  loader.data_map.emplace(section.index, loader.spec.maps.size());
  loader.spec.maps.push_back(std::move(map));
  return {};
}

}  // namespace

Result<> load_data(Loader& loader) {
  for (const auto& section : loader.file.sections())
    if (const auto kind = kind_of(section)) SKEP_TRY_CTX(load_section(loader, section, *kind), "{}", describe(section));
  return {};
}

Result<> load_arena(Loader& loader) {
  const auto* section = loader.file.section(".addr_space.1");
  if (!section || section->type != SHT_PROGBITS || section->size == 0) return {};
  std::optional<std::size_t> arena;
  for (std::size_t i = 0; i < loader.spec.maps.size(); ++i) {
    if (loader.spec.maps[i].type != MapType::arena) continue;
    if (arena)
      return fail(Errc::not_supported, "{}: maps \"{}\" and \"{}\" are both arenas", describe(*section),
                  loader.spec.maps[*arena].name, loader.spec.maps[i].name);
    arena = i;
  }
  if (!arena) return fail(Errc::malformed, "{}: no map in .maps is an arena", describe(*section));
  loader.spec.maps[*arena].contents.assign(section->data.begin(), section->data.end());
  loader.spec.maps[*arena].symbols = symbols_of(loader, *section);
  loader.data_map.emplace(section->index, *arena);
  find_pointers(loader, *section);
  return {};
}

}  // namespace skep::elf
