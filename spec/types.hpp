// Map, program and attach types with their kernel numbers and libbpf's names, from spec/types.inc.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace skep {

// enum bpf_map_type. Numbers outside the table are legal values (a newer kernel's).
enum class MapType : std::uint32_t {
#define SKEP_MAP_TYPE(name, number, ...) name = number,
#define SKEP_PROGRAM_TYPE(...)
#define SKEP_ATTACH_TYPE(...)
#include "skep/spec/types.inc"
#undef SKEP_MAP_TYPE
#undef SKEP_PROGRAM_TYPE
#undef SKEP_ATTACH_TYPE
};

// enum bpf_prog_type.
enum class ProgramType : std::uint32_t {
#define SKEP_MAP_TYPE(...)
#define SKEP_PROGRAM_TYPE(name, number, ...) name = number,
#define SKEP_ATTACH_TYPE(...)
#include "skep/spec/types.inc"
#undef SKEP_MAP_TYPE
#undef SKEP_PROGRAM_TYPE
#undef SKEP_ATTACH_TYPE
};

// enum bpf_attach_type. "None" is not a kernel number: ProgramSpec::attach_type is an optional.
enum class AttachType : std::uint32_t {
#define SKEP_MAP_TYPE(...)
#define SKEP_PROGRAM_TYPE(...)
#define SKEP_ATTACH_TYPE(name, number, ...) name = number,
#include "skep/spec/types.inc"
#undef SKEP_MAP_TYPE
#undef SKEP_PROGRAM_TYPE
#undef SKEP_ATTACH_TYPE
};

// libbpf's spelling (libbpf_bpf_map_type_str and friends): "percpu_hash", "sched_cls", "trace_fentry".
// A number that the table does not know: "unknown".
std::string_view to_string(MapType type);
std::string_view to_string(ProgramType type);
std::string_view to_string(AttachType type);
// The same, with its number where the table has none: "unknown(77)".
std::string named(MapType type);
std::string named(ProgramType type);
std::string named(AttachType type);
std::optional<MapType> map_type(std::string_view name);
std::optional<ProgramType> program_type(std::string_view name);
std::optional<AttachType> attach_type(std::string_view name);

}  // namespace skep
