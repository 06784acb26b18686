// packet_events: each thing worth knowing arrives as one typed record, through the right stages.
#include <array>

#include "skep/tests/examples/fixture.hpp"

namespace skep::test {
namespace {

using namespace examples;

// As packet_events.bpf.c declares them.
enum Type : std::uint32_t { kTcpOpen, kTcpClose, kTcpReset, kDnsQuery, kIcmpEvent };
enum Stage : std::uint32_t { kStageTcp, kStageUdp, kStageIcmp, kStageDns };
struct Event {
  std::uint64_t time;
  std::uint32_t type;
  std::array<std::byte, 16> source, destination;
  std::uint16_t source_port, destination_port;
};
struct TcpEvent {
  Event event;
  std::uint32_t sequence;
  std::uint8_t flags;
};
struct IcmpEvent {
  Event event;
  std::uint8_t type, code;
  bool v6;
};
struct DnsEvent {
  Event event;
  std::uint16_t id, query_type;
  bool cut;
  char name[64];
};
struct Counter {
  std::uint64_t sent, lost;
};

constexpr auto kClient = "198.51.100.7", kServer = "192.0.2.10";

Packet segment(std::uint8_t flags) {
  return ethernet(ipv4(kClient, kServer, tcp(40000, 443, flags, "", {.sequence = 0xdeadbeef})));
}
Packet query(std::string_view name) {
  return ethernet(ipv4(kClient, kServer, udp(5353, 53, dns_query(name, 0xabcd))));
}

class PacketEvents : public ExampleTest {
 protected:
  void SetUp() override { start({"packet_events", "classify"}); }

