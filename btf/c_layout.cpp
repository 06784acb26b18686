// A structure is tried as it is, then packed. What neither can express (members that overlap, which C has in unions
// only) becomes a union of packed structures, each with one member behind the bytes before it.
#include "skep/btf/c_layout.hpp"

#include <algorithm>
#include <array>

namespace skep::btf::detail {
namespace {

using What = CItem::What;

// Gaps of more bits than this become one array of bytes in place of many nameless bitfields.
constexpr std::uint64_t kLongGap = 64 * 8;

constexpr std::uint64_t round_up(std::uint64_t value, std::uint64_t to) { return (value + to - 1) / to * to; }

void add_fill(std::vector<CItem>& items, std::uint32_t unit, std::uint64_t bits) {
  items.push_back({.what = What::fill, .unit = unit, .bits = static_cast<std::uint32_t>(bits)});
}

void fill(std::vector<CItem>& items, std::uint64_t from, std::uint64_t to) {
  if (from % 8 != 0)
    for (const std::uint32_t unit : {8u, 16u, 32u, 64u})
      if (round_up(from, unit) == to) return add_fill(items, unit, 0);
  if (const auto part = std::min((8 - from % 8) % 8, to - from); part != 0) {
    add_fill(items, 8, part);
    from += part;
  }
  if (to - from > kLongGap) {
    items.push_back({.what = What::bytes, .count = (to - from) / 8});
    from += (to - from) / 8 * 8;
  }
  while (from < to) {
    std::uint32_t unit = 64;
    while (unit > 8 && (from % unit != 0 || to - from < unit)) unit /= 2;
    const auto part = std::min<std::uint64_t>(unit, to - from);
    add_fill(items, unit, part);
    from += part;
  }
}

// Whether a bitfield of that width may begin there.
bool crosses(std::uint64_t offset, const CPlace& place) {
  return offset / place.unit != (offset + place.bits - 1) / place.unit;
}

std::optional<CLayout> try_struct(std::uint64_t size, std::span<const CPlace> places, bool packed) {
  CLayout out{.packed = packed, .items = {}};
  std::uint64_t end = 0;  // of what came so far, in bits
  for (std::uint32_t i = 0; i < places.size(); ++i) {
    const auto& place = places[i];
    if (place.offset < end) return std::nullopt;
    auto natural = end;
    if (place.unit == 0) {
      const std::uint64_t align = packed ? 8 : place.align * 8;
      if (place.offset % align != 0) return std::nullopt;
      natural = round_up(end, align);
    } else if (!packed) {
      if (crosses(place.offset, place)) return std::nullopt;
      if (crosses(end, place)) natural = round_up(end, place.unit);
    }
    if (natural != place.offset) fill(out.items, end, place.offset);
    out.items.push_back({.what = What::member, .index = i});
    end = place.offset + place.bits;
    if (!packed) out.align = std::max(out.align, place.align);
  }
  if (size % out.align != 0) return std::nullopt;
  if (round_up(end, std::uint64_t{out.align} * 8) != size * 8) fill(out.items, end, size * 8);
  return out;
}

CItem apart(std::uint32_t index, const CPlace& place) {
  return {.what = What::apart,
          .index = index,
          .bits = static_cast<std::uint32_t>(place.offset % 8),
          .count = place.offset / 8};
}

}  // namespace

CLayout lay_out_union(std::uint64_t size, std::span<const CPlace> places) {
  CLayout out;
  std::uint64_t bits = 0;
  for (std::uint32_t i = 0; i < places.size(); ++i) {
    const auto& place = places[i];
    bits = std::max(bits, place.offset + place.bits);
    if (place.offset != 0) {
      out.items.push_back(apart(i, place));
      continue;
    }
    out.items.push_back({.what = What::member, .index = i});
    out.align = std::max(out.align, place.align);
  }
  if (size % out.align != 0) {
    out.packed = true;
    out.align = 1;
  }
  if (round_up(bits, std::uint64_t{out.align} * 8) != size * 8) out.items.push_back({.what = What::bytes, .count = size});
  return out;
}

CLayout lay_out_struct(std::uint64_t size, std::span<const CPlace> places) {
  for (const bool packed : {false, true})
    if (auto out = try_struct(size, places, packed)) return std::move(*out);
  CLayout out{.overlaid = true, .items = {}};
  for (std::uint32_t i = 0; i < places.size(); ++i) out.items.push_back(apart(i, places[i]));
  out.items.push_back({.what = What::bytes, .count = size});
  return out;
}

}  // namespace skep::btf::detail
