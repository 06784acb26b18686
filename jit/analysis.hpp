// What code generation wants to know of a program before it begins: where straight runs of instructions start, and which
// registers are still needed where.
//
// Registers are saved by whoever calls, and only those that are needed after the call and that the callee changes: a
// program that a verifier accepted never reads r1..r5 after a call. One that no verifier saw may, and gets the values that
// the interpreter gives it.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "skep/vm/program.hpp"

namespace skep::jit {

using RegSet = std::uint16_t;  // bit n stands for rn
inline constexpr RegSet kNoRegs = 0, kAllRegs = 0x3ff, kArgumentRegs = 0x3e, kSavedRegs = 0x3c0;
constexpr RegSet only(Reg reg) { return reg == Reg::r10 ? kNoRegs : static_cast<RegSet>(1u << number(reg)); }

struct FunctionFacts {
  RegSet live_in = kNoRegs;    // may be read before they are written
  RegSet live_out = kNoRegs;   // some caller may read them after the return
  RegSet clobbers = kNoRegs;   // of r6..r9: may be changed when it returns
  bool may_leave = false;      // it, or what it calls, may continue in another program
};

// Where a jump that is taken goes; nothing for what is no jump.
std::optional<std::uint32_t> jump_target(const Instruction& insn, std::uint32_t slot);

class Analysis {
 public:
  explicit Analysis(const vm::Program& program);

  // Jumps land here.
  bool is_target(std::uint32_t slot) const { return (marks_[slot] & kTarget) != 0; }
  // A straight run begins here: its instructions are executed together, up to a fault.
  bool is_leader(std::uint32_t slot) const { return (marks_[slot] & kLeader) != 0; }
  // Instructions of the straight run, from the one at `slot` to its end.
  std::uint32_t run_length(std::uint32_t slot) const;
  // At calls: what may be read behind the instruction at `slot` before it is written.
  RegSet live_after(std::uint32_t slot) const { return live_after_[slot]; }
  // Of the function that begins at vm::Program::frames()[index].
  const FunctionFacts& function(std::size_t index) const { return functions_[index]; }
  std::size_t function_index(std::uint32_t slot) const;

 private:
  static constexpr std::uint8_t kTarget = 1, kLeader = 2;
  void mark();
  void find_clobbers();
  void find_live();
  bool live_pass(std::size_t index);
  RegSet live_before(std::uint32_t slot, RegSet after) const;

  const vm::Program& program_;
  bool has_calls_ = false;
  std::vector<std::uint8_t> marks_;     // by slot, and one more
  std::vector<RegSet> live_after_;      // by slot
  std::vector<FunctionFacts> functions_;
};

}  // namespace skep::jit
