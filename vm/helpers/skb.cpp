// Reading and writing the packet behind a __sk_buff, and what is known of it (type, hash, time, ECN).
#include "skep/vm/context/skb.hpp"

#include <algorithm>

#include "skep/vm/helpers/flow_hash.hpp"
#include "skep/vm/helpers/support.hpp"

namespace skep::vm {
namespace {

using U = std::uint64_t;

constexpr std::uint16_t kIpv4 = 0x0800, kIpv6 = 0x86dd;

// Loads that fail give zeroes.
U load_failed(Cpu& cpu, std::string_view name, U to, U size) {
  helper::clear(cpu, name, to, low(size));
  return answer(-kEFAULT);
}

U load_bytes(U context, U offset, U to, U size, U, Cpu& cpu) {
  SkbContext* const skb = helper::skb(cpu, "skb_load_bytes", context);
  if (skb == nullptr) return 0;
  if (U{low(offset)} + low(size) > skb->length()) return load_failed(cpu, "skb_load_bytes", to, size);
  helper::write(cpu, "skb_load_bytes", to, skb->bytes().data() + low(offset), low(size));
  return 0;
}

U load_bytes_relative(U context, U offset, U to, U size, U start, Cpu& cpu) {
  SkbContext* const skb = helper::skb(cpu, "skb_load_bytes_relative", context);
  if (skb == nullptr) return 0;
  constexpr std::uint32_t kMac = 0, kNetwork = 1;
  const std::int64_t header = low(start) == kMac ? skb->mac_header : skb->network_header;
  const std::int64_t begin = header + low(offset);
  if (low(start) > kNetwork || low(offset) > 0xffff || begin + low(size) > skb->length())
    return load_failed(cpu, "skb_load_bytes_relative", to, size);
  helper::write(cpu, "skb_load_bytes_relative", to, skb->bytes().data() + begin, low(size));
  return 0;
}

U store_bytes(U context, U offset, U from, U size, U flags, Cpu& cpu) {
  constexpr U kRecompute = 1, kInvalidateHash = 2;
  SkbContext* const skb = helper::skb(cpu, "skb_store_bytes", context);
  if (skb == nullptr) return 0;
  if ((flags & ~(kRecompute | kInvalidateHash)) != 0) return answer(-kEINVAL);
  if (U{low(offset)} + low(size) > skb->length()) return answer(-kEFAULT);
  if (!helper::read(cpu, "skb_store_bytes", from, skb->bytes().data() + low(offset), low(size))) return 0;
  if ((flags & kInvalidateHash) != 0) skb->hash.reset();
  skb->refresh();
  return 0;
}

// The whole packet is linear; 0 asks for what there is.
U pull_data(U context, U size, U, U, U, Cpu& cpu) {
  SkbContext* const skb = helper::skb(cpu, "skb_pull_data", context);
  if (skb == nullptr) return 0;
  return answer(low(size) > skb->length() ? -kENOMEM : 0);
}

U change_type(U context, U type, U, U, U, Cpu& cpu) {
  constexpr std::uint32_t kOtherHost = 3;
  SkbContext* const skb = helper::skb(cpu, "skb_change_type", context);
  if (skb == nullptr) return 0;
  if (low(type) > kOtherHost) return answer(-kEINVAL);
  skb->packet_type = low(type);
  skb->refresh();
  return 0;
}

// --- The flow hash. ---

U get_hash(U context, U, U, U, U, Cpu& cpu) {
  SkbContext* const skb = helper::skb(cpu, "get_hash_recalc", context);
  if (skb == nullptr) return 0;
  cpu.charge(helper::work::kHash);
  if (!skb->hash) skb->hash = flow_hash(*skb);
  skb->refresh();
  return *skb->hash;
}

U set_hash(U context, U hash, U, U, U, Cpu& cpu) {
  SkbContext* const skb = helper::skb(cpu, "set_hash", context);
  if (skb == nullptr) return 0;
  skb->hash = low(hash);
  skb->refresh();
  return 0;
}

U set_hash_invalid(U context, U, U, U, U, Cpu& cpu) {
  SkbContext* const skb = helper::skb(cpu, "set_hash_invalid", context);
  if (skb == nullptr) return 0;
  skb->hash.reset();
  skb->refresh();
  return 0;
}

// --- Time and congestion. ---

U set_tstamp(U context, U time, U type, U, U, Cpu& cpu) {
  constexpr std::uint32_t kRealtime = 0, kTai = 2;
  SkbContext* const skb = helper::skb(cpu, "skb_set_tstamp", context);
  if (skb == nullptr) return 0;
  if (skb->protocol != kIpv4 && skb->protocol != kIpv6) return answer(-kEOPNOTSUPP);
  if (low(type) > kTai || (low(type) != kRealtime && time == 0)) return answer(-kEINVAL);
  skb->set_timestamp(time, static_cast<std::uint8_t>(type));
  return 0;
}

// The protocol behind the VLAN tags that are in the packet's bytes.
std::uint16_t inner_protocol(const SkbContext& skb) {
  constexpr int kMaxTags = 7;
  std::uint16_t protocol = skb.protocol;
  std::size_t offset = static_cast<std::size_t>(SkbContext::kEthernetHeader);
  for (int tags = 0; protocol == 0x8100 || protocol == 0x88a8; ++tags, offset += 4) {
    if (tags == kMaxTags || offset + 4 > skb.length()) return 0;
    protocol = load<std::uint16_t>(skb.bytes().data() + offset + 2, ByteOrder::big);
  }
  return protocol;
}

// Marks Congestion Experienced where the header that the network header points at is ECN-capable.
bool mark_ipv4(std::byte* header) {
  const auto tos = std::to_integer<std::uint32_t>(header[1]);
  const std::uint32_t ecn = (tos + 1) & 3;
  if ((ecn & 2) == 0) return ecn == 0;  // not capable, or marked already
  // RFC 1624, on big-endian words: what is added to the sum is what the mark takes away.
  const auto add = static_cast<std::uint16_t>(0xfffb + ecn);
  const std::uint32_t sum = load<std::uint16_t>(header + 10, ByteOrder::big) + std::uint32_t{add};
  store(header + 10, static_cast<std::uint16_t>(sum + (sum >> 16)), ByteOrder::big);
  header[1] |= std::byte{3};
  return true;
}

bool mark_ipv6(std::byte* header) {
  const auto traffic_class = load<std::uint16_t>(header, ByteOrder::big) >> 4;
  if ((traffic_class & 3) == 0) return false;
  header[1] |= std::byte{0x30};
  return true;
}

U ecn_set_ce(U context, U, U, U, U, Cpu& cpu) {
  SkbContext* const skb = helper::skb(cpu, "skb_ecn_set_ce", context);
  if (skb == nullptr) return 0;
  const std::uint16_t protocol = inner_protocol(*skb);
  const std::int64_t size = protocol == kIpv4 ? 20 : 40;
  if (protocol != kIpv4 && protocol != kIpv6) return 0;
  if (skb->network_header + size > skb->length()) return 0;
  std::byte* const header = skb->bytes().data() + skb->network_header;
  return protocol == kIpv4 ? mark_ipv4(header) : mark_ipv6(header);
}

// --- What these packets never have. ---

// No packet came out of a tunnel: the destination is zeroed.
U no_tunnel(std::string_view name, U context, U to, U size, int error, Cpu& cpu) {
  if (helper::skb(cpu, name, context) != nullptr) helper::clear(cpu, name, to, low(size));
  return answer(error);
}
U get_tunnel_key(U context, U to, U size, U, U, Cpu& cpu) {
  return no_tunnel("skb_get_tunnel_key", context, to, size, -kEINVAL, cpu);
}
U get_tunnel_opt(U context, U to, U size, U, U, Cpu& cpu) {
  return no_tunnel("skb_get_tunnel_opt", context, to, size, -kENOENT, cpu);
}

// There is no cgroup with a class, and no route yet.
U get_cgroup_classid(U context, U, U, U, U, Cpu& cpu) {
  helper::skb(cpu, "get_cgroup_classid", context);
  return 0;
}
U get_route_realm(U context, U, U, U, U, Cpu& cpu) {
  helper::skb(cpu, "get_route_realm", context);
  return 0;
}

}  // namespace

void register_skb_helpers(HelperTable& table) {
  table.set(9, store_bytes);
  table.set(17, get_cgroup_classid);
  table.set(20, get_tunnel_key);
  table.set(24, get_route_realm);
  table.set(26, load_bytes);
  table.set(29, get_tunnel_opt);
  table.set(32, change_type);
  table.set(34, get_hash);
  table.set(39, pull_data);
  table.set(41, set_hash_invalid);
  table.set(48, set_hash);
  table.set(68, load_bytes_relative);
  table.set(97, ecn_set_ce);
  table.set(192, set_tstamp);
}

}  // namespace skep::vm
