// Externs: undefined symbols that BTF knows as a VAR or FUNC of DATASEC .kconfig or .ksyms. There are no ELF
// sections of these names. Those of .kconfig become a synthetic map, laid out as libbpf does: alignment
// descending, then size ascending, then name.
//
// An extern that cannot be used (no type, a type that .kconfig does not know) is told where code refers to it.
#include <algorithm>
#include <tuple>
#include <unordered_map>

#include <elf.h>

#include "skep/elf/loader.hpp"

namespace skep::elf {
namespace {

constexpr std::string_view kKconfig = ".kconfig", kKsyms = ".ksyms";
constexpr std::uint64_t kPointerSize = 8;

struct Layout {
  std::uint64_t size = 0, alignment = 0;  // bytes
};

// The types that the kernel's configuration can be read into: bool, char, int, enum libbpf_tristate, and
// arrays of char (`element`: one of these is looked at).
Result<Layout> kconfig_layout(const btf::Btf& types, btf::TypeId id, bool element) {
  const auto stripped = SKEP_TRY(types.strip(id));
  const auto type = SKEP_TRY(types.type(stripped));
  if (const auto* number = std::get_if<btf::Int>(&type)) {
    const bool power = number->size != 0 && number->size <= 8 && (number->size & (number->size - 1)) == 0;
    if (number->is_bool ? number->size == 1 && !element : power && (!element || number->size == 1))
      return Layout{number->size, number->size};
  } else if (const auto* values = std::get_if<btf::Enum>(&type)) {
    if (!element && values->name == "libbpf_tristate" && (values->size == 4 || values->size == 8))
      return Layout{values->size, std::min<std::uint64_t>(values->size, kPointerSize)};
  } else if (const auto* array = std::get_if<btf::Array>(&type)) {
    if (!element && array->count != 0) {
      SKEP_TRY(kconfig_layout(types, array->element, true));
      return Layout{array->count, 1};
    }
  }
  return fail(Errc::not_supported, "kernel configuration cannot be read into {}", types.describe(stripped));
}

// In which DATASEC each VAR and FUNC of the externs is.
using Sections = std::unordered_map<btf::TypeId, std::string_view>;

Result<Sections> sections_of(const btf::Btf& types) {
  Sections sections;
  for (const auto section : {kKconfig, kKsyms}) {
    const auto id = types.find(section, btf::Kind::Datasec);
    if (!id) continue;
    const auto datasec = SKEP_TRY(types.get<btf::Datasec>(*id));
    for (const auto& one : datasec.vars) sections.emplace(one.var, section);
  }
  return sections;
}

struct Candidate {
  ExternSpec spec;
  Layout layout;             // kconfig
  std::uint32_t symbol = 0;  // index
};

// A typeless ksym (`extern const void x`) has type none.
Result<btf::TypeId> ksym_type(const btf::Btf& types, btf::TypeId id) {
  return SKEP_TRY(types.strip(id)) == btf::TypeId::none ? btf::TypeId::none : id;
}

Result<Candidate> read_extern(const btf::Btf& types, const Sections& sections, const Symbol& symbol) {
  Candidate result;
  result.spec.name = SKEP_TRY(checked_name(symbol.name, "extern"));
  result.spec.weak = symbol.weak();
  const auto var_id = types.find(symbol.name, btf::Kind::Var);
  const auto id = var_id ? var_id : types.find(symbol.name, btf::Kind::Func);
  if (!id) return fail(Errc::malformed, "BTF has no variable or function of that name");
  const auto section = sections.find(*id);
  if (section == sections.end())
    return fail(Errc::not_supported, "it is in neither .kconfig nor .ksyms (link the objects first)");

  if (var_id) {
    const auto var = SKEP_TRY(types.get<btf::Var>(*id));
    if (var.linkage != btf::Linkage::extern_) return fail(Errc::malformed, "BTF does not say that it is extern");
    const bool kconfig = section->second == kKconfig;
    result.spec.kind = kconfig ? ExternSpec::Kind::kconfig : ExternSpec::Kind::ksym;
    result.spec.type = kconfig ? var.type : SKEP_TRY(ksym_type(types, var.type));
    if (kconfig) result.layout = SKEP_TRY(kconfig_layout(types, var.type, false));
    return result;
  }
  const auto func = SKEP_TRY(types.get<btf::Func>(*id));
  if (func.linkage != btf::Linkage::extern_) return fail(Errc::malformed, "BTF does not say that it is extern");
  if (section->second == kKconfig) return fail(Errc::not_supported, "a function in .kconfig");
  result.spec.kind = ExternSpec::Kind::kfunc;
  result.spec.type = func.proto;
  return result;
}

// The synthetic map, and each extern as a variable in it.
Result<> load_kconfig(Loader& loader, std::vector<const Candidate*> all) {
  if (all.empty()) return {};
  std::sort(all.begin(), all.end(), [](const Candidate* a, const Candidate* b) {
    return std::tie(b->layout.alignment, a->layout.size, a->spec.name) <
           std::tie(a->layout.alignment, b->layout.size, b->spec.name);
  });
  MapSpec map;
  std::uint64_t end = 0;
  for (const auto* one : all) {
    const auto alignment = one->layout.alignment;
    const auto offset = (end + alignment - 1) / alignment * alignment;
    end = offset + one->layout.size;
    if (end > INT32_MAX) return fail(Errc::not_supported, "{}: more bytes than a map's value can have", kKconfig);
    const auto at = static_cast<std::uint32_t>(offset), size = static_cast<std::uint32_t>(one->layout.size);
    loader.extern_of[one->symbol].offset = at;
    loader.spec.variables.push_back(
        {one->spec.name, std::string(kKconfig), at, size, one->spec.type, one->spec.weak});
    map.symbols.push_back({one->spec.name, at, size});
  }
  map.name = map.section = kKconfig;
  map.kind = MapKind::kconfig;
  map.type = MapType::array;
  map.key_size = 4;
  map.value_size = static_cast<std::uint32_t>(end);
  map.max_entries = 1;
  map.flags = kRdonlyProg | kMmapable;
  map.value_type = loader.spec.types.find(kKconfig, btf::Kind::Datasec).value_or(btf::TypeId::none);
  loader.spec.maps.push_back(std::move(map));
  return {};
}

}  // namespace

Result<> load_externs(Loader& loader) {
  const auto sections = SKEP_TRY_CTX(sections_of(loader.spec.types), "externs");
  std::vector<Candidate> all;
  const auto& symbols = loader.file.symbols();
  for (std::uint32_t i = 0; i < symbols.size(); ++i) {
    const auto& symbol = symbols[i];
    if (!symbol.undefined() || !symbol.global() || symbol.type != STT_NOTYPE || symbol.name.empty()) continue;
    auto one = read_extern(loader.spec.types, sections, symbol);
    if (!one) {
      loader.bad_extern.emplace(i, one.error().what());
      continue;
    }
    one->symbol = i;
    all.push_back(std::move(*one));
  }
  std::vector<const Candidate*> kconfig;
  for (const auto& one : all) {
    loader.extern_of.emplace(one.symbol, ExternPlace{loader.spec.externs.size(), 0});
    loader.spec.externs.push_back(one.spec);
    if (one.spec.kind == ExternSpec::Kind::kconfig) kconfig.push_back(&one);
  }
  return load_kconfig(loader, std::move(kconfig));
}

}  // namespace skep::elf
