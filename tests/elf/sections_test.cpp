// The table of section names; that each row is libbpf's is in oracle_test.cpp.
#include "skep/elf/sections.hpp"

#include <gtest/gtest.h>

namespace skep::elf {
namespace {

TEST(Sections, HasEveryRowOfLibbpf) { EXPECT_EQ(section_rows().size(), 116u); }

TEST(Sections, EachRowIsFoundByItsOwnName) {
  for (const auto& row : section_rows()) EXPECT_EQ(match_section(row.name).row, &row) << row.name;
}

TEST(Sections, ExtraFollowsASlashWhereTheRowAllowsIt) {
  EXPECT_EQ(match_section("kprobe/tcp_connect").extra, "tcp_connect");
  EXPECT_EQ(match_section("tp/syscalls/sys_enter").extra, "syscalls/sys_enter");
  EXPECT_EQ(match_section("kprobe/").extra, "");
  EXPECT_EQ(match_section("kprobefoo").row, nullptr);
  EXPECT_EQ(match_section("kprobe.multi/a*").row->attach_type, AttachType::trace_kprobe_multi);
}

TEST(Sections, ExactNamesHaveNoExtra) {
  for (const auto* name : {"xdp/x", "tc/x", "classifier/x", "socket/1", "xdpfoo", "", "sk_skb/x", "cgroup/skb/x"})
    EXPECT_EQ(match_section(name).row, nullptr) << name;
}

TEST(Sections, LongerNamesAreNotTakenForShorterOnes) {
  EXPECT_EQ(match_section("cgroup/sock_create").row->attach_type, AttachType::cgroup_inet_sock_create);
  EXPECT_EQ(match_section("cgroup/sock_release").row->attach_type, AttachType::cgroup_inet_sock_release);
  EXPECT_EQ(match_section("tc/ingress").row->attach_type, AttachType::tcx_ingress);
  EXPECT_EQ(match_section("tc").row->attach_type, std::nullopt);
  EXPECT_EQ(match_section("xdp/devmap").row->attach_type, AttachType::xdp_devmap);
  EXPECT_EQ(match_section("lsm_cgroup/x").row->attach_type, AttachType::lsm_cgroup);
}

}  // namespace
}  // namespace skep::elf
