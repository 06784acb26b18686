// The options that say on which kernel an object is to be.
#pragma once

#include "skep/cli/verb.hpp"
#include "skep/spec/collection.hpp"
#include "skep/spec/target.hpp"

namespace skep::cli {

inline constexpr OptionRow kTargetBtf = {
    "Kernel", "--btf", "FILE",
    "The types of the kernel (raw BTF, an object with .BTF, or the word vmlinux for the running kernel's): CO-RE "
    "relocations are applied for them. Given again: of its modules. Without it, code stays as it was compiled.",
    true};
inline constexpr OptionRow kTargetKconfig = {
    "Kernel", "--kconfig", "FILE",
    "The kernel's configuration, text or gzip (/boot/config-*, /proc/config.gz): values of CONFIG_ externs. Given again: "
    "the first file that has an option counts.",
    true};
inline constexpr OptionRow kTargetSymbols = {
    "Kernel", "--kallsyms", "FILE", "The kernel's symbols, as in /proc/kallsyms: addresses of externs without a type."};
inline constexpr OptionRow kTargetVersion = {
    "Kernel", "--kernel-version", "X.Y.Z",
    "The value of LINUX_KERNEL_VERSION; it also decides LINUX_HAS_BPF_COOKIE and LINUX_HAS_SYSCALL_WRAPPER."};

// What these options say, put upon `target`. Errors: invalid (no version), and those of the files, which name the path.
Result<> add_target(const Arguments& arguments, Target& target);

// A kernel of another byte order runs nothing of this object: an error (rejected) that names both.
Result<> check_byte_order(const std::string& path, const CollectionSpec& spec, const btf::CoreTargets& types);

}  // namespace skep::cli
