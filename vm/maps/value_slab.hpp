// The values of a map: one region of guest memory, named after it, that never moves. Slot s of CPU c lies at
// base + c * block + s * stride, the stride being the value size rounded up to 8 and the block a number of whole
// pages: CPUs share no cache line, and pages that no slot used cost nothing.
//
// Host threads and guest code may touch a value at the same time; as in the kernel, that is the user's affair.
#pragma once

#include <cstdint>
#include <string_view>
#include <utility>

#include "skep/vm/maps/kernel_fields.hpp"
#include "skep/vm/memory.hpp"

namespace skep::vm {

class ValueSlab {
 public:
  // Slots for `slots` values on each of `cpus`. `read_only`: programs cannot write there (BPF_F_RDONLY_PROG).
  // Errors as Memory::allocate, naming the map.
  static Result<ValueSlab> allocate(Memory& memory, std::string_view map, std::uint64_t slots,
                                    std::uint32_t value_size, std::uint32_t cpus = 1, bool read_only = false);
  ValueSlab(ValueSlab&& other) noexcept { *this = std::move(other); }
  ValueSlab& operator=(ValueSlab&& other) noexcept;
  ~ValueSlab();

  GuestAddress address(std::uint32_t slot, std::uint32_t cpu = 0) const {
    return base_ + static_cast<GuestAddress>(cpu * block_ + std::uint64_t{slot} * stride_);
  }
  std::uint32_t stride() const { return stride_; }
  std::uint32_t cpus() const { return cpus_; }

  // One CPU's value; at most stride() bytes. `fields` are the kernel's: not written, read as zero.
  void read(std::uint32_t slot, std::uint32_t cpu, MutableBytes value, const KernelFields& fields = {}) const;
  void write(std::uint32_t slot, std::uint32_t cpu, Bytes value, const KernelFields& fields = {});
  // What user space sees: the value, or all CPUs' values, stride() bytes each, in the order of CPUs.
  void read_all(std::uint32_t slot, MutableBytes values, const KernelFields& fields) const;
  void write_all(std::uint32_t slot, Bytes values, const KernelFields& fields);
  // All bytes of a slot become zero, on all CPUs.
  void clear(std::uint32_t slot);

 private:
  ValueSlab() = default;
  std::byte* host(std::uint32_t slot, std::uint32_t cpu) const { return memory_->base() + address(slot, cpu); }

  Memory* memory_ = nullptr;
  GuestAddress base_ = 0;
  std::uint32_t stride_ = 0, cpus_ = 1;
  std::uint64_t block_ = 0;
  bool read_only_ = false;
};

}  // namespace skep::vm
