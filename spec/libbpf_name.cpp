// libbpf's rules for the names of internal maps (internal_map_name and map_uses_real_name in libbpf.c):
//  * the object's name is the last part of the path, 15 characters of it, cut at the first '.';
//  * a section with a second dot in its name is not prefixed; .data.x and .rodata.x are shown unshortened,
//    .bss.x as its first 15 characters;
//  * otherwise as much of the object's name goes in front as 15 characters allow, where the section counts
//    as at least 7 characters;
//  * characters that the kernel does not accept become '_'.
#include "skep/spec/libbpf_name.hpp"

#include <algorithm>

namespace skep {
namespace {

constexpr std::size_t kNameMax = 15;  // BPF_OBJ_NAME_LEN - 1
constexpr std::size_t kSuffixMin = 7;

std::string_view object_name(std::string_view path) {
  // npos + 1 is 0: without a slash all of it is the name.
  const auto base = path.substr(path.rfind('/') + 1).substr(0, kNameMax);
  return base.substr(0, base.find('.'));
}

bool allowed(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || c == '.';
}

}  // namespace

std::string libbpf_name(const MapSpec& map, std::string_view path) {
  if (map.kind == MapKind::user || map.kind == MapKind::struct_ops) return map.name;
  const bool custom = map.name.find('.', 1) != std::string::npos;
  if (custom && map.kind != MapKind::bss) return map.name;
  const auto suffix = std::min(std::max(kSuffixMin, map.name.size()), kNameMax);
  std::string name(custom ? std::string_view() : object_name(path).substr(0, kNameMax - suffix));
  name += std::string_view(map.name).substr(0, suffix);
  std::replace_if(
      name.begin(), name.end(), [](char c) { return !allowed(c); }, '_');
  return name;
}

}  // namespace skep
