// Where clang puts the members of a structure, and what must stand between them so that each comes to lie where BTF
// says. The rules are those of the System V ABI for bitfields, as GNU C and clang follow them for BPF and x86:
//
//   * a member begins at a multiple of its alignment, the size is a multiple of the largest alignment;
//   * a bitfield begins at the next bit, or at the next multiple of its type's size if it would cross one;
//   * a nameless bitfield takes room but has no alignment; one of width 0 ends at a multiple of its type's size;
//   * in a packed structure every alignment is 1, and bitfields lie bit at bit.
//
// Internal to btf/; types do not occur here.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

namespace skep::btf::detail {

// A member as BTF places it.
struct CPlace {
  std::uint64_t offset = 0;  // bits
  std::uint64_t bits = 0;    // how many it takes
  std::uint32_t align = 1;   // bytes: of its type
  std::uint32_t unit = 0;    // bits of the type of a bitfield; 0: no bitfield
};

// One declaration in the body of a structure or union.
struct CItem {
  enum class What : std::uint8_t {
    member,   // number `index`
    apart,    // the same in a packed structure of its own, behind `count` bytes (and `bits` bits, below 8)
    fill,     // a nameless bitfield of `bits` bits in an integer of `unit` bits
    bytes,    // an array of `count` bytes
  };
  What what{};
  std::uint32_t index = 0, unit = 0, bits = 0;
  std::uint64_t count = 0;
};

struct CLayout {
  bool packed = false;
  bool overlaid = false;     // a structure whose members overlap: they stand in a union inside of it
  std::uint32_t align = 1;   // bytes, as clang will see it
  std::vector<CItem> items;
};

// `size`: bytes. Every place lies inside of it; what is no bitfield begins with a byte; those of a structure
// are in ascending order.
CLayout lay_out_struct(std::uint64_t size, std::span<const CPlace> places);
CLayout lay_out_union(std::uint64_t size, std::span<const CPlace> places);

}  // namespace skep::btf::detail
