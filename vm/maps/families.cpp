#include "skep/vm/maps/families.hpp"

namespace skep::vm {

Result<> check_flags(const MapSpec& spec, std::uint32_t allowed) {
  if (const auto others = spec.flags & ~allowed; others != 0)
    return refuse(kEINVAL, "flags {:#x}: a map of type {} may not have {:#x}", spec.flags, to_string(spec.type), others);
  if ((spec.flags & (kRdonly | kWronly)) == (kRdonly | kWronly))
    return refuse(kEINVAL, "flags {:#x}: RDONLY and WRONLY", spec.flags);
  if ((spec.flags & (kRdonlyProg | kWronlyProg)) == (kRdonlyProg | kWronlyProg))
    return refuse(kEINVAL, "flags {:#x}: RDONLY_PROG and WRONLY_PROG", spec.flags);
  if ((spec.flags & kNumaNode) != 0 && spec.numa_node != 0)
    return refuse(kEINVAL, "numa_node {}: an emulated machine has node 0 only", spec.numa_node);
  return {};
}

Result<> check_entries(const MapSpec& spec) {
  if (spec.map_extra != 0)
    return refuse(kEINVAL, "map_extra {:#x}: a map of type {} has none", spec.map_extra, to_string(spec.type));
  if (spec.max_entries == 0) return refuse(kEINVAL, "max_entries 0");
  return {};
}

Result<> check_sizes(const MapSpec& spec, std::uint32_t key_size, std::uint32_t value_size) {
  if (spec.key_size != key_size)
    return refuse(kEINVAL, "key_size {}: keys of type {} have {} bytes", spec.key_size, to_string(spec.type), key_size);
  if (spec.value_size != value_size)
    return refuse(kEINVAL, "value_size {}: values of type {} have {} bytes", spec.value_size, to_string(spec.type), value_size);
  return {};
}

int next_index(std::uint32_t max_entries, std::optional<Bytes> key, MutableBytes next) {
  const std::uint32_t index = key ? index_of(*key) : UINT32_MAX;
  if (index == max_entries - 1) return -kENOENT;
  store(next.data(), index >= max_entries ? 0 : index + 1);
  return 0;
}

}  // namespace skep::vm
