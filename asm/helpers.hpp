// Names, ids and prototypes of the kernel's helper functions, from asm/helpers.inc. What helpers do is the
// business of engines.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

namespace skep {

enum class HelperReturn : std::uint8_t { scalar, pointer, nothing };
enum class HelperArgument : std::uint8_t {
  none, scalar, size, context, map, key, value, memory, address, function, object,
};

struct HelperInfo {
  std::uint32_t id = 0;
  std::string_view name;  // without "bpf_": "map_lookup_elem"
  HelperReturn returns{};
  bool gpl_only = false;  // only for programs whose license is compatible with the GPL
  std::uint64_t callers = 0;  // program types that may call it, a bit for each number of enum bpf_prog_type
  std::array<HelperArgument, 5> arguments{};  // none behind the last

  unsigned argument_count() const;
  // Whether programs of a type may call it, as Linux 6.18 has it. Always true for tracing, struct_ops, ext and lsm,
  // where it depends on what the program attaches to, and for 0 (no type).
  bool allowed_for(std::uint32_t program_type) const;
};

// Helpers are numbered from 1 to this.
inline constexpr std::uint32_t kHelperCount = 211;

// Null for numbers that are no helper's. (64 bits: whatever a call's immediate holds.)
const HelperInfo* helper_info(std::int64_t id);
// "" for numbers that are no helper's.
std::string_view helper_name(std::int64_t id);
// The id of "map_lookup_elem" or "bpf_map_lookup_elem".
std::optional<std::uint32_t> helper_id(std::string_view name);

}  // namespace skep
