#include "skep/vm/context/packet_context.hpp"

#include <cstring>
#include <vector>

#include "skep/vm/machine.hpp"

namespace skep::vm {
namespace {

// Room for 64 KiB with everything that may be put before and behind it.
constexpr std::uint32_t kLargeBuffer = 128 * 1024;

std::uint64_t round_to_pages(std::uint64_t size) { return (size + kPageSize - 1) / kPageSize * kPageSize; }

}  // namespace

std::byte* PacketContext::at(GuestAddress address) const { return machine_.memory().base() + address; }

Result<> PacketContext::allocate_buffer() {
  page_ = SKEP_TRY(machine_.memory().allocate(kPageSize, "packet"));
  has_packet_ = true;
  return {};
}

// Makes packet_ an empty, zeroed buffer of at least `size` bytes, a whole number of pages.
Result<> PacketContext::choose_buffer(std::uint64_t size) {
  const bool fits_page = size <= kPageSize;
  if (!fits_page && large_ == 0) large_ = SKEP_TRY(machine_.memory().allocate(kLargeBuffer, "packet (large)"));
  packet_.head = fits_page ? page_ : large_;
  packet_.tail = packet_.head + static_cast<std::uint32_t>(round_to_pages(size));
  std::memset(at(packet_.head), 0, fits_page ? kPageSize : kLargeBuffer);
  return {};
}

Result<> PacketContext::place(Bytes data, std::uint32_t headroom, std::uint32_t tailroom, std::uint32_t limit) {
  if (data.size() > limit)
    return fail(Errc::invalid, "a packet of {} bytes; at most {} are possible", data.size(), limit);
  const auto size = static_cast<std::uint32_t>(data.size());
  SKEP_TRY(choose_buffer(std::uint64_t{headroom} + size + tailroom));
  packet_.tail -= tailroom;
  packet_.meta = packet_.data = packet_.head + headroom;
  packet_.end = packet_.data + size;
  if (size != 0) std::memcpy(at(packet_.data), data.data(), size);
  return {};
}

std::uint64_t PacketContext::move_work() const {
  return (length() < kPageSize / 2 ? kPageSize : kLargeBuffer) / 64 + length() / 4;
}

bool PacketContext::make_room(std::uint32_t before, std::uint32_t behind, std::uint32_t kept) {
  if (headroom() >= before && tailroom() >= behind) return true;
  const std::uint64_t size = std::uint64_t{before} + length() + behind;
  if (size > kLargeBuffer) return false;
  const std::vector<std::byte> saved(at(packet_.data - kept), at(packet_.end));
  if (!choose_buffer(size)) return false;
  packet_.meta = packet_.data = packet_.head + before;
  packet_.end = packet_.data + static_cast<std::uint32_t>(saved.size()) - kept;
  std::memcpy(at(packet_.data - kept), saved.data(), saved.size());
  return true;
}

}  // namespace skep::vm
