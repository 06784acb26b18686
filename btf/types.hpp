// BTF types as values. They refer to each other by TypeId, never by pointer. Names are views into the
// Btf that decoded them: valid as long as that Btf or a copy of it lives.
// Source: Documentation/bpf/btf.rst, include/uapi/linux/btf.h.
#pragma once

#include <cstdint>
#include <string_view>
#include <variant>
#include <vector>

#include "skep/base/bytes.hpp"

namespace skep::btf {

// The number of a type; 0 is void.
enum class TypeId : std::uint32_t { none = 0 };
constexpr std::uint32_t number(TypeId id) { return static_cast<std::uint32_t>(id); }

// One enumerator per row of btf/kinds.inc; the values are the kernel's BTF_KIND_*.
enum class Kind : std::uint8_t {
#define SKEP_BTF_KIND(name, number, ...) name = number,
#include "skep/btf/kinds.inc"
#undef SKEP_BTF_KIND
};

// As bpftool prints it: "INT", "FUNC_PROTO"; "UNKNOWN" for a kind that is not in the table.
std::string_view to_string(Kind kind);

struct Void {
  bool operator==(const Void&) const = default;
};

struct Int {
  std::string_view name;
  std::uint32_t size = 0;        // bytes
  std::uint8_t bits = 0;         // width of the value
  std::uint8_t bit_offset = 0;   // legacy bitfields
  bool is_signed = false, is_char = false, is_bool = false;
  bool operator==(const Int&) const = default;
};

struct Ptr {
  TypeId type{};
  bool operator==(const Ptr&) const = default;
};

struct Array {
  TypeId element{}, index{};
  std::uint32_t count = 0;
  bool operator==(const Array&) const = default;
};

struct Member {
  std::string_view name;          // empty: anonymous
  TypeId type{};
  std::uint32_t bit_offset = 0;   // from the start of the structure
  std::uint8_t bitfield_size = 0; // bits; 0: not a bitfield (kind_flag form)
  bool operator==(const Member&) const = default;
};

// STRUCT and UNION.
struct Composite {
  std::string_view name;
  bool is_union = false;
  std::uint32_t size = 0;  // bytes
  std::vector<Member> members;
  bool operator==(const Composite&) const = default;
};

struct Enumerator {
  std::string_view name;
  std::int64_t value = 0;  // sign- or zero-extended as the enum says
  bool operator==(const Enumerator&) const = default;
};

// ENUM and ENUM64.
struct Enum {
  std::string_view name;
  std::uint32_t size = 0;  // bytes; 0 for a forward declaration (clang's), which has no enumerators
  bool is_signed = false;
  bool is_64 = false;      // the record is an ENUM64
  std::vector<Enumerator> values;
  bool operator==(const Enum&) const = default;
};

struct Fwd {
  std::string_view name;
  bool is_union = false;
  bool operator==(const Fwd&) const = default;
};

// TYPEDEF, VOLATILE, CONST, RESTRICT and TYPE_TAG: another type with a word in front.
struct Modifier {
  Kind kind{};
  std::string_view name;  // TYPEDEF and TYPE_TAG
  TypeId type{};
  bool is_attribute = false;  // TYPE_TAG: __attribute__((name)) itself, not btf_type_tag("name"); since 6.14
  bool operator==(const Modifier&) const = default;
};

enum class Linkage : std::uint8_t { static_ = 0, global = 1, extern_ = 2 };

struct Func {
  std::string_view name;
  TypeId proto{};
  Linkage linkage{};
  bool operator==(const Func&) const = default;
};

struct Param {
  std::string_view name;
  TypeId type{};  // none with an empty name, last: "..."
  bool operator==(const Param&) const = default;
};

struct FuncProto {
  TypeId result{};
  std::vector<Param> params;
  bool operator==(const FuncProto&) const = default;
};

struct Var {
  std::string_view name;
  TypeId type{};
  Linkage linkage{};
  bool operator==(const Var&) const = default;
};

struct SectionVar {
  TypeId var{};
  std::uint32_t offset = 0, size = 0;  // bytes; clang leaves both 0 until the ELF is consulted
  bool operator==(const SectionVar&) const = default;
};

struct Datasec {
  std::string_view name;
  std::uint32_t size = 0;
  std::vector<SectionVar> vars;
  bool operator==(const Datasec&) const = default;
};

struct Float {
  std::string_view name;
  std::uint32_t size = 0;
  bool operator==(const Float&) const = default;
};

struct DeclTag {
  std::string_view value;
  TypeId type{};
  std::int32_t component = -1;  // member or parameter index, -1: the type itself
  bool is_attribute = false;    // __attribute__((value)) itself, not btf_decl_tag("value"); since 6.14
  bool operator==(const DeclTag&) const = default;
};

// The kinds that each of these structs stands for, as messages name them.
template <class T>
inline constexpr std::string_view kKindName = "";
template <>
inline constexpr std::string_view kKindName<Int> = "INT";
template <>
inline constexpr std::string_view kKindName<Ptr> = "PTR";
template <>
inline constexpr std::string_view kKindName<Array> = "ARRAY";
template <>
inline constexpr std::string_view kKindName<Composite> = "STRUCT or UNION";
template <>
inline constexpr std::string_view kKindName<Enum> = "ENUM";
template <>
inline constexpr std::string_view kKindName<Fwd> = "FWD";
template <>
inline constexpr std::string_view kKindName<Modifier> = "TYPEDEF, qualifier or TYPE_TAG";
template <>
inline constexpr std::string_view kKindName<Func> = "FUNC";
template <>
inline constexpr std::string_view kKindName<FuncProto> = "FUNC_PROTO";
template <>
inline constexpr std::string_view kKindName<Var> = "VAR";
template <>
inline constexpr std::string_view kKindName<Datasec> = "DATASEC";
template <>
inline constexpr std::string_view kKindName<Float> = "FLOAT";
template <>
inline constexpr std::string_view kKindName<DeclTag> = "DECL_TAG";

// A kind that came after btf/kinds.inc and that the layout section of its BTF allows to skip.
struct Opaque {
  Kind kind{};
  std::string_view name;
  std::uint32_t size_or_type = 0;
  bool kind_flag = false;
  Bytes data;  // what follows the 12-byte header, in the byte order of the Btf
  friend bool operator==(const Opaque& a, const Opaque& b) {
    return a.kind == b.kind && a.name == b.name && a.size_or_type == b.size_or_type &&
           a.kind_flag == b.kind_flag && as_text(a.data) == as_text(b.data);
  }
};

using Type = std::variant<Void, Int, Ptr, Array, Composite, Enum, Fwd, Modifier, Func, FuncProto, Var,
                          Datasec, Float, DeclTag, Opaque>;

}  // namespace skep::btf
