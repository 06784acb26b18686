// What the demo sends: a bit of everything that a load balancer sees, the same on every machine. VIPs are
// 192.0.2.10 (web: TCP 80 and 443, QUIC on UDP 443) and 192.0.2.53 (DNS: all of UDP, fragments too);
// addresses are those kept for documentation (RFC 5737, RFC 3849).
#pragma once

#include "packets.hpp"

namespace examples {

struct NamedPacket {
  std::string name;
  Packet packet;
};

inline std::vector<NamedPacket> demo_packets() {
  constexpr auto client = "198.51.100.7", other = "203.0.113.99", web = "192.0.2.10", dns = "192.0.2.53";
  // Maximum segment size 1460, SACK permitted, timestamps, window scale 7, as Linux sends them.
  const TcpOptions syn{
      .options = {"\x02\x04\x05\xb4\x04\x02\x08\x0a\x00\x01\x02\x03\x00\x00\x00\x00\x01\x03\x03\x07", 20}};
  const TcpOptions open{.sequence = 1001, .acknowledgment = 501};

  std::vector<NamedPacket> all;
  auto add = [&all](std::string name, Packet packet) { all.push_back({std::move(name), std::move(packet)}); };
  auto to_web = [](const Segment& segment, const Ipv4Options& more = {}) {
    return ethernet(ipv4(client, web, segment, more));
  };

  add("TCP SYN with options to the web VIP", to_web(tcp(40001, 80, kSyn, "", syn)));
  add("TCP ACK of the same connection", to_web(tcp(40001, 80, kAck, "", open)));
  add("TCP request of the same connection",
      to_web(tcp(40001, 80, kPsh | kAck, "GET / HTTP/1.1\r\nHost: example.com\r\n\r\n", open)));
  add("TCP SYN from the next port", to_web(tcp(40002, 80, kSyn)));
  add("TCP SYN from another client, TLS", ethernet(ipv4(other, web, tcp(51520, 443, kSyn, "", syn))));
  add("TCP SYN to a port that is no VIP", to_web(tcp(40003, 22, kSyn)));
  add("UDP (QUIC) to the web VIP", to_web(udp(50004, 443, std::string(64, 'q'))));
  add("UDP (DNS query) to the DNS VIP", ethernet(ipv4(other, dns, udp(5353, 53, dns_query("example.com")))));
  const auto fragments = ipv4_fragments(other, dns, udp(5353, 53, std::string(2000, 'f')), 1480);
  add("UDP first fragment to the DNS VIP", ethernet(fragments[0]));
  add("UDP last fragment to the DNS VIP", ethernet(fragments[1]));
  add("TCP fragment to the web VIP", to_web(tcp(40003, 80, kAck, std::string(32, 't')), {.fragment = 0x2000}));
  add("ICMP echo request to the web VIP", to_web(icmp(8, 0, "are you there?")));
  add("TCP behind IP options to the web VIP",
      to_web(tcp(40018, 80, kSyn), {.options = std::string_view("\x94\x04\x00\x00", 4)}));
  add("IPv6 TCP SYN", ethernet(ipv6("2001:db8::7", "2001:db8::10", tcp(40000, 80, kSyn))));
  add("IPv6 neighbour solicitation",
      ethernet(ipv6("fe80::1", "ff02::1:ff00:10", icmp6(135, 0, std::string(16, '\x20')), {.hop_limit = 255})));
  add("ARP request", ethernet(arp_request("192.0.2.1", web)));
  add("TCP SYN in VLAN 100 to the web VIP", ethernet(ipv4(client, web, tcp(40005, 80, kSyn)), {100}));
  add("TCP of 1500 bytes with priority to the web VIP",
      to_web(tcp(40001, 80, kPsh | kAck, std::string(1460, 'x'), {1038, 501, {}}), {.tos = 0xb8}));
  add("runt: IPv4 header cut after 12 bytes", cut(to_web(tcp(40006, 80, kSyn)), 26));
  Packet liar = to_web(tcp(40007, 80, kSyn));
  set16(liar, 16, 1500);
  add("liar: says it is 1500 bytes long", liar);
  Packet garbage;
  for (std::uint32_t i = 0, state = 1; i < 64; i++) {
    state = state * 1664525 + 1013904223;
    put8(garbage, state >> 24);
  }
  add("garbage: 64 random bytes", garbage);
  return all;
}

}  // namespace examples
