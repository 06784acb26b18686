// The fields of a map's value that belong to the kernel: locks, timers, kptrs. The value's BTF type names them, and
// the kernel looks for them when the map is created (btf_parse_fields and map_check_btf of Linux 6.18): by the names
// of structures, in nested structures and arrays too, each kind in the map types that may have it. Where it would
// refuse the map with its BTF, libbpf creates it without, and its values are plain bytes; so they are here.
//
// Left out are global variables in data sections (which user space does not lock), and checks of what programs do
// with the fields (what a list contains, what a kptr points to). A structure that is refused takes no fields from
// the other maps of its object, as it would where the kernel refuses all of its BTF.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "skep/base/bytes.hpp"
#include "skep/btf/btf.hpp"
#include "skep/spec/map.hpp"

namespace skep::vm {

class KernelFields {
 public:
  // None.
  KernelFields() = default;
  // Those of the values of a map, whose type is one of `types`.
  static KernelFields of(const MapSpec& spec, const btf::Btf& types);

  // Offset of the bpf_spin_lock in the value.
  std::optional<std::uint32_t> lock() const { return lock_; }
  // Copies a value, all but these fields.
  void copy(std::byte* to, Bytes value) const;
  // Zeroes these fields.
  void clear(std::byte* value) const;

 private:
  struct Field {
    std::uint32_t offset, size;  // bytes
  };

  std::vector<Field> fields_;  // ascending, apart from each other
  std::optional<std::uint32_t> lock_;
};

}  // namespace skep::vm
