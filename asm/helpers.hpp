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
  std::array<HelperArgument, 5> arguments{};  // none behind the last

  unsigned argument_count() const;
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
