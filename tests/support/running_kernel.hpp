// The facts of the machine that the tests run on.
#pragma once

#include <algorithm>
#include <cstdio>

#include <sys/utsname.h>

#include "skep/base/file.hpp"
#include "skep/harness/kernel_config.hpp"
#include "skep/spec/target.hpp"

namespace skep::test {

// Types, symbols, configuration and version. Errors: what the kernel does not tell.
inline Result<Target> running_kernel() {
  Target target;
  auto types = SKEP_TRY(btf::Btf::open("/sys/kernel/btf/vmlinux"));
  target.types = btf::CoreTargets({{"vmlinux", std::move(types)}});
  const auto symbols = SKEP_TRY(read_file("/proc/kallsyms"));
  target.symbols = SKEP_TRY(KernelSymbols::parse(std::string(as_text(symbols))));
  SKEP_TRY(harness::add_kconfig_file("/proc/config.gz", target.kconfig));
  utsname names{};
  unsigned major = 0, minor = 0, patch = 0;
  if (uname(&names) == 0 && std::sscanf(names.release, "%u.%u.%u", &major, &minor, &patch) == 3)
    target.kernel_version = major << 16 | minor << 8 | std::min(patch, 255u);
  return target;
}

}  // namespace skep::test
