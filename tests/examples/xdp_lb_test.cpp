// xdp_lb: which packets it takes, what it makes of them, and to whom they go.
#include <array>

#include <nlohmann/json.hpp>

#include "skep/base/file.hpp"
#include "skep/examples/xdp_lb/maglev.hpp"
#include "skep/tests/examples/fixture.hpp"

namespace skep::test {
namespace {

using namespace examples;

// As xdp_lb.bpf.c declares them.
enum Reason : std::uint32_t {
  kPassNotIpv4, kPassIcmp, kPassNoVip, kPassFragment, kDropMalformed, kDropNoBackend, kDropTooBig, kReasons
};
using Address = std::array<std::byte, 4>;
struct Vip {
  Address address;
  std::uint16_t port, protocol;
};
struct Backend {
  Address address;
  Mac mac;
};
struct Flow {
  Address source, destination;
  std::uint16_t source_port, destination_port, protocol;
};
struct Counter {
  std::uint64_t packets, bytes;
};

constexpr auto kClient = "198.51.100.7", kWeb = "192.0.2.10", kDns = "192.0.2.53", kTunnel = "10.0.0.1";
constexpr std::uint32_t kBackends = 4;

Address ip4(const std::string& text) {
  Address result{};
  const auto bytes = address(text.c_str());
  std::copy(bytes.begin(), bytes.end(), result.begin());
  return result;
}
std::string backend_name(std::uint32_t number) { return fmt::format("10.0.0.{}", 10 + number); }
Mac backend_mac(std::uint32_t number) { return {2, 0, 0, 0, 1, static_cast<std::uint8_t>(10 + number)}; }

// What must come out of `packet` for a backend, made without looking at the program.
Packet tunnelled(const Packet& packet, std::uint32_t number) {
  const auto inner = std::span(packet).subspan(14);
  const std::size_t length = get16(inner, 2);
  const auto outer = ipv4_raw(address(kTunnel), address(backend_name(number).c_str()), kIpip, inner.first(length),
                              {.tos = std::to_integer<std::uint8_t>(inner[1]), .id = 0, .fragment = 0});
  const Mac mac = backend_mac(number);
  Packet out;
  put(out, std::as_bytes(std::span(mac)));
  put(out, std::as_bytes(std::span(kHost)));
  put16(out, outer.ethertype);
  put(out, outer.bytes);
  put(out, inner.subspan(length));  // Ethernet's padding stays
  return out;
}

Packet web(std::uint16_t port, std::uint8_t flags = kSyn, std::string_view payload = "") {
  return ethernet(ipv4(kClient, kWeb, tcp(port, 80, flags, payload)));
}

class LoadBalancer : public ExampleTest {
 protected:
  // Web on backends 1 to 3, DNS on 3 and 4.
  void SetUp() override {
    start({"xdp_lb", "xdp_lb"});
    if (!alive()) return;
    set("vips", Vip{ip4(kWeb), 80, kTcp}, std::uint32_t{0});
    set("vips", Vip{ip4(kWeb), 443, kUdp}, std::uint32_t{0});
    set("vips", Vip{ip4(kDns), 0, kUdp}, std::uint32_t{1});
    for (std::uint32_t i = 1; i <= kBackends; i++) set("backends", i, Backend{ip4(backend_name(i)), backend_mac(i)});
    fill(0, {1, 2, 3});
    fill(1, {3, 4});
  }

  void fill(std::uint32_t vip, const std::vector<std::uint32_t>& numbers) {
    std::vector<Member> members;
    for (const auto number : numbers) members.push_back({number, backend_name(number)});
    const auto ring = maglev(members);
    for (std::uint32_t slot = 0; slot < ring.size(); slot++)
      set("ring", static_cast<std::uint32_t>(vip * ring.size() + slot), ring[slot]);
  }
  // The web VIP's ring without one backend.
  void fill_without(std::uint32_t gone) {
    std::vector<std::uint32_t> rest{1, 2, 3};
    std::erase(rest, gone);
    fill(0, rest);
  }

  // Expects that the packet leaves for a backend, in a tunnel, and says which.
  std::uint32_t forwarded(const Packet& packet) {
    const auto [value, out] = run(packet);
    EXPECT_EQ(value, std::uint32_t{XDP_TX});
    if (out.size() != packet.size() + 20) {
      ADD_FAILURE() << packet.size() << " bytes went in, " << out.size() << " came out";
      return 0;
    }
    const auto number = std::to_integer<std::uint32_t>(out[33]) - 10;
    EXPECT_EQ(to_hex(out), to_hex(tunnelled(packet, number)));
    EXPECT_EQ(checksum(std::span(out).subspan(14, 20)), 0);
    return number;
  }

