// Typed values: bytes in memory <-> a tree that follows the BTF type, which other parts turn into JSON or
// print. Works for everything that has a size: map keys and values, data sections, arguments.
//
//   integer          int64_t or uint64_t as the type is signed; 65 to 128 bits: text "0x..."
//   bool             bool; a byte that is neither 0 nor 1: uint64_t
//   float            double; widths that C++ lacks: text "0x..." of its bits
//   enum             Enumeration; the name is empty for a number without enumerator
//   pointer          Pointer
//   char[n]          text without the NULs behind it, if it is printable ASCII; else an array of integers
//   array            Array
//   struct, section  Struct: members in their order, those of anonymous members as if they were its own
//   union            Struct: every member, each looking at the same bytes
//
// Encoding takes back what decoding gives, and what people write: integers as text in decimal or hex ("0x1f",
// there also the bit pattern of a negative number) or as a character ('R' in quotes), 0 and 1 for false and
// true, enumerators by name, numbers for pointers, bytes of any kind as hex text ("0x0a1b2c" for __u8[3]).
// What is not given is zero: missing fields, the rest of an array. Members of a union may be given together
// if they agree.
#pragma once

#include <string>
#include <variant>
#include <vector>

#include "skep/btf/btf.hpp"

namespace skep::btf {

struct Field;

struct Value {
  struct Enumeration {
    std::string name;
    std::int64_t number = 0;  // the bits of it, where the type is unsigned with 64 bits
    bool is_signed = false;
    bool operator==(const Enumeration&) const = default;
  };
  struct Pointer {
    std::uint64_t address = 0;
    bool operator==(const Pointer&) const = default;
  };
  using Array = std::vector<Value>;
  using Struct = std::vector<Field>;

  std::variant<std::int64_t, std::uint64_t, bool, double, std::string, Enumeration, Pointer, Array, Struct> data;

  // The field of a Struct; null when there is none, or when it is something else.
  const Value* find(std::string_view field) const;
  bool operator==(const Value&) const;
};

struct Field {
  std::string name;
  Value value;
  bool operator==(const Field&) const = default;
};

// `bytes` may be longer than the type; the rest is not looked at, except that the flexible array at the end of a
// structure has as many elements as there are bytes. `order` is that of the bytes. Errors:
// invalid (too few bytes, a type without size), malformed (a type that contradicts itself, in more than
// kMaxDepth levels, or with many times more parts than it has bytes). A message about a part begins with
// its path, "flow.ports[1]: ".
Result<Value> decode_value(const Btf& btf, TypeId type, Bytes bytes, ByteOrder order);

// Writes the bytes that decode_value looks at; those behind them stay as they are. Errors: those of decode_value,
// and invalid for a value that is not of the type: out of range, an unknown field (the message lists those
// there are), text that is no number. After an error the bytes may hold a part of it.
Result<> encode_value(const Btf& btf, TypeId type, const Value& value, MutableBytes bytes, ByteOrder order);

}  // namespace skep::btf
