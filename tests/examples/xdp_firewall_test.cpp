// xdp_firewall: who may come in, and what is counted.
#include <array>

#include "skep/tests/examples/fixture.hpp"

namespace skep::test {
namespace {

using namespace examples;

// As xdp_firewall.bpf.c declares them.
constexpr std::uint32_t kAllowTcp = 1, kAllowUdp = 2, kAllowIcmp = 4, kAllowOther = 8;
enum Reason : std::uint32_t {
  kPassRule, kPassNeighbour, kDropNoRule, kDropProtocol, kDropPort, kDropFragment, kDropMalformed, kDropNotIp, kReasons
};
struct Rule {
  std::uint32_t protocols;
  std::uint16_t port_min, port_max;
};
struct Prefix4 {
  std::uint32_t length;
  std::array<std::byte, 4> address;
};
struct Prefix6 {
  std::uint32_t length;
  std::array<std::byte, 16> address;
};
struct Counter {
  std::uint64_t packets, bytes;
};

template <class Prefix>
Prefix prefix(const char* text, std::uint32_t length) {
  Prefix key{length, {}};
  const auto bytes = address(text);
  std::copy(bytes.begin(), bytes.end(), key.address.begin());
  return key;
}

class Firewall : public ExampleTest {
 protected:
  void SetUp() override {
    start({"xdp_firewall", "xdp_firewall"});
    if (!alive()) return;
    // A network may use the web, one host in it nothing but ping, and a friend everything.
    set("allow4", prefix<Prefix4>("198.51.100.0", 24), Rule{kAllowTcp | kAllowIcmp, 80, 443});
    set("allow4", prefix<Prefix4>("198.51.100.66", 32), Rule{kAllowIcmp, 0, 0});
    const std::uint32_t everything = kAllowTcp | kAllowUdp | kAllowIcmp | kAllowOther;
    set("allow4", prefix<Prefix4>("203.0.113.99", 32), Rule{everything, 0, 65535});
    set("allow6", prefix<Prefix6>("2001:db8::", 32), Rule{kAllowTcp, 22, 22});
  }

