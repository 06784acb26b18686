// Private to the interpreter: what a pre-decoded operation is, and what a run in progress holds.
//
// Counting costs nothing per instruction. `balance` is kept so that
//
//     balance + address of the operation to execute next == -16 * (fuel left)
//
// Going on to the next operation, 16 bytes further, pays one by itself; a taken jump subtracts its distance
// from the balance; a wide instruction, 32 bytes for one, subtracts 16. No fuel is left when the sum is
// not negative, which is looked at in backward jumps, calls and tail calls.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "skep/vm/cpu.hpp"
#include "skep/vm/engine.hpp"
#include "skep/vm/helper.hpp"
#include "skep/vm/program.hpp"

namespace skep::vm::interp {

struct Operation;
struct Run;

// Where to go on; a null operation means that the run has left the interpreter (Run::exit says why).
struct Where {
  const Operation* pc = nullptr;
  std::int64_t balance = 0;
};

#if defined(__clang__)
// Each handler is a function that ends in a tail call of the next one.
using Handler = void (*)(const Operation* pc, Run* run, std::byte* base, std::int64_t balance);
#else
// Each handler is a label in one function.
using Handler = const void*;
#endif

// One slot of the program: indices are the slots of BPF.
struct Operation {
  struct Fields {
    std::uint8_t dst, src;
    std::int16_t off;  // jumps: distance from the next slot; call_local: size of the caller's frame
    std::int32_t imm;  // jumps without comparison and call_local: distance from the next slot
  };
  Handler handler;
  union {
    Fields fields;
    std::uint64_t wide;     // second slot of a wide load: the immediate
    HelperFunction helper;  // call_helper
  };
};
static_assert(sizeof(Operation) == 16);

// The handlers: one a row of asm/isa.inc, branches a second one for jumping backward, and a few more.
enum class HandlerId : std::uint16_t {
#define SKEP_HANDLER(name) name,
#include "skep/vm/interpreter_handlers.inc"
#undef SKEP_HANDLER
};

// How a run leaves the handlers.
enum class Exit : std::uint8_t {
  done,    // exit of the outermost frame
  memory,  // the access at pc faulted
  misaligned,
  out_of_fuel,
  call_depth,
  invalid,  // the operation at pc cannot be executed
  faulted,  // the fault is reported already
  stopped,  // the same, by a helper or callback: the CPU's fuel is up to date
};

class InterpretedProgram;

// A frame: what its calls save, and what is its own.
struct SavedFrame {
  const Operation* return_to;
  std::uint64_t r6, r7, r8, r9, r10;
  InterpretedProgram* program = nullptr;  // to return to, where a tail call of the callee left it
  std::uint64_t may_goto;                 // times that the frame may still go on at a may_goto
};

// One entry into guest code: a run, or a callback inside one.
struct Run {
  std::array<std::uint64_t, kRegCount> r{};
  Cpu* cpu = nullptr;
  SavedFrame* top = nullptr;    // the current frame
  SavedFrame* limit = nullptr;  // the frame that may not call
  InterpretedProgram* program = nullptr;
  Exit exit = Exit::done;
  Where left;                                 // the operation that left, and the balance there
  std::array<SavedFrame, kMaxFrames> frames;  // of this entry
};

inline constexpr std::uint64_t kMayGotoLimit = 8388608;  // BPF_MAX_LOOPS

inline std::int64_t address_of(const Operation* pc) {
  return static_cast<std::int64_t>(reinterpret_cast<std::intptr_t>(pc));
}
inline std::int64_t fuel_left(const Operation* next, std::int64_t balance) {
  return -((balance + address_of(next)) / 16);
}
inline std::int64_t balance_for(const Operation* next, std::int64_t fuel) { return -(fuel * 16) - address_of(next); }
// The balance after going from `next` (the operation behind the one just executed) to `target`.
inline std::int64_t balance_at(const Operation* target, const Operation* next, std::int64_t balance) {
  return balance + address_of(next) - address_of(target);
}

class InterpretedProgram final : public Executable {
 public:
  explicit InterpretedProgram(Program& program);

  using Executable::run;
  RunResult run(Cpu& cpu, Context* context, const std::uint64_t (&arguments)[5], std::uint64_t fuel) override;
  std::optional<std::uint64_t> call(Cpu& cpu, std::uint32_t slot, const std::uint64_t (&arguments)[5]) override;
  std::uint32_t slot_of(const void* site) const override {
    return static_cast<std::uint32_t>(static_cast<const Operation*>(site) - operations_.data());
  }

  Program& program() const { return program_; }
  const Operation* at(std::uint32_t slot) const { return &operations_[slot]; }

 private:
  Program& program_;
  std::vector<Operation> operations_;  // one a slot, and one that faults behind them
  std::uint32_t stack_to_clear_ = 0;   // bytes below the outermost r10
};

// The address of a handler.
Handler handler(HandlerId id);
// Executes from `start` until the run leaves.
void execute(Run& run, Where start);

// What is too rare or too long for a handler. `pc` is the operation.
Where call_register(Run& run, Where at);
Where goto_register(Run& run, Where at);
Where tail_call(Run& run, Where at);
// ld_abs, ld_ind: r0 gets the big-endian value at `offset` of the packet. What was not there: the function ends with 0.
enum class PacketLoad : std::uint8_t { loaded, out_of_range, no_packet };
PacketLoad load_packet(Run& run, std::int32_t offset, unsigned bytes);
void no_packet(Run& run, const Operation* pc);
// The frame that a return goes back to is of another program (there was a tail call).
void return_to_program(Run& run, SavedFrame& frame);

// Saves what a call in `frame` keeps, and begins the next frame.
inline void save_registers(Run& run, SavedFrame& frame, const Operation* return_to) {
  frame.return_to = return_to;
  frame.r6 = run.r[6];
  frame.r7 = run.r[7];
  frame.r8 = run.r[8];
  frame.r9 = run.r[9];
  frame.r10 = run.r[10];
  run.top = &frame + 1;
  run.top->may_goto = kMayGotoLimit;
}

}  // namespace skep::vm::interp
