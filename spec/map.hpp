// A map as its object declares it: a value. What depends on the running system (page size, number of
// CPUs, kernel names) is adjusted when the map is created, not here.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "skep/base/bytes.hpp"
#include "skep/btf/types.hpp"
#include "skep/spec/types.hpp"

namespace skep {

// LIBBPF_PIN_NONE, LIBBPF_PIN_BY_NAME
enum class Pinning : std::uint8_t { none = 0, by_name = 1 };

// BPF_F_* flags of BPF_MAP_CREATE that this library itself looks at.
inline constexpr std::uint32_t kNoPrealloc = 1u << 0, kNoCommonLru = 1u << 1, kNumaNode = 1u << 2,
                               kRdonly = 1u << 3, kWronly = 1u << 4, kStackBuildId = 1u << 5, kZeroSeed = 1u << 6,
                               kRdonlyProg = 1u << 7, kWronlyProg = 1u << 8, kClone = 1u << 9, kMmapable = 1u << 10,
                               kPreserveElems = 1u << 11, kInnerMap = 1u << 12;

// What a map's sections are for.
enum class MapKind : std::uint8_t {
  user,     // declared in .maps or maps
  data,     // .data*
  rodata,   // .rodata*: frozen, the program may not write
  bss,      // .bss*
  kconfig,  // made of .kconfig externs
  struct_ops,
};

// An initial element: slot `index` of a prog array or map-in-map holds the program or map `symbol`. In a
// struct_ops map `index` is the member's number.
struct SlotInit {
  std::uint32_t index = 0;
  std::string symbol;
  bool operator==(const SlotInit&) const = default;
};

// What lies in a data section: every variable, also the static and hidden ones that cannot be set from outside
// and are no VariableSpecs. For people: listings and messages name places by it.
struct DataSymbol {
  std::string name;
  std::uint32_t offset = 0, size = 0;  // bytes
  bool operator==(const DataSymbol&) const = default;
};

struct MapSpec {
  std::string name;         // as in the ELF: "flows", ".rodata.cfg"
  std::string section;      // ".maps", "maps", ".bss"
  MapKind kind = MapKind::user;
  MapType type = MapType::unspec;
  std::uint32_t key_size = 0, value_size = 0;  // bytes
  std::uint32_t max_entries = 0;
  std::uint32_t flags = 0;
  std::uint64_t map_extra = 0;
  std::uint32_t numa_node = 0;
  Pinning pinning = Pinning::none;
  btf::TypeId key_type{}, value_type{};  // in CollectionSpec::types; none if unknown
  std::vector<MapSpec> inner;            // map-in-map: the template, one element
  std::vector<SlotInit> slots;           // sorted by index
  // Data sections and struct_ops: value_size bytes, or empty for all zeros. Arenas: the bytes of
  // .addr_space.1, which lie somewhere in the arena, or empty. Other maps: empty.
  std::vector<std::byte> contents;
  std::vector<DataSymbol> symbols;  // data sections, arenas and .kconfig; sorted by offset
  bool autocreate = true;

  bool operator==(const MapSpec&) const = default;
};

}  // namespace skep
