// Values for .kconfig externs: the kernel's configuration as text ("CONFIG_HZ=250"), and what libbpf makes of a text
// for a variable of a certain type (bpf_object__process_kconfig_line, set_kcfg_value_*).
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "skep/base/bytes.hpp"
#include "skep/btf/btf.hpp"

namespace skep::spec {

// Option -> what follows its "=": {"CONFIG_HZ", "250"}, {"CONFIG_BPF", "y"}.
using Kconfig = std::map<std::string, std::string, std::less<>>;

// Adds the lines of a configuration file (.config, /proc/config.gz unpacked) to `values`; an option that is there
// already keeps its value, so the file read first wins. Lines that do not begin with CONFIG_ are skipped. Errors:
// malformed, with the line (no "=", nothing behind it).
Result<> read_kconfig(std::string_view text, Kconfig& values);

// The bytes of a variable of `type` for an option's text: y, n or m for bool, char and enum libbpf_tristate, "text" in
// quotes for arrays of char (cut to fit, with its NUL), numbers as strtoull reads them for integers and char. `size`
// is the variable's. Errors: invalid (the type does not take such a value, the number does not fit).
Result<std::vector<std::byte>> kconfig_bytes(const btf::Btf& types, btf::TypeId type, std::uint32_t size,
                                             std::string_view text, ByteOrder order);
// The same for a number that is no option: LINUX_KERNEL_VERSION and its like, for integers, char and bool.
Result<std::vector<std::byte>> kconfig_bytes(const btf::Btf& types, btf::TypeId type, std::uint32_t size,
                                             std::uint64_t value, ByteOrder order);

}  // namespace skep::spec
