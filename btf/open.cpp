// BTF from a file. The kernel's file can be mapped (Linux 6.16) and cannot change under us; any other file
// is read, for a file that shrinks or changes while it is mapped would undo what parsing has checked.
#include <fcntl.h>
#include <linux/magic.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <cerrno>

#include "skep/base/fd.hpp"
#include "skep/base/file.hpp"
#include "skep/btf/storage.hpp"

namespace skep::btf {
namespace {

// Nothing when it is not one of the kernel's files, or cannot be mapped.
MutableBytes map_kernel_file(const std::string& path) {
  const Fd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  struct statfs system {};
  struct stat info {};
  if (!fd || ::fstatfs(fd.get(), &system) != 0 || system.f_type != SYSFS_MAGIC) return {};
  if (::fstat(fd.get(), &info) != 0 || info.st_size <= 0) return {};
  const auto size = static_cast<std::size_t>(info.st_size);
  void* at = ::mmap(nullptr, size, PROT_READ, MAP_PRIVATE, fd.get(), 0);
  if (at == MAP_FAILED) return {};
  return {static_cast<std::byte*>(at), size};
}

Result<std::shared_ptr<detail::Storage>> open_storage(const std::string& path,
                                                      std::shared_ptr<const detail::Storage> base) {
  auto storage = std::make_shared<detail::Storage>();
  storage->base = std::move(base);
  storage->mapped = map_kernel_file(path);
  if (storage->mapped.empty()) {
    storage->owned = SKEP_TRY(read_file(path));
    storage->raw = storage->owned;
  } else {
    storage->raw = storage->mapped;
  }
  SKEP_TRY_CTX(storage->open(), "{}", path);
  return storage;
}

}  // namespace

detail::Storage::~Storage() {
  if (!mapped.empty()) ::munmap(mapped.data(), mapped.size());
}

Result<Btf> Btf::open(const std::string& path) { return Btf(SKEP_TRY(open_storage(path, nullptr))); }

Result<Btf> Btf::open(const std::string& path, const Btf& base) {
  return Btf(SKEP_TRY(open_storage(path, base.storage_)));
}

}  // namespace skep::btf
