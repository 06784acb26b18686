// The field tables against <linux/bpf.h>.
#include <gtest/gtest.h>

#include <linux/bpf.h>

#include <algorithm>
#include <cstddef>
#include <map>

#include "skep/tests/support/result.hpp"
#include "skep/vm/context/context.hpp"
#include "skep/vm/machine.hpp"

namespace skep::vm {
namespace {

struct Place {
  std::size_t offset, size;
  bool operator==(const Place&) const = default;
};

#define PLACE(type, field) {#field, {offsetof(type, field), sizeof(type::field)}}

const std::map<std::string, Place, std::less<>> kXdp = {
    PLACE(xdp_md, data),           PLACE(xdp_md, data_end),       PLACE(xdp_md, data_meta),
    PLACE(xdp_md, ingress_ifindex), PLACE(xdp_md, rx_queue_index), PLACE(xdp_md, egress_ifindex)};

// Anonymous unions (flow_keys, sk) have the size of their pointer.
const std::map<std::string, Place, std::less<>> kSkb = {
    PLACE(__sk_buff, len),         PLACE(__sk_buff, pkt_type),        PLACE(__sk_buff, mark),
    PLACE(__sk_buff, queue_mapping), PLACE(__sk_buff, protocol),      PLACE(__sk_buff, vlan_present),
    PLACE(__sk_buff, vlan_tci),    PLACE(__sk_buff, vlan_proto),      PLACE(__sk_buff, priority),
    PLACE(__sk_buff, ingress_ifindex), PLACE(__sk_buff, ifindex),     PLACE(__sk_buff, tc_index),
    PLACE(__sk_buff, cb),          PLACE(__sk_buff, hash),            PLACE(__sk_buff, tc_classid),
    PLACE(__sk_buff, data),        PLACE(__sk_buff, data_end),        PLACE(__sk_buff, napi_id),
    PLACE(__sk_buff, family),      PLACE(__sk_buff, remote_ip4),      PLACE(__sk_buff, local_ip4),
    PLACE(__sk_buff, remote_ip6),  PLACE(__sk_buff, local_ip6),       PLACE(__sk_buff, remote_port),
    PLACE(__sk_buff, local_port),  PLACE(__sk_buff, data_meta),       PLACE(__sk_buff, flow_keys),
    PLACE(__sk_buff, tstamp),      PLACE(__sk_buff, wire_len),        PLACE(__sk_buff, gso_segs),
    PLACE(__sk_buff, sk),          PLACE(__sk_buff, gso_size),        PLACE(__sk_buff, tstamp_type),
    PLACE(__sk_buff, hwtstamp)};

void expect_same(const Context& context, const std::map<std::string, Place, std::less<>>& header, std::size_t size) {
  EXPECT_EQ(context.size(), size);
  EXPECT_EQ(context.fields().size(), header.size());
  for (const ContextField& field : context.fields()) {
    const auto known = header.find(field.name);
    ASSERT_NE(known, header.end()) << field.name;
    EXPECT_EQ((Place{field.offset, std::size_t{field.size} * field.count}), known->second) << field.name;
  }
}

TEST(ContextFields, AreTheHeaders) {
  auto machine = Machine::create();
  ASSERT_OK(machine);
  auto xdp = Context::create(**machine, ProgramType::xdp), skb = Context::create(**machine, ProgramType::sched_cls);
  ASSERT_OK(xdp);
  ASSERT_OK(skb);
  expect_same(**xdp, kXdp, sizeof(xdp_md));
  expect_same(**skb, kSkb, sizeof(__sk_buff));
}

}  // namespace
}  // namespace skep::vm
