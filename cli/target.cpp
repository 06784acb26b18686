#include "skep/cli/target.hpp"

#include <algorithm>
#include <charconv>

#include "skep/base/file.hpp"
#include "skep/cli/btf_file.hpp"
#include "skep/harness/kernel_config.hpp"

namespace skep::cli {
namespace {

// KERNEL_VERSION(x, y, z) of linux/version.h. "6.18" is 6.18.0; what follows the numbers ("-rc2", "-generic") is not
// looked at.
Result<std::uint32_t> read_version(const std::string& text) {
  std::uint32_t parts[3] = {};
  const char *at = text.data(), *const end = at + text.size();
  std::size_t count = 0;
  for (; count < 3; ++count) {
    const auto [next, error] = std::from_chars(at, end, parts[count]);
    if (error != std::errc{} || parts[count] > (count == 0 ? 65535u : 9999u)) break;
    at = next;
    if (at == end || *at != '.') {
      ++count;
      break;
    }
    ++at;
  }
  const bool ends = at == end || *at == '-' || *at == '+';
  if (count < 2 || !ends || parts[1] > 255)
    return fail(Errc::invalid, "--kernel-version: \"{}\" is no version like 6.18.0", text);
  return parts[0] << 16 | parts[1] << 8 | std::min(parts[2], 255u);
}

std::string file_name(const std::string& path) { return path.substr(path.rfind('/') + 1); }

Result<btf::CoreTargets> read_types(std::span<const std::string> files) {
  std::vector<btf::NamedBtf> sets;
  for (const auto& file : files) {
    const auto path = btf_path(file);
    auto types = SKEP_TRY(sets.empty() ? open_btf(file) : read_module_btf(path, sets.front().types));
    sets.push_back({file_name(path), std::move(types)});
  }
  return btf::CoreTargets(std::move(sets));
}

}  // namespace

Result<> add_target(const Arguments& arguments, Target& target) {
  if (arguments.has("--btf")) target.types = SKEP_TRY_CTX(read_types(arguments.all("--btf")), "--btf");
  for (const auto& file : arguments.all("--kconfig"))
    SKEP_TRY_CTX(harness::add_kconfig_file(file, target.kconfig), "--kconfig");
  target.has_kconfig |= arguments.has("--kconfig");
  if (arguments.has("--kallsyms")) {
    const auto path = arguments.get("--kallsyms");
    const auto bytes = SKEP_TRY_CTX(read_file(path), "--kallsyms");
    target.symbols = SKEP_TRY_CTX(KernelSymbols::parse(std::string(as_text(bytes))), "--kallsyms: {}", path);
  }
  if (arguments.has("--kernel-version")) {
    const auto version = SKEP_TRY(read_version(arguments.get("--kernel-version")));
    target.kernel_version = version;
    // bpf_get_attach_cookie came with 5.15, functions like __x64_sys_read with 4.17.
    target.has_bpf_cookie = version >= (5u << 16 | 15u << 8);
    target.has_syscall_wrapper = version >= (4u << 16 | 17u << 8);
  }
  return {};
}

Result<> check_byte_order(const std::string& path, const CollectionSpec& spec, const btf::CoreTargets& types) {
  for (const auto& set : types.sets())
    if (set.types.byte_order() != spec.byte_order)
      return fail(Errc::rejected, "{} is {}-endian, the types of {} are {}-endian", path, to_string(spec.byte_order),
                  set.name, to_string(set.types.byte_order()));
  return {};
}

}  // namespace skep::cli
