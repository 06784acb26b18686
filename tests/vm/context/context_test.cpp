#include "skep/vm/context/context.hpp"

#include <gtest/gtest.h>

#include "skep/tests/support/result.hpp"
#include "skep/vm/machine.hpp"

namespace skep::vm {
namespace {

class ContextTest : public testing::Test {
 protected:
  void SetUp() override {
    auto created = Machine::create();
    ASSERT_OK(created);
    machine = std::move(*created);
  }
  std::unique_ptr<Context> make(ProgramType type) {
    auto context = Context::create(*machine, type);
    EXPECT_OK(context);
    return context ? std::move(*context) : nullptr;
  }
  static std::vector<std::byte> hex(std::string_view text) {
    auto bytes = from_hex(text);
    EXPECT_OK(bytes);
    return *bytes;
  }
  static std::uint64_t get(const Context& context, std::string_view name, std::uint32_t index = 0) {
    auto value = context.get(name, index);
    EXPECT_OK(value);
    return value.value_or(0xdead);
  }
  std::byte& at(GuestAddress address) { return machine->memory().base()[address]; }

  std::unique_ptr<Machine> machine;
};

constexpr std::string_view kIpv4 = "ffffffffffff 000000000002 0800 45000014 00000000 40060000 0a000001 0a000002";

TEST_F(ContextTest, OtherProgramTypesHaveNone) {
  const auto context = Context::create(*machine, ProgramType::kprobe);
  ASSERT_FALSE(context);
  EXPECT_EQ(context.error().code(), Errc::not_supported);
  EXPECT_EQ(context.error().what(), "the context of kprobe programs is not emulated");
}

// --- XDP ---

TEST_F(ContextTest, XdpPacketLiesInItsFrame) {
  const auto xdp = make(ProgramType::xdp);
  ASSERT_OK(xdp->reset(hex("010203")));
  const Packet& packet = *xdp->packet();
  EXPECT_EQ(packet.data - packet.head, 256u);
  EXPECT_EQ(packet.end - packet.data, 3u);
  EXPECT_EQ(packet.tail - packet.head, 4096u - 320);
  EXPECT_EQ(packet.meta, packet.data);
  EXPECT_EQ(get(*xdp, "data"), packet.data);
  EXPECT_EQ(get(*xdp, "data_end"), packet.end);
  EXPECT_EQ(get(*xdp, "data_meta"), packet.data);
  EXPECT_EQ(get(*xdp, "ingress_ifindex"), 1u);
  EXPECT_EQ(to_hex(xdp->data_out()), "010203");
}

TEST_F(ContextTest, XdpMetadataComesFromTheInput) {
  const auto xdp = make(ProgramType::xdp);
  ASSERT_OK(xdp->reset(hex("0102030405060708")));
  ASSERT_OK(xdp->set("data", 0, 4));
  EXPECT_EQ(get(*xdp, "data") - get(*xdp, "data_meta"), 4u);
  EXPECT_EQ(get(*xdp, "data_end") - get(*xdp, "data"), 4u);
  EXPECT_EQ(xdp->packet()->data - xdp->packet()->head, 256u);
  EXPECT_EQ(at(xdp->packet()->data), std::byte{5});
  EXPECT_EQ(to_hex(xdp->data_out()), "0102030405060708");
  EXPECT_EQ(test::message(xdp->set("data", 0, 3)),
            "context field \"data\": metadata of 3 bytes: a multiple of 4, at most 252 and the packet's 8");
  EXPECT_FALSE(xdp->set("data", 0, 12));
  ASSERT_OK(xdp->set("data", 0, 0));
  EXPECT_EQ(get(*xdp, "data"), get(*xdp, "data_meta"));
}

TEST_F(ContextTest, XdpPacketsUpTo64KiB) {
  const auto xdp = make(ProgramType::xdp);
  const std::vector<std::byte> large(65536, std::byte{9});
  ASSERT_OK(xdp->reset(large));
  EXPECT_EQ(xdp->data_out(), large);
  EXPECT_EQ(test::message(xdp->reset(std::vector<std::byte>(65537))),
            "a packet of 65537 bytes; at most 65536 are possible");
  const GuestAddress small = [&] {
    EXPECT_OK(xdp->reset({}));
    return xdp->packet()->head;
  }();
  ASSERT_OK(xdp->reset(std::vector<std::byte>(3520)));
  EXPECT_EQ(xdp->packet()->head, small);
  EXPECT_EQ(xdp->packet()->tail, xdp->packet()->end);
  ASSERT_OK(xdp->reset(std::vector<std::byte>(3521)));
  EXPECT_NE(xdp->packet()->head, small);
}

TEST_F(ContextTest, ResetClearsTheWholeBuffer) {
  const auto xdp = make(ProgramType::xdp);
  ASSERT_OK(xdp->reset(hex("01020304")));
  const Packet& packet = *xdp->packet();
  at(packet.head) = at(packet.data - 1) = at(packet.end) = at(packet.head + 4095) = std::byte{1};
  ASSERT_OK(xdp->reset(hex("05")));
  EXPECT_EQ(std::count(&at(packet.head), &at(packet.head) + 4096, std::byte{0}), 4095);
}

TEST_F(ContextTest, FieldsByName) {
  const auto xdp = make(ProgramType::xdp);
  ASSERT_OK(xdp->reset({}));
  ASSERT_OK(xdp->set("rx_queue_index", 0, 5));
  ASSERT_OK(xdp->set("egress_ifindex", 0, 6));
  EXPECT_EQ(get(*xdp, "rx_queue_index"), 5u);
  EXPECT_EQ(get(*xdp, "egress_ifindex"), 6u);
  EXPECT_EQ(test::message(xdp->set("mark", 0, 5)),
            "the context has no field \"mark\"; it has data, data_end, data_meta, ingress_ifindex, rx_queue_index, "
            "egress_ifindex");
  EXPECT_EQ(test::message(xdp->set("data_end", 0, 5)), "context field \"data_end\" cannot be set");
  EXPECT_EQ(test::message(xdp->set("rx_queue_index", 0, 1ull << 32)),
            "context field \"rx_queue_index\" has 4 bytes, 0x100000000 does not fit");
  EXPECT_EQ(test::message(xdp->set("rx_queue_index", 1, 0)),
            "context field \"rx_queue_index\" has 1 element(s), no index 1");
  EXPECT_EQ(xdp->get("nothing").error().code(), Errc::not_found);
  ASSERT_OK(xdp->reset({}));
  EXPECT_EQ(get(*xdp, "rx_queue_index"), 0u);
}

TEST_F(ContextTest, Verdicts) {
  const auto name = [&](ProgramType type, std::uint32_t value) {
    const auto verdict = make(type)->verdict(value);
    return verdict ? std::string(*verdict) : "none";
  };
  EXPECT_EQ(name(ProgramType::xdp, 0), "XDP_ABORTED");
  EXPECT_EQ(name(ProgramType::xdp, 4), "XDP_REDIRECT");
  EXPECT_EQ(name(ProgramType::xdp, 5), "none");
  EXPECT_EQ(name(ProgramType::sched_cls, 0), "TC_ACT_OK");
  EXPECT_EQ(name(ProgramType::sched_act, 0xffffffff), "TC_ACT_UNSPEC");
  EXPECT_EQ(name(ProgramType::sched_cls, 9), "none");
  EXPECT_EQ(name(ProgramType::cgroup_skb, 1), "allow");
  EXPECT_EQ(name(ProgramType::lwt_xmit, 128), "BPF_LWT_REROUTE");
  EXPECT_EQ(name(ProgramType::socket_filter, 0), "none");
}

// --- __sk_buff ---

TEST_F(ContextTest, ClassifiersSeeTheFrame) {
  const auto skb = make(ProgramType::sched_cls);
  ASSERT_OK(skb->reset(hex(kIpv4)));
  EXPECT_EQ(get(*skb, "len"), 34u);
  EXPECT_EQ(get(*skb, "wire_len"), 34u);
  EXPECT_EQ(get(*skb, "protocol"), 0x0008u);
  EXPECT_EQ(get(*skb, "pkt_type"), 2u);
  EXPECT_EQ(get(*skb, "ifindex"), 1u);
  EXPECT_EQ(get(*skb, "data_end") - get(*skb, "data"), 34u);
  EXPECT_EQ(get(*skb, "data_meta"), get(*skb, "data"));
  EXPECT_EQ(to_hex(skb->data_out()), to_hex(hex(kIpv4)));
}

TEST_F(ContextTest, OthersSeeTheNetworkLayer) {
  for (const auto type : {ProgramType::cgroup_skb, ProgramType::socket_filter, ProgramType::lwt_in,
                          ProgramType::lwt_out, ProgramType::lwt_xmit}) {
    const auto skb = make(type);
    ASSERT_OK(skb->reset(hex(kIpv4)));
    EXPECT_EQ(get(*skb, "len"), 20u);
    EXPECT_EQ(at(skb->packet()->data), std::byte{0x45});
    EXPECT_EQ(to_hex(skb->data_out()), std::string(28, '0') + to_hex(hex(kIpv4)).substr(28));
    EXPECT_EQ(get(*skb, "data") != 0, type != ProgramType::socket_filter);
    EXPECT_EQ(get(*skb, "family"), 2u);
    EXPECT_EQ(get(*skb, "remote_ip4"), 0x0200000au);
    EXPECT_EQ(get(*skb, "local_ip4"), 0x0100000au);
  }
}

TEST_F(ContextTest, FramesNeedTheirEthernetHeader) {
  const auto skb = make(ProgramType::sched_cls);
  EXPECT_EQ(test::message(skb->reset(hex("0102"))),
            "sched_cls programs need a packet of at least 14 bytes, this has 2");
  EXPECT_OK(skb->reset(std::vector<std::byte>(14)));
  EXPECT_OK(skb->reset(std::vector<std::byte>(65536)));
  EXPECT_FALSE(skb->reset(std::vector<std::byte>(65537)));
  // An IPv4 frame without its header.
  EXPECT_OK(skb->reset(hex("000000000000 000000000002 0800")));
  EXPECT_EQ(get(*skb, "family"), 0u);
}

// --- raw IP ---

constexpr std::string_view kRawIpv4 = "45000014 00000000 40060000 0a000001 0a000002";

TEST_F(ContextTest, RawIpBeginsAtItsHeader) {
  for (const auto type : {ProgramType::sched_cls, ProgramType::sched_act, ProgramType::cgroup_skb,
                          ProgramType::socket_filter, ProgramType::lwt_in, ProgramType::lwt_xmit}) {
    SCOPED_TRACE(to_string(type));
    const auto skb = make(type);
    ASSERT_OK(skb->reset(hex(kRawIpv4), LinkLayer::raw_ip));
    EXPECT_EQ(get(*skb, "len"), 20u);
    EXPECT_EQ(get(*skb, "wire_len"), 20u);
    EXPECT_EQ(get(*skb, "protocol"), 0x0008u);
    EXPECT_EQ(get(*skb, "pkt_type"), 0u);
    EXPECT_EQ(get(*skb, "family"), 2u);
    EXPECT_EQ(get(*skb, "local_ip4"), 0x0100000au);
    EXPECT_EQ(at(skb->packet()->data), std::byte{0x45});
    EXPECT_EQ(to_hex(skb->data_out()), to_hex(hex(kRawIpv4)));
    // Both headers begin with the packet.
    for (const std::int32_t offset : {5, -0x100000 + 5, -0x200000 + 5}) EXPECT_EQ(skb->packet_offset(offset), 5);
    // The next packet may be a frame again.
    ASSERT_OK(skb->reset(hex(kIpv4)));
    EXPECT_EQ(skb->data_out().size(), 34u);
    EXPECT_EQ(skb->packet_offset(-0x100000), type == ProgramType::sched_cls || type == ProgramType::sched_act ? 14 : 0);
  }
}

TEST_F(ContextTest, RawIpSaysItsVersion) {
  const auto skb = make(ProgramType::sched_cls);
  auto ipv6 = hex("60000000 00003b40");
  ipv6.resize(40);
  ASSERT_OK(skb->reset(ipv6, LinkLayer::raw_ip));
  EXPECT_EQ(get(*skb, "protocol"), 0xdd86u);
  EXPECT_EQ(get(*skb, "family"), 10u);
  ASSERT_OK(skb->reset(hex("40"), LinkLayer::raw_ip));  // cut off, as frames may be
  EXPECT_EQ(get(*skb, "protocol"), 0x0008u);
  EXPECT_EQ(test::message(skb->reset(hex("5500"), LinkLayer::raw_ip)),
            "sched_cls programs need a raw packet that begins with IPv4 or IPv6, this is of version 5");
  EXPECT_EQ(test::message(skb->reset({}, LinkLayer::raw_ip)),
            "sched_cls programs need a raw packet that begins with IPv4 or IPv6, this is empty");
  EXPECT_FALSE(skb->reset(std::vector<std::byte>(65537, std::byte{0x45}), LinkLayer::raw_ip));
}

TEST_F(ContextTest, XdpTakesRawIpAsItIs) {
  const auto xdp = make(ProgramType::xdp);
  for (const auto* packet : {kRawIpv4.data(), "00", ""}) {
    ASSERT_OK(xdp->reset(hex(packet), LinkLayer::raw_ip));
    EXPECT_EQ(to_hex(xdp->data_out()), to_hex(hex(packet)));
  }
}

TEST_F(ContextTest, OffsetsFromHeaders) {
  const auto cls = make(ProgramType::sched_cls), filter = make(ProgramType::socket_filter),
             xdp = make(ProgramType::xdp);
  for (const auto* context : {&cls, &filter}) ASSERT_OK((*context)->reset(hex(kIpv4)));
  EXPECT_EQ(cls->packet_offset(-0x100000), 14);
  EXPECT_EQ(cls->packet_offset(-0x200000), 0);
  EXPECT_EQ(filter->packet_offset(-0x100000), 0);
  EXPECT_EQ(filter->packet_offset(-0x200000), -14);
  EXPECT_EQ(filter->packet_offset(-1), 0xfffff);
  EXPECT_EQ(filter->packet_offset(-0x200001), std::nullopt);
  EXPECT_EQ(xdp->packet_offset(7), 7);
  EXPECT_EQ(xdp->packet_offset(-0x100000), std::nullopt);
}

TEST_F(ContextTest, SettableAsTheKernelHasIt) {
  const auto skb = make(ProgramType::sched_cls);
  ASSERT_OK(skb->reset(hex(kIpv4)));
  for (const auto* name :
       {"mark", "priority", "ingress_ifindex", "ifindex", "tstamp", "gso_segs", "gso_size", "hwtstamp"}) {
    ASSERT_OK(skb->set(name, 0, 77)) << name;
    EXPECT_EQ(get(*skb, name), 77u) << name;
  }
  ASSERT_OK(skb->set("cb", 4, 5));
  EXPECT_EQ(get(*skb, "cb", 4), 5u);
  EXPECT_EQ(get(*skb, "cb", 0), 0u);
  EXPECT_FALSE(skb->set("cb", 5, 5));
  for (const auto* name : {"len", "hash", "protocol", "data", "vlan_tci", "queue_mapping"})
    EXPECT_FALSE(skb->set(name, 0, 1));
  EXPECT_EQ(test::message(skb->set("wire_len", 0, 5)),
            "context field \"wire_len\": 5 is not between the packet's 34 and 65536");
  EXPECT_OK(skb->set("wire_len", 0, 1500));
  EXPECT_EQ(test::message(skb->set("gso_size", 0, 65536)), "context field \"gso_size\": 65536 does not fit 16 bits");
}

TEST_F(ContextTest, SettlesFieldsOf16Bits) {
  const auto skb = make(ProgramType::sched_cls);
  const auto write = [&](std::uint32_t offset, std::uint32_t value) {
    EXPECT_TRUE(machine->memory().copy_out(skb->address() + offset, &value, 4));
    skb->settle();
  };
  ASSERT_OK(skb->reset(hex(kIpv4)));
  write(44, 70000), write(72, 70000), write(12, 70000);
  EXPECT_EQ(get(*skb, "tc_index"), 4464u);
  EXPECT_EQ(get(*skb, "tc_classid"), 4464u);
  EXPECT_EQ(get(*skb, "queue_mapping"), 0u);  // the store is ignored
  write(12, 65534);
  EXPECT_EQ(get(*skb, "queue_mapping"), 65534u);
  write(12, 65535);
  EXPECT_EQ(get(*skb, "queue_mapping"), 65534u);
  ASSERT_OK(skb->reset(hex(kIpv4)));
  skb->settle();
  EXPECT_EQ(get(*skb, "queue_mapping"), 0u);
}

// The same packets in the same order lie at the same addresses.
TEST_F(ContextTest, AddressesAreDeterministic) {
  const auto addresses = [&] {
    auto other = Machine::create();
    EXPECT_OK(other);
    auto context = Context::create(**other, ProgramType::sched_cls);
    EXPECT_OK(context);
    EXPECT_OK((*context)->reset(std::vector<std::byte>(9000)));
    return std::pair((*context)->address(), (*context)->packet()->data);
  };
  EXPECT_EQ(addresses(), addresses());
}

}  // namespace
}  // namespace skep::vm
