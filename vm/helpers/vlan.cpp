// VLAN tags: the outermost one is kept beside the packet (as a device that strips tags gives it), further
// ones are in its bytes.
#include <algorithm>
#include <cstring>

#include "skep/vm/context/skb.hpp"
#include "skep/vm/helpers/support.hpp"

namespace skep::vm {
namespace {

using U = std::uint64_t;

constexpr std::uint16_t k8021Q = 0x8100, k8021AD = 0x88a8;
constexpr std::uint32_t kAddresses = 12, kTag = 4;

bool is_vlan(std::uint16_t protocol) { return protocol == k8021Q || protocol == k8021AD; }

// The tag beside the packet goes into its bytes, behind the two addresses.
bool tag_into_bytes(SkbContext& skb) {
  if (skb.length() < kAddresses || !skb.open_gap(kAddresses, kTag)) return false;
  std::byte* const tag = skb.bytes().data() + kAddresses;
  store(tag, skb.vlan->protocol, ByteOrder::big);
  store(tag + 2, skb.vlan->tci, ByteOrder::big);
  skb.protocol = skb.vlan->protocol;
  return true;
}

// The first tag of the bytes is taken out; false if they are too few.
bool tag_out_of_bytes(SkbContext& skb, std::uint16_t& tci) {
  if (skb.length() < SkbContext::kEthernetHeader + kTag) return false;
  tci = load<std::uint16_t>(skb.bytes().data() + SkbContext::kEthernetHeader, ByteOrder::big);
  const std::int32_t network = skb.network_header - static_cast<std::int32_t>(kTag);
  skb.close_gap(kAddresses, kTag);
  skb.network_header = std::max(network, static_cast<std::int32_t>(SkbContext::kEthernetHeader));
  skb.protocol = ethernet_protocol(Bytes(skb.bytes()).subspan(kAddresses));
  return true;
}

void charge(Cpu& cpu, const SkbContext& skb) {
  cpu.charge(helper::work::kReshape + (skb.headroom() < kTag ? skb.move_work() : 0));
}

U push(U context, U protocol, U tci, U, U, Cpu& cpu) {
  SkbContext* const skb = helper::skb(cpu, "skb_vlan_push", context);
  if (skb == nullptr) return 0;
  auto wanted = byteswap(static_cast<std::uint16_t>(protocol));  // __be16
  if (!is_vlan(wanted)) wanted = k8021Q;
  charge(cpu, *skb);
  if (skb->vlan && !tag_into_bytes(*skb)) return answer(-kENOMEM);
  skb->vlan = SkbContext::Vlan{.protocol = wanted, .tci = static_cast<std::uint16_t>(tci)};
  skb->refresh();
  return 0;
}

U pop(U context, U, U, U, U, Cpu& cpu) {
  SkbContext* const skb = helper::skb(cpu, "skb_vlan_pop", context);
  if (skb == nullptr) return 0;
  charge(cpu, *skb);
  std::uint16_t tci = 0;
  int result = 0;
  if (skb->vlan)
    skb->vlan.reset();
  else if (is_vlan(skb->protocol) && !tag_out_of_bytes(*skb, tci))
    result = -kENOMEM;
  // The next one, if there is one, takes its place.
  if (const std::uint16_t outer = skb->protocol; result == 0 && is_vlan(outer)) {
    if (tag_out_of_bytes(*skb, tci))
      skb->vlan = SkbContext::Vlan{.protocol = outer, .tci = tci};
    else
      result = -kENOMEM;
  }
  skb->refresh();
  return answer(result);
}

}  // namespace

void register_vlan_helpers(HelperTable& table) {
  table.set(18, push);
  table.set(19, pop);
}

}  // namespace skep::vm
