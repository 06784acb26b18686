// The table of types against three others: the header of the system, its libbpf, and the running kernel.
#include "skep/spec/types.hpp"

#include <algorithm>
#include <string>

#include <linux/bpf.h>

#include <gtest/gtest.h>

#include "skep/base/file.hpp"
#include "skep/btf/btf.hpp"
#include "skep/tests/support/libbpf.hpp"
#include "skep/tests/support/result.hpp"

namespace skep {
namespace {

using test::Libbpf;

TEST(Types, NumbersAreThoseOfTheHeader) {
  EXPECT_EQ(static_cast<unsigned>(MapType::hash), BPF_MAP_TYPE_HASH);
  EXPECT_EQ(static_cast<unsigned>(MapType::user_ringbuf), BPF_MAP_TYPE_USER_RINGBUF);
  EXPECT_EQ(static_cast<unsigned>(ProgramType::syscall), BPF_PROG_TYPE_SYSCALL);
  EXPECT_EQ(static_cast<unsigned>(AttachType::lsm_cgroup), BPF_LSM_CGROUP);
}

TEST(Types, NamesGoBothWays) {
  EXPECT_EQ(to_string(MapType::lru_percpu_hash), "lru_percpu_hash");
  EXPECT_EQ(map_type("ringbuf"), MapType::ringbuf);
  EXPECT_EQ(program_type("sched_cls"), ProgramType::sched_cls);
  EXPECT_EQ(attach_type("trace_fentry"), AttachType::trace_fentry);
  EXPECT_EQ(map_type("nothing"), std::nullopt);
  EXPECT_EQ(to_string(MapType{9999}), "unknown");
}

// libbpf knows the first so many of each; what it knows, it calls the same.
template <class T, class Theirs>
void compare(const char* (*theirs)(Theirs), std::uint32_t at_least) {
  std::uint32_t number = 0;
  for (; const char* name = theirs(static_cast<Theirs>(number)); ++number) EXPECT_EQ(to_string(T{number}), name);
  EXPECT_GT(number, at_least);
}

TEST(Types, NamesAreLibbpfs) {
  if (!Libbpf::get()) GTEST_SKIP() << "libbpf.so.1 is not installed";
  compare<MapType>(SKEP_LIBBPF(libbpf_bpf_map_type_str), 30);
  compare<ProgramType>(SKEP_LIBBPF(libbpf_bpf_prog_type_str), 30);
  compare<AttachType>(SKEP_LIBBPF(libbpf_bpf_attach_type_str), 40);
}

// Every enumerator of the kernel's BTF is in the table under the same number. Names differ in prefixes only.
template <class T>
void compare_kernel(const btf::Btf& kernel, std::string_view enumeration, std::string_view prefix,
                    std::size_t at_least) {
  const auto id = kernel.find(enumeration, btf::Kind::Enum);
  ASSERT_TRUE(id) << enumeration;
  const auto values = kernel.get<btf::Enum>(*id);
  ASSERT_OK(values);
  std::size_t known = 0;
  for (const auto& value : values->values) {
    if (!value.name.starts_with(prefix) || value.name.starts_with("__")) continue;
    std::string name(value.name.substr(prefix.size()));
    std::transform(name.begin(), name.end(), name.begin(),
                   [](char c) { return c >= 'A' && c <= 'Z' ? char(c - 'A' + 'a') : c; });
    // The kernel has two names for some numbers.
    if (name.ends_with("_deprecated") || name == "cgroup_storage") continue;
    EXPECT_EQ(to_string(T{static_cast<std::uint32_t>(value.value)}), name) << value.name;
    ++known;
  }
  EXPECT_GE(known, at_least);
}

TEST(Types, NumbersAreThoseOfTheRunningKernel) {
  auto raw = read_file("/sys/kernel/btf/vmlinux");
  if (!raw) GTEST_SKIP() << raw.error().what();
  const auto kernel = btf::Btf::parse(std::move(*raw));
  ASSERT_OK(kernel);
  compare_kernel<MapType>(*kernel, "bpf_map_type", "BPF_MAP_TYPE_", 30);
  compare_kernel<ProgramType>(*kernel, "bpf_prog_type", "BPF_PROG_TYPE_", 30);
  compare_kernel<AttachType>(*kernel, "bpf_attach_type", "BPF_", 40);
}

}  // namespace
}  // namespace skep
