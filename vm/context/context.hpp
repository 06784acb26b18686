// What a program gets in r1: a structure in guest memory laid out as in <linux/bpf.h>, and the packet
// behind it. One file per family; Context::create knows which program type takes which.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "skep/base/bytes.hpp"
#include "skep/spec/types.hpp"
#include "skep/vm/memory.hpp"

namespace skep::vm {

class Machine;

// A field of a context that users can name (--ctx): its place in the structure.
struct ContextField {
  std::string_view name;
  std::uint32_t offset = 0, size = 0;  // bytes
  std::uint32_t count = 1;             // array elements (cb[5])
  bool settable = false;
};

// A packet in guest memory, with room before and behind it. All addresses are guest's; the guest sees
// copies of them in its context, never these.
struct Packet {
  GuestAddress head = 0;  // start of the buffer
  GuestAddress meta = 0;  // data_meta <= data
  GuestAddress data = 0;
  GuestAddress end = 0;   // data_end
  GuestAddress tail = 0;  // end of the room behind the packet
};

// What the bytes of a packet begin with: an Ethernet header, or IP at once (a tun device, a raw IP capture).
enum class LinkLayer : std::uint8_t { ethernet, raw_ip };

class Context {
 public:
  // The context for programs of `type`, allocated in `machine` and reusable for many runs. Errors: not_supported
  // (names the type).
  static Result<std::unique_ptr<Context>> create(Machine& machine, ProgramType type);
  virtual ~Context() = default;

  ProgramType type() const { return type_; }
  // r1.
  GuestAddress address() const { return address_; }
  std::uint32_t size() const { return size_; }

  // Starts over: all fields at their defaults, the packet is `data` (for types that have one). Errors:
  // invalid (too long, or shorter than the type's runs need; raw IP of a version that there is not).
  Result<> reset(Bytes data, LinkLayer link = LinkLayer::ethernet) { return start_over(data, link); }
  // Sets a field by name, after reset. Errors: not_found (lists the fields), invalid (read-only, range).
  Result<> set(std::string_view name, std::uint32_t index, std::uint64_t value);
  // Reads a field by name. Errors: not_found.
  Result<std::uint64_t> get(std::string_view name, std::uint32_t index = 0) const;
  virtual const std::vector<ContextField>& fields() const = 0;

  // The packet; null for types that have none.
  Packet* packet() { return has_packet_ ? &packet_ : nullptr; }
  // What PROG_TEST_RUN would give back as data_out: XDP from data_meta on, skb from the link layer on.
  virtual std::vector<std::byte> data_out() const = 0;
  // The packet that goes on its way: with its link layer header even where the program cannot see that, without
  // metadata. Empty for types that have none.
  virtual std::vector<std::byte> frame() const = 0;
  // What an offset of legacy packet access means, in bytes from packet()->data: negative ones count from a
  // header where the type knows headers, and mean nothing where it does not.
  virtual std::optional<std::int64_t> packet_offset(std::int32_t offset) const;
  // Writes the packet's addresses and length into the structure; helpers call it after they moved it.
  virtual void refresh() = 0;

  // Gives fields that programs wrote, and that the kernel keeps in fewer bits than it shows, the values that it would
  // have kept. Done when a helper looks at the context and at tail calls.
  virtual void settle() {}

  // The names of return values of this type: {2, "XDP_PASS"}. Empty if it has none.
  virtual std::optional<std::string_view> verdict(std::uint32_t value) const = 0;

 protected:
  Context(Machine& machine, ProgramType type) : machine_(machine), type_(type) {}

  virtual Result<> start_over(Bytes data, LinkLayer link) = 0;
  // Allocates the structure. `name` for fault reports.
  Result<> allocate(std::uint32_t size, std::string_view name);
  // A field of the structure itself. `field` is one of fields().
  std::uint64_t read(const ContextField& field, std::uint32_t index = 0) const;
  void write(const ContextField& field, std::uint64_t value, std::uint32_t index = 0);
  // Last word on a value that set() is about to write: an error refuses it, true means that the type has
  // done what there is to do.
  virtual Result<bool> accept(const ContextField& field, std::uint64_t value);

  Machine& machine_;
  ProgramType type_;
  GuestAddress address_ = 0;
  std::uint32_t size_ = 0;
  bool has_packet_ = false;
  Packet packet_;
};

}  // namespace skep::vm
