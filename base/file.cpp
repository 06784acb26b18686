#include "skep/base/file.hpp"

#include <cerrno>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "skep/base/fd.hpp"

namespace skep {

Result<std::vector<std::byte>> read_file(const std::string& path) {
  const bool standard = path == "-";
  Fd fd(standard ? ::dup(0) : ::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!fd) return fail_errno(errno, "open {}", path);
  struct stat info {};
  if (::fstat(fd.get(), &info) != 0) return fail_errno(errno, "stat {}", path);
  if (S_ISDIR(info.st_mode)) return fail_errno(EISDIR, "open {}", path);

  std::vector<std::byte> bytes;
  const auto too_large = [&] {
    return fail(Errc::os, "{} is larger than {} GiB, the most that is read", path, kMaxFile >> 30);
  };
  if (info.st_size > 0 && static_cast<std::size_t>(info.st_size) > kMaxFile) return too_large();
  // Pseudo files say size 0: read until the end whatever stat says.
  std::size_t used = 0;
  bytes.resize(info.st_size > 0 ? static_cast<std::size_t>(info.st_size) + 1 : 64 * 1024);
  while (true) {
    if (used == bytes.size()) bytes.resize(bytes.size() * 2);
    const auto got = ::read(fd.get(), bytes.data() + used, bytes.size() - used);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return fail_errno(errno, "read {}", path);
    if (got == 0) break;
    used += static_cast<std::size_t>(got);
    if (used > kMaxFile) return too_large();
  }
  bytes.resize(used);
  return bytes;
}

Result<> write_file(const std::string& path, Bytes bytes) {
  auto writer = SKEP_TRY(FileWriter::create(path));
  writer.write(bytes);
  return writer.finish();
}

Result<FileWriter> FileWriter::create(std::string path) {
  const bool standard = path == "-";
  Fd fd(standard ? ::dup(1) : ::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644));
  if (!fd) return fail_errno(errno, "create {}", path);
  return FileWriter(std::move(path), std::move(fd));
}

void FileWriter::write(Bytes bytes) {
  constexpr std::size_t kHeld = 64 * 1024;
  held_.insert(held_.end(), bytes.begin(), bytes.end());
  if (held_.size() >= kHeld) flush();
}

void FileWriter::flush() {
  for (Bytes bytes = held_; !bytes.empty() && error_ == 0;) {
    const auto put = ::write(fd_.get(), bytes.data(), bytes.size());
    if (put >= 0) bytes = bytes.subspan(static_cast<std::size_t>(put));
    else if (errno != EINTR) error_ = errno;
  }
  held_.clear();
}

Result<> FileWriter::finish() {
  flush();
  if (error_ != 0) return fail_errno(error_, "write {}", path_);
  return {};
}

}  // namespace skep
