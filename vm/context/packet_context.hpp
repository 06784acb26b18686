// A context with a packet behind it. Packets lie in a buffer of one page; larger ones in a second buffer
// that is allocated when the first of them comes. Buffers are reused and zeroed at every reset, so
// that a run sees the same bytes around its packet whatever ran before.
#pragma once

#include "skep/vm/context/context.hpp"

namespace skep::vm {

class PacketContext : public Context {
 public:
  // The packet that every helper sees: data to data_end.
  std::uint32_t length() const { return packet_.end - packet_.data; }
  // Host view of guest bytes inside the buffer.
  std::byte* at(GuestAddress address) const;
  MutableBytes bytes() const { return {at(packet_.data), length()}; }
  // Bytes of room in front of the packet and behind it.
  std::uint32_t headroom() const { return packet_.data - packet_.head; }
  std::uint32_t tailroom() const { return packet_.tail - packet_.end; }
  // Fuel that moving the packet for want of room is worth (Cpu::charge): a buffer is cleared, and it is copied twice.
  std::uint64_t move_work() const;

 protected:
  using Context::Context;

  Result<> allocate_buffer();
  // Puts `data` into a zeroed buffer with at least this much room on both sides; packet_.tail leaves
  // `tailroom` bytes to the end of the buffer. Errors: invalid (more than `limit` bytes).
  Result<> place(Bytes data, std::uint32_t headroom, std::uint32_t tailroom, std::uint32_t limit);
  // Moves the packet (with `kept` bytes before it) so that there is this much room before and behind it.
  // False if no buffer is that large.
  bool make_room(std::uint32_t before, std::uint32_t behind, std::uint32_t kept);

 private:
  Result<> choose_buffer(std::uint64_t size);

  GuestAddress page_ = 0, large_ = 0;
};

}  // namespace skep::vm
