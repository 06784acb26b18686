// A hash of a packet's flow, for bpf_get_hash_recalc. The kernel's depends on a random key; this one is
// a function of the packet. Like the kernel's it is the same in both directions, and never 0.
#pragma once

#include <cstdint>

namespace skep::vm {

class SkbContext;

// Addresses, and ports of TCP, UDP and SCTP outside of fragments; other packets hash their protocol.
std::uint32_t flow_hash(const SkbContext& skb);

}  // namespace skep::vm
