// CO-RE: what an object asks of the types that it was compiled against, answered from the types of the kernel
// that it is to run on. A pure function from records and types to values; instructions are patched elsewhere
// (spec/resolve).
//
// The rules are libbpf's (src/relo_core.c), except that the order of the records never matters. libbpf drops the
// candidates that a record rules out before it looks at the next record, so that a program that reads two
// fields may be accepted in one order and refused in the other. Here all records that name one local type are
// looked at first:
//
//   * candidates that match every record which any candidate matches are the ones that count (what libbpf
//     ends with if it accepts the object);
//   * if no candidate is that good, the ones count that match the most records, the first of them in the target
//     deciding between equals; what they lack is missing (libbpf: whatever the first record picks);
//   * those that count must agree on every value, or the record is ambiguous, an error.
//
// Enumerators are another difference. An ENUM has 32 bits for each, and says since Linux 6.0 and clang 15 whether
// they are signed. libbpf takes all for signed, and so refuses what clang makes of one of 2^31 and more. Here they
// count as the target's type says, so that relocation against the program's own types changes nothing; and as signed
// ones if the program's enumeration is signed, for the types of older kernels do not say it.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "skep/btf/btf.hpp"

namespace skep::btf {

// One enumerator per row of btf/core_kinds.inc; the values are those of .BTF.ext.
enum class CoreKind : std::uint32_t {
#define SKEP_CORE_KIND(name, number, ...) name = number,
#include "skep/btf/core_kinds.inc"
#undef SKEP_CORE_KIND
};

// As libbpf's messages name it: "byte_off"; "unknown" for a number that no kind has.
std::string_view to_string(CoreKind kind);

// What one relocation asks.
struct CoreQuery {
  TypeId type{};            // the local type where the access begins
  std::string_view access;  // "0:1:2": element, then member and element numbers; "0" for types
  std::uint32_t kind = 0;   // a CoreKind
};

// In words: `byte_off of "task.parent.pid" (0:1:0)`, as far as the query makes sense.
std::string describe(const Btf& local, const CoreQuery& query);

// The name without its flavour: "task___v2" is a "task". A flavour is what follows the last "___" that has
// other characters on both sides.
std::string_view essential_name(std::string_view name);

// The types of a kernel or of one module.
struct NamedBtf {
  std::string name;  // "vmlinux", "nf_conntrack"
  Btf types;
};

// A type of the target that could be what a local type means.
struct CoreCandidate {
  std::uint32_t set = 0;  // index into CoreTargets::sets()
  TypeId type{};
  auto operator<=>(const CoreCandidate&) const = default;
};

// The types to relocate against, indexed by essential name when first asked. Copies share the index; any
// number of threads may ask.
class CoreTargets {
 public:
  // No types: everything is missing.
  CoreTargets();
  // The kernel's first, then modules (split BTF with the kernel's as base, or of their own).
  explicit CoreTargets(std::vector<NamedBtf> sets);

  const std::vector<NamedBtf>& sets() const;
  // Types of that essential name and kind (an ENUM64 is an ENUM), ascending: those of the first set, or if it has
  // none, those of all the others.
  std::vector<CoreCandidate> find(std::string_view essential, Kind kind) const;
  // `type 7 STRUCT "task" of vmlinux`
  std::string describe(const CoreCandidate& candidate) const;

 private:
  struct State;
  std::shared_ptr<const State> state_;
};

// How the target lacks something.
enum class CoreLack : std::uint8_t {
  nothing,  // it does not
  type,     // no type of that name and kind
  name,     // a type without that member or enumerator
  form,     // what has the name is of another type, kind or size, or has fewer elements
};

struct CoreFixup {
  std::uint64_t value = 0;        // what the target has
  std::uint64_t local_value = 0;  // what the compiler has put into the instruction, if check_local
  bool check_local = true;
  // field_byte_offset: bytes of the field, or of one element if it is an array, so that a load or store of it can be
  // given another width. 0 for a bitfield, which needs more than a load. size_fits: they are equal, or the value read with
  // the other width is the same value (pointers, unsigned integers).
  std::uint32_t local_size = 0, size = 0;
  bool size_fits = true;
  // The instruction has no meaning on this target: nothing there has what the record names. Not an error: programs
  // guard such accesses, and only a run that reaches it fails.
  bool poison = false;
  std::optional<CoreCandidate> target;  // the first type that matched; none if none did (or is needed)
  std::string missing;                  // the name of what the target lacks; kShownName bytes of it
  CoreLack lack = CoreLack::nothing;    // how it lacks it
  std::optional<CoreCandidate> searched;  // CoreLack::name: the structure, union or enumeration without it
  std::string reason;                   // why nothing matched, and what was tried, in words
  bool operator==(const CoreFixup&) const = default;
};

// What answers rest on: all of the target's types that was looked at on the way to them, by candidates that match and
// by those that do not. A target that has the same in the same order, and less of the rest, gives the same answers,
// whichever queries are asked together.
struct CoreUse {
  struct Part {
    CoreCandidate type;       // STRUCT, UNION, ENUM or ENUM64
    std::uint32_t index = 0;  // of a member or an enumerator
    auto operator<=>(const Part&) const = default;
  };
  std::set<CoreCandidate> asked;                  // candidates, as they were found: before their modifiers
  std::set<CoreCandidate> pointers;               // PTRs that were looked through
  std::set<Part> parts;                           // members and enumerators that were compared or gone through
  std::map<CoreCandidate, std::uint32_t> counts;  // that a type has so many parts or more has been of importance
};

// Answers every query, in their order. `order`: of the instructions and data of the program, which decides how
// bitfields are shifted. Errors, each of its own query: malformed (the query makes no sense for the local type, or
// types nest too deeply or in circles), rejected (candidates disagree), not_supported (an unknown kind, a bitfield
// that no load can hold, an anonymous type). `use`, if given: what was looked at is added to it.
std::vector<Result<CoreFixup>> relocate(std::span<const CoreQuery> queries, const Btf& local,
                                        const CoreTargets& targets, ByteOrder order, CoreUse* use = nullptr);

}  // namespace skep::btf
