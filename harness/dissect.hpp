// What is in a packet, layer by layer, and what a program changed in it, in one line for people:
// "98→118 B: +ipv4(172.16.0.1 → 10.0.0.3, ipip); eth.dst …00:02→…01:0d".
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "skep/harness/packets.hpp"

namespace skep::harness {

struct PacketField {
  std::string_view name;
  std::string value;
  bool operator==(const PacketField&) const = default;
};

struct PacketLayer {
  std::string_view protocol;  // "eth", "vlan", "arp", "ipv4", "ipv6", "tcp", "udp", "icmp", "icmpv6", "data"
  std::vector<PacketField> fields;
  Bytes bytes;                // the header; for "data" all that is left. A view into the packet.
};

// The layers of a packet, outermost first; what is unknown or cut off is "data". Never fails.
std::vector<PacketLayer> dissect(Bytes packet, LinkType link);

// "ipv4(192.0.2.1 → 192.0.2.2, tcp)"
std::string summary(const PacketLayer& layer);

// What distinguishes `after` from `before`; "" if nothing does.
std::string describe_change(Bytes before, Bytes after, LinkType link);

}  // namespace skep::harness
