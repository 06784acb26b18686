// Helpers that change how long a packet is: at its head, at its tail, and behind its link layer header
// (bpf_skb_adjust_room, bpf_skb_change_proto). Order of checks and answers as measured on Linux 6.18.
#include <algorithm>
#include <cstdlib>

#include "skep/vm/context/skb.hpp"
#include "skep/vm/helpers/support.hpp"

namespace skep::vm {
namespace {

using U = std::uint64_t;

constexpr std::uint16_t kIpv4 = 0x0800, kIpv6 = 0x86dd;
constexpr std::uint32_t kIpv4Header = 20, kIpv6Header = 40;
constexpr int kEALREADY = 114;

std::uint32_t link_header(const SkbContext& skb) {
  return static_cast<std::uint32_t>(skb.network_header - skb.mac_header);
}

// Charges for what a change at the packet's head moves: its first `where` bytes, and all of it if there is no room for
// `growth` more in front.
void charge_head(Cpu& cpu, const SkbContext& skb, std::uint32_t where, std::uint32_t growth) {
  cpu.charge(helper::work::kReshape + (where + growth) / 8 + (skb.headroom() < growth ? skb.move_work() : 0));
}

U change_head(U context, U size, U flags, U, U, Cpu& cpu) {
  SkbContext* const skb = helper::skb(cpu, "skb_change_head", context);
  if (skb == nullptr) return 0;
  if (flags != 0 || U{skb->length()} + low(size) > SkbContext::kMaxGrown) return answer(-kEINVAL);
  charge_head(cpu, *skb, 0, low(size));
  if (!skb->push(low(size))) return answer(-kENOMEM);
  skb->mac_header = 0;
  skb->refresh();
  return 0;
}

U change_tail(U context, U size, U flags, U, U, Cpu& cpu) {
  SkbContext* const skb = helper::skb(cpu, "skb_change_tail", context);
  if (skb == nullptr) return 0;
  std::int32_t least = std::max(skb->network_header, 0);
  if (skb->transport_header && *skb->transport_header > 0) least = *skb->transport_header;
  if (flags != 0 || low(size) > SkbContext::kMaxGrown || low(size) < static_cast<std::uint32_t>(least))
    return answer(-kEINVAL);
  if (skb->encapsulated) return answer(-kENOTSUPP);
  const std::uint32_t growth = low(size) - std::min(low(size), skb->length());
  cpu.charge(helper::work::kReshape + growth / 8 + (skb->tailroom() < growth ? skb->move_work() : 0));
  if (!skb->resize(low(size))) return answer(-kENOMEM);
  skb->refresh();
  return 0;
}

// Between IPv4 and IPv6: makes or takes the 20 bytes between the two headers' sizes.
U change_proto(U context, U protocol, U flags, U, U, Cpu& cpu) {
  constexpr std::uint32_t kDifference = kIpv6Header - kIpv4Header;
  SkbContext* const skb = helper::skb(cpu, "skb_change_proto", context);
  if (skb == nullptr) return 0;
  if (flags != 0) return answer(-kEINVAL);
  const auto to = byteswap(static_cast<std::uint16_t>(protocol));  // __be16
  const std::uint32_t where = link_header(*skb);
  charge_head(cpu, *skb, where, kDifference);
  if (skb->protocol == kIpv4 && to == kIpv6) {
    if (where > skb->length() || !skb->open_gap(where, kDifference)) return answer(-kENOMEM);
  } else if (skb->protocol == kIpv6 && to == kIpv4) {
    if (where + kDifference > skb->length()) return answer(-kENOMEM);
    skb->close_gap(where, kDifference);
  } else {
    return answer(-kENOTSUPP);
  }
  skb->protocol = to;
  skb->hash.reset();
  skb->refresh();
  return 0;
}

// --- bpf_skb_adjust_room ---

enum Mode : std::uint32_t { kNet = 0, kMac = 1 };

constexpr U kFixedGso = 1 << 0, kEncapIpv4 = 1 << 1, kEncapIpv6 = 1 << 2, kEncapGre = 1 << 3, kEncapUdp = 1 << 4,
            kNoChecksumReset = 1 << 5, kEncapEthernet = 1 << 6, kDecapIpv4 = 1 << 7, kDecapIpv6 = 1 << 8,
            kEncapL2Length = U{0xff} << 56;
constexpr U kEncap = kEncapIpv4 | kEncapIpv6, kDecap = kDecapIpv4 | kDecapIpv6;
constexpr U kGrowFlags =
    kFixedGso | kEncap | kEncapGre | kEncapUdp | kNoChecksumReset | kEncapEthernet | kEncapL2Length;
constexpr U kShrinkFlags = kFixedGso | kNoChecksumReset | kDecap;

// What an encapsulation asks for that cannot be; 0 if nothing.
int check_encapsulation(const SkbContext& skb, std::uint32_t size, U flags) {
  const U inner_link = flags >> 56;
  if ((flags & kEncap) == kEncap) return -kEINVAL;
  if ((flags & kEncapGre) != 0 && (flags & kEncapUdp) != 0) return -kEINVAL;
  if ((flags & kEncapEthernet) != 0 && inner_link < SkbContext::kEthernetHeader) return -kEINVAL;
  if (skb.encapsulated) return -kEALREADY;
  return inner_link > size ? -kEINVAL : 0;
}

int grow(SkbContext& skb, std::uint32_t where, std::uint32_t size, U flags) {
  const bool encapsulate = (flags & kEncap) != 0;
  if (encapsulate)
    if (const int wrong = check_encapsulation(skb, size, flags); wrong != 0) return wrong;
  const std::int32_t link = skb.network_header - skb.mac_header;
  if (where > skb.length() || !skb.open_gap(where, size)) return -kENOMEM;
  if (!encapsulate) return 0;
  skb.encapsulated = true;
  skb.network_header = link;
  const bool ipv6 = (flags & kEncapIpv6) != 0;
  if ((flags & (kEncapGre | kEncapUdp)) != 0)
    skb.transport_header = link + static_cast<std::int32_t>(ipv6 ? kIpv6Header : kIpv4Header);
  skb.protocol = ipv6 ? kIpv6 : kIpv4;
  return 0;
}

int shrink(SkbContext& skb, std::uint32_t where, std::uint32_t size, U flags) {
  if ((flags & ~kShrinkFlags) != 0) return -kEINVAL;
  if (where + size > skb.length()) return -kENOMEM;
  skb.close_gap(where, size);
  if ((flags & kDecapIpv4) != 0) skb.protocol = kIpv4;
  if ((flags & kDecapIpv6) != 0) skb.protocol = kIpv6;
  return 0;
}

U adjust_room(U context, U difference, U mode, U flags, U, Cpu& cpu) {
  constexpr std::uint32_t kMaxDifference = 0xfff;
  SkbContext* const skb = helper::skb(cpu, "skb_adjust_room", context);
  if (skb == nullptr) return 0;
  const std::int64_t signed_difference = low_signed(difference);
  const bool shrinks = signed_difference < 0;
  const auto size = static_cast<std::uint32_t>(std::abs(signed_difference));

  if ((flags & ~(kGrowFlags | kDecap)) != 0) return answer(-kEINVAL);
  if (size > kMaxDifference) return answer(-kEFAULT);
  if (skb->protocol != kIpv4 && skb->protocol != kIpv6) return answer(-kENOTSUPP);
  const std::uint32_t network_header = skb->protocol == kIpv4 ? kIpv4Header : kIpv6Header;
  if (low(mode) != kNet && low(mode) != kMac) return answer(-kENOTSUPP);
  const std::uint32_t where = link_header(*skb) + (low(mode) == kNet ? network_header : 0);

  std::uint32_t least = network_header;
  if ((flags & kDecap) != 0) {
    if (!shrinks || (flags & kDecap) == kDecap) return answer(-kEINVAL);
    least = (flags & kDecapIpv4) != 0 ? kIpv4Header : kIpv6Header;
  }
  const std::int64_t behind = std::int64_t{skb->length()} - skb->network_header;
  if (shrinks && (size >= behind || behind - size < least)) return answer(-kENOTSUPP);
  if (!shrinks && skb->length() + size > SkbContext::kMaxGrown) return answer(-kENOTSUPP);

  charge_head(cpu, *skb, where, shrinks ? 0 : size);
  const int result = shrinks ? shrink(*skb, where, size, flags) : grow(*skb, where, size, flags);
  if (result == 0 && (flags & kNoChecksumReset) == 0) skb->checksum_level.reset();
  skb->refresh();
  return answer(result);
}

}  // namespace

void register_skb_room_helpers(HelperTable& table) {
  table.set(31, change_proto);
  table.set(38, change_tail);
  table.set(43, change_head);
  table.set(50, adjust_room);
}

}  // namespace skep::vm
