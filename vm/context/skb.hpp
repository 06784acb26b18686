// struct __sk_buff and the packet behind it, as BPF_PROG_TEST_RUN makes one: received on lo, Ethernet
// header in the buffer. Classifiers and actions see the frame from the link layer on; cgroup_skb, socket
// filters and lwt_* see it from the network layer on, and data_out has 14 zero bytes in place of the header.
//
// A raw IP packet is as a tun device receives it (drivers/net/tun.c): no link layer header, and the packet begins
// at the IP header for all types. The version in its first byte tells the protocol; others than 4 and 6 are
// refused, as they never get past the device. It is the host's own (PACKET_HOST).
//
// What the kernel keeps in struct sk_buff is kept here on the host (packet, header positions, protocol,
// VLAN tag, hash, checksum state); the structure in guest memory shows it and holds what programs may write
// (mark, priority, queue_mapping, tc_index, cb, tc_classid, tstamp). The kernel keeps queue_mapping, tc_index and
// tc_classid in 16 bits and rewrites the program's loads and stores; here they are plain words of memory, so that a
// program reads back what it wrote, all 32 bits of it, until a helper gets the context or a tail call follows: then
// they become what the kernel has (tc_index and tc_classid their low halves; a queue_mapping of 65535 and more is a
// store that did not happen).
//
// Unlike the kernel: IP frames shorter than their fixed headers run (the kernel answers EINVAL), frames
// may have up to 64 KiB, there is no socket (sk is NULL), and wire_len is the packet's length from the start: as a
// device's packets have it, and those of the kernel's test runs if a context is given (without one it is 0 there).
#pragma once

#include "skep/vm/context/packet_context.hpp"

namespace skep::vm {

// The protocol of a frame, given the bytes from its EtherType on (at least 2): lengths are 802.3 (1) or
// 802.2 (4) frames, as the kernel numbers them.
std::uint16_t ethernet_protocol(Bytes after_addresses);

class SkbContext final : public PacketContext {
 public:
  static constexpr std::uint32_t kHeadroom = 64, kEthernetHeader = 14, kMaxPacket = 65536;
  // No helper makes a packet longer than this (SKB_MAX_ALLOC with 4 KiB pages).
  static constexpr std::uint32_t kMaxGrown = 16064;

  // Whether programs of this type take a __sk_buff (that is emulated).
  static bool is_for(ProgramType type);
  static Result<std::unique_ptr<Context>> create(Machine& machine, ProgramType type);

  const std::vector<ContextField>& fields() const override;
  std::vector<std::byte> data_out() const override;
  std::vector<std::byte> frame() const override;
  // SKF_NET_OFF and SKF_LL_OFF of <linux/filter.h>.
  std::optional<std::int64_t> packet_offset(std::int32_t offset) const override;
  void refresh() override;
  void settle() override;
  std::optional<std::string_view> verdict(std::uint32_t value) const override;

  // --- What helpers know of the packet besides its bytes. ---

  // EtherTypes, as numbers (0x0800); what a VLAN tag in `vlan` covers is the protocol inside.
  std::uint16_t protocol = 0;
  std::uint32_t packet_type = 0;  // PACKET_HOST 0, BROADCAST, MULTICAST, OTHERHOST 3
  struct Vlan {
    std::uint16_t protocol, tci;
  };
  std::optional<Vlan> vlan;  // the tag outside of the packet's bytes
  std::optional<std::uint32_t> hash;
  std::optional<std::uint32_t> checksum_level;  // of CHECKSUM_UNNECESSARY; nothing is CHECKSUM_NONE
  bool encapsulated = false;
  // Header positions relative to packet()->data; negative in front of it.
  std::int32_t mac_header = 0, network_header = 0;
  std::optional<std::int32_t> transport_header;

  // Guest fields that helpers write.
  void set_timestamp(std::uint64_t time, std::uint8_t type);

  // Puts `size` zero bytes in front; headers stay where they are in the packet. False: no memory. As in the kernel
  // (pskb_expand_head), a buffer without room in front gets more of it in steps of 64 bytes, and a transport header
  // that was not set then seems to be: "not set" is position -1 in 16 bits, and it is moved with the others.
  bool push(std::uint32_t size);
  // Puts `size` zero bytes behind the first `where` (a link layer header, which moves to the new start; the network
  // header then is what follows it). False: no memory.
  bool open_gap(std::uint32_t where, std::uint32_t size);
  // Takes `size` bytes behind the first `where` away, likewise; where + size <= length().
  void close_gap(std::uint32_t where, std::uint32_t size);
  // Makes the packet longer with zeroes, or shorter. False: no memory.
  bool resize(std::uint32_t size);

 private:
  using PacketContext::PacketContext;
  Result<> start_over(Bytes data, LinkLayer link) override;
  Result<> start_ethernet(Bytes frame);
  Result<> start_raw_ip(Bytes packet);
  Result<bool> accept(const ContextField& field, std::uint64_t value) override;
  bool from_link_layer() const;
  bool has_direct_access() const;
  std::uint32_t pulled() const;
  void set_addresses();

  // The link layer header that the frame came with and that the program does not see.
  std::uint32_t hidden_header_ = 0;
  // The last that settle() saw.
  std::uint64_t queue_mapping_ = 0;
};

}  // namespace skep::vm
