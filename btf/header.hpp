// The header of a .BTF section: magic, byte order, and where types, strings and layout lie.
//
//   u16 magic 0xeb9f, u8 version 1, u8 flags, u32 hdr_len,
//   u32 type_off, type_len, str_off, str_len       24 bytes; offsets count from the end of the header
//   u32 layout_off, layout_len                     32 bytes: sizes of the records per kind
//
// A longer header is one of the future: accepted when what is unknown in it is zero, as the kernel does
// with every structure that grows. Source: include/uapi/linux/btf.h, Documentation/bpf/btf.rst.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

#include "skep/base/bytes.hpp"
#include "skep/btf/types.hpp"

namespace skep::btf::detail {

// Bytes that follow the common 12 bytes of a type record: once, and per element (vlen times).
struct Shape {
  std::uint8_t fixed = 0, each = 0;
  bool is_known = false;
};
// One for every number that the 7 bits of a kind can have.
using Shapes = std::array<Shape, 128>;

struct Header {
  ByteOrder order = ByteOrder::little;
  Bytes types;
  std::string_view strings;  // empty, or ends with NUL
  Bytes layout;
};

// `is_split`: there is a base, so that the strings may be empty and need not begin with NUL.
Result<Header> read_header(Bytes raw, bool is_split);

// Sizes of the kinds in btf/kinds.inc, and of those that only the layout section knows. Errors: malformed,
// when the layout contradicts a kind that is known.
Result<Shapes> read_shapes(Bytes layout, ByteOrder order);

// The byte order that a magic of these two bytes (.BTF and .BTF.ext) tells, if it is one.
std::optional<ByteOrder> order_of_magic(Bytes raw);

}  // namespace skep::btf::detail
