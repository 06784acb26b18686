// What an object is resolved against: facts about a kernel, declared or gathered, never read from the running
// system by anything below it. Two equal targets give equal instructions.
#pragma once

#include <cstdint>
#include <optional>

#include "skep/btf/core.hpp"
#include "skep/spec/kconfig.hpp"
#include "skep/spec/kernel_symbols.hpp"

namespace skep {

struct Target {
  // The kernel's BTF first, then its modules'. None: nothing is known of types, and instructions stay as they were
  // compiled, for the types of the object itself. (An empty CoreTargets is a kernel without any type: whatever is asked
  // of it is missing.)
  std::optional<btf::CoreTargets> types = {};

  // .kconfig externs: options, and what libbpf calls virtual ones, LINUX_KERNEL_VERSION (KERNEL_VERSION(6, 18, 0) is
  // 0x61200), LINUX_HAS_BPF_COOKIE (bpf_get_attach_cookie) and LINUX_HAS_SYSCALL_WRAPPER (system calls are functions
  // like __x64_sys_read). None: such an extern has no value.
  spec::Kconfig kconfig = {};
  bool has_kconfig = false;  // a configuration was read, though it may set no option at all
  std::optional<std::uint32_t> kernel_version = {};
  std::optional<bool> has_bpf_cookie = {}, has_syscall_wrapper = {};

  KernelSymbols symbols = {};  // .ksyms externs without a type

  // Whether this is all there is: what is listed nowhere does not exist, and weak externs of that name are 0. Otherwise a
  // list that is empty (no types, no symbols, no options) was not given, and externs that it would tell stay unresolved.
  bool is_complete = false;
};

}  // namespace skep
