#include "skep/asm/helpers.hpp"

#include <linux/bpf.h>

#include <gtest/gtest.h>

namespace skep {
namespace {

// The system's header numbers them by their place in this list, "unspec" being 0. It may be older than our
// table, or newer by comments only: the list is closed.
constexpr std::string_view kHeader[] = {
#define NAME(x) #x
    __BPF_FUNC_MAPPER(NAME)
#undef NAME
};

TEST(Helpers, AgreeWithLinuxHeader) {
  for (std::int64_t id = 1; id < static_cast<std::int64_t>(std::size(kHeader)); ++id)
    EXPECT_EQ(helper_name(id), kHeader[id]) << id;
  EXPECT_GE(std::size(kHeader), 209u);  // Linux 6.1
  EXPECT_LE(std::size(kHeader), kHelperCount + 1);
}

TEST(Helpers, NamesBothWays) {
  for (std::int64_t id = 1; id <= std::int64_t{kHelperCount}; ++id) {
    EXPECT_EQ(helper_id(helper_name(id)), id);
    EXPECT_EQ(helper_id("bpf_" + std::string(helper_name(id))), id);
  }
  EXPECT_EQ(helper_id("bpf_map_lookup_elem"), 1u);
  EXPECT_EQ(helper_id("cgrp_storage_delete"), 211u);
  EXPECT_EQ(helper_id("bpf_nothing"), std::nullopt);
  EXPECT_EQ(helper_id(""), std::nullopt);
  for (const std::int64_t id : {INT64_MIN, std::int64_t{-1}, std::int64_t{0}, std::int64_t{212}, INT64_MAX}) {
    EXPECT_EQ(helper_name(id), "");
    EXPECT_EQ(helper_info(id), nullptr);
  }
}

TEST(Helpers, Callers) {
  const auto may = [](std::string_view name, std::uint32_t type) {
    return helper_info(*helper_id(name))->allowed_for(type);
  };
  EXPECT_TRUE(may("map_lookup_elem", BPF_PROG_TYPE_XDP));
  EXPECT_TRUE(may("xdp_adjust_head", BPF_PROG_TYPE_XDP));
  EXPECT_FALSE(may("xdp_adjust_head", BPF_PROG_TYPE_SCHED_CLS));
  EXPECT_FALSE(may("skb_store_bytes", BPF_PROG_TYPE_XDP));
  EXPECT_TRUE(may("skb_store_bytes", BPF_PROG_TYPE_LWT_XMIT));
  EXPECT_FALSE(may("skb_store_bytes", BPF_PROG_TYPE_LWT_OUT));
  EXPECT_FALSE(may("seq_printf", BPF_PROG_TYPE_KPROBE));
  // What these may call depends on what they attach to.
  EXPECT_TRUE(may("seq_printf", BPF_PROG_TYPE_TRACING));
  EXPECT_TRUE(may("xdp_adjust_head", BPF_PROG_TYPE_EXT));
  EXPECT_TRUE(may("xdp_adjust_head", BPF_PROG_TYPE_UNSPEC));
}

TEST(Helpers, Licenses) {
  EXPECT_FALSE(helper_info(*helper_id("map_lookup_elem"))->gpl_only);
  EXPECT_TRUE(helper_info(*helper_id("trace_printk"))->gpl_only);
  EXPECT_TRUE(helper_info(*helper_id("probe_read_kernel"))->gpl_only);
  EXPECT_FALSE(helper_info(*helper_id("ktime_get_ns"))->gpl_only);
}

TEST(Helpers, Prototypes) {
  const auto& update = *helper_info(2);
  using enum HelperArgument;
  EXPECT_EQ(update.argument_count(), 4u);
  EXPECT_EQ(update.arguments, (std::array{map, key, value, scalar, none}));
  EXPECT_EQ(helper_info(1)->returns, HelperReturn::pointer);
  EXPECT_EQ(helper_info(132)->returns, HelperReturn::nothing);
  EXPECT_EQ(helper_info(6)->argument_count(), 5u);  // trace_printk takes up to three more
  EXPECT_EQ(helper_info(5)->argument_count(), 0u);
}

}  // namespace
}  // namespace skep
