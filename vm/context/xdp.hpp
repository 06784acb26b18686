// struct xdp_md and the frame behind it. Geometry as the kernel's BPF_PROG_TEST_RUN has it: 256 bytes of
// headroom, of which the first 40 are the kernel's own (struct xdp_frame), and at the end of the frame 320
// bytes of struct skb_shared_info. A frame is 4096 bytes, or as many pages as a larger packet takes.
//
// Unlike the kernel: packets shorter than an Ethernet header run too, and a packet of more than 3520 bytes is
// one linear piece (the kernel makes fragments, for programs that ask for them).
#pragma once

#include "skep/vm/context/packet_context.hpp"

namespace skep::vm {

class XdpContext final : public PacketContext {
 public:
  static constexpr std::uint32_t kHeadroom = 256, kFrameHeader = 40, kTailroom = 320, kMaxMeta = 252,
                                 kMaxPacket = 65536;

  static Result<std::unique_ptr<Context>> create(Machine& machine);

  const std::vector<ContextField>& fields() const override;
  std::vector<std::byte> data_out() const override;
  std::vector<std::byte> frame() const override;
  void refresh() override;
  std::optional<std::string_view> verdict(std::uint32_t value) const override;

  // bpf_xdp_adjust_head, _meta, _tail: 0 or a negative errno.
  int adjust_head(std::int32_t offset);
  int adjust_meta(std::int32_t offset);
  int adjust_tail(std::int32_t offset);

 private:
  using PacketContext::PacketContext;
  // The bytes as they are, whatever the link layer: a program learns nothing of it.
  Result<> start_over(Bytes data, LinkLayer link) override;
  Result<bool> accept(const ContextField& field, std::uint64_t value) override;
};

}  // namespace skep::vm
