// Helper functions of the emulated kernel: host functions by id. One file per family below vm/helpers/
// registers its own; a machine's table can be changed (mocks) before programs are loaded.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <string_view>

#include "skep/base/error.hpp"

namespace skep::vm {

class Cpu;

// r1..r5 come first and the CPU last, so that JITed code (whose r1..r5 are the System V argument
// registers) calls without moving anything. Returns r0.
using HelperFunction = std::uint64_t (*)(std::uint64_t r1, std::uint64_t r2, std::uint64_t r3, std::uint64_t r4,
                                         std::uint64_t r5, Cpu& cpu);

// Helper ids of Linux 6.18 and before: 1..211. The table has room for a few of the user's own.
inline constexpr std::uint32_t kHelperTableSize = 256;

class HelperTable {
 public:
  // All helpers that this emulation has.
  static HelperTable standard();

  // Null if there is none.
  HelperFunction find(std::uint32_t id) const { return id < kHelperTableSize ? functions_[id] : nullptr; }
  void set(std::uint32_t id, HelperFunction function) { functions_[id] = function; }

 private:
  std::array<HelperFunction, kHelperTableSize> functions_{};
};

// One per family, called by standard().
void register_map_helpers(HelperTable& table);
void register_time_helpers(HelperTable& table);
void register_task_helpers(HelperTable& table);
void register_trace_helpers(HelperTable& table);
void register_string_helpers(HelperTable& table);
void register_control_helpers(HelperTable& table);
void register_lock_helpers(HelperTable& table);
void register_probe_helpers(HelperTable& table);
void register_ringbuf_helpers(HelperTable& table);
void register_perf_helpers(HelperTable& table);
void register_checksum_helpers(HelperTable& table);
void register_xdp_helpers(HelperTable& table);
void register_skb_helpers(HelperTable& table);
void register_skb_room_helpers(HelperTable& table);
void register_vlan_helpers(HelperTable& table);
void register_redirect_helpers(HelperTable& table);

}  // namespace skep::vm
