// What the families share: answers as the kernel's ABI gives them, and arguments that are checked and
// copied to the host before anything else happens. An argument that the verifier would never let through
// (no map, unreadable key, a context of another type) ends the run with a Fault that names helper and address.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>

#include "skep/base/bytes.hpp"
#include "skep/vm/cpu.hpp"
#include "skep/vm/helper.hpp"
#include "skep/vm/machine.hpp"

namespace skep::vm {

class SkbContext;
class XdpContext;

// A signed answer in r0; errors are negative errnos.
constexpr std::uint64_t answer(std::int64_t value) { return static_cast<std::uint64_t>(value); }

// int and u32 arguments: the kernel looks at the low half.
constexpr std::uint32_t low(std::uint64_t argument) { return static_cast<std::uint32_t>(argument); }
constexpr std::int32_t low_signed(std::uint64_t argument) { return static_cast<std::int32_t>(argument); }

namespace helper {

// What helpers charge besides the bytes that they copy (Cpu::charge): the cost of a call that does more than a few
// instructions' work, measured, one for about 4 ns. A run with the default fuel ends within seconds, whatever it calls.
namespace work {
inline constexpr std::uint64_t kText = 4;         // a string is looked for, or looked at
inline constexpr std::uint64_t kContext = 6;      // a context is looked at, and brought up to date
inline constexpr std::uint64_t kReshape = 16;     // parts of a packet are moved
inline constexpr std::uint64_t kHash = 8;         // of a flow
inline constexpr std::uint64_t kRedirect = 16;    // a destination is recorded
inline constexpr std::uint64_t kClone = 48;       // a packet of its own
inline constexpr std::uint64_t kLock = 8;         // taken or released
inline constexpr std::uint64_t kRecord = 24;      // of a ring or perf buffer: begun, or ended and delivered
inline constexpr std::uint64_t kLookup = 48;      // of a key, in an index of any size
inline constexpr std::uint64_t kUpdate = 80;      // the same, and the index changes
inline constexpr std::uint64_t kFormat = 16;      // a line of text
inline constexpr std::uint64_t kConversion = 24;  // in a format
inline constexpr std::uint64_t kUnmapped = 1500;  // an address that turns out to be nobody's: the host takes a signal
}  // namespace work

// Fault bad_argument: "bpf_map_lookup_elem: no map at 0x10".
void bad_argument(Cpu& cpu, std::string_view name, std::string_view what, std::uint64_t address);

// The map that a register holds; null after a fault.
inline Map* map(Cpu& cpu, std::string_view name, std::uint64_t handle) {
  Map* const found = cpu.machine().map_at(handle);
  if (found == nullptr) [[unlikely]] bad_argument(cpu, name, "no map", handle);
  return found;
}
// The context, if the register holds this run's own and it is of that kind; null after a fault.
XdpContext* xdp(Cpu& cpu, std::string_view name, std::uint64_t context);
SkbContext* skb(Cpu& cpu, std::string_view name, std::uint64_t context);
// Whether the register holds this run's context, of any kind; a fault if not.
bool is_context(Cpu& cpu, std::string_view name, std::uint64_t context);

// Copies to and from guest memory, charged; false after a fault.
bool read(Cpu& cpu, std::string_view name, std::uint64_t from, void* to, std::size_t size);
bool write(Cpu& cpu, std::string_view name, std::uint64_t to, const void* from, std::size_t size);
// Zeroes guest memory; false after a fault.
bool clear(Cpu& cpu, std::string_view name, std::uint64_t to, std::size_t size);

// The most that a helper copies at once; larger arguments are a fault.
inline constexpr std::size_t kMaxCopy = std::size_t{1} << 26;

// Host memory for an argument: on the stack unless it is big.
class Buffer {
 public:
  // The bytes at `from`; false after a fault (unreadable, or more than kMaxCopy bytes).
  bool read(Cpu& cpu, std::string_view name, std::uint64_t from, std::size_t size);
  // Room for bytes that the caller writes.
  MutableBytes resize(std::size_t size);
  Bytes bytes() const { return {data(), size_}; }

 private:
  const std::byte* data() const { return heap_ ? heap_.get() : inline_; }

  std::size_t size_ = 0;
  std::unique_ptr<std::byte[]> heap_;
  std::byte inline_[256];
};

// Goes through `size` guest bytes in pieces: each(Bytes) -> void. False at the first unreadable piece, no fault.
template <class Each>
bool for_each_piece(const Memory& memory, std::uint64_t from, std::size_t size, Each&& each) {
  std::byte piece[1024];
  for (std::size_t done = 0; done < size;) {
    const std::size_t count = size - done < sizeof piece ? size - done : sizeof piece;
    if (!memory.copy_in(piece, from + done, count)) return false;
    each(Bytes(piece, count));
    done += count;
  }
  return true;
}

}  // namespace helper
}  // namespace skep::vm
