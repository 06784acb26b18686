// The reference engine: its entries (a run, a callback), and what becomes of a run that left the handlers. Handlers are
// in interpreter_body.inc, how one reaches the next in interpreter_dispatch.cpp.
#include <algorithm>
#include <cstring>
#include <utility>

#include "skep/vm/interpreter_state.hpp"
#include "skep/vm/machine.hpp"

namespace skep::vm {
namespace interp {
namespace {

// What a faulting access wanted, in words, and where: the whole register and the offset.
struct Access {
  std::uint64_t address = 0;
  std::string words;
};

Access access_of(const Run& run, const Instruction& instruction) {
  const OpInfo& row = info(instruction.op);
  const bool by_src = row.form == Form::Load || row.form == Form::LoadSx || row.form == Form::LoadAcq;
  const bool plain_store = row.form == Form::StoreImm || row.form == Form::StoreReg || row.form == Form::StoreRel;
  const unsigned bytes = row.width / 8u;
  return {run.r[number(by_src ? instruction.src : instruction.dst)] +
              static_cast<std::uint64_t>(std::int64_t{instruction.off}),
          fmt::format("{} of {} byte{}",
                      by_src        ? "load"
                      : plain_store ? "store"
                                    : "atomic operation",
                      bytes, bytes == 1 ? "" : "s")};
}

// Brings the CPU up to date after the handlers were left, and reports the fault if there was one.
void leave(Run& run) {
  Cpu& cpu = *run.cpu;
  if (run.exit == Exit::stopped) return;
  const auto& [pc, balance] = run.left;
  cpu.fuel_left = fuel_left(pc + 1, balance);
  const std::uint32_t slot = run.program->slot_of(pc);
  const Code& code = run.program->program().code();
  switch (run.exit) {
    case Exit::done:
    case Exit::faulted:
    case Exit::stopped: return;
    case Exit::memory: {
      Access access = access_of(run, code.insns[slot]);
      return cpu.fault_at(slot, FaultKind::memory, std::move(access.words), access.address);
    }
    case Exit::misaligned: {
      Access access = access_of(run, code.insns[slot]);
      return cpu.fault_at(slot, FaultKind::misaligned, access.words + " that is not aligned", access.address);
    }
    case Exit::out_of_fuel:
      return cpu.fault_at(slot, FaultKind::out_of_fuel, cpu.fuel_text());
    case Exit::call_depth:
      return cpu.fault_at(slot, FaultKind::call_depth, fmt::format("call in more than {} frames", kMaxFrames));
    case Exit::invalid:
      return cpu.fault_at(slot, FaultKind::invalid_instruction,
                          "this instruction cannot be executed (poisoned when the program was loaded)");
  }
}

// Begins an entry that may use `frames` frames.
void start(Run& run, Cpu& cpu, InterpretedProgram& program, std::size_t frames) {
  run.cpu = &cpu;
  run.program = &program;
  run.top = run.frames.data();
  run.top->may_goto = kMayGotoLimit;
  run.limit = run.top + frames - 1;
  cpu.entry = &run;
}

// How many frames an entry may still add to its current one.
std::size_t frames_left(const Run& run) { return static_cast<std::size_t>(run.limit - run.top); }

void execute_from(Run& run, std::uint32_t slot) {
  const Operation* const first = run.program->at(slot);
  execute(run, {first, balance_for(first, run.cpu->fuel_left)});
  leave(run);
}

class Interpreter final : public Engine {
 public:
  std::string_view name() const override { return "interp"; }
  Result<std::unique_ptr<Executable>> prepare(Program& program) const override {
    return std::make_unique<InterpretedProgram>(program);
  }
};

}  // namespace

RunResult InterpretedProgram::run(Cpu& cpu, Context* context, const std::uint64_t (&arguments)[5], std::uint64_t fuel) {
  cpu.begin_run(program_, *this, context, fuel);
  // What an earlier run left on the stack is none of this one's inputs.
  std::memset(cpu.machine().memory().base() + cpu.stack_top() - stack_to_clear_, 0, stack_to_clear_);
  Run run;
  start(run, cpu, *this, kMaxFrames);
  std::copy(std::begin(arguments), std::end(arguments), run.r.begin() + 1);
  run.r[10] = cpu.stack_top();
  execute_from(run, 0);
  return cpu.end_run(run.r[0]);
}

std::optional<std::uint64_t> InterpretedProgram::call(Cpu& cpu, std::uint32_t slot,
                                                      const std::uint64_t (&arguments)[5]) {
  const std::size_t frames = frames_left(*static_cast<const Run*>(cpu.entry));
  if (frames == 0) {
    cpu.fault(FaultKind::call_depth, fmt::format("callback in more than {} frames", kMaxFrames));
    return std::nullopt;
  }
  Run run;
  start(run, cpu, *this, frames);
  std::copy(std::begin(arguments), std::end(arguments), run.r.begin() + 1);
  run.r[10] = cpu.frame_pointer - program_.frame_at(slot_of(cpu.call_site)).size;
  execute_from(run, slot);
  if (cpu.stopped()) return std::nullopt;
  return run.r[0];
}

}  // namespace interp

const Engine& interpreter() {
  static const interp::Interpreter engine;
  return engine;
}

}  // namespace skep::vm