  // Expects the verdict that goes with the reason, the packet untouched, and one more packet of this reason alone.
  void expect(Reason reason, const Packet& packet) {
    std::array<Counter, kReasons> before;
    for (std::uint32_t i = 0; i < kReasons; i++) before[i] = total<Counter>("counters", i);
    const auto verdict = run(packet);
    EXPECT_EQ(verdict.value, std::uint32_t{reason <= kPassNeighbour ? XDP_PASS : XDP_DROP});
    EXPECT_EQ(to_hex(verdict.packet), to_hex(packet));
    for (std::uint32_t i = 0; i < kReasons; i++) {
      const auto after = total<Counter>("counters", i);
      EXPECT_EQ(after.packets - before[i].packets, i == reason ? 1u : 0u) << "reason " << i;
      EXPECT_EQ(after.bytes - before[i].bytes, i == reason ? packet.size() : 0u) << "reason " << i;
    }
  }
};
SKEP_IN_BOTH_WORLDS(Firewall);

constexpr auto kHere = "192.0.2.10";

TEST_P(Firewall, PortsAtBothEnds) {
  expect(kDropPort, ethernet(ipv4("198.51.100.7", kHere, tcp(40000, 79, kSyn))));
  expect(kPassRule, ethernet(ipv4("198.51.100.7", kHere, tcp(40000, 80, kSyn))));
  expect(kPassRule, ethernet(ipv4("198.51.100.7", kHere, tcp(40000, 443, kSyn))));
  expect(kDropPort, ethernet(ipv4("198.51.100.7", kHere, tcp(40000, 444, kSyn))));
}

TEST_P(Firewall, ProtocolsOfTheRule) {
  expect(kPassRule, ethernet(ipv4("198.51.100.7", kHere, icmp(8))));
  expect(kDropProtocol, ethernet(ipv4("198.51.100.7", kHere, udp(40000, 80))));
  expect(kDropProtocol, ethernet(ipv4("198.51.100.7", kHere, Segment{47, Packet(8)})));
  expect(kPassRule, ethernet(ipv4("203.0.113.99", kHere, Segment{47, Packet(8)})));
}

TEST_P(Firewall, LongestPrefixDecidesAlone) {
  expect(kDropProtocol, ethernet(ipv4("198.51.100.66", kHere, tcp(40000, 80, kSyn))));
  expect(kPassRule, ethernet(ipv4("198.51.100.66", kHere, icmp(8))));
  expect(kPassRule, ethernet(ipv4("198.51.100.67", kHere, tcp(40000, 80, kSyn))));
}

TEST_P(Firewall, Strangers) {
  expect(kDropNoRule, ethernet(ipv4("198.51.101.7", kHere, tcp(40000, 80, kSyn))));
  expect(kDropNoRule, ethernet(ipv6("2001:db9::7", "2001:db8::10", tcp(40000, 22, kSyn))));
}

TEST_P(Firewall, RuleTakenBack) {
  const auto packet = ethernet(ipv4("203.0.113.99", kHere, tcp(1, 2, kSyn)));
  expect(kPassRule, packet);
  EXPECT_OK(world().erase("allow4", bytes_of(prefix<Prefix4>("203.0.113.99", 32))));
  expect(kDropNoRule, packet);
}

TEST_P(Firewall, Ipv6AndItsExtensions) {
  expect(kPassRule, ethernet(ipv6("2001:db8::7", "2001:db8::10", tcp(40000, 22, kSyn))));
  expect(kDropPort, ethernet(ipv6("2001:db8::7", "2001:db8::10", tcp(40000, 23, kSyn))));
  // Hop-by-hop and destination options of 8 bytes each, padding inside.
  constexpr std::string_view options("\x3c\x00\x01\x04\x00\x00\x00\x00\x00\x00\x01\x04\x00\x00\x00\x00", 16);
  const Ipv6Options behind{.extension = 0, .extensions = options, .last_extension = 8};
  expect(kPassRule, ethernet(ipv6("2001:db8::7", "2001:db8::10", tcp(40000, 22, kSyn), behind)));
  expect(kDropPort, ethernet(ipv6("2001:db8::7", "2001:db8::10", tcp(40000, 23, kSyn), behind)));
}

TEST_P(Firewall, NeighboursAlwaysPass) {
  expect(kPassNeighbour, ethernet(arp_request("192.0.2.1", kHere)));
  expect(kPassNeighbour, ethernet(ipv6("fe80::1", "fe80::2", icmp6(135), {.hop_limit = 255})));
  // Routed, so not from a neighbour; and no discovery at all.
  expect(kDropNoRule, ethernet(ipv6("fe80::1", "fe80::2", icmp6(135), {.hop_limit = 254})));
  expect(kDropNoRule, ethernet(ipv6("fe80::1", "fe80::2", icmp6(128), {.hop_limit = 255})));
}

TEST_P(Firewall, VlanTagsAreTransparent) {
  const auto web = ipv4("198.51.100.7", kHere, tcp(40000, 80, kSyn));
  expect(kPassRule, ethernet(web, {100}));
  expect(kPassRule, ethernet(web, {7, 100}));
  expect(kDropNotIp, ethernet(web, {7, 8, 100}));
}

TEST_P(Firewall, IpOptions) {
  const Ipv4Options options{.options = std::string_view("\x94\x04\x00\x00", 4)};
  expect(kPassRule, ethernet(ipv4("198.51.100.7", kHere, tcp(40000, 80, kSyn), options)));
  expect(kDropPort, ethernet(ipv4("198.51.100.7", kHere, tcp(40000, 79, kSyn), options)));
}

TEST_P(Firewall, Fragments) {
  for (const auto& part : ipv4_fragments("198.51.100.7", kHere, tcp(40000, 80, kAck, std::string(100, 'x')), 64))
    expect(kPassRule, ethernet(part));
  // The first shows a port that is not allowed; the second alone is worth nothing.
  const auto refused = ipv4_fragments("198.51.100.7", kHere, tcp(40000, 79, kAck, std::string(100, 'x')), 64);
  expect(kDropPort, ethernet(refused[0]));
  expect(kPassRule, ethernet(refused[1]));
  expect(kDropProtocol, ethernet(ipv4_fragments("198.51.100.7", kHere, udp(1, 80, std::string(64, 'x')), 64)[1]));
}

TEST_P(Firewall, FragmentsThatDeceive) {
  // RFC 1858: too short to show the flags, and one that would overwrite them.
  const auto tiny = ipv4_fragments("198.51.100.7", kHere, tcp(40000, 80, kAck, "x"), 8);
  expect(kDropFragment, ethernet(tiny[0]));
  expect(kDropFragment, ethernet(tiny[1]));
  expect(kPassRule, ethernet(tiny[2]));
}

TEST_P(Firewall, Malformed) {
  const auto good = ethernet(ipv4("198.51.100.7", kHere, tcp(40000, 80, kSyn)));
  expect(kDropMalformed, cut(good, 14));
  expect(kDropMalformed, cut(good, 33));
  expect(kDropMalformed, cut(good, 53));  // shorter than its total length
  auto liar = good;
  set16(liar, 16, 10);  // a total length that does not hold the header
  expect(kDropMalformed, liar);
  liar = good;
  liar[14] = std::byte{0x44};  // a header of 16 bytes
  expect(kDropMalformed, liar);
  liar[14] = std::byte{0x65};  // says version 6
  expect(kDropMalformed, liar);
  auto padded = good;
  padded.resize(60);  // Ethernet's padding is no part of the packet
  expect(kPassRule, padded);
}

TEST_P(Firewall, WhatIsNotIp) {
  expect(kDropNotIp, ethernet({0x88cc, Packet(46)}));  // LLDP
  expect(kDropNotIp, ethernet({46, Packet(46)}));      // IEEE 802.3: a length in place of a type
}

}  // namespace
}  // namespace skep::test
