// Typed values as JSON: the tree of btf::Value <-> JSON text that people write, and bytes <-> JSON through
// a BTF type or, without one, as hex.
//
//   integer     number; a decimal string from 2^53 on
//   enum        the enumerator's name, or the number if it has none
//   pointer     "0x…"
//   char[n]     string;  array: array;  struct, union: object
//   untyped     "0a0b0c"; an integer is taken too where 1, 2, 4 or 8 bytes are wanted
//
// Taken back: all that is given out, and what btf::encode_value takes besides.
#pragma once

#include "skep/btf/value.hpp"
#include "skep/harness/json.hpp"

namespace skep::harness {

Json to_json(const btf::Value& value);
// Errors: invalid (null, which no type has).
Result<btf::Value> to_value(const Json& json);

// `type` none, or one that the bytes do not fit: hex.
Json bytes_to_json(const btf::Btf& types, btf::TypeId type, Bytes bytes, ByteOrder order);
// Exactly `size` bytes, zeros where the value says nothing. Errors: invalid, with the path into the value.
Result<std::vector<std::byte>> bytes_from_json(const btf::Btf& types, btf::TypeId type, std::size_t size,
                                               const Json& json, ByteOrder order);
// `size` bytes given as hex text, as an array of byte values (bpftool's ["0x0a", "0x00"]), or as an integer.
// Errors: invalid.
Result<std::vector<std::byte>> raw_from_json(std::size_t size, const Json& json, ByteOrder order);

}  // namespace skep::harness
