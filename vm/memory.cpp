// The reservation, the regions in it, and fallible copies. Layout as in memory.hpp; on the host:
//
//   base - 1 GiB - guard   the shadow's place
//   base - guard           guard
//   base                   guest memory, 4 GiB, 4 GiB-aligned
//   base + 4 GiB           guard
#include "skep/vm/memory.hpp"

#include <sys/mman.h>
#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

#include "skep/vm/access.hpp"
#include "skep/vm/fault.hpp"
#include "skep/vm/reservations.hpp"

namespace skep::vm {
namespace {

constexpr std::size_t kReservation = std::size_t{1} << 32, kShadow = std::size_t{1} << 30;
// More than an instruction's offset (32 KiB) past what an address register can reach (64 KiB).
constexpr std::size_t kGuard = std::size_t{128} << 10;
constexpr std::size_t kTotal = kShadow + kGuard + kReservation + kGuard;

constexpr std::uint64_t mapped_size(std::uint64_t size) {
  return size == 0 ? kPageSize : (size + kPageSize - 1) / kPageSize * kPageSize;
}

int host_protection(Protection protection) {
  switch (protection) {
    case Protection::none: return PROT_NONE;
    case Protection::read: return PROT_READ;
    case Protection::read_write: return PROT_READ | PROT_WRITE;
  }
  return PROT_NONE;
}

// Whether [guest, guest + size) lies where guest memory can be mapped at all.
bool in_guest_space(std::uint64_t guest, std::size_t size) {
  if (size == 0) return guest >> 32 == 0;
  return guest >= kHandlesBase && guest <= kGuestEnd && size <= kGuestEnd - guest;
}

// Copies of a few bytes, as most keys and arguments are, in moves of a word.
template <class T>
bool move_one(std::byte* to, const std::byte* from, bool from_guest) {
  if (from_guest) {
    std::uint64_t value = 0;
    if (!access::load<T>(const_cast<std::byte*>(from), value)) return false;
    skep::store(to, static_cast<T>(value), ByteOrder::little);
    return true;
  }
  return access::store<T>(to, skep::load<T>(from, ByteOrder::little));
}

bool copy_bytes(std::byte* to, const std::byte* from, std::size_t size, bool from_guest) {
  switch (size) {
    case 0: return true;
    case 1: return move_one<std::uint8_t>(to, from, from_guest);
    case 2: return move_one<std::uint16_t>(to, from, from_guest);
    case 4: return move_one<std::uint32_t>(to, from, from_guest);
    case 8: return move_one<std::uint64_t>(to, from, from_guest);
    default: break;
  }
  // From 9 bytes on in words, the last of which may overlap the one before; "rep movs" takes long to begin.
  if (size < 8 || size > 128) return access::copy(to, from, size);
  for (std::size_t at = 0; at < size - 8; at += 8)
    if (!move_one<std::uint64_t>(to + at, from + at, from_guest)) return false;
  return move_one<std::uint64_t>(to + size - 8, from + size - 8, from_guest);
}

}  // namespace

Result<Memory> Memory::reserve() {
  SKEP_TRY(FaultHandler::install());
  // Twice the size, so that an aligned piece is in it; the rest goes back at once.
  const std::size_t wanted = kTotal + kReservation;
  void* raw = mmap(nullptr, wanted, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (raw == MAP_FAILED)
    return fail_errno(errno,
                      "guest memory needs {} GiB of address space (no memory), which mmap refused; "
                      "see `ulimit -v` (RLIMIT_AS) and seccomp rules",
                      (wanted >> 30) + 1);
  auto* const start = static_cast<std::byte*>(raw);
  const auto lowest = reinterpret_cast<std::uintptr_t>(start) + kShadow + kGuard;
  const auto aligned = (lowest + kReservation - 1) / kReservation * kReservation;
  auto* const base = start + (aligned - reinterpret_cast<std::uintptr_t>(start));
  auto* const used_begin = base - kGuard - kShadow;
  auto* const used_end = used_begin + kTotal;
  if (used_begin != start) munmap(start, static_cast<std::size_t>(used_begin - start));
  if (used_end != start + wanted) munmap(used_end, static_cast<std::size_t>(start + wanted - used_end));
  // Neither core dumps nor children need 5 GiB of nothing.
  madvise(used_begin, kTotal, MADV_DONTDUMP);
  reservations::add(base);
  return Memory(base);
}

Memory::Memory(Memory&& other) noexcept
    : base_(std::exchange(other.base_, nullptr)), regions_(std::exchange(other.regions_, {})) {}

Memory& Memory::operator=(Memory&& other) noexcept {
  std::swap(base_, other.base_);
  std::swap(regions_, other.regions_);
  return *this;
}

Memory::~Memory() {
  if (base_ == nullptr) return;
  reservations::remove(base_);
  munmap(base_ - kGuard - kShadow, kTotal);
}

Result<GuestAddress> Memory::allocate(std::uint64_t size, std::string name, Protection protection) {
  if (size > kGuestEnd)
    return fail(Errc::rejected, "{} of {} bytes does not fit into guest memory (4 GiB)", name, size);
  const std::uint64_t needed = mapped_size(size) + kPageSize;
  std::uint64_t address = kRegionsBase;
  for (const auto& [begin, region] : regions_) {
    if (begin - address >= needed) break;
    address = begin + mapped_size(region.size) + kPageSize;
  }
  if (address + needed > kGuestEnd)
    return fail(Errc::rejected,
                "{} of {} bytes does not fit into guest memory: {} bytes are left behind the last region", name, size,
                address < kGuestEnd ? kGuestEnd - address : 0);
  if (mprotect(base_ + address, mapped_size(size), host_protection(protection)) != 0)
    return fail_errno(errno, "{} of {} bytes: mprotect", name, size);
  const auto guest = static_cast<GuestAddress>(address);
  regions_.emplace(guest, Region{guest, size, protection, std::move(name)});
  return guest;
}

void Memory::release(GuestAddress address) {
  const auto found = regions_.find(address);
  if (found == regions_.end()) return;
  const std::uint64_t size = mapped_size(found->second.size);
  // Fresh zero pages on the next use, and no pages until then.
  mmap(base_ + address, size, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_FIXED, -1, 0);
  madvise(base_ + address, size, MADV_DONTDUMP);
  regions_.erase(found);
}

Result<> Memory::protect(GuestAddress address, Protection protection) {
  const auto found = regions_.find(address);
  if (found == regions_.end()) return fail(Errc::invalid, "no region of guest memory begins at {:#x}", address);
  if (mprotect(base_ + address, mapped_size(found->second.size), host_protection(protection)) != 0)
    return fail_errno(errno, "{}: mprotect", found->second.name);
  found->second.protection = protection;
  return {};
}

const Region* Memory::region_at(GuestAddress address) const {
  auto after = regions_.upper_bound(address);
  if (after == regions_.begin()) return nullptr;
  const Region& region = std::prev(after)->second;
  return address - region.address < region.size ? &region : nullptr;
}

std::string Memory::describe(GuestAddress address) const {
  if (address < kHandlesBase) return "null page";
  if (address < kCodeBase) return "a handle (map pointer), which is not memory";
  if (address < kRegionsBase) return "the address of a function, which is not memory";
  if (address >= kGuestEnd) return "error pointer";
  if (const Region* region = region_at(address)) {
    const char* note = region->protection == Protection::read_write ? ""
                       : region->protection == Protection::read     ? " (read-only)"
                                                                    : " (no access)";
    return fmt::format("{} +{}{}", region->name, address - region->address, note);
  }
  // Nothing there: the nearer neighbour says what was probably meant, unless it is far away.
  constexpr std::uint64_t kNear = 1 << 20;
  const auto after = regions_.upper_bound(address);
  const Region* const below = after == regions_.begin() ? nullptr : &std::prev(after)->second;
  const Region* const above = after == regions_.end() ? nullptr : &after->second;
  const std::uint64_t past = below != nullptr ? address - (below->address + below->size) : UINT64_MAX;
  const std::uint64_t before = above != nullptr ? above->address - address : UINT64_MAX;
  if (std::min(past, before) > kNear) return "unmapped";
  if (past <= before) {
    const bool in_last_page = address - below->address < mapped_size(below->size);
    return fmt::format("{}{} bytes past the end of {}", in_last_page ? "" : "unmapped, ", past, below->name);
  }
  return fmt::format("unmapped, {} bytes before {}", before, above->name);
}

bool Memory::copy_in(void* host, std::uint64_t guest, std::size_t size) const {
  return in_guest_space(guest, size) && copy_bytes(static_cast<std::byte*>(host), base_ + guest, size, true);
}

bool Memory::copy_out(std::uint64_t guest, const void* host, std::size_t size) const {
  return in_guest_space(guest, size) && copy_bytes(base_ + guest, static_cast<const std::byte*>(host), size, false);
}

std::size_t Memory::copy_string(char* host, std::uint64_t guest, std::size_t size) const {
  // A piece inside of one page is readable as a whole or not at all. Most strings end in the first one.
  std::size_t most = 64;
  for (std::size_t done = 0; done < size;) {
    const std::size_t page_left = kPageSize - (guest + done) % kPageSize;
    const std::size_t count = std::min({size - done, page_left, most});
    if (!copy_in(host + done, guest + done, count)) return done;
    if (const void* const end = std::memchr(host + done, 0, count))
      return static_cast<std::size_t>(static_cast<const char*>(end) - host) + 1;
    done += count;
    most = kPageSize;
  }
  return size;
}

}  // namespace skep::vm
