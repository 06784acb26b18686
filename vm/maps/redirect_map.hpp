// What the maps that bpf_redirect_map sends packets through have in common: DEVMAP, DEVMAP_HASH, CPUMAP and XSKMAP.
#pragma once

#include <cstdint>
#include <optional>

#include "skep/vm/map.hpp"

namespace skep::vm {

class RedirectMap : public Map {
 public:
  // Null if the map is of another type.
  static RedirectMap* from(Map* map);

  // Where the entry at `key` sends packets: an interface's index (devmaps), a CPU (cpumap), a queue (xskmap).
  // Nothing if there is no entry.
  virtual std::optional<std::uint32_t> target(std::uint64_t key) = 0;
  // The flags that bpf_redirect_map takes for this type besides the two bits of an action: BPF_F_BROADCAST and
  // BPF_F_EXCLUDE_INGRESS for devmaps.
  virtual std::uint64_t redirect_flags() const { return 0; }

 protected:
  using Map::Map;
};

}  // namespace skep::vm
