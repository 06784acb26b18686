// What libbpf calls a map. User maps keep their names; the names of data sections depend on the path that
// the object was opened from.
#pragma once

#include <string>
#include <string_view>

#include "skep/spec/map.hpp"

namespace skep {

// bpf_map__name() after bpf_object__open_file(path): "my_objec.bss", ".rodata.cfg".
std::string libbpf_name(const MapSpec& map, std::string_view path);

}  // namespace skep
