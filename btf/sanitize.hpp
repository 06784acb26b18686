// BTF for a kernel that does not know all of it. The kernel refuses BTF with a kind that it does not know, so that
// an object of today would load nowhere else: what is unknown becomes something of the same size and name that
// says less. Ids stay, so that records which refer to them hold.
#pragma once

#include <bitset>
#include <cstdint>
#include <string_view>

#include "skep/btf/btf.hpp"

namespace skep::btf {

// One enumerator per row of btf/features.inc.
enum class Feature : std::uint8_t {
#define SKEP_BTF_FEATURE(name, ...) name,
#include "skep/btf/features.inc"
#undef SKEP_BTF_FEATURE
};

inline constexpr std::size_t kFeatures = 0
#define SKEP_BTF_FEATURE(...) +1
#include "skep/btf/features.inc"
#undef SKEP_BTF_FEATURE
    ;

// What it is, for people: "FUNC and FUNC_PROTO".
std::string_view to_string(Feature feature);

// A set of features.
class Features {
 public:
  static Features all() { return Features(std::bitset<kFeatures>().set()); }
  static Features none() { return {}; }
  // Of a kernel as released: of_kernel(5, 4). Distributions may have brought more back.
  static Features of_kernel(unsigned major, unsigned minor);

  bool has(Feature feature) const { return bits_[static_cast<std::size_t>(feature)]; }
  void set(Feature feature, bool value = true) { bits_[static_cast<std::size_t>(feature)] = value; }
  bool operator==(const Features&) const = default;

 private:
  Features() = default;
  explicit Features(std::bitset<kFeatures> bits) : bits_(bits) {}
  std::bitset<kFeatures> bits_;
};

// The same types for a kernel that knows only `known`:
//
//   DATASEC       a structure with the variables as members; its name without what identifiers have not
//   VAR           an integer of one byte, which fits wherever the variable did
//   FUNC          a typedef of what became of its prototype
//   FUNC_PROTO    an enumeration of its parameters
//   linkage       static
//   FLOAT         a nameless structure without members, of its size
//   DECL_TAG      an integer of one byte
//   TYPE_TAG      const
//   ENUM64        a union with the enumerators as members of one byte; one more type, the last, is that byte
//   sign of ENUM  none
//   '?'           '_', at the start of the name of a DATASEC
//   enum x;       of 4 bytes: the declaration that clang gives none is one that no kernel takes
//   attributes    a tag that is one becomes what it would be on a kernel without such tags
//
// Offsets of variables and sizes of sections are those of the object's sections, not the zeros that clang leaves; a
// section that its variables do not fit into gets a structure of the size that its members need.
//
// As libbpf's bpf_object__sanitize_btf; where that leaves names which old kernels refuse, they are made up here.
// Without anything to do it gives `btf` itself. Errors: invalid (a variable beyond 512 MiB of its section, where it
// would become a member), and those of Btf::type and Builder.
Result<Btf> sanitize(const Btf& btf, const Features& known);

}  // namespace skep::btf
