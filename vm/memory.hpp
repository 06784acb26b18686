// Guest memory: 4 GiB of address space, 4 GiB-aligned, PROT_NONE where nothing lies. A guest pointer is
// an offset into it, a number below 2^32; the upper half of a register is ignored by loads and stores,
// so that no program can touch a byte outside. Host layout never shows: the same allocations give the
// same guest addresses everywhere.
//
//   0000_0000  null page: never mapped (64 KiB)
//   0001_0000  handles: map pointers; never mapped
//   0010_0000  code: the addresses of guest functions (8 bytes a slot); never mapped
//   0100_0000  regions, in the order of allocation, each followed by an unmapped page
//   ffff_0000  error pointers: never mapped
//
// 1 GiB below the reservation is kept for the shadow of the sanitizers (PROT_NONE).
#pragma once

#include <cstdint>
#include <map>
#include <string>

#include "skep/base/bytes.hpp"

namespace skep::vm {

using GuestAddress = std::uint32_t;

inline constexpr GuestAddress kHandlesBase = 0x0001'0000, kCodeBase = 0x0010'0000, kRegionsBase = 0x0100'0000,
                              kGuestEnd = 0xffff'0000;
inline constexpr std::uint32_t kPageSize = 4096;

enum class Protection : std::uint8_t { none, read, read_write };

// Something that lies in guest memory, for fault reports: "stack of cpu 0", "values of map flows".
struct Region {
  GuestAddress address = 0;
  std::uint64_t size = 0;       // bytes asked for; the mapping is rounded up to pages
  Protection protection = Protection::read_write;
  std::string name;
};

class Memory {
 public:
  // Reserves the address space, and installs the FaultHandler. Errors: os, saying what is needed (RLIMIT_AS, seccomp).
  static Result<Memory> reserve();
  Memory(Memory&&) noexcept;
  Memory& operator=(Memory&&) noexcept;
  ~Memory();

  // Host address of guest address 0. Touch guest bytes through vm/access.hpp only, unless the region is
  // known to be mapped and no guest code runs.
  std::byte* base() const { return base_; }

  // A new zeroed region at the lowest free address that fits. Errors: rejected, naming the region and the space left.
  Result<GuestAddress> allocate(std::uint64_t size, std::string name, Protection protection = Protection::read_write);
  // Unmaps a region; its pages are given back. `address` is what allocate returned.
  void release(GuestAddress address);
  Result<> protect(GuestAddress address, Protection protection);

  // The region that holds an address; null if none does.
  const Region* region_at(GuestAddress address) const;
  // What lies at an address, in words: "stack of cpu 0 +16", "unmapped, 8 bytes past the end of packet",
  // "null page".
  std::string describe(GuestAddress address) const;

  // Fallible copies for helpers and hosts. False, with nothing promised of the destination's bytes, if
  // any byte is not mapped (not writable), or the upper half of `guest` is not zero.
  bool copy_in(void* host, std::uint64_t guest, std::size_t size) const;
  bool copy_out(std::uint64_t guest, const void* host, std::size_t size) const;
  // Copies a string: bytes up to and with the first NUL, at most `size`. How many; fewer than `size` with no NUL at
  // their end if the byte behind them cannot be read.
  std::size_t copy_string(char* host, std::uint64_t guest, std::size_t size) const;

 private:
  explicit Memory(std::byte* base) : base_(base) {}
  std::byte* base_ = nullptr;
  std::map<GuestAddress, Region> regions_;
};

}  // namespace skep::vm
