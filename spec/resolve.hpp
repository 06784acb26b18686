// Where an object meets a target: what it left open gets its value there.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "skep/spec/program.hpp"
#include "skep/spec/target.hpp"

namespace skep::spec {

// The number of the "helper" that takes the place of an instruction that means nothing on the target. Verifiers know no
// such helper, engines end the run that reaches it.
inline constexpr std::int64_t kCorePoison = 0xbad2310;

// What became of one CO-RE relocation.
struct CoreOutcome {
  CoreRelocation relocation;
  btf::CoreFixup fixup;
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

// Applies the CO-RE relocations of a program, linked or not. `types` and `order` are those of its collection. As in
// libbpf the immediate or offset that an instruction holds must be what the compiler saw, so that a stray record
// destroys nothing. Errors name slot and access: malformed (that check, an instruction that holds no such number, two
// different relocations of one instruction, an offset beyond 32767), and those of btf::relocate.
Result<CoreResolved> resolve_core(ProgramSpec program, const btf::Btf& types, ByteOrder order, const Target& target);

}  // namespace skep::spec
