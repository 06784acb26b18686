// Where the types come from that a command is given.
#pragma once

#include <optional>
#include <string>

#include "skep/btf/btf.hpp"

namespace skep::cli {

// "vmlinux" is the running kernel's BTF; otherwise a file: raw BTF, or an ELF file (an object, a kernel, a module)
// whose .BTF section it is. "-" is standard input. `base`: the file that it extends, in the same forms; "" for none,
// but a module's below /sys/kernel/btf extends the kernel's. Errors: those of reading and parsing; the message names
// the path.
Result<btf::Btf> open_btf(const std::string& file, const std::string& base = {});

// The same of a path, upon types that are at hand.
Result<btf::Btf> read_btf(const std::string& path, const std::optional<btf::Btf>& base);

// The types of a module, which extend the kernel's unless they have everything themselves.
Result<btf::Btf> read_module_btf(const std::string& path, const btf::Btf& kernel);

// Of that word or file: the path that is opened. And the path of its base, "" if it has none.
std::string btf_path(const std::string& file);
std::string base_path(const std::string& file, const std::string& base);

}  // namespace skep::cli
