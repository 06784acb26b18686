// Names of map, program and attach types: one row each in spec/types.inc.
#include "skep/spec/types.hpp"

#include <array>
#include <span>

#include <fmt/format.h>

namespace skep {
namespace {

struct Row {
  std::string_view name;
  std::uint32_t number;
};

constexpr std::array kMapTypes{
#define SKEP_MAP_TYPE(name, number, ...) Row{#name, number},
#define SKEP_PROGRAM_TYPE(...)
#define SKEP_ATTACH_TYPE(...)
#include "skep/spec/types.inc"
#undef SKEP_MAP_TYPE
#undef SKEP_PROGRAM_TYPE
#undef SKEP_ATTACH_TYPE
};

constexpr std::array kProgramTypes{
#define SKEP_MAP_TYPE(...)
#define SKEP_PROGRAM_TYPE(name, number, ...) Row{#name, number},
#define SKEP_ATTACH_TYPE(...)
#include "skep/spec/types.inc"
#undef SKEP_MAP_TYPE
#undef SKEP_PROGRAM_TYPE
#undef SKEP_ATTACH_TYPE
};

constexpr std::array kAttachTypes{
#define SKEP_MAP_TYPE(...)
#define SKEP_PROGRAM_TYPE(...)
#define SKEP_ATTACH_TYPE(name, number, ...) Row{#name, number},
#include "skep/spec/types.inc"
#undef SKEP_MAP_TYPE
#undef SKEP_PROGRAM_TYPE
#undef SKEP_ATTACH_TYPE
};

// The kernel numbers its enumerations without gaps, so a number is an index.
constexpr bool dense(std::span<const Row> rows) {
  for (std::uint32_t i = 0; i < rows.size(); ++i)
    if (rows[i].number != i) return false;
  return true;
}
static_assert(dense(kMapTypes) && dense(kProgramTypes) && dense(kAttachTypes));

std::string_view name_of(std::span<const Row> rows, std::uint32_t number) {
  return number < rows.size() ? rows[number].name : "unknown";
}

template <class T>
std::string with_number(T type) {
  const auto name = to_string(type);
  return name == "unknown" ? fmt::format("unknown({})", static_cast<std::uint32_t>(type)) : std::string(name);
}

template <class T>
std::optional<T> number_of(std::span<const Row> rows, std::string_view name) {
  for (const auto& row : rows)
    if (row.name == name) return static_cast<T>(row.number);
  return std::nullopt;
}

}  // namespace

std::string_view to_string(MapType type) { return name_of(kMapTypes, static_cast<std::uint32_t>(type)); }
std::string_view to_string(ProgramType type) { return name_of(kProgramTypes, static_cast<std::uint32_t>(type)); }
std::string_view to_string(AttachType type) { return name_of(kAttachTypes, static_cast<std::uint32_t>(type)); }

std::string named(MapType type) { return with_number(type); }
std::string named(ProgramType type) { return with_number(type); }
std::string named(AttachType type) { return with_number(type); }

std::optional<MapType> map_type(std::string_view name) { return number_of<MapType>(kMapTypes, name); }
std::optional<ProgramType> program_type(std::string_view name) { return number_of<ProgramType>(kProgramTypes, name); }
std::optional<AttachType> attach_type(std::string_view name) { return number_of<AttachType>(kAttachTypes, name); }

}  // namespace skep
