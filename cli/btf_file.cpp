#include "skep/cli/btf_file.hpp"

#include "skep/base/file.hpp"
#include "skep/elf/btf_section.hpp"

namespace skep::cli {
namespace {

constexpr std::string_view kKernelFolder = "/sys/kernel/btf/";
constexpr std::string_view kKernel = "/sys/kernel/btf/vmlinux";

}  // namespace

std::string btf_path(const std::string& file) { return file == "vmlinux" ? std::string(kKernel) : file; }

std::string base_path(const std::string& file, const std::string& base) {
  if (!base.empty()) return btf_path(base);
  const auto path = btf_path(file);
  return path.starts_with(kKernelFolder) && path != kKernel ? std::string(kKernel) : "";
}

Result<btf::Btf> read_btf(const std::string& path, const std::optional<btf::Btf>& base) {
  auto raw = SKEP_TRY(read_file(path));
  if (elf::is_elf(raw)) {
    const auto section = SKEP_TRY_CTX(elf::btf_section(raw), "{}", path);
    raw = std::vector<std::byte>(section.begin(), section.end());
  }
  return SKEP_TRY_CTX(base ? btf::Btf::parse(std::move(raw), *base) : btf::Btf::parse(std::move(raw)), "{}", path);
}

Result<btf::Btf> open_btf(const std::string& file, const std::string& base) {
  const auto path = btf_path(file), below = base_path(file, base);
  if (path == kKernel && below.empty()) return btf::Btf::open(path);  // mapped, not read
  if (below.empty()) return read_btf(path, std::nullopt);
  return read_btf(path, SKEP_TRY_CTX(open_btf(below), "--base"));
}

}  // namespace skep::cli
