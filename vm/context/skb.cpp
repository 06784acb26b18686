#include "skep/vm/context/skb.hpp"

#include <algorithm>
#include <array>
#include <cstring>

#include "skep/vm/machine.hpp"

namespace skep::vm {
namespace {

enum Field : std::size_t {
#define SKEP_XDP_FIELD(...)
#define SKEP_SKB_FIELD(name, ...) field_##name,
#include "skep/vm/context/fields.inc"
#undef SKEP_XDP_FIELD
#undef SKEP_SKB_FIELD
};

const std::vector<ContextField> kFields = {
#define SKEP_XDP_FIELD(...)
#define SKEP_SKB_FIELD(name, offset, size, count, settable) {#name, offset, size, count, settable},
#include "skep/vm/context/fields.inc"
#undef SKEP_XDP_FIELD
#undef SKEP_SKB_FIELD
};

constexpr std::uint32_t kSize = 192;
constexpr std::uint32_t kLoopback = 1;  // ifindex of lo
constexpr std::uint16_t kIpv4 = 0x0800, kIpv6 = 0x86dd, kEthernet802_3 = 0x0001, kEthernet802_2 = 0x0004;
constexpr std::uint32_t kFamilyIpv4 = 2, kFamilyIpv6 = 10;
constexpr std::uint32_t kMaxWireLength = 65536;
constexpr std::uint32_t kHeadroomStep = 64;  // NET_SKB_PAD

std::uint16_t swapped(std::uint16_t value) { return byteswap(value); }

// lo's own address and broadcast address are both 0 (eth_type_trans).
std::uint32_t packet_type_of(const std::byte* frame) {
  if (std::all_of(frame, frame + 6, [](std::byte b) { return b == std::byte{0}; })) return 0;
  const bool group = (frame[0] & std::byte{1}) != std::byte{0};
  return group ? 2 : 3;
}

}  // namespace

std::uint16_t ethernet_protocol(Bytes after_addresses) {
  const auto type = load<std::uint16_t>(after_addresses.data(), ByteOrder::big);
  if (type >= 0x600) return type;
  const bool raw = after_addresses.size() >= 4 && load<std::uint16_t>(after_addresses.data() + 2) == 0xffff;
  return raw ? kEthernet802_3 : kEthernet802_2;
}

bool SkbContext::is_for(ProgramType type) {
  switch (type) {
    case ProgramType::socket_filter:
    case ProgramType::sched_cls:
    case ProgramType::sched_act:
    case ProgramType::cgroup_skb:
    case ProgramType::lwt_in:
    case ProgramType::lwt_out:
    case ProgramType::lwt_xmit: return true;
    default: return false;
  }
}

Result<std::unique_ptr<Context>> SkbContext::create(Machine& machine, ProgramType type) {
  std::unique_ptr<SkbContext> context(new SkbContext(machine, type));
  SKEP_TRY(context->allocate(kSize, "__sk_buff"));
  SKEP_TRY(context->allocate_buffer());
  constexpr std::byte kNothing[kEthernetHeader]{};
  SKEP_TRY(context->reset(kNothing));
  return context;
}

bool SkbContext::from_link_layer() const {
  return type() == ProgramType::sched_cls || type() == ProgramType::sched_act;
}

bool SkbContext::has_direct_access() const { return type() != ProgramType::socket_filter; }

Result<> SkbContext::start_ethernet(Bytes frame) {
  if (frame.size() < kEthernetHeader)
    return fail(Errc::invalid, "{} programs need a packet of at least {} bytes, this has {}", to_string(type()),
                kEthernetHeader, frame.size());
  SKEP_TRY(place(frame, kHeadroom, 0, kMaxPacket));
  protocol = ethernet_protocol(frame.subspan(12));
  packet_type = packet_type_of(frame.data());
  hidden_header_ = from_link_layer() ? 0 : kEthernetHeader;
  packet_.data += hidden_header_;
  mac_header = -static_cast<std::int32_t>(hidden_header_);
  network_header = mac_header + static_cast<std::int32_t>(kEthernetHeader);
  return {};
}

Result<> SkbContext::start_raw_ip(Bytes packet) {
  const auto version = packet.empty() ? 0 : std::to_integer<unsigned>(packet[0] >> 4);
  if (version != 4 && version != 6)
    return fail(Errc::invalid, "{} programs need a raw packet that begins with IPv4 or IPv6, this is {}",
                to_string(type()), packet.empty() ? "empty" : fmt::format("of version {}", version));
  SKEP_TRY(place(packet, kHeadroom, 0, kMaxPacket));
  protocol = version == 4 ? kIpv4 : kIpv6;
  packet_type = 0;
  hidden_header_ = 0;
  mac_header = network_header = 0;
  return {};
}

Result<> SkbContext::start_over(Bytes data, LinkLayer link) {
  SKEP_TRY(link == LinkLayer::ethernet ? start_ethernet(data) : start_raw_ip(data));
  std::memset(at(address_), 0, size_);
  vlan.reset(), hash.reset(), checksum_level.reset(), transport_header.reset();
  encapsulated = false;
  queue_mapping_ = 0;
  write(kFields[field_ifindex], kLoopback);
  write(kFields[field_wire_len], length());
  set_addresses();
  refresh();
  return {};
}

// remote_* and local_*, as test_run fills its socket: a packet that was received.
void SkbContext::set_addresses() {
  const MutableBytes packet = bytes();
  const auto network = static_cast<std::size_t>(network_header);
  const Bytes header = packet.subspan(std::min(network, packet.size()));
  const auto address = [&](std::size_t offset) { return load<std::uint32_t>(header.data() + offset); };
  if (protocol == kIpv4 && header.size() >= 20) {
    write(kFields[field_family], kFamilyIpv4);
    write(kFields[field_remote_ip4], address(16));
    write(kFields[field_local_ip4], address(12));
  } else if (protocol == kIpv6 && header.size() >= 40) {
    write(kFields[field_family], kFamilyIpv6);
    for (std::uint32_t i = 0; i < 4; ++i) {
      write(kFields[field_local_ip6], address(8 + 4 * i), i);
      write(kFields[field_remote_ip6], address(24 + 4 * i), i);
    }
  }
}

const std::vector<ContextField>& SkbContext::fields() const { return kFields; }

std::vector<std::byte> SkbContext::data_out() const {
  std::vector<std::byte> out(hidden_header_);
  const MutableBytes packet = bytes();
  out.insert(out.end(), packet.begin(), packet.end());
  return out;
}

std::vector<std::byte> SkbContext::frame() const {
  const std::byte* const start = at(packet_.data) - pulled();
  return {start, start + pulled() + length()};
}

std::optional<std::int64_t> SkbContext::packet_offset(std::int32_t offset) const {
  constexpr std::int32_t kNetworkOffset = -0x100000, kLinkOffset = -0x200000;
  if (offset >= 0) return offset;
  if (offset >= kNetworkOffset) return std::int64_t{network_header} + offset - kNetworkOffset;
  if (offset >= kLinkOffset) return std::int64_t{mac_header} + offset - kLinkOffset;
  return std::nullopt;
}

void SkbContext::refresh() {
  write(kFields[field_len], length());
  write(kFields[field_pkt_type], packet_type);
  write(kFields[field_protocol], swapped(protocol));
  write(kFields[field_vlan_present], vlan ? 1 : 0);
  write(kFields[field_vlan_tci], vlan ? vlan->tci : 0);
  write(kFields[field_vlan_proto], vlan ? swapped(vlan->protocol) : 0);
  write(kFields[field_hash], hash.value_or(0));
  packet_.meta = packet_.data;
  if (!has_direct_access()) return;
  write(kFields[field_data], packet_.data);
  write(kFields[field_data_end], packet_.end);
  if (from_link_layer()) write(kFields[field_data_meta], packet_.meta);
}

void SkbContext::settle() {
  for (const auto field : {field_tc_index, field_tc_classid})
    if (const std::uint64_t value = read(kFields[field]); value > 0xffff)
      write(kFields[field], static_cast<std::uint16_t>(value));
  constexpr std::uint64_t kNone = 0xffff;  // NO_QUEUE_MAPPING
  if (const std::uint64_t queue = read(kFields[field_queue_mapping]); queue < kNone) queue_mapping_ = queue;
  else write(kFields[field_queue_mapping], queue_mapping_);
}

void SkbContext::set_timestamp(std::uint64_t time, std::uint8_t time_type) {
  write(kFields[field_tstamp], time);
  write(kFields[field_tstamp_type], time_type);
}

Result<bool> SkbContext::accept(const ContextField& field, std::uint64_t value) {
  if (&field == &kFields[field_wire_len] && (value < length() || value > kMaxWireLength))
    return fail(Errc::invalid, "{} is not between the packet's {} and {}", value, length(), kMaxWireLength);
  if ((&field == &kFields[field_gso_segs] || &field == &kFields[field_gso_size]) && value > 0xffff)
    return fail(Errc::invalid, "{} does not fit 16 bits", value);
  return false;
}

std::optional<std::string_view> SkbContext::verdict(std::uint32_t value) const {
  using Names = std::span<const std::pair<std::uint32_t, std::string_view>>;
  static constexpr std::pair<std::uint32_t, std::string_view> kActions[] = {{0xffffffff, "TC_ACT_UNSPEC"},
                                                                            {0, "TC_ACT_OK"},
                                                                            {1, "TC_ACT_RECLASSIFY"},
                                                                            {2, "TC_ACT_SHOT"},
                                                                            {3, "TC_ACT_PIPE"},
                                                                            {4, "TC_ACT_STOLEN"},
                                                                            {5, "TC_ACT_QUEUED"},
                                                                            {6, "TC_ACT_REPEAT"},
                                                                            {7, "TC_ACT_REDIRECT"},
                                                                            {8, "TC_ACT_TRAP"}};
  static constexpr std::pair<std::uint32_t, std::string_view> kLightweight[] = {
      {0, "BPF_OK"}, {2, "BPF_DROP"}, {7, "BPF_REDIRECT"}, {128, "BPF_LWT_REROUTE"}};
  // The kernel has no names for these: bit 0 lets the packet through, bit 1 (egress) tells the socket of congestion.
  static constexpr std::pair<std::uint32_t, std::string_view> kCgroup[] = {
      {0, "deny"}, {1, "allow"}, {2, "deny_cn"}, {3, "allow_cn"}};
  Names names;
  switch (type()) {
    case ProgramType::sched_cls:
    case ProgramType::sched_act: names = kActions; break;
    case ProgramType::cgroup_skb: names = kCgroup; break;
    case ProgramType::lwt_in:
    case ProgramType::lwt_out:
    case ProgramType::lwt_xmit: names = kLightweight; break;
    default: break;
  }
  for (const auto& [number, name] : names)
    if (number == value) return name;
  return std::nullopt;
}

// The link layer header in front of the packet, where it was pulled.
std::uint32_t SkbContext::pulled() const {
  return mac_header < 0 ? std::min(static_cast<std::uint32_t>(-mac_header), packet_.data - packet_.head) : 0;
}

bool SkbContext::push(std::uint32_t size) {
  if (const std::uint32_t room = headroom(); room < size) {
    const std::uint32_t more = (size - room + kHeadroomStep - 1) / kHeadroomStep * kHeadroomStep;
    if (!make_room(room + more, 0, pulled())) return false;
    if (!transport_header) transport_header = -1 - static_cast<std::int32_t>(room);
  }
  packet_.data -= size;
  std::memset(at(packet_.data), 0, size);
  const auto moved = static_cast<std::int32_t>(size);
  mac_header += moved;
  network_header += moved;
  if (transport_header) *transport_header += moved;
  return true;
}

bool SkbContext::open_gap(std::uint32_t where, std::uint32_t size) {
  const bool same = transport_header == network_header;
  if (!push(size)) return false;
  std::memmove(at(packet_.data), at(packet_.data + size), where);
  std::memset(at(packet_.data + where), 0, size);
  mac_header -= static_cast<std::int32_t>(size);
  network_header -= static_cast<std::int32_t>(size);
  if (same) transport_header = network_header;
  return true;
}

void SkbContext::close_gap(std::uint32_t where, std::uint32_t size) {
  const bool same = transport_header == network_header;
  std::memmove(at(packet_.data + size), at(packet_.data), where);
  packet_.data += size;
  if (same)
    transport_header = network_header;
  else if (transport_header)
    *transport_header -= static_cast<std::int32_t>(size);
}

bool SkbContext::resize(std::uint32_t size) {
  const std::uint32_t old = length();
  if (size > old) {
    if (!make_room(headroom(), size - old, pulled())) return false;
    std::memset(at(packet_.end), 0, size - old);
  }
  packet_.end = packet_.data + size;
  return true;
}

}  // namespace skep::vm
