// The structural gate before every engine: what must hold of code so that running it cannot leave it. These are the
// checks that the kernel makes before it follows the data (kernel/bpf/verifier.c: check_subprogs,
// resolve_pseudo_ldimm64 and the field checks of do_check). Nothing here asks what registers hold.
//
//   * not empty, at most kMaxSlots slots; a wide instruction has its second slot, and no other slot looks like one
//   * operands fit their fields; r10 is never written
//   * jumps stay in their function and never land on a second slot
//   * no function runs off its end: its last instruction is exit or an unconditional jump
//   * calls and function addresses go to where a function starts
//
// Where the code does not say where its functions are, the targets of calls and function addresses do.
// Division by an immediate zero and shifts by an immediate beyond the width, which the kernel refuses to load,
// are left to run: their results are defined. So are callx and gotox, whose targets are a matter of values, and
// unknown helpers, which are a matter of the target.
#pragma once

#include <cstdint>

#include "skep/asm/code.hpp"
#include "skep/base/error.hpp"

namespace skep {

inline constexpr std::uint32_t kMaxSlots = 1'000'000;

// Errors: rejected; they name the slot, the instruction and the rule.
Result<> validate(const Code& code, std::uint32_t max_slots = kMaxSlots);

}  // namespace skep
