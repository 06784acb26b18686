// The column of callers against the running kernel, which is asked about every program type and helper with a
// program that does nothing but call.
#include "skep/asm/helpers.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <optional>
#include <string>
#include <string_view>

#include <linux/bpf.h>
#include <sys/syscall.h>
#include <sys/utsname.h>
#include <unistd.h>

#include <gtest/gtest.h>

namespace skep {
namespace {

// What these need from the kernel's build or from the boot (BPF_KPROBE_OVERRIDE, lirc, no lockdown) may be missing.
constexpr std::string_view kConfigured[] = {"override_return", "probe_write_user", "rc_repeat",
                                            "rc_keydown",      "rc_pointer_rel"};

std::uint64_t address(const void* pointer) { return reinterpret_cast<std::uintptr_t>(pointer); }

// What the verifier says to a call of the helper; nothing if it did not come so far.
std::optional<std::string> verifier_says(std::uint32_t type, std::uint32_t attach_type, std::uint32_t helper,
                                         const char* license) {
  const std::array<bpf_insn, 2> code = {{{BPF_JMP | BPF_CALL, 0, 0, 0, static_cast<__s32>(helper)},
                                         {BPF_JMP | BPF_EXIT, 0, 0, 0, 0}}};
  std::array<char, 4096> log{};
  bpf_attr attr;
  std::memset(&attr, 0, sizeof attr);
  attr.prog_type = type;
  attr.expected_attach_type = attach_type;
  attr.insns = address(code.data());
  attr.insn_cnt = code.size();
  attr.license = address(license);
  attr.log_buf = address(log.data());
  attr.log_size = log.size();
  attr.log_level = 1;
  const long fd = syscall(SYS_bpf, BPF_PROG_LOAD, &attr, sizeof attr);
  if (fd >= 0) close(static_cast<int>(fd));
  if (fd < 0 && log[0] == '\0') return std::nullopt;
  return std::string(log.data());
}

std::optional<bool> kernel_allows(std::uint32_t type, std::uint32_t attach_type, std::uint32_t helper) {
  const auto said = verifier_says(type, attach_type, helper, "GPL");
  if (!said) return std::nullopt;
  for (const auto* refusal : {"cannot use helper", "unknown func", "invalid func"})
    if (said->find(refusal) != std::string::npos) return false;
  return true;
}

struct Asked {
  std::uint32_t type;
  std::uint32_t attach_type;
};
// With an attach type whose helpers are as many as any of its type has.
constexpr Asked kAsked[] = {
    {BPF_PROG_TYPE_SOCKET_FILTER, 0},
    {BPF_PROG_TYPE_KPROBE, 0},
    {BPF_PROG_TYPE_SCHED_CLS, 0},
    {BPF_PROG_TYPE_SCHED_ACT, 0},
    {BPF_PROG_TYPE_TRACEPOINT, 0},
    {BPF_PROG_TYPE_XDP, 0},
    {BPF_PROG_TYPE_PERF_EVENT, 0},
    {BPF_PROG_TYPE_CGROUP_SKB, BPF_CGROUP_INET_INGRESS},
    {BPF_PROG_TYPE_LWT_IN, 0},
    {BPF_PROG_TYPE_LWT_OUT, 0},
    {BPF_PROG_TYPE_LWT_XMIT, 0},
    {BPF_PROG_TYPE_SOCK_OPS, BPF_CGROUP_SOCK_OPS},
    {BPF_PROG_TYPE_SK_SKB, 0},
    {BPF_PROG_TYPE_CGROUP_DEVICE, BPF_CGROUP_DEVICE},
    {BPF_PROG_TYPE_SK_MSG, BPF_SK_MSG_VERDICT},
    {BPF_PROG_TYPE_RAW_TRACEPOINT, 0},
    {BPF_PROG_TYPE_CGROUP_SOCK_ADDR, BPF_CGROUP_INET4_CONNECT},
    {BPF_PROG_TYPE_LWT_SEG6LOCAL, 0},
    {BPF_PROG_TYPE_SK_REUSEPORT, BPF_SK_REUSEPORT_SELECT},
    {BPF_PROG_TYPE_FLOW_DISSECTOR, BPF_FLOW_DISSECTOR},
    {BPF_PROG_TYPE_CGROUP_SYSCTL, BPF_CGROUP_SYSCTL},
    {BPF_PROG_TYPE_RAW_TRACEPOINT_WRITABLE, 0},
    {BPF_PROG_TYPE_CGROUP_SOCKOPT, BPF_CGROUP_SETSOCKOPT},
    {BPF_PROG_TYPE_SK_LOOKUP, BPF_SK_LOOKUP},
};

TEST(HelpersKernel, AllowsWhatTheTableSays) {
  utsname name{};
  uname(&name);
  if (kernel_allows(BPF_PROG_TYPE_SOCKET_FILTER, 0, BPF_FUNC_ktime_get_ns) != true)
    GTEST_SKIP() << "bpf(2) does not load programs here (it needs CAP_BPF)";
  const bool newest = std::string_view(name.release).starts_with("6.18.");
  for (const auto& [type, attach_type] : kAsked)
    for (std::uint32_t id = 1; id <= kHelperCount; ++id) {
      const auto kernel = kernel_allows(type, attach_type, id);
      if (!kernel) continue;
      const auto& helper = *helper_info(id);
      const bool configured = std::ranges::find(kConfigured, helper.name) != std::end(kConfigured);
      // Older kernels allow less; a kernel that allows more than the table is newer than it.
      if (*kernel || (newest && !configured)) {
        EXPECT_EQ(helper.allowed_for(type), *kernel) << "type " << type << ", " << helper.name << ", " << name.release;
      }
    }
}

TEST(HelpersKernel, AsksForTheLicenseThatTheTableSays) {
  if (kernel_allows(BPF_PROG_TYPE_SOCKET_FILTER, 0, BPF_FUNC_ktime_get_ns) != true)
    GTEST_SKIP() << "bpf(2) does not load programs here (it needs CAP_BPF)";
  for (const auto& [type, attach_type] : kAsked)
    for (std::uint32_t id = 1; id <= kHelperCount; ++id) {
      // Programs of perf events have a get_stackid of their own, which asks for none.
      if (type == BPF_PROG_TYPE_PERF_EVENT && id == BPF_FUNC_get_stackid) continue;
      if (kernel_allows(type, attach_type, id) != true) continue;
      const auto said = verifier_says(type, attach_type, id, "Proprietary");
      const bool gpl = said && said->find("GPL-restricted") != std::string::npos;
      EXPECT_EQ(helper_info(id)->gpl_only, gpl) << "type " << type << ", " << helper_info(id)->name;
    }
}

}  // namespace
}  // namespace skep
