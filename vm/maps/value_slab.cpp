#include "skep/vm/maps/value_slab.hpp"

#include <cassert>
#include <cstring>

namespace skep::vm {
namespace {

// Lets the host write where programs may not.
class Writable {
 public:
  Writable(Memory& memory, GuestAddress region, bool read_only) : memory_(memory), region_(region), active_(read_only) {
    if (active_) set(Protection::read_write);
  }
  ~Writable() {
    if (active_) set(Protection::read);
  }
  Writable(const Writable&) = delete;
  Writable& operator=(const Writable&) = delete;

 private:
  void set(Protection protection) {
    [[maybe_unused]] const auto done = memory_.protect(region_, protection);
    assert(done);
  }
  Memory& memory_;
  GuestAddress region_;
  bool active_;
};

}  // namespace

Result<ValueSlab> ValueSlab::allocate(Memory& memory, std::string_view map, std::uint64_t slots,
                                      std::uint32_t value_size, std::uint32_t cpus, bool read_only) {
  ValueSlab slab;
  const std::uint64_t stride = (std::uint64_t{value_size} + 7) / 8 * 8;
  std::uint64_t size = slots * stride;  // below 2^64: both are at most 2^32
  if (cpus > 1 && size < (std::uint64_t{1} << 40)) {
    slab.block_ = (size + kPageSize - 1) / kPageSize * kPageSize;
    size = slab.block_ * cpus;
  }
  slab.base_ = SKEP_TRY(memory.allocate(size, fmt::format("values of map {}", map),
                                        read_only ? Protection::read : Protection::read_write));
  slab.memory_ = &memory;
  slab.stride_ = static_cast<std::uint32_t>(stride);
  slab.cpus_ = cpus;
  slab.read_only_ = read_only;
  return slab;
}

ValueSlab& ValueSlab::operator=(ValueSlab&& other) noexcept {
  std::swap(memory_, other.memory_);
  std::swap(base_, other.base_);
  std::swap(stride_, other.stride_);
  std::swap(cpus_, other.cpus_);
  std::swap(block_, other.block_);
  std::swap(read_only_, other.read_only_);
  return *this;
}

ValueSlab::~ValueSlab() {
  if (memory_ != nullptr) memory_->release(base_);
}

void ValueSlab::read(std::uint32_t slot, std::uint32_t cpu, MutableBytes value, const KernelFields& fields) const {
  assert(value.size() <= stride_);
  std::memcpy(value.data(), host(slot, cpu), value.size());
  fields.clear(value.data());
}

void ValueSlab::write(std::uint32_t slot, std::uint32_t cpu, Bytes value, const KernelFields& fields) {
  assert(value.size() <= stride_);
  const Writable open(*memory_, base_, read_only_);
  fields.copy(host(slot, cpu), value);
}

void ValueSlab::read_all(std::uint32_t slot, MutableBytes values, const KernelFields& fields) const {
  if (cpus_ == 1) return read(slot, 0, values, fields);
  for (std::uint32_t cpu = 0; cpu < cpus_; ++cpu)
    read(slot, cpu, values.subspan(std::size_t{cpu} * stride_, stride_), fields);
}

void ValueSlab::write_all(std::uint32_t slot, Bytes values, const KernelFields& fields) {
  if (cpus_ == 1) return write(slot, 0, values, fields);
  for (std::uint32_t cpu = 0; cpu < cpus_; ++cpu)
    write(slot, cpu, values.subspan(std::size_t{cpu} * stride_, stride_), fields);
}

void ValueSlab::clear(std::uint32_t slot) {
  const Writable open(*memory_, base_, read_only_);
  for (std::uint32_t cpu = 0; cpu < cpus_; ++cpu) std::memset(host(slot, cpu), 0, stride_);
}

}  // namespace skep::vm
