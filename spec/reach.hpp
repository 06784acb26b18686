// Which instructions a run can come to: for poison that matters only if it is reached.
#pragma once

#include <cstdint>
#include <vector>

#include "skep/asm/code.hpp"

namespace skep::spec {

// Ordered: more than that cannot be said of an instruction.
enum class Reach : std::uint8_t {
  dead,       // no path of jumps and calls leads there from the entry
  guarded,    // one does, but it takes a branch that known constants never take: `if (bpf_core_field_exists(x))`
  reachable,  // a run may come there
};

// One answer a slot, for linked code. An approximation from above: what is dead or guarded is never run, and what is
// reachable may still never be, for only this much is known:
//
//   * constants in registers, from immediates and arithmetic on them, as long as all paths to a place agree;
//   * not what is in memory (a flag that was spilled to the stack, .rodata), nor what r0..r5 hold after a call;
//   * a branch does not teach the values that it compared.
//
// Functions that nothing refers to (an exception callback) count as called; so does a function whose address is taken
// in a place that is itself reached.
std::vector<Reach> reach(const Code& code);

// Slots that hold poison (spec::kCorePoison) of at least this reach, ascending.
std::vector<std::uint32_t> poisoned_slots(const Code& code, Reach at_least);

}  // namespace skep::spec
