// Instructions to x86-64, one template an instruction, the kernel's register map:
//
//   r0 rax   r1..r5 rdi rsi rdx rcx r8   r6..r9 rbx r13 r14 r15   r10 rbp   the Cpu r12   scratch r9 r10 r11
//
// rbp holds the host address of the guest's frame; r10 as a value is its low half, for guest memory begins at a multiple
// of 4 GiB. Guest memory is gs:[r32 + offset]: the address-size prefix keeps the sum below 2^32, the segment's base moves
// it into guest memory. Where gs cannot be had, a scratch register holds the base.
//
// All functions have one layout of the host's stack, so that a tail call is a jump: the return address, and a word below
// it, the count of may_goto. r6..r9 are saved by callers (jit/analysis.hpp).
//
// Fuel is charged where a straight run of instructions begins, and looked at where a program could run for ever. What a
// run did not execute because it faulted is given back by whoever reports the fault. Fuel is in r9, and in the Cpu
// whenever the host's functions run; with a base register, which takes r9, it is in the Cpu alone.
#pragma once

#include <cstdint>
#include <vector>

#include <asmjit/x86.h>

#include "skep/jit/analysis.hpp"
#include "skep/jit/entry.hpp"
#include "skep/jit/known.hpp"
#include "skep/vm/program.hpp"

namespace skep::jit {

namespace x86 = asmjit::x86;

struct CompileOptions {
  bool segment = true;  // guest memory through gs; otherwise through a base register
  bool bmi2 = true;     // shifts of three operands
  bool counting = true; // fuel and the count of instructions
};

// Where what lies in the code, in bytes from its start.
struct Compiled {
  std::vector<std::uint32_t> offsets;    // of each slot, and of the end of the last
  std::vector<std::uint32_t> functions;  // of each function, with its prologue
  std::vector<std::uint32_t> bodies;     // of each function, behind its prologue, where tail calls enter
};

class Compiler {
 public:
  Compiler(const vm::Program& program, const vm::Executable& executable, const CompileOptions& options,
           const EntryCode& entry);

  Result<> compile();
  std::size_t size() const { return holder_.codeSize(); }
  // Writes the code for its place, which is known now.
  Compiled place(std::byte* to, const std::byte* address);

 private:
  // A place out of line where the run ends.
  struct Stub {
    asmjit::Label label;
    std::uint32_t slot;
    Exit exit;
  };

  // --- emit_alu.cpp
  void emit_alu(const Instruction& insn);
  void emit_arithmetic(const Instruction& insn, asmjit::x86::Inst::Id id);
  void emit_multiply(const Instruction& insn);
  void emit_divide(const Instruction& insn, bool is_signed, bool remainder);
  void emit_shift(const Instruction& insn);
  void emit_move(const Instruction& insn);
  void emit_move_extended(const Instruction& insn);
  void emit_swap(const Instruction& insn);
  void emit_number(Reg dst, std::uint64_t value);

  // --- emit_memory.cpp
  void emit_load(const Instruction& insn, bool is_signed);
  void emit_store(const Instruction& insn);
  // `bytes` at reg + offset. May use r10; what it gives is good until the next instruction that changes either.
  x86::Mem guest(Reg reg, std::int32_t offset, std::uint32_t bytes);
  bool in_frame(Reg reg, std::int32_t offset, std::uint32_t bytes) const;

  // --- emit_atomic.cpp
  void emit_aligned(Reg reg, std::int32_t offset, std::uint32_t bytes);
  void emit_atomic(const Instruction& insn);
  void emit_fetch(const Instruction& insn);

  // --- emit_jump.cpp
  void emit_branch(const Instruction& insn);
  void emit_goto(std::uint32_t target);
  void emit_may_goto(const Instruction& insn);
  void emit_goto_register(const Instruction& insn);
  // Before a jump to `target`: whether there is fuel, if it goes back.
  void emit_fuel_check(std::uint32_t target);

  // --- emit_call.cpp
  void emit_call_helper(const Instruction& insn);
  void emit_call_local(const Instruction& insn);
  void emit_call_register(const Instruction& insn);
  void emit_tail_call();
  void emit_packet_load(const Instruction& insn);
  void emit_local(const asmjit::Label& function, const x86::Gp* address, RegSet clobbers, bool may_leave);
  void emit_host_call(const void* function);
  void emit_fuel_exit();
  void emit_note_site();
  // Pushes registers, and one word more if that keeps the stack aligned; takes them back.
  void push(const std::vector<x86::Gp>& regs);
  void pop(const std::vector<x86::Gp>& regs);

  // --- emit_map.cpp
  // A helper call as instructions of its own; false if it cannot be one.
  bool emit_inlined(const Instruction& insn);
  void emit_array_lookup(const vm::Map& map, std::int32_t key);

  // --- compiler.cpp
  void emit(const Instruction& insn);
  void emit_function_start(std::size_t index);
  void emit_charge();
  // Around what the host's functions change: r9 to the Cpu, and back (or the base).
  void emit_leave_guest();
  void emit_enter_guest();
  void emit_stubs();
  asmjit::Label stub(Exit exit);
  x86::Mem cpu(std::int32_t offset, std::uint32_t bytes = 8) const;
  bool fuel_in_register() const { return options_.segment && options_.counting; }

  // A register that holds the value of `reg`: its own, or r11 for r10.
  x86::Gp value64(Reg reg);
  x86::Gp value32(Reg reg) { return value64(reg).r32(); }

  const vm::Program& program_;
  const vm::Executable& executable_;
  CompileOptions options_;
  const EntryCode& entry_;
  CpuLayout layout_;
  Analysis analysis_;
  asmjit::CodeHolder holder_;
  x86::Assembler a_;
  std::vector<asmjit::Label> labels_;     // by slot, where jumps land
  std::vector<asmjit::Label> functions_;  // by function
  Compiled compiled_;
  std::vector<Stub> stubs_;
  Known known_;
  std::uint32_t slot_ = 0;  // of the instruction in hand
};

// The x86 register of r0..r9, and of r10 the one that holds its host address.
x86::Gp host_register(Reg reg);
inline const x86::Gp kCpu = x86::r12, kScratch = x86::r11, kScratch2 = x86::r10, kBase = x86::r9, kFuel = x86::r9;

}  // namespace skep::jit