  // Expects that the packet is left alone, or dropped, and counted under this reason only.
  void not_forwarded(Reason reason, const Packet& packet) {
    std::array<std::uint64_t, kReasons> before;
    for (std::uint32_t i = 0; i < kReasons; i++) before[i] = total<std::uint64_t>("others", i);
    const auto verdict = run(packet);
    EXPECT_EQ(verdict.value, std::uint32_t{reason < kDropMalformed ? XDP_PASS : XDP_DROP});
    EXPECT_EQ(to_hex(verdict.packet), to_hex(packet));
    for (std::uint32_t i = 0; i < kReasons; i++)
      EXPECT_EQ(total<std::uint64_t>("others", i) - before[i], i == reason ? 1u : 0u) << "reason " << i;
  }
};
SKEP_IN_BOTH_WORLDS(LoadBalancer);

TEST_P(LoadBalancer, TunnelsToABackend) {
  const auto to_web = forwarded(web(40000));
  const auto to_quic = forwarded(ethernet(ipv4(kClient, kWeb, udp(50000, 443, "quic"))));
  const auto to_dns = forwarded(ethernet(ipv4(kClient, kDns, udp(50000, 53, "dns"))));
  EXPECT_TRUE(to_web >= 1 && to_web <= 3) << to_web;
  EXPECT_TRUE(to_quic >= 1 && to_quic <= 3) << to_quic;
  EXPECT_TRUE(to_dns == 3 || to_dns == 4) << to_dns;
}

TEST_P(LoadBalancer, InnerPacketIsUntouched) {
  const Ipv4Options odd{.tos = 0xb8, .ttl = 3, .options = std::string_view("\x94\x04\x00\x00", 4)};
  forwarded(ethernet(ipv4(kClient, kWeb, tcp(40000, 80, kAck, std::string(1000, 'x')), odd)));
  auto padded = web(40001);
  padded.resize(60);
  forwarded(padded);
}

TEST_P(LoadBalancer, FlowsStayAndSpread) {
  std::map<std::uint32_t, int> share;
  for (std::uint16_t port = 0; port < 300; port++) {
    const auto number = forwarded(web(port));
    EXPECT_EQ(forwarded(web(port, kAck, "more")), number);
    share[number]++;
  }
  ASSERT_EQ(share.size(), 3u);
  for (const auto& [number, flows] : share) EXPECT_NEAR(flows, 100, 35) << "backend " << number;
}

TEST_P(LoadBalancer, CountsByBackend) {
  const auto packet = web(40000);
  const auto number = forwarded(packet);
  forwarded(packet);
  for (std::uint32_t i = 1; i <= kBackends; i++) {
    const auto counter = total<Counter>("forwarded", i);
    EXPECT_EQ(counter.packets, i == number ? 2u : 0u);
    EXPECT_EQ(counter.bytes, i == number ? 2 * packet.size() : 0u);
  }
}

TEST_P(LoadBalancer, RemembersConnections) {
  const Flow flow{ip4(kClient), ip4(kWeb), 40000, 80, kTcp};
  const auto number = forwarded(web(40000));
  EXPECT_EQ(get<std::uint32_t>("connections", flow), number);
  // The ring forgets the backend, the connection does not.
  fill_without(number);
  EXPECT_EQ(forwarded(web(40000, kAck)), number);
  EXPECT_OK(world().erase("connections", bytes_of(flow)));
  EXPECT_NE(forwarded(web(40000, kAck)), number);
}

TEST_P(LoadBalancer, MovesConnectionsOfADeadBackend) {
  const auto number = forwarded(web(40000));
  set("backends", number, Backend{});
  not_forwarded(kDropNoBackend, web(40000, kAck));  // until the ring is told
  fill_without(number);
  const auto successor = forwarded(web(40000, kAck));
  EXPECT_NE(successor, number);
  EXPECT_EQ(get<std::uint32_t>("connections", Flow{ip4(kClient), ip4(kWeb), 40000, 80, kTcp}), successor);
}

TEST_P(LoadBalancer, AVipOfAllPortsTakesFragments) {
  const auto parts = ipv4_fragments(kClient, kDns, udp(5353, 53, std::string(200, 'f')), 104);
  ASSERT_EQ(parts.size(), 2u);
  const auto number = forwarded(ethernet(parts[0]));
  EXPECT_EQ(forwarded(ethernet(parts[1])), number);
  EXPECT_EQ(forwarded(ethernet(ipv4(kClient, kDns, udp(1, 2)))), number);
  EXPECT_EQ(get<std::uint32_t>("connections", Flow{ip4(kClient), ip4(kDns), 0, 0, kUdp}), number);
}

TEST_P(LoadBalancer, WhatIsNoVipsBusinessPasses) {
  not_forwarded(kPassNotIpv4, ethernet(ipv6("2001:db8::7", "2001:db8::10", tcp(40000, 80, kSyn))));
  not_forwarded(kPassNotIpv4, ethernet(arp_request("192.0.2.1", kWeb)));
  not_forwarded(kPassNotIpv4, ethernet(ipv4(kClient, kWeb, tcp(40000, 80, kSyn)), {100}));
  not_forwarded(kPassIcmp, ethernet(ipv4(kClient, kWeb, icmp(8))));
  not_forwarded(kPassNoVip, ethernet(ipv4(kClient, kWeb, tcp(40000, 81, kSyn))));
  not_forwarded(kPassNoVip, ethernet(ipv4(kClient, kWeb, udp(40000, 80))));
  not_forwarded(kPassNoVip, ethernet(ipv4(kClient, "192.0.2.11", tcp(40000, 80, kSyn))));
  not_forwarded(kPassNoVip, ethernet(ipv4(kClient, kWeb, Segment{47, Packet(8)})));
  const auto part = ipv4_fragments(kClient, kWeb, tcp(40000, 80, kAck, std::string(64, 'x')), 64)[0];
  not_forwarded(kPassFragment, ethernet(part));
}

TEST_P(LoadBalancer, Drops) {
  not_forwarded(kDropMalformed, cut(web(40000), 14 + 12));
  not_forwarded(kDropMalformed, cut(web(40000), 14 + 20 + 2));
  not_forwarded(kDropMalformed, ethernet(ipv4(kClient, kWeb, Segment{kTcp, Packet(2)})));  // ends within the ports
  forwarded(web(40000, kAck, std::string(1460, 'x')));
  not_forwarded(kDropTooBig, web(40000, kAck, std::string(1461, 'x')));
  fill(0, {});
  not_forwarded(kDropNoBackend, web(40001));
}

// The settings are variables of .rodata, changed before loading.
class LoadBalancerSettings : public LoadBalancer {
 protected:
  void SetUp() override {
    start({"xdp_lb", "xdp_lb",
           {{"tunnel_source", vector_of(std::uint32_t{0xac10'0001})}, {"tunnel_mtu", vector_of(std::uint32_t{100})}}});
    if (!alive()) return;
    set("vips", Vip{ip4(kWeb), 80, kTcp}, std::uint32_t{0});
    set("backends", std::uint32_t{1}, Backend{ip4("10.0.0.11"), backend_mac(1)});
    fill(0, {1});
  }
};
SKEP_IN_BOTH_WORLDS(LoadBalancerSettings);

TEST_P(LoadBalancerSettings, TunnelSource) {
  EXPECT_EQ(to_hex(std::span<const std::byte>(run(web(40000)).packet).subspan(26, 4)), "ac100001");
}

TEST_P(LoadBalancerSettings, TunnelMtu) {
  EXPECT_EQ(run(web(40000, kAck, std::string(40, 'x'))).value, std::uint32_t{XDP_TX});
  EXPECT_EQ(run(web(40000, kAck, std::string(41, 'x'))).value, std::uint32_t{XDP_DROP});
}

TEST(Maglev, SharesEvenly) {
  std::map<std::uint32_t, int> share;
  for (const auto number : maglev({{1, "a"}, {2, "b"}, {3, "c"}})) share[number]++;
  ASSERT_EQ(share.size(), 3u);
  for (const auto& [number, slots] : share) EXPECT_NEAR(slots, 251.0 / 3, 1) << number;
}

TEST(Maglev, AMemberThatLeavesMovesFewOthers) {
  const auto before = maglev({{1, "a"}, {2, "b"}, {3, "c"}, {4, "d"}}), after = maglev({{1, "a"}, {2, "b"}, {4, "d"}});
  int moved = 0;
  for (std::size_t i = 0; i < before.size(); i++) moved += before[i] != 3 && before[i] != after[i];
  EXPECT_LT(moved, 251 / 5);
}

TEST(Maglev, NoMembersNoBackend) { EXPECT_EQ(maglev({}), std::vector<std::uint32_t>(kRingSize, 0)); }

// The demo's ring is what make_ring prints (the comment at its top tells how).
TEST(Maglev, RingOfTheDemo) {
  const auto text = read_file(SKEP_SOURCE_DIR "/examples/xdp_lb/ring.json");
  ASSERT_OK(text);
  const auto json = nlohmann::json::parse(as_text(*text));
  const std::vector<std::uint32_t> rings[] = {maglev({{1, "10.0.0.11"}, {2, "10.0.0.12"}, {3, "10.0.0.13"}}),
                                              maglev({{3, "10.0.0.13"}, {4, "10.0.0.14"}})};
  ASSERT_EQ(json.size(), 2 * kRingSize);
  for (std::uint32_t i = 0; i < json.size(); i++) {
    EXPECT_EQ(json[i]["key"], i);
    EXPECT_EQ(json[i]["value"], rings[i / kRingSize][i % kRingSize]);
  }
}

}  // namespace
}  // namespace skep::test
