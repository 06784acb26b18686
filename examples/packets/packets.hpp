// Packets for the examples and their tests, built from the inside out with the standard library alone:
//
//   ethernet(ipv4("198.51.100.7", "192.0.2.10", tcp(40000, 80, kSyn)))
//
// Lengths and checksums come out right (RFC 791, 768, 9293, 792, 4443, 8200); every field that a test
// might want otherwise is a member of the options. What does not parse as an address is a bug of the
// caller: the text is in the source beside it.
#pragma once

#include <arpa/inet.h>

#include <algorithm>
#include <array>
#include <cassert>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace examples {

using Packet = std::vector<std::byte>;
using Mac = std::array<std::uint8_t, 6>;

// Locally administered addresses: the client's router, and this host.
inline constexpr Mac kRouter{0x02, 0, 0, 0, 0, 0x01}, kHost{0x02, 0, 0, 0, 0, 0x02};
inline constexpr std::uint8_t kFin = 1, kSyn = 2, kRst = 4, kPsh = 8, kAck = 16;
inline constexpr std::uint8_t kIcmp = 1, kIpip = 4, kTcp = 6, kUdp = 17, kFragment = 44, kIcmpV6 = 58;

// --- Bytes in network order. ---

inline void put8(Packet& to, std::uint64_t value) { to.push_back(static_cast<std::byte>(value)); }
inline void put16(Packet& to, std::uint64_t value) {
  put8(to, value >> 8);
  put8(to, value);
}
inline void put32(Packet& to, std::uint64_t value) {
  put16(to, value >> 16);
  put16(to, value);
}
inline void put(Packet& to, std::span<const std::byte> bytes) { to.insert(to.end(), bytes.begin(), bytes.end()); }
inline void put(Packet& to, std::string_view text) { put(to, std::as_bytes(std::span(text.data(), text.size()))); }
inline void set16(Packet& at, std::size_t offset, std::uint32_t value) {
  at[offset] = static_cast<std::byte>(value >> 8);
  at[offset + 1] = static_cast<std::byte>(value);
}
inline std::uint16_t get16(std::span<const std::byte> at, std::size_t offset) {
  const auto high = std::to_integer<unsigned>(at[offset]), low = std::to_integer<unsigned>(at[offset + 1]);
  return static_cast<std::uint16_t>(high << 8 | low);
}

// The Internet checksum (RFC 1071); 0 over bytes that hold their own right checksum.
inline std::uint16_t checksum(std::span<const std::byte> bytes, std::uint32_t sum = 0) {
  for (std::size_t i = 0; i < bytes.size(); i++)
    sum += std::to_integer<std::uint32_t>(bytes[i]) << (i % 2 == 0 ? 8 : 0);
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >> 16);
  return static_cast<std::uint16_t>(~sum);
}

// The 4 or 16 bytes of an address.
inline Packet address(const char* text) {
  Packet bytes(std::string_view(text).find(':') == std::string_view::npos ? 4 : 16);
  [[maybe_unused]] const int ok = inet_pton(bytes.size() == 4 ? AF_INET : AF_INET6, text, bytes.data());
  assert(ok == 1);
  return bytes;
}

// --- Transport. ---

// What goes into an IP packet. The checksum covers a pseudo header that only the IP layer knows.
struct Segment {
  std::uint8_t protocol = 0;
  Packet bytes;
  int checksum_at = -1;        // offset of the checksum to fill in; -1: none
  bool pseudo_header = false;  // the checksum covers the addresses too
};

struct TcpOptions {
  std::uint32_t sequence = 1000, acknowledgment = 0;
  std::string_view options = {};  // a multiple of 4 bytes
};