  // Runs a packet, which must pass untouched, and gives the records that it caused.
  std::vector<std::vector<std::byte>> events(const Packet& packet) {
    const auto verdict = run(packet);
    EXPECT_EQ(verdict.value, std::uint32_t{XDP_PASS});
    EXPECT_EQ(to_hex(verdict.packet), to_hex(packet));
    const auto all = world().events("events");
    EXPECT_OK(all);
    return all.value_or(std::vector<std::vector<std::byte>>{});
  }
  // The same, when it must be one record of type T.
  template <class T>
  T event(const Packet& packet) {
    const auto all = events(packet);
    EXPECT_EQ(all.size(), 1u);
    if (all.size() != 1) return {};
    EXPECT_EQ(all[0].size(), sizeof(T));
    return value_of<T>(all[0]);
  }
  Counter counter(std::uint32_t type) { return total<Counter>("counters", type); }
};
SKEP_IN_BOTH_WORLDS(PacketEvents);

TEST_P(PacketEvents, TcpOpensClosesResets) {
  EXPECT_EQ(event<TcpEvent>(segment(kSyn)).event.type, kTcpOpen);
  EXPECT_EQ(event<TcpEvent>(segment(kFin | kAck)).event.type, kTcpClose);
  EXPECT_EQ(event<TcpEvent>(segment(kRst | kAck)).event.type, kTcpReset);
  EXPECT_TRUE(events(segment(kSyn | kAck)).empty());
  EXPECT_TRUE(events(segment(kPsh | kAck)).empty());
}

TEST_P(PacketEvents, TcpFields) {
  const auto opened = event<TcpEvent>(segment(kSyn));
  EXPECT_EQ(opened.sequence, 0xdeadbeefu);
  EXPECT_EQ(opened.flags, kSyn);
  EXPECT_EQ(opened.event.source_port, 40000);
  EXPECT_EQ(opened.event.destination_port, 443);
  EXPECT_EQ(to_hex(opened.event.source), "00000000000000000000ffffc6336407");
  EXPECT_EQ(to_hex(opened.event.destination), "00000000000000000000ffffc000020a");
}

TEST_P(PacketEvents, Ipv6) {
  const auto opened = event<TcpEvent>(ethernet(ipv6("2001:db8::7", "2001:db8::10", tcp(1, 2, kSyn)), {100}));
  EXPECT_EQ(to_hex(opened.event.source), "20010db8000000000000000000000007");
  const auto ping = event<IcmpEvent>(ethernet(ipv6("2001:db8::7", "2001:db8::10", icmp6(128))));
  EXPECT_TRUE(ping.v6);
  EXPECT_EQ(ping.type, 128);
}

TEST_P(PacketEvents, Icmp) {
  const auto unreachable = event<IcmpEvent>(ethernet(ipv4(kClient, kServer, icmp(3, 4, std::string(28, 'x')))));
  EXPECT_EQ(unreachable.event.type, kIcmpEvent);
  EXPECT_EQ(unreachable.type, 3);
  EXPECT_EQ(unreachable.code, 4);
  EXPECT_FALSE(unreachable.v6);
  EXPECT_EQ(unreachable.event.source_port, 0);
}

// Two tail calls away from the entry.
TEST_P(PacketEvents, DnsNames) {
  const auto asked = event<DnsEvent>(query("www.example.com"));
  EXPECT_EQ(asked.event.type, kDnsQuery);
  EXPECT_STREQ(asked.name, "www.example.com");
  EXPECT_EQ(asked.id, 0xabcd);
  EXPECT_EQ(asked.query_type, 1);
  EXPECT_FALSE(asked.cut);
  EXPECT_EQ(asked.event.destination_port, 53);
}

TEST_P(PacketEvents, DnsNamesThatDoNotFit) {
  const std::string fits = std::string(50, 'a') + "." + std::string(11, 'b');  // 62 characters
  const auto longest = event<DnsEvent>(query(fits));
  EXPECT_STREQ(longest.name, fits.c_str());
  EXPECT_FALSE(longest.cut);
  const auto cut_name = event<DnsEvent>(query(fits + "b"));
  EXPECT_TRUE(cut_name.cut);
  EXPECT_EQ(cut_name.query_type, 0);
  EXPECT_EQ(cut_name.name, fits + "b");
  // A packet that ends in the middle of the name, with lengths that agree.
  const auto half = dns_query("example.com").substr(0, 16);
  const auto torn = event<DnsEvent>(ethernet(ipv4(kClient, kServer, udp(1, 53, half))));
  EXPECT_TRUE(torn.cut);
  EXPECT_STREQ(torn.name, "exa");
}

TEST_P(PacketEvents, NothingWorthKnowing) {
  auto answer = dns_query("example.com");
  answer[2] = '\x81';
  EXPECT_TRUE(events(ethernet(ipv4(kClient, kServer, udp(1, 53, answer)))).empty());
  EXPECT_TRUE(events(ethernet(ipv4(kClient, kServer, udp(1, 54, dns_query("a"))))).empty());
  EXPECT_TRUE(events(ethernet(arp_request("192.0.2.1", kServer))).empty());
  EXPECT_TRUE(events(ethernet(ipv4(kClient, kServer, Segment{47, Packet(8)}))).empty());
  EXPECT_TRUE(events(cut(segment(kSyn), 40)).empty());
  EXPECT_TRUE(events(ethernet(ipv4_fragments(kClient, kServer, tcp(1, 2, kSyn, std::string(64, 'x')), 40)[1])).empty());
}

TEST_P(PacketEvents, Counts) {
  for (int i = 0; i < 3; i++) run(segment(kSyn));
  run(query("a"));
  EXPECT_EQ(counter(kTcpOpen).sent, 3u);
  EXPECT_EQ(counter(kDnsQuery).sent, 1u);
  EXPECT_EQ(counter(kTcpOpen).lost, 0u);
}

TEST_P(PacketEvents, AStageCanBeTakenOut) {
  EXPECT_OK(world().erase("stages", bytes_of(std::uint32_t{kStageDns})));
  EXPECT_TRUE(events(query("example.com")).empty());
  EXPECT_EQ(event<TcpEvent>(segment(kSyn)).event.type, kTcpOpen);
  EXPECT_OK(world().erase("stages", bytes_of(std::uint32_t{kStageTcp})));
  EXPECT_TRUE(events(segment(kSyn)).empty());
}

// A ring of one page has room for 63 records of 64 bytes: the 64th would close the circle.
class PacketEventsSlowReader : public PacketEvents {
 protected:
  void SetUp() override { start({"packet_events", "classify", {}, {{"events", 4096}}}); }
};
SKEP_IN_BOTH_WORLDS(PacketEventsSlowReader);

TEST_P(PacketEventsSlowReader, LosesAndCounts) {
  static_assert(sizeof(TcpEvent) == 56, "with the ring's header of 8 bytes: 64");
  for (int i = 0; i < 100; i++) EXPECT_EQ(run(segment(kSyn)).value, std::uint32_t{XDP_PASS});
  EXPECT_EQ(counter(kTcpOpen).sent, 63u);
  EXPECT_EQ(counter(kTcpOpen).lost, 37u);
  EXPECT_EQ(events(segment(kSyn)).size(), 63u);  // one more was lost, and then there is room again
  EXPECT_EQ(events(segment(kSyn)).size(), 1u);
  EXPECT_EQ(counter(kTcpOpen).lost, 38u);
}

}  // namespace
}  // namespace skep::test
