// Where a record names strings and other types, for everything that moves records between BTFs. A record is a
// sequence of 32-bit words whatever its kind, so that changing its numbers needs no decoding:
//
//   word 0 name, word 1 info, word 2 size or type, words from 3 on: a fixed part, then vlen elements
//
// Source: Documentation/bpf/btf.rst §2.2. Internal to btf/.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "skep/btf/types.hpp"

namespace skep::btf::detail {

struct Storage;

using Words = std::span<std::uint32_t>;
using ConstWords = std::span<const std::uint32_t>;

inline constexpr std::size_t kRecordWords = 3;
inline constexpr std::uint32_t kMaxVlen = 0xffffff;

constexpr std::uint32_t info_of(Kind kind, std::uint32_t vlen, bool kind_flag) {
  return (kind_flag ? 1u << 31 : 0) | std::uint32_t{static_cast<std::uint8_t>(kind)} << 24 | vlen;
}
constexpr Kind kind_of(ConstWords record) { return static_cast<Kind>(record[1] >> 24 & 0x7f); }
constexpr std::uint32_t vlen_of(ConstWords record) { return record[1] & kMaxVlen; }
constexpr bool kind_flag_of(ConstWords record) { return record[1] >> 31 != 0; }

// What the words of a kind are, beside its name. Elements begin with a string unless the kind is Datasec.
struct Links {
  bool target = false;           // word 2 is a type
  std::uint8_t fixed_types = 0;  // so many types at the start of the fixed part
  std::uint8_t each = 0;         // words of an element, 0: no elements that name anything
  std::uint8_t each_string = 0;  // where in an element: 1 + the word, 0: nowhere
  std::uint8_t each_type = 0;    // the same
};

constexpr Links links_of(Kind kind) {
  switch (kind) {
    case Kind::Ptr:
    case Kind::Typedef:
    case Kind::Volatile:
    case Kind::Const:
    case Kind::Restrict:
    case Kind::Func:
    case Kind::Var:
    case Kind::DeclTag:
    case Kind::TypeTag: return {.target = true};
    case Kind::Array: return {.fixed_types = 2};
    case Kind::Struct:
    case Kind::Union: return {.each = 3, .each_string = 1, .each_type = 2};
    case Kind::Enum: return {.each = 2, .each_string = 1};
    case Kind::Enum64: return {.each = 3, .each_string = 1};
    case Kind::FuncProto: return {.target = true, .each = 2, .each_string = 1, .each_type = 2};
    case Kind::Datasec: return {.each = 3, .each_type = 1};
    case Kind::Void:
    case Kind::Int:
    case Kind::Fwd:
    case Kind::Float: break;
  }
  return {};
}

// Whether records of that kind are in btf/kinds.inc.
bool is_known(Kind kind);
// Words of the record that begins at `header`; its kind is known.
std::size_t size_of_record(const std::uint32_t* header);
// Adds the words of a record, whose kind is known, in host order; those of void are zeros.
void read_words(const Storage& storage, std::uint32_t id, std::vector<std::uint32_t>& words);

// Whether the word of a record at `index` is a type.
constexpr bool is_type_word(const Links& links, std::size_t index) {
  if (index < kRecordWords) return index == 2 && links.target;
  const auto at = index - kRecordWords;
  return at < links.fixed_types || (links.each_type != 0 && at % links.each == links.each_type - 1u);
}

// Calls `f` with each word of a record that is the number of a type, in order.
template <class Record, class F>
constexpr void for_each_type(Record record, F f) {
  const auto links = links_of(kind_of(record));
  if (links.target) f(record[2]);
  for (std::size_t i = 0; i < links.fixed_types; ++i) f(record[kRecordWords + i]);
  if (links.each_type == 0) return;
  for (auto at = kRecordWords + links.each_type - 1; at < record.size(); at += links.each) f(record[at]);
}

// Calls `f` with each word of a record that is the offset of a string, in order.
template <class Record, class F>
constexpr void for_each_string(Record record, F f) {
  const auto links = links_of(kind_of(record));
  f(record[0]);
  if (links.each_string == 0) return;
  for (auto at = kRecordWords + links.each_string - 1; at < record.size(); at += links.each) f(record[at]);
}

}  // namespace skep::btf::detail
