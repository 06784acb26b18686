// Where a packet shall go. The emulated machine sends nothing: the last request is recorded as the run's
// outcome, and whoever reads it looks at the verdict too. Every interface index above 0 counts as a device.
#include "skep/vm/context/skb.hpp"
#include "skep/vm/helpers/support.hpp"
#include "skep/vm/machine.hpp"
#include "skep/vm/maps/redirect_map.hpp"

namespace skep::vm {
namespace {

using U = std::uint64_t;

constexpr U kXdpAborted = 0, kXdpRedirect = 4, kActShot = 2, kActRedirect = 7;
constexpr U kIngress = 1;     // BPF_F_INGRESS
constexpr U kBroadcast = 8;   // BPF_F_BROADCAST
constexpr U kActionBits = 3;  // of bpf_redirect_map's flags: what to answer when there is no entry

Redirect to_device(std::string_view helper, U ifindex, U flags) {
  return Redirect{.helper = std::string(helper), .map = {}, .ifindex = low(ifindex), .key = {}, .flags = flags};
}

U redirect(U ifindex, U flags, U, U, U, Cpu& cpu) {
  const bool xdp = cpu.program != nullptr && cpu.program->type() == ProgramType::xdp;
  cpu.charge(helper::work::kRedirect);
  if ((flags & ~(xdp ? U{0} : kIngress)) != 0) return xdp ? kXdpAborted : kActShot;
  cpu.outcome().redirect = to_device("redirect", ifindex, flags);
  return xdp ? kXdpRedirect : kActRedirect;
}

U redirect_map(U handle, U key, U flags, U, U, Cpu& cpu) {
  Map* const map = helper::map(cpu, "redirect_map", handle);
  if (map == nullptr) return 0;
  RedirectMap* const devices = RedirectMap::from(map);
  if (devices == nullptr) {
    helper::bad_argument(cpu, "redirect_map", "no map to redirect through", handle);
    return 0;
  }
  if ((flags & ~(kActionBits | devices->redirect_flags())) != 0) return kXdpAborted;
  cpu.charge(helper::work::kRedirect);
  const auto target = devices->target(key);
  if (!target && (flags & kBroadcast) == 0) {
    cpu.outcome().redirect.reset();
    return flags & kActionBits;
  }
  const bool device = map->type() == MapType::devmap || map->type() == MapType::devmap_hash;
  cpu.outcome().redirect = Redirect{.helper = "redirect_map",
                                    .map = map->name(),
                                    .ifindex = device && (flags & kBroadcast) == 0 ? target : std::nullopt,
                                    .key = key,
                                    .flags = flags};
  return kXdpRedirect;
}

// A copy of the packet goes at once, with its link layer header.
U clone_redirect(U context, U ifindex, U flags, U, U, Cpu& cpu) {
  SkbContext* const skb = helper::skb(cpu, "clone_redirect", context);
  if (skb == nullptr) return 0;
  if ((flags & ~kIngress) != 0 || low(ifindex) == 0) return answer(-kEINVAL);
  std::vector<std::byte> packet = skb->frame();
  cpu.charge(helper::work::kClone + packet.size() / 4);
  if (!cpu.outcome().take_room(packet.size())) return answer(-kENOMEM);
  cpu.outcome().clones.push_back({to_device("clone_redirect", ifindex, flags), std::move(packet)});
  return 0;
}

// `params` (struct bpf_redir_neigh, 20 bytes) names the next hop; it is checked and not kept.
U redirect_neigh(U ifindex, U params, U size, U flags, U, Cpu& cpu) {
  constexpr std::uint32_t kParams = 20;
  if (flags != 0 || (low(size) != 0 && low(size) < kParams)) return kActShot;
  cpu.charge(helper::work::kRedirect);
  helper::Buffer hop;
  if (!hop.read(cpu, "redirect_neigh", params, low(size))) return 0;
  cpu.outcome().redirect = to_device("redirect_neigh", ifindex, flags);
  return kActRedirect;
}

U redirect_peer(U ifindex, U flags, U, U, U, Cpu& cpu) {
  if (flags != 0) return kActShot;
  cpu.charge(helper::work::kRedirect);
  cpu.outcome().redirect = to_device("redirect_peer", ifindex, flags);
  return kActRedirect;
}

}  // namespace

void register_redirect_helpers(HelperTable& table) {
  table.set(13, clone_redirect);
  table.set(23, redirect);
  table.set(51, redirect_map);
  table.set(152, redirect_neigh);
  table.set(155, redirect_peer);
}

}  // namespace skep::vm