inline Segment tcp(std::uint16_t source, std::uint16_t destination, std::uint8_t flags, std::string_view payload = "",
                   const TcpOptions& more = {}) {
  assert(more.options.size() % 4 == 0 && more.options.size() <= 40);
  Packet bytes;
  put16(bytes, source);
  put16(bytes, destination);
  put32(bytes, more.sequence);
  put32(bytes, more.acknowledgment);
  put8(bytes, (5 + more.options.size() / 4) << 4);
  put8(bytes, flags);
  put16(bytes, 64240);  // window
  put32(bytes, 0);      // checksum, urgent pointer
  put(bytes, more.options);
  put(bytes, payload);
  return {kTcp, bytes, 16, true};
}

inline Segment udp(std::uint16_t source, std::uint16_t destination, std::string_view payload = "") {
  Packet bytes;
  put16(bytes, source);
  put16(bytes, destination);
  put16(bytes, 8 + payload.size());
  put16(bytes, 0);
  put(bytes, payload);
  return {kUdp, bytes, 6, true};
}

// Echo request is type 8, or 128 in ICMPv6.
inline Segment icmp(std::uint8_t type, std::uint8_t code = 0, std::string_view payload = "", bool v6 = false) {
  Packet bytes;
  put8(bytes, type);
  put8(bytes, code);
  put16(bytes, 0);
  put16(bytes, 0x1234);  // id
  put16(bytes, 1);       // sequence
  put(bytes, payload);
  return {v6 ? kIcmpV6 : kIcmp, bytes, 2, v6};
}
inline Segment icmp6(std::uint8_t type, std::uint8_t code = 0, std::string_view payload = "") {
  return icmp(type, code, payload, true);
}

// --- Network. ---

// What goes into an Ethernet frame.
struct Datagram {
  std::uint16_t ethertype = 0;
  Packet bytes;
};

struct Ipv4Options {
  std::uint8_t tos = 0, ttl = 64;
  std::uint16_t id = 0x4242;
  std::uint16_t fragment = 0x4000;  // flags and offset; "don't fragment" is 0x4000
  std::string_view options = {};         // a multiple of 4 bytes
};

// Fills in the checksum of a segment between two addresses.
inline void finish(Segment& segment, const Packet& source, const Packet& destination) {
  if (segment.checksum_at < 0) return;
  Packet pseudo;
  if (segment.pseudo_header) {
    put(pseudo, source);
    put(pseudo, destination);
    put32(pseudo, segment.bytes.size());
    put32(pseudo, segment.protocol);
  }
  put(pseudo, segment.bytes);
  std::uint16_t sum = checksum(pseudo);
  if (segment.protocol == kUdp && sum == 0) sum = 0xffff;  // 0 means "no checksum"
  set16(segment.bytes, static_cast<std::size_t>(segment.checksum_at), sum);
}

inline Datagram ipv4_raw(const Packet& source, const Packet& destination, std::uint8_t protocol,
                         std::span<const std::byte> payload, const Ipv4Options& more) {
  assert(more.options.size() % 4 == 0 && more.options.size() <= 40);
  Packet bytes;
  put8(bytes, 0x40 | (5 + more.options.size() / 4));
  put8(bytes, more.tos);
  put16(bytes, 20 + more.options.size() + payload.size());
  put16(bytes, more.id);
  put16(bytes, more.fragment);
  put8(bytes, more.ttl);
  put8(bytes, protocol);
  put16(bytes, 0);
  put(bytes, source);
  put(bytes, destination);
  put(bytes, more.options);
  set16(bytes, 10, checksum(bytes));
  put(bytes, payload);
  return {0x0800, bytes};
}

inline Datagram ipv4(const char* source, const char* destination, Segment segment, const Ipv4Options& more = {}) {
  const Packet from = address(source), to = address(destination);
  finish(segment, from, to);
  return ipv4_raw(from, to, segment.protocol, segment.bytes, more);
}

