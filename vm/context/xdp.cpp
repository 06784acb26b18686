#include "skep/vm/context/xdp.hpp"

#include <array>
#include <cstring>

#include "skep/vm/machine.hpp"

namespace skep::vm {
namespace {

enum Field : std::size_t {
#define SKEP_XDP_FIELD(name, ...) name,
#define SKEP_SKB_FIELD(...)
#include "skep/vm/context/fields.inc"
#undef SKEP_XDP_FIELD
#undef SKEP_SKB_FIELD
};

const std::vector<ContextField> kFields = {
#define SKEP_XDP_FIELD(name, offset, size, count, settable) {#name, offset, size, count, settable},
#define SKEP_SKB_FIELD(...)
#include "skep/vm/context/fields.inc"
#undef SKEP_XDP_FIELD
#undef SKEP_SKB_FIELD
};

constexpr std::uint32_t kSize = 24;
constexpr std::int64_t kEthernetHeader = 14;
// The device that packets come from: lo.
constexpr std::uint32_t kLoopback = 1;

bool valid_meta(std::uint64_t size) { return size % 4 == 0 && size <= XdpContext::kMaxMeta; }

}  // namespace

Result<std::unique_ptr<Context>> XdpContext::create(Machine& machine) {
  std::unique_ptr<XdpContext> context(new XdpContext(machine, ProgramType::xdp));
  SKEP_TRY(context->allocate(kSize, "xdp_md"));
  SKEP_TRY(context->allocate_buffer());
  SKEP_TRY(context->reset({}));
  return context;
}

Result<> XdpContext::start_over(Bytes data, LinkLayer) {
  SKEP_TRY(place(data, kHeadroom, kTailroom, kMaxPacket));
  std::memset(at(address_), 0, size_);
  write(kFields[ingress_ifindex], kLoopback);
  refresh();
  return {};
}

const std::vector<ContextField>& XdpContext::fields() const { return kFields; }

std::vector<std::byte> XdpContext::data_out() const { return {at(packet_.meta), at(packet_.end)}; }

std::vector<std::byte> XdpContext::frame() const { return {at(packet_.data), at(packet_.end)}; }

void XdpContext::refresh() {
  write(kFields[data], packet_.data);
  write(kFields[data_end], packet_.end);
  write(kFields[data_meta], packet_.meta);
}

std::optional<std::string_view> XdpContext::verdict(std::uint32_t value) const {
  static constexpr std::array<std::string_view, 5> kNames = {"XDP_ABORTED", "XDP_DROP", "XDP_PASS", "XDP_TX",
                                                             "XDP_REDIRECT"};
  if (value >= kNames.size()) return std::nullopt;
  return kNames[value];
}

// `data` is a count of bytes here: they become metadata, and the packet starts behind them.
Result<bool> XdpContext::accept(const ContextField& field, std::uint64_t value) {
  if (&field != &kFields[data]) return false;
  const std::uint32_t whole = packet_.end - packet_.meta;
  if (!valid_meta(value) || value > whole)
    return fail(Errc::invalid, "metadata of {} bytes: a multiple of 4, at most {} and the packet's {}", value, kMaxMeta,
                whole);
  const std::vector<std::byte> input = data_out();
  const auto meta = static_cast<std::uint32_t>(value);
  SKEP_TRY(place(Bytes(input).subspan(meta), kHeadroom, kTailroom, kMaxPacket));
  packet_.meta = packet_.data - meta;
  if (meta != 0) std::memcpy(at(packet_.meta), input.data(), meta);
  refresh();
  return true;
}

int XdpContext::adjust_head(std::int32_t offset) {
  const std::int64_t meta_size = packet_.data - packet_.meta;
  const std::int64_t moved = std::int64_t{packet_.data} + offset;
  if (moved < packet_.head + kFrameHeader + meta_size || moved > packet_.end - kEthernetHeader) return -kEINVAL;
  const GuestAddress start = packet_.meta;
  packet_.data = static_cast<GuestAddress>(moved);
  packet_.meta = static_cast<GuestAddress>(moved - meta_size);
  std::memmove(at(packet_.meta), at(start), static_cast<std::size_t>(meta_size));
  refresh();
  return 0;
}

int XdpContext::adjust_meta(std::int32_t offset) {
  const std::int64_t moved = std::int64_t{packet_.meta} + offset;
  if (moved < packet_.head + kFrameHeader || moved > packet_.data) return -kEINVAL;
  if (!valid_meta(static_cast<std::uint64_t>(packet_.data - moved))) return -kEACCES;
  packet_.meta = static_cast<GuestAddress>(moved);
  refresh();
  return 0;
}

int XdpContext::adjust_tail(std::int32_t offset) {
  const std::int64_t moved = std::int64_t{packet_.end} + offset;
  if (moved > packet_.tail || moved < packet_.data + kEthernetHeader) return -kEINVAL;
  if (offset > 0) std::memset(at(packet_.end), 0, static_cast<std::size_t>(offset));
  packet_.end = static_cast<GuestAddress>(moved);
  refresh();
  return 0;
}

}  // namespace skep::vm
