#include "skep/cli/btf_sources.hpp"

#include <algorithm>
#include <cerrno>
#include <filesystem>

#include <fcntl.h>
#include <unistd.h>

#include "skep/base/fd.hpp"
#include "skep/cli/btf_file.hpp"
#include "skep/elf/btf_section.hpp"

namespace skep::cli {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kKernel = "vmlinux";

// What a folder holds, sorted by name.
Result<std::vector<fs::directory_entry>> entries_of(const std::string& folder) {
  std::error_code error;
  std::vector<fs::directory_entry> entries;
  fs::directory_iterator entry(folder, error);
  for (; !error && entry != fs::directory_iterator(); entry.increment(error)) entries.push_back(*entry);
  if (error) return fail_errno(error.value(), "open folder {}", folder);
  std::ranges::sort(entries, {}, [](const auto& one) { return one.path().filename().string(); });
  return entries;
}

bool is_file(const fs::directory_entry& entry) {
  std::error_code ignored;
  return entry.is_regular_file(ignored);
}

bool is_kernel(const fs::directory_entry& entry) { return entry.path().filename() == kKernel && is_file(entry); }

Result<> add_folder(const std::string& folder, bool is_named, std::vector<BtfSource>& sources) {
  const auto entries = SKEP_TRY(entries_of(folder));
  if (std::ranges::any_of(entries, is_kernel)) {
    sources.push_back({.path = folder, .is_folder = true, .is_named = is_named, .problem = {}});
    return {};
  }
  for (const auto& entry : entries) {
    const auto path = entry.path().string();
    std::error_code ignored;
    if (is_file(entry)) {
      sources.push_back({.path = path, .is_named = false, .problem = {}});
    } else if (!entry.is_symlink(ignored) && entry.is_directory(ignored)) {
      const auto added = add_folder(path, false, sources);
      if (!added) sources.push_back({.path = path, .is_named = false, .problem = added.error().what()});
    }
  }
  return {};
}

// Whether a file begins as BTF or ELF does: what else lies in a folder need not be read.
Result<bool> looks_like_btf(const std::string& path) {
  const Fd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!fd) return fail_errno(errno, "open {}", path);
  std::byte start[4];
  const auto got = ::read(fd.get(), start, sizeof start);
  if (got < 0) return fail_errno(errno, "read {}", path);
  if (got < 2) return false;
  constexpr std::uint16_t kMagic = 0xeb9f;
  if (const auto magic = load<std::uint16_t>(start); magic == kMagic || byteswap(magic) == kMagic) return true;
  return elf::is_elf(Bytes(start, static_cast<std::size_t>(got)));
}

// Nothing if the file holds no BTF. With a base it is a module's.
Result<std::optional<btf::Btf>> read_if_btf(const std::string& path, const std::optional<btf::Btf>& base) {
  if (!SKEP_TRY(looks_like_btf(path))) return std::nullopt;
  auto types = base ? read_module_btf(path, *base) : read_btf(path, std::nullopt);
  if (!types && types.error().code() == Errc::not_found) return std::nullopt;  // ELF without .BTF
  if (!types) return std::unexpected(types.error());
  return std::move(*types);
}

Result<btf::CoreTargets> open_folder(const std::string& folder, std::size_t& skipped) {
  const auto entries = SKEP_TRY(entries_of(folder));
  const auto kernel = std::ranges::find_if(entries, is_kernel);
  if (kernel == entries.end()) return fail(Errc::not_found, "{} is gone from {}", kKernel, folder);
  const auto base = SKEP_TRY(open_btf(kernel->path().string()));
  std::vector<btf::NamedBtf> sets = {{std::string(kKernel), base}};
  for (const auto& entry : entries) {
    if (&entry == &*kernel || !is_file(entry)) continue;
    auto types = SKEP_TRY(read_if_btf(entry.path().string(), base));
    if (types) sets.push_back({entry.path().filename().string(), std::move(*types)});
    else ++skipped;
  }
  return btf::CoreTargets(std::move(sets));
}

}  // namespace

Result<std::vector<BtfSource>> find_btf_sources(std::span<const std::string> words) {
  std::vector<BtfSource> sources;
  for (const auto& word : words) {
    const auto path = btf_path(word);
    std::error_code error;
    if (word != "-" && fs::is_directory(path, error)) {
      SKEP_TRY(add_folder(path, true, sources));
      continue;
    }
    if (word != "-" && ::access(path.c_str(), R_OK) != 0) return fail_errno(errno, "open {}", path);
    sources.push_back({.path = path, .problem = {}});
  }
  return sources;
}

Result<std::optional<btf::CoreTargets>> open_btf_source(const BtfSource& source, std::size_t& skipped) {
  if (!source.problem.empty()) return fail(Errc::os, "{}", source.problem);
  if (source.is_folder) return SKEP_TRY(open_folder(source.path, skipped));
  const auto name = fs::path(source.path).filename().string();
  if (!source.is_named) {
    auto types = SKEP_TRY(read_if_btf(source.path, std::nullopt));
    if (!types) return std::nullopt;
    return btf::CoreTargets({{name, std::move(*types)}});
  }
  std::vector<btf::NamedBtf> sets;
  // A module of the running kernel comes with its kernel.
  const auto base = base_path(source.path, "");
  if (!base.empty()) sets.push_back({std::string(kKernel), SKEP_TRY(open_btf(base))});
  sets.push_back({name, SKEP_TRY(open_btf(source.path, base))});
  return btf::CoreTargets(std::move(sets));
}

}  // namespace skep::cli
