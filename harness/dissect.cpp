// A small dissector: enough of the common headers to say what a program did to a packet, no more (tcpdump
// and Wireshark read the pcap that comes out). One row per field; sources: IEEE 802.3, 802.1Q, RFC 791, 8200,
// 9293, 768, 792, 4443, 826.
#include "skep/harness/dissect.hpp"

#include <algorithm>
#include <optional>
#include <span>

#include <arpa/inet.h>

namespace skep::harness {
namespace {

enum class Show : std::uint8_t { number, hex, mac, ip4, ip6, ether_type, ip_protocol, tcp_flags };

// A field: where it starts and how wide it is, in bits from the start of the header.
struct FieldRow {
  std::string_view name;
  std::uint16_t bit, width;
  Show show = Show::number;
};

struct Protocol {
  std::string_view name;
  std::size_t size;  // bytes of the fixed header
  std::span<const FieldRow> fields;
};

constexpr FieldRow kEthFields[] = {
    {"dst", 0, 48, Show::mac}, {"src", 48, 48, Show::mac}, {"type", 96, 16, Show::ether_type}};
constexpr FieldRow kVlanFields[] = {{"id", 4, 12}, {"priority", 0, 3}, {"type", 16, 16, Show::ether_type}};
constexpr FieldRow kArpFields[] = {{"sender", 112, 32, Show::ip4},
                                   {"target", 192, 32, Show::ip4},
                                   {"operation", 48, 16},
                                   {"sender_mac", 64, 48, Show::mac},
                                   {"target_mac", 144, 48, Show::mac}};
constexpr FieldRow kIpv4Fields[] = {{"src", 96, 32, Show::ip4}, {"dst", 128, 32, Show::ip4},
                                    {"protocol", 72, 8, Show::ip_protocol}, {"tos", 8, 8, Show::hex},
                                    {"length", 16, 16}, {"id", 32, 16, Show::hex}, {"flags", 48, 3, Show::hex},
                                    {"fragment", 51, 13}, {"ttl", 64, 8}, {"checksum", 80, 16, Show::hex}};
constexpr FieldRow kIpv6Fields[] = {{"src", 64, 128, Show::ip6}, {"dst", 192, 128, Show::ip6},
                                    {"next", 48, 8, Show::ip_protocol}, {"class", 4, 8, Show::hex},
                                    {"flow", 12, 20, Show::hex}, {"length", 32, 16}, {"hops", 56, 8}};
constexpr FieldRow kTcpFields[] = {{"src", 0, 16}, {"dst", 16, 16}, {"flags", 104, 8, Show::tcp_flags},
                                   {"seq", 32, 32}, {"ack", 64, 32}, {"window", 112, 16},
                                   {"checksum", 128, 16, Show::hex}, {"urgent", 144, 16}};
constexpr FieldRow kUdpFields[] = {
    {"src", 0, 16}, {"dst", 16, 16}, {"length", 32, 16}, {"checksum", 48, 16, Show::hex}};
constexpr FieldRow kIcmpFields[] = {{"type", 0, 8}, {"code", 8, 8}, {"checksum", 16, 16, Show::hex},
                                    {"rest", 32, 32, Show::hex}};

constexpr Protocol kEth{"eth", 14, kEthFields}, kVlan{"vlan", 4, kVlanFields}, kArp{"arp", 28, kArpFields},
    kIpv4{"ipv4", 20, kIpv4Fields}, kIpv6{"ipv6", 40, kIpv6Fields}, kTcp{"tcp", 20, kTcpFields},
    kUdp{"udp", 8, kUdpFields}, kIcmp{"icmp", 8, kIcmpFields}, kIcmpv6{"icmpv6", 8, kIcmpFields};

struct Number {
  std::uint64_t number;
  std::string_view name;
  const Protocol* next;
};
constexpr Number kEtherTypes[] = {{0x0800, "ipv4", &kIpv4}, {0x86dd, "ipv6", &kIpv6}, {0x0806, "arp", &kArp},
                                  {0x8100, "vlan", &kVlan}, {0x88a8, "vlan", &kVlan}};
constexpr Number kIpProtocols[] = {{1, "icmp", &kIcmp}, {4, "ipip", &kIpv4}, {6, "tcp", &kTcp}, {17, "udp", &kUdp},
                                   {41, "ipv6", &kIpv6}, {47, "gre", nullptr}, {58, "icmpv6", &kIcmpv6}};

const Number* find(std::span<const Number> numbers, std::uint64_t number) {
  const auto found = std::ranges::find(numbers, number, &Number::number);
  return found == numbers.end() ? nullptr : &*found;
}

// Up to 64 bits, network order.
std::uint64_t bits(Bytes header, std::size_t bit, std::size_t width) {
  std::uint64_t value = 0;
  for (std::size_t i = bit; i < bit + width; i++)
    value = value << 1 | (std::to_integer<std::uint64_t>(header[i / 8]) >> (7 - i % 8) & 1);
  return value;
}

std::string flags_text(std::uint64_t flags) {
  std::string text;
  for (unsigned i = 0; i < 8; i++)
    if (flags >> i & 1) text += "FSRPAUEC"[i];
  return text.empty() ? "none" : text;
}

std::string format(Bytes header, const FieldRow& row) {
  const Bytes raw = header.subspan(row.bit / 8, (row.width + 7u) / 8);
  char address[INET6_ADDRSTRLEN] = "";
  switch (row.show) {
    case Show::number: return std::to_string(bits(header, row.bit, row.width));
    case Show::hex: return fmt::format("{:#x}", bits(header, row.bit, row.width));
    case Show::tcp_flags: return flags_text(bits(header, row.bit, row.width));
    case Show::ip4: return inet_ntop(AF_INET, raw.data(), address, sizeof address);
    case Show::ip6: return inet_ntop(AF_INET6, raw.data(), address, sizeof address);
    case Show::mac: {
      std::string text;
      for (const auto byte : raw)
        text += fmt::format("{}{:02x}", text.empty() ? "" : ":", std::to_integer<unsigned>(byte));
      return text;
    }
    case Show::ether_type:
    case Show::ip_protocol: {
      const auto number = bits(header, row.bit, row.width);
      const bool ether = row.show == Show::ether_type;
      if (const auto* known = ether ? find(kEtherTypes, number) : find(kIpProtocols, number))
        return std::string(known->name);
      return ether ? fmt::format("{:#06x}", number) : std::to_string(number);
    }
  }
  return {};
}

// Bytes of the whole header, options included; 0 if it cannot be what it says.
std::size_t header_size(const Protocol& protocol, Bytes bytes) {
  if (bytes.size() < protocol.size) return 0;
  std::size_t size = protocol.size;
  if (&protocol == &kIpv4) size = bits(bytes, 0, 4) == 4 ? bits(bytes, 4, 4) * 4 : 0;
  if (&protocol == &kIpv6 && bits(bytes, 0, 4) != 6) return 0;
  if (&protocol == &kTcp) size = bits(bytes, 96, 4) * 4;
  return size < protocol.size || size > bytes.size() ? 0 : size;
}

const Protocol* next_protocol(const Protocol& protocol, Bytes header) {
  const Number* next = nullptr;
  if (&protocol == &kEth) next = find(kEtherTypes, bits(header, 96, 16));
  if (&protocol == &kVlan) next = find(kEtherTypes, bits(header, 16, 16));
  // What follows in a fragment that is not the first is no header.
  if (&protocol == &kIpv4 && bits(header, 51, 13) == 0) next = find(kIpProtocols, bits(header, 72, 8));
  if (&protocol == &kIpv6) next = find(kIpProtocols, bits(header, 48, 8));
  return next == nullptr ? nullptr : next->next;
}

std::size_t equal_fields(const PacketLayer& a, const PacketLayer& b) {
  std::size_t count = a.protocol == "data" && std::ranges::equal(a.bytes, b.bytes);
  for (std::size_t i = 0; i < std::min(a.fields.size(), b.fields.size()); i++) count += a.fields[i] == b.fields[i];
  return count;
}

// Which layer of `after` each layer of `before` became (or none): the order-keeping match of equal
// protocols with the most equal fields, so that an added outer header is told from the inner one.
std::vector<std::optional<std::size_t>> match(const std::vector<PacketLayer>& before,
                                              const std::vector<PacketLayer>& after) {
  const std::size_t rows = before.size(), columns = after.size();
  std::vector<std::size_t> best((rows + 1) * (columns + 1));
  const auto at = [&](std::size_t i, std::size_t j) -> std::size_t& { return best[i * (columns + 1) + j]; };
  const auto together = [&](std::size_t i, std::size_t j) {
    return before[i].protocol == after[j].protocol ? 1 + 2 * equal_fields(before[i], after[j]) + at(i + 1, j + 1) : 0;
  };
  for (std::size_t i = rows; i-- > 0;)
    for (std::size_t j = columns; j-- > 0;) at(i, j) = std::max({together(i, j), at(i + 1, j), at(i, j + 1)});
  std::vector<std::optional<std::size_t>> matched(rows);
  for (std::size_t i = 0, j = 0; i < rows && j < columns;) {
    if (const auto score = together(i, j); score != 0 && score == at(i, j)) matched[i++] = j++;
    else if (at(i + 1, j) == at(i, j)) i++;
    else j++;
  }
  return matched;
}

// "02:…:02→02:…:0d" without the bytes at the start that both MAC addresses have: "…02→…0d".
std::string mac_change(std::string_view before, std::string_view after) {
  const auto differ = std::ranges::mismatch(before, after).in1 - before.begin();
  const auto start = before.substr(0, static_cast<std::size_t>(differ)).rfind(':');
  if (start == std::string_view::npos) return fmt::format("{}→{}", before, after);
  return fmt::format("…{}→…{}", before.substr(start + 1), after.substr(start + 1));
}

void describe_layer(const PacketLayer& before, const PacketLayer& after, std::vector<std::string>& changes) {
  for (std::size_t i = 0; i < before.fields.size(); i++)
    if (const auto& [name, was] = before.fields[i]; was != after.fields[i].value) {
      const auto& is = after.fields[i].value;
      const bool mac = before.protocol == "eth" && name != "type";
      changes.push_back(fmt::format("{}.{} {}", before.protocol, name,
                                    mac ? mac_change(was, is) : fmt::format("{}→{}", was, is)));
    }
  // Options and payload have no fields.
  const bool data = before.protocol == "data";
  const Bytes a = data ? before.bytes : before.bytes.subspan(std::min<std::size_t>(before.bytes.size(), 20));
  const Bytes b = data ? after.bytes : after.bytes.subspan(std::min<std::size_t>(after.bytes.size(), 20));
  if (before.protocol != "data" && before.protocol != "ipv4" && before.protocol != "tcp") return;
  if (a.size() != b.size()) {
    changes.push_back(
        fmt::format("{} {}→{} B", data ? "data" : fmt::format("{}.options", before.protocol), a.size(), b.size()));
  } else if (!std::ranges::equal(a, b)) {
    std::size_t count = 0, first = a.size();
    for (std::size_t i = a.size(); i-- > 0;)
      if (a[i] != b[i]) count++, first = i;
    changes.push_back(fmt::format("{} {} byte{} from +{}", data ? "data" : fmt::format("{}.options", before.protocol),
                                  count, count == 1 ? "" : "s", first));
  }
}

}  // namespace

std::vector<PacketLayer> dissect(Bytes packet, LinkType link) {
  std::vector<PacketLayer> layers;
  const Protocol* protocol = &kEth;
  if (link == LinkType::raw_ip) protocol = !packet.empty() && bits(packet, 0, 4) == 6 ? &kIpv6 : &kIpv4;
  while (protocol != nullptr) {
    const std::size_t size = header_size(*protocol, packet);
    if (size == 0) break;
    PacketLayer layer{protocol->name, {}, packet.first(size)};
    for (const auto& row : protocol->fields) layer.fields.push_back({row.name, format(layer.bytes, row)});
    layers.push_back(std::move(layer));
    protocol = next_protocol(*protocol, packet.first(size));
    packet = packet.subspan(size);
  }
  if (!packet.empty()) layers.push_back({"data", {}, packet});
  return layers;
}

std::string summary(const PacketLayer& layer) {
  if (layer.protocol == "data") return fmt::format("data({} B)", layer.bytes.size());
  if (layer.protocol == "eth") return fmt::format("eth({} → {})", layer.fields[1].value, layer.fields[0].value);
  if (layer.protocol == "vlan") return fmt::format("vlan({})", layer.fields[0].value);
  const bool routed = layer.protocol == "ipv4" || layer.protocol == "ipv6";
  const auto link = layer.protocol.starts_with("icmp") ? "/" : " → ";
  return fmt::format("{}({}{}{}{}{})", layer.protocol, layer.fields[0].value, link, layer.fields[1].value,
                     routed ? ", " : "", routed ? layer.fields[2].value : "");
}

std::string describe_change(Bytes before, Bytes after, LinkType link) {
  if (std::ranges::equal(before, after)) return {};
  const auto old_layers = dissect(before, link), new_layers = dissect(after, link);
  const auto matched = match(old_layers, new_layers);
  std::vector<std::string> changes;
  for (std::size_t j = 0; j < new_layers.size(); j++)
    if (std::ranges::find(matched, std::optional(j)) == matched.end())
      changes.push_back("+" + summary(new_layers[j]));
  for (std::size_t i = 0; i < old_layers.size(); i++) {
    if (matched[i]) describe_layer(old_layers[i], new_layers[*matched[i]], changes);
    else changes.push_back("-" + summary(old_layers[i]));
  }
  std::string text;
  if (before.size() != after.size()) text = fmt::format("{}→{} B: ", before.size(), after.size());
  return text + fmt::format("{}", fmt::join(changes, "; "));
}

}  // namespace skep::harness
