#include "skep/tests/support/kernel_map.hpp"

#include <cerrno>
#include <cstring>
#include <linux/bpf.h>
#include <sys/syscall.h>
#include <unistd.h>


namespace skep::test {
namespace {

int bpf(int command, bpf_attr& attr) {
  const long result = syscall(SYS_bpf, command, &attr, sizeof attr);
  return result < 0 ? -errno : static_cast<int>(result);
}

bpf_attr zeroed() {
  bpf_attr attr;
  std::memset(&attr, 0, sizeof attr);
  return attr;
}

std::uint64_t address(const void* pointer) { return reinterpret_cast<std::uintptr_t>(pointer); }

int element(int command, int fd, const void* key, const void* value, std::uint64_t flags = 0) {
  bpf_attr attr = zeroed();
  attr.map_fd = static_cast<std::uint32_t>(fd);
  attr.key = address(key);
  attr.value = address(value);
  attr.flags = flags;
  return bpf(command, attr);
}

}  // namespace

std::string KernelMap::unavailable() {
  MapSpec spec;
  spec.type = MapType::array;
  spec.key_size = spec.value_size = 4;
  spec.max_entries = 1;
  const KernelMap map(spec);
  return map.error() == 0 ? "" : "bpf(2) makes no map here: " + errno_text(-map.error());
}

std::uint32_t KernelMap::possible_cpus() {
  const long count = sysconf(_SC_NPROCESSORS_CONF);
  return count > 0 ? static_cast<std::uint32_t>(count) : 1;
}

KernelMap::KernelMap(const MapSpec& spec) {
  bpf_attr attr = zeroed();
  attr.map_type = static_cast<std::uint32_t>(spec.type);
  attr.key_size = spec.key_size;
  attr.value_size = spec.value_size;
  attr.max_entries = spec.max_entries;
  attr.map_flags = spec.flags;
  attr.numa_node = spec.numa_node;
  attr.map_extra = spec.map_extra;
  const int result = bpf(BPF_MAP_CREATE, attr);
  if (result < 0) error_ = result;
  else fd_ = Fd(result);
}

MapSpec KernelMap::info() const {
  bpf_map_info info;
  std::memset(&info, 0, sizeof info);
  bpf_attr attr = zeroed();
  attr.info.bpf_fd = static_cast<std::uint32_t>(fd_.get());
  attr.info.info_len = sizeof info;
  attr.info.info = address(&info);
  bpf(BPF_OBJ_GET_INFO_BY_FD, attr);
  MapSpec spec;
  spec.type = static_cast<MapType>(info.type);
  spec.key_size = info.key_size;
  spec.value_size = info.value_size;
  spec.max_entries = info.max_entries;
  spec.flags = info.map_flags;
  return spec;
}

int KernelMap::lookup(Bytes key, MutableBytes value, std::uint64_t flags) const {
  return element(BPF_MAP_LOOKUP_ELEM, fd_.get(), key.data(), value.data(), flags);
}
int KernelMap::update(Bytes key, Bytes value, std::uint64_t flags) const {
  return element(BPF_MAP_UPDATE_ELEM, fd_.get(), key.data(), value.data(), flags);
}
int KernelMap::erase(Bytes key) const { return element(BPF_MAP_DELETE_ELEM, fd_.get(), key.data(), nullptr); }
int KernelMap::next_key(std::optional<Bytes> key, MutableBytes next) const {
  return element(BPF_MAP_GET_NEXT_KEY, fd_.get(), key ? key->data() : nullptr, next.data());
}
int KernelMap::freeze() const {
  bpf_attr attr = zeroed();
  attr.map_fd = static_cast<std::uint32_t>(fd_.get());
  return bpf(BPF_MAP_FREEZE, attr);
}

}  // namespace skep::test
