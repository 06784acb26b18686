// The order of the steps. Maps come in libbpf's order (.maps, data sections, .kconfig, struct_ops); code is
// bound to names last, when everything that it can name is known.
//
// What is wrong with the file as such, or with a map, is an error; what is wrong with the code of one
// function becomes that program's `problem`; what nothing depends on becomes a warning.
#include "skep/elf/load.hpp"

#include <algorithm>
#include <set>
#include <tuple>

#include <elf.h>

#include "skep/elf/loader.hpp"

namespace skep::elf {
namespace {

constexpr std::size_t kNameMax = 511;
constexpr std::size_t kLicenseMax = 63;

Result<> load_license(Loader& loader) {
  const auto* section = loader.file.section("license");
  if (!section) return {};
  const auto text = as_text(section->data).substr(0, kLicenseMax);
  loader.spec.license = text.substr(0, text.find('\0'));
  return {};
}

Result<> load_version(Loader& loader) {
  const auto* section = loader.file.section("version");
  if (!section) return {};
  if (section->data.size() != sizeof(std::uint32_t))
    return fail(Errc::malformed, "{}: {} bytes, not 4", describe(*section), section->data.size());
  loader.spec.version = skep::load<std::uint32_t>(section->data.data(), loader.file.byte_order());
  return {};
}

// Code and users refer to maps by name alone.
Result<> check_map_names(Loader& loader) {
  std::set<std::string_view> names;
  for (const auto& map : loader.spec.maps)
    if (!names.insert(map.name).second) return fail(Errc::malformed, "two maps are called \"{}\"", map.name);
  return {};
}

}  // namespace

const FunctionPlace* Loader::function_at(std::uint32_t in, std::uint64_t offset) const {
  const auto found = std::lower_bound(
      functions.begin(), functions.end(), std::pair(in, offset),
      [](const FunctionPlace& place, const auto& wanted) { return std::pair(place.section, place.offset) < wanted; });
  return found != functions.end() && found->section == in && found->offset == offset ? &*found : nullptr;
}

Result<std::string> checked_name(std::string_view name, std::string_view what) {
  if (name.empty()) return fail(Errc::malformed, "{} without a name", what);
  if (name.size() > kNameMax)
    return fail(Errc::malformed, "{} \"{}...\": a name of {} bytes, at most {} are allowed", what, name.substr(0, 32),
                name.size(), kNameMax);
  return std::string(name);
}

Result<> load_types(Loader& loader) {
  const auto* section = loader.file.section(".BTF");
  if (!section) return {};
  if (section->type != SHT_PROGBITS)
    return fail(Errc::malformed, "{}: type {} is not PROGBITS", describe(*section), section->type);
  auto types = btf::Btf::parse({section->data.begin(), section->data.end()});
  if (types && types->byte_order() != loader.file.byte_order())
    types = fail(Errc::malformed, "{}-endian types in a {}-endian object", to_string(types->byte_order()),
                 to_string(loader.file.byte_order()));
  if (section->compressed) types = compressed();
  if (types) {
    loader.spec.types = std::move(*types);
  } else {
    // Maps and externs need it and say so then; code alone does not.
    loader.warn(types.error().context("{}", describe(*section)).what());
  }
  return {};
}

Result<> load_relocations(Loader& loader) {
  loader.relocations.resize(loader.file.sections().size());
  for (const auto& section : loader.file.sections()) {
    if (section.type != SHT_REL && section.type != SHT_RELA) continue;
    if (section.info >= loader.file.sections().size())
      return fail(Errc::malformed, "{}: relocates section {}, there are {}", describe(section), section.info,
                  loader.file.sections().size());
    const auto& target = loader.section(section.info);
    // Addends of debugging sections and of .BTF are in place already.
    if (target.name.starts_with(".debug") || target.name == ".BTF" || target.name == ".BTF.ext" ||
        target.name == ".eh_frame" || target.data.empty())
      continue;
    if (section.type == SHT_RELA)
      return fail(Errc::not_supported, "{}: relocations with addends (SHT_RELA), BPF has SHT_REL", describe(section));
    auto records = SKEP_TRY(loader.file.relocations(section));
    for (std::size_t i = 0; i < records.size(); ++i)
      if (records[i].offset >= target.data.size())
        return fail(Errc::malformed, "{}: relocation {}: offset {:#x} is outside of {} ({:#x} bytes)",
                    describe(section), i, records[i].offset, describe(target), target.data.size());
    auto& all = loader.relocations[section.info];
    all.insert(all.end(), records.begin(), records.end());
  }
  for (auto& all : loader.relocations)
    std::sort(all.begin(), all.end(), [](const Relocation& a, const Relocation& b) {
      return std::tie(a.offset, a.symbol, a.type) < std::tie(b.offset, b.symbol, b.type);
    });
  return {};
}

Result<CollectionSpec> load(Bytes object) {
  const auto file = SKEP_TRY(File::open(object));
  Loader loader(file);
  loader.spec.byte_order = file.byte_order();
  for (const auto step :
       {load_license, load_version, load_types, load_relocations, load_functions, load_maps, load_legacy_maps,
        load_data, load_externs, load_struct_ops, load_arena, check_map_names, load_slots, load_references, load_ext})
    SKEP_TRY(step(loader));
  std::sort(loader.spec.externs.begin(), loader.spec.externs.end(),
            [](const ExternSpec& a, const ExternSpec& b) { return a.name < b.name; });
  return std::move(loader.spec);
}

}  // namespace skep::elf
