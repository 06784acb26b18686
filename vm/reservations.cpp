// Part of the process-wide state that vm::FaultHandler needs (see vm/fault.hpp).
#include "skep/vm/reservations.hpp"

#include <array>
#include <atomic>

namespace skep::vm::reservations {
namespace {

constexpr unsigned kUserAddressBits = 47, kPlaceBits = 32;
constexpr std::size_t kPlaces = std::size_t{1} << (kUserAddressBits - kPlaceBits);
constinit std::array<std::atomic<std::uint64_t>, kPlaces / 64> in_use{};

std::uint64_t bit(std::size_t place) { return std::uint64_t{1} << (place % 64); }

bool place_in_use(std::uintptr_t address) {
  const std::size_t place = address >> kPlaceBits;
  return place < kPlaces && (in_use[place / 64].load(std::memory_order_relaxed) & bit(place)) != 0;
}

}  // namespace

void add(const std::byte* base) {
  const std::size_t place = reinterpret_cast<std::uintptr_t>(base) >> kPlaceBits;
  in_use[place / 64].fetch_or(bit(place));
}

void remove(const std::byte* base) {
  const std::size_t place = reinterpret_cast<std::uintptr_t>(base) >> kPlaceBits;
  in_use[place / 64].fetch_and(~bit(place));
}

bool contains(std::uintptr_t address) {
  constexpr std::uintptr_t kBehind = 0x1'0000;
  return place_in_use(address) || (address >= kBehind && place_in_use(address - kBehind));
}

}  // namespace skep::vm::reservations
