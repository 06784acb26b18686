#include "skep/cli/btf_file.hpp"

#include <optional>

#include "skep/base/file.hpp"
#include "skep/elf/file.hpp"

namespace skep::cli {
namespace {

constexpr std::string_view kKernelFolder = "/sys/kernel/btf/";
constexpr std::string_view kKernel = "/sys/kernel/btf/vmlinux";

// Borrows what it was given, or the .BTF section of it.
Result<Bytes> btf_section(Bytes bytes) {
  if (!as_text(bytes).starts_with("\177ELF")) return bytes;
  const auto file = SKEP_TRY(elf::File::open(bytes));
  const auto* section = file.section(".BTF");
  if (section == nullptr) return fail(Errc::malformed, "no .BTF section (was it compiled with -g?)");
  if (section->compressed) return fail(Errc::not_supported, "{} is compressed", elf::describe(*section));
  return section->data;
}

Result<btf::Btf> parse_file(const std::string& path, const std::optional<btf::Btf>& base) {
  const auto bytes = SKEP_TRY(read_file(path));
  const auto section = SKEP_TRY_CTX(btf_section(bytes), "{}", path);
  std::vector<std::byte> raw(section.begin(), section.end());
  return SKEP_TRY_CTX(base ? btf::Btf::parse(std::move(raw), *base) : btf::Btf::parse(std::move(raw)), "{}", path);
}

}  // namespace

std::string btf_path(const std::string& file) { return file == "vmlinux" ? std::string(kKernel) : file; }

std::string base_path(const std::string& file, const std::string& base) {
  if (!base.empty()) return btf_path(base);
  const auto path = btf_path(file);
  return path.starts_with(kKernelFolder) && path != kKernel ? std::string(kKernel) : "";
}

Result<btf::Btf> open_btf(const std::string& file, const std::string& base) {
  const auto path = btf_path(file), below = base_path(file, base);
  if (path == kKernel && below.empty()) return btf::Btf::open(path);  // mapped, not read
  if (below.empty()) return parse_file(path, std::nullopt);
  return parse_file(path, SKEP_TRY_CTX(open_btf(below), "--base"));
}

}  // namespace skep::cli
