#include "skep/vm/helpers/flow_hash.hpp"

#include <algorithm>
#include <utility>

#include "skep/vm/context/skb.hpp"

namespace skep::vm {
namespace {

constexpr std::uint8_t kTcp = 6, kUdp = 17, kSctp = 132;

// One end of a flow: address, then port.
struct End {
  std::byte bytes[18];
  std::size_t size = 0;

  Bytes view() const { return {bytes, size}; }
  void add(Bytes more) {
    std::ranges::copy(more, bytes + size);
    size += more.size();
  }
};

struct Flow {
  std::uint32_t protocol = 0;  // EtherType, and the IP protocol above it
  End source, destination;
};

Bytes slice(Bytes bytes, std::size_t offset, std::size_t size) {
  return offset + size <= bytes.size() ? bytes.subspan(offset, size) : Bytes();
}

Flow dissect(const SkbContext& skb) {
  Flow flow;
  flow.protocol = skb.protocol;
  const Bytes packet = skb.bytes();
  const auto network = static_cast<std::size_t>(std::max(skb.network_header, 0));
  const Bytes header = packet.subspan(std::min(network, packet.size()));
  const bool ipv4 = skb.protocol == 0x0800 && header.size() >= 20, ipv6 = skb.protocol == 0x86dd && header.size() >= 40;
  if (!ipv4 && !ipv6) return flow;
  const std::size_t size = ipv4 ? 4 : 16, at = ipv4 ? 12 : 8;
  flow.source.add(slice(header, at, size));
  flow.destination.add(slice(header, at + size, size));
  const auto above = std::to_integer<std::uint8_t>(header[ipv4 ? 9 : 6]);
  flow.protocol |= std::uint32_t{above} << 16;
  const bool fragment = ipv4 && (load<std::uint16_t>(header.data() + 6, ByteOrder::big) & 0x3fff) != 0;
  if (fragment || (above != kTcp && above != kUdp && above != kSctp)) return flow;
  const std::size_t ports = ipv4 ? std::size_t{4} * std::to_integer<std::uint8_t>(header[0] & std::byte{15}) : 40;
  flow.source.add(slice(header, ports, 2));
  flow.destination.add(slice(header, ports + 2, 2));
  return flow;
}

}  // namespace

// FNV-1a.
std::uint32_t flow_hash(const SkbContext& skb) {
  const Flow flow = dissect(skb);
  Bytes first = flow.source.view(), second = flow.destination.view();
  if (std::ranges::lexicographical_compare(second, first)) std::swap(first, second);
  std::uint32_t hash = 2166136261u ^ flow.protocol;
  for (const Bytes end : {first, second})
    for (const std::byte b : end) hash = (hash ^ std::to_integer<std::uint32_t>(b)) * 16777619u;
  return hash == 0 ? 1 : hash;
}

}  // namespace skep::vm
