// Where an object meets a target: what it left open gets its value there.
//
//   CollectionSpec ── resolve_kconfig ─► with values in .kconfig
//                 └── Resolver ────────► what all its programs share: answers of CO-RE, externs
//   ProgramSpec ───── Resolver::resolve ─► instructions with both applied; what stays open, and why
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "skep/spec/collection.hpp"
#include "skep/spec/core_answers.hpp"
#include "skep/spec/target.hpp"

namespace skep::spec {

// The number of the "helper" that takes the place of an instruction that means nothing on the target. Verifiers know no
// such helper, engines end the run that reaches it.
inline constexpr std::int64_t kCorePoison = 0xbad2310;

// What became of one CO-RE relocation.
struct CoreOutcome {
  CoreRelocation relocation;
  btf::CoreFixup fixup;   // of a load or store whose width cannot be the field's: lack and reason say so, too
  bool poisoned = false;  // the instruction (both slots of a wide one) is now a call of kCorePoison
  // `byte_off of "task.pid" (0:0): type 7 STRUCT "task" of vmlinux: no member "pid"`: what is missing; empty if
  // nothing is.
  std::string missing;
  bool operator==(const CoreOutcome&) const = default;
};

struct CoreResolved {
  ProgramSpec program;  // without core_relocations, unless the target knows no types
  std::vector<CoreOutcome> outcomes;  // by slot
};

// Applies the CO-RE relocations of a program, linked or not, as if its object had no other; `types` and `order` are those of
// its collection. As in libbpf the immediate or offset that an instruction holds must be what the compiler saw, so that a stray record
// destroys nothing. Errors name slot and access: malformed (that check, an instruction that holds no such number, two
// different relocations of one instruction, an offset beyond 32767), and those of btf::relocate.
Result<CoreResolved> resolve_core(ProgramSpec program, const btf::Btf& types, ByteOrder order, const Target& target);
// The same for a program of a collection, with the answers that its siblings have a say in. The target must know types.
Result<CoreResolved> resolve_core(ProgramSpec program, const btf::Btf& types, const CoreAnswers& answers);

// Gives each .kconfig extern that nobody has set its value from the target: an option's text, or one of the virtual
// LINUX_* values. Those for which it has none keep zero bytes and stay without a value (ExternSpec::given). Errors:
// rejected (a text that the variable's type cannot be), naming the extern.
Result<> resolve_kconfig(CollectionSpec& collection, const Target& target);

// What a target has for one extern of .ksyms.
struct ExternBinding {
  enum class State : std::uint8_t {
    found,
    missing,     // a weak one is 0 then, and a call of it poison; a strong one stays unresolved
    unresolved,  // something else has its name, or the target does not tell: weak or not, it has no value
  };
  State state = State::missing;
  std::uint64_t address = 0;   // of one without a type
  btf::TypeId type{};          // of one with a type: the VAR or FUNC, in
  std::uint32_t set = 0;       // this set of Target::types
  std::uint16_t module = 0;    // 0: the kernel itself; n: the set is Externs::modules[n - 1]
  std::uint32_t poison = 0;    // a missing kfunc: its index among libbpf's externs
  std::string reason;          // why it was not found
  bool operator==(const ExternBinding&) const = default;
};

struct Externs {
  std::map<std::string, ExternBinding, std::less<>> by_name;  // all of .ksyms
  // The sets of Target::types whose functions are called, in the order of the array of BTF file descriptors that
  // BPF_PROG_LOAD takes for calls with an offset (fd_array, from 1 on).
  std::vector<std::uint32_t> modules;
  bool operator==(const Externs&) const = default;
};

// As in libbpf: variables by name and compatible type in BTF; functions by essential name (bpf_iter_new___v2 is
// bpf_iter_new) and compatible prototype, a weak one of another prototype counting as missing, so that several may be
// declared; what has no type in the list of symbols, where two addresses are ambiguous (refused). Never fails: why a
// name was not found is told with it.
Externs find_externs(const CollectionSpec& collection, const Target& target);

// The number of the "helper" that a call of a missing weak kfunc becomes, plus its index (libbpf's
// POISON_CALL_KFUNC_BASE).
inline constexpr std::int64_t kKfuncPoison = 2'002'000'000;

// An instruction whose extern has no value.
struct Unresolved {
  std::uint32_t slot = 0;
  ExternSpec::Kind kind{};
  std::string symbol;
  std::string reason;
  bool operator==(const Unresolved&) const = default;
};

struct Resolved {
  // References to externs are gone where a number took their place; kernel variables and functions that were found keep
  // theirs, for what a number of BTF means only a kernel knows.
  ProgramSpec program;
  std::vector<CoreOutcome> core;       // by slot
  std::vector<Unresolved> unresolved;  // by slot; engines refuse them
};

using ExternIndex = std::unordered_map<std::string_view, const ExternSpec*>;  // by name

// What the programs of one collection share when they are resolved against one target. Any number of threads may ask.
class Resolver {
 public:
  // `collection`, whose .kconfig has its values (resolve_kconfig), must outlive it.
  Resolver(const CollectionSpec& collection, Target target);

  const Externs& externs() const { return externs_; }
  // Applies all of it to a linked program of the collection. Errors: those of resolve_core.
  Result<Resolved> resolve(ProgramSpec program) const;

 private:
  const CollectionSpec& collection_;
  Target target_;
  CoreAnswers core_;
  Externs externs_;
  ExternIndex symbols_;
};

}  // namespace skep::spec
