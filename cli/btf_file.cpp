#include "skep/cli/btf_file.hpp"

#include "skep/base/file.hpp"
#include "skep/elf/btf_section.hpp"

namespace skep::cli {
namespace {

constexpr std::string_view kKernelFolder = "/sys/kernel/btf/";
constexpr std::string_view kKernel = "/sys/kernel/btf/vmlinux";

Result<std::vector<std::byte>> read_raw(const std::string& path) {
  auto raw = SKEP_TRY(read_file(path));
  if (!elf::is_elf(raw)) return raw;
  const auto section = SKEP_TRY_CTX(elf::btf_section(raw), "{}", path);
  return std::vector<std::byte>(section.begin(), section.end());
}

}  // namespace

std::string btf_path(const std::string& file) { return file == "vmlinux" ? std::string(kKernel) : file; }

std::string base_path(const std::string& file, const std::string& base) {
  if (!base.empty()) return btf_path(base);
  const auto path = btf_path(file);
  return path.starts_with(kKernelFolder) && path != kKernel ? std::string(kKernel) : "";
}

Result<btf::Btf> read_btf(const std::string& path, const std::optional<btf::Btf>& base) {
  auto raw = SKEP_TRY(read_raw(path));
  return SKEP_TRY_CTX(base ? btf::Btf::parse(std::move(raw), *base) : btf::Btf::parse(std::move(raw)), "{}", path);
}

Result<btf::Btf> read_module_btf(const std::string& path, const btf::Btf& kernel) {
  const auto raw = SKEP_TRY(read_raw(path));
  // Strings of split BTF do not begin with the empty one, so that it is never taken for a whole; a whole one upon a
  // base would refer to the base's types.
  auto types = btf::Btf::parse(raw);
  if (!types && types.error().code() == Errc::malformed) types = btf::Btf::parse(raw, kernel);
  return SKEP_TRY_CTX(std::move(types), "{}", path);
}

Result<btf::Btf> open_btf(const std::string& file, const std::string& base) {
  const auto path = btf_path(file), below = base_path(file, base);
  if (path == kKernel && below.empty()) return btf::Btf::open(path);  // mapped, not read
  if (below.empty()) return read_btf(path, std::nullopt);
  return read_btf(path, SKEP_TRY_CTX(open_btf(below), "--base"));
}

}  // namespace skep::cli
