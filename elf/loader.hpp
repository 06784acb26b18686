// The state that the steps of elf::load share. Each step is one file, load_*.cpp; load.cpp has their order.
// Private to elf/.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "skep/elf/file.hpp"
#include "skep/spec/collection.hpp"

namespace skep::elf {

inline constexpr std::uint32_t kSlotSize = 8;  // bytes of an instruction

// Where a function of the object lies. Functions are sorted by section, then offset.
struct FunctionPlace {
  std::uint32_t section = 0;
  std::uint64_t offset = 0, size = 0;  // bytes
  bool subprogram = false;             // in .text: an element of CollectionSpec::subprograms, else of programs
  std::size_t index = 0;
};

// Where an extern that programs can refer to stands.
struct ExternPlace {
  std::size_t index = 0;     // in CollectionSpec::externs
  std::uint32_t offset = 0;  // kconfig: in the synthetic map
};

// A map definition in .maps.
struct MapPlace {
  std::size_t index = 0;                       // in CollectionSpec::maps
  std::uint64_t offset = 0, size = 0;          // bytes, in the section
  std::optional<std::uint64_t> values_offset;  // of the member `values`, in the definition
};

// Bytes of a data section that hold addresses which only a linker could fill in.
struct PointerRange {
  std::uint64_t begin = 0, end = 0;  // the variable that holds them, or the whole section
  std::string reason;                // names the place and the symbol
};

struct Loader {
  explicit Loader(const File& from) : file(from) {}

  const File& file;
  CollectionSpec spec;

  std::uint32_t text = 0;  // index of .text, 0 if there is none
  std::vector<FunctionPlace> functions;
  std::vector<std::vector<Relocation>> relocations;  // by the section that they change, sorted by offset
  std::vector<MapPlace> map_places;                  // sorted by offset
  std::map<std::pair<std::uint32_t, std::uint64_t>, std::size_t> map_at;  // (section, offset) of a map definition
  std::map<std::uint32_t, std::size_t> data_map;                          // section index -> map that holds it
  std::map<std::uint32_t, std::vector<PointerRange>> pointers;  // by data section, sorted, apart from each other
  std::map<std::uint32_t, ExternPlace> extern_of;               // symbol index -> extern
  std::map<std::uint32_t, std::string> bad_extern;              // symbol index -> why it cannot be used

  const Section& section(std::uint32_t index) const { return file.sections()[index]; }
  ProgramSpec& program(const FunctionPlace& place) {
    return place.subprogram ? spec.subprograms[place.index] : spec.programs[place.index];
  }
  // The function that starts at `offset` of `section`; null if none does.
  const FunctionPlace* function_at(std::uint32_t section, std::uint64_t offset) const;
  // The pointers that a program would read at `offset` of a data section; null if there are none.
  const PointerRange* pointers_around(std::uint32_t section, std::uint64_t offset) const;
  void warn(std::string warning) { spec.warnings.push_back(std::move(warning)); }
};

// A name that becomes part of the spec: not empty, at most 511 bytes (KSYM_NAME_LEN - 1, the kernel's limit for names
// in BTF), so that many symbols cannot multiply one long string. `what` for the message.
Result<std::string> checked_name(std::string_view name, std::string_view what);

// Why a section that is compressed cannot be used.
inline std::unexpected<Error> compressed() {
  return fail(Errc::not_supported, "compressed sections are not supported");
}

// The steps, in order.
Result<> load_types(Loader& loader);        // .BTF
Result<> load_relocations(Loader& loader);  // all SHT_REL of sections that matter
Result<> load_functions(Loader& loader);    // programs and subprograms, decoded
Result<> load_maps(Loader& loader);         // .maps
Result<> load_legacy_maps(Loader& loader);  // maps
Result<> load_data(Loader& loader);         // .data .rodata .bss, and their variables
Result<> load_externs(Loader& loader);      // .kconfig and .ksyms
Result<> load_struct_ops(Loader& loader);   // .struct_ops
Result<> load_arena(Loader& loader);        // .addr_space.1
Result<> load_slots(Loader& loader);        // initial elements of .maps
Result<> load_references(Loader& loader);   // what instructions refer to
Result<> load_ext(Loader& loader);          // .BTF.ext

// Part of load_data and load_arena: which variables of a data section hold addresses.
void find_pointers(Loader& loader, const Section& section);

// The definition of one BTF map: the struct's members, see load_map_fields.cpp. `outer` is null for the map
// itself, the outer map for an inner definition.
Result<> load_map_fields(const btf::Btf& types, const btf::Composite& definition, MapSpec& map, const MapSpec* outer);

}  // namespace skep::elf
