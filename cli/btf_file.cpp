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

bool is_sound(const btf::Btf& types) {
  for (auto id = types.first_id(); id < types.type_count(); ++id)
    if (!types.type(btf::TypeId{id})) return false;
  return true;
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
  // Strings of split BTF need not begin with the empty one, those of a whole must. If they do, it is taken for what has
  // a meaning: numbers of types and places of names that are the base's are nothing in a whole.
  const auto whole = btf::Btf::parse(raw);
  if (whole && is_sound(*whole)) return *whole;
  if (!whole && whole.error().code() != Errc::malformed) return SKEP_TRY_CTX(whole, "{}", path);
  const auto split = btf::Btf::parse(raw, kernel);
  if (whole && !(split && is_sound(*split))) return *whole;
  return SKEP_TRY_CTX(split, "{}", path);
}

Result<btf::Btf> open_btf(const std::string& file, const std::string& base) {
  const auto path = btf_path(file), below = base_path(file, base);
  if (path == kKernel && below.empty()) return btf::Btf::open(path);  // mapped, not read
  if (below.empty()) return read_btf(path, std::nullopt);
  return read_btf(path, SKEP_TRY_CTX(open_btf(below), "--base"));
}

}  // namespace skep::cli