// The same packet in fragments that carry at most `size` bytes each (a multiple of 8).
inline std::vector<Datagram> ipv4_fragments(const char* source, const char* destination, Segment segment,
                                            std::size_t size, Ipv4Options more = {}) {
  const Packet from = address(source), to = address(destination);
  finish(segment, from, to);
  std::vector<Datagram> fragments;
  const std::span<const std::byte> all(segment.bytes);
  for (std::size_t at = 0; at < all.size(); at += size) {
    const bool last = at + size >= all.size();
    more.fragment = static_cast<std::uint16_t>((last ? 0 : 0x2000) | at / 8);
    fragments.push_back(ipv4_raw(from, to, segment.protocol, all.subspan(at, last ? all.size() - at : size), more));
  }
  return fragments;
}

struct Ipv6Options {
  std::uint8_t hop_limit = 64;
  std::uint8_t extension = 0;    // next-header value of `extensions`: 0 hop-by-hop, 43, 44, 60
  std::string_view extensions = {};   // header bytes; the last's next-header field is set to the transport
  std::size_t last_extension = 0;  // offset of the last extension header in `extensions`
};

inline Datagram ipv6(const char* source, const char* destination, Segment segment, const Ipv6Options& more = {}) {
  const Packet from = address(source), to = address(destination);
  finish(segment, from, to);
  Packet bytes;
  put32(bytes, 0x6000'0000);
  put16(bytes, more.extensions.size() + segment.bytes.size());
  put8(bytes, more.extensions.empty() ? segment.protocol : more.extension);
  put8(bytes, more.hop_limit);
  put(bytes, from);
  put(bytes, to);
  const std::size_t extensions_at = bytes.size();
  put(bytes, more.extensions);
  if (!more.extensions.empty()) bytes[extensions_at + more.last_extension] = static_cast<std::byte>(segment.protocol);
  put(bytes, segment.bytes);
  return {0x86dd, bytes};
}

// Who has `target`? Tell `sender`. (RFC 826)
inline Datagram arp_request(const char* sender, const char* target) {
  Packet bytes;
  put16(bytes, 1);
  put16(bytes, 0x0800);
  put16(bytes, 0x0604);
  put16(bytes, 1);
  put(bytes, std::as_bytes(std::span(kRouter)));
  put(bytes, address(sender));
  put(bytes, Packet(6));
  put(bytes, address(target));
  return {0x0806, bytes};
}

// --- Link. ---

// A frame from the router to this host, with the VLAN tags given, outermost first (two tags: 802.1ad
// outside). Not padded to Ethernet's 60 bytes: on the receiving side nobody promises padding.
inline Packet ethernet(const Datagram& datagram, const std::vector<std::uint16_t>& vlans = {}) {
  Packet bytes;
  put(bytes, std::as_bytes(std::span(kHost)));
  put(bytes, std::as_bytes(std::span(kRouter)));
  for (std::size_t i = 0; i < vlans.size(); i++) {
    put16(bytes, i + 1 < vlans.size() ? 0x88a8 : 0x8100);
    put16(bytes, vlans[i]);
  }
  put16(bytes, datagram.ethertype);
  put(bytes, datagram.bytes);
  return bytes;
}

// The first `size` bytes.
inline Packet cut(Packet packet, std::size_t size) {
  packet.resize(size);
  return packet;
}

// A query for the address record (A, IN) of `name` (RFC 1035, 4.1).
inline std::string dns_query(std::string_view name, std::uint16_t id = 0x1234) {
  Packet bytes;
  put16(bytes, id);
  put16(bytes, 0x0100);  // recursion desired
  put16(bytes, 1);       // one question
  put16(bytes, 0);
  put32(bytes, 0);
  for (std::size_t at = 0; at <= name.size();) {
    const std::size_t dot = std::min(name.find('.', at), name.size());
    put8(bytes, dot - at);
    put(bytes, name.substr(at, dot - at));
    at = dot + 1;
  }
  put8(bytes, 0);
  put32(bytes, 0x0001'0001);
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

}  // namespace examples
