#include "skep/jit/executable.hpp"

#include <algorithm>
#include <cstring>

#include "skep/jit/fault.hpp"
#include "skep/jit/segment.hpp"
#include "skep/vm/machine.hpp"

namespace skep::jit {

Result<std::unique_ptr<Executable>> Executable::make(vm::Program& program, const vm::Engine& engine,
                                                     const CompileOptions& options) {
  std::unique_ptr<Executable> made(new Executable(program, engine));
  made->entry_ = SKEP_TRY(entry_code(program.machine().cpu(), options.segment && options.counting));
  install_fault_handler(made->entry_->leave);
  Compiler compiler(program, *made, options, *made->entry_);
  SKEP_TRY(compiler.compile());
  auto* const memory = SKEP_TRY(CodeMemory::get());
  made->block_ = SKEP_TRY(memory->allocate(compiler.size()));
  auto compiled = compiler.place(made->block_.writable(), made->block_.code());
  made->offsets_ = std::move(compiled.offsets);
  made->functions_ = std::move(compiled.functions);
  made->bodies_ = std::move(compiled.bodies);
  made->options_ = options;
  made->stack_to_clear_ =
      program.frames().size() == 1 ? program.frames().front().size : vm::kMaxFrames * vm::kMaxFrameSize;
  CodeMemory::set_owner(made->block_, made.get());
  return made;
}

const void* Executable::function_at(std::uint32_t slot) const {
  const auto& frames = program_.frames();
  const auto found = std::ranges::lower_bound(frames, slot, {}, &vm::Frame::begin);
  return block_.code() + functions_[static_cast<std::size_t>(found - frames.begin())];
}

// A wide instruction's second slot has no code of its own.
std::uint32_t Executable::slot_at(std::uintptr_t pc) const {
  const auto offset = static_cast<std::uint32_t>(pc - reinterpret_cast<std::uintptr_t>(block_.code()));
  auto after = std::ranges::upper_bound(offsets_, offset);
  auto slot = static_cast<std::uint32_t>(after - offsets_.begin()) - 1;
  while (slot > 0 && program_.code().insns[slot].op == Op::wide_tail) --slot;
  return slot;
}

void Executable::enter(Entry& entry, vm::Cpu& cpu, const void* code) {
  cpu.entry = &entry;
  entry.cpu = &cpu;
  const SegmentScope segment(options_.segment ? cpu.machine().memory().base() : nullptr);
  entry_->enter(&cpu, &entry, code);
  if (entry.exit != Exit::done) report(entry);
}

vm::RunResult Executable::run(vm::Cpu& cpu, vm::Context* context, const std::uint64_t (&arguments)[5],
                              std::uint64_t fuel) {
  cpu.begin_run(program_, *this, context, fuel);
  auto* const base = cpu.machine().memory().base();
  // What an earlier run left on the stack is none of this one's inputs.
  std::memset(base + cpu.stack_top() - stack_to_clear_, 0, stack_to_clear_);
  Entry entry;
  std::ranges::copy(arguments, entry.arguments.begin());
  entry.frame = base + cpu.stack_top();
  cpu.frames_left = static_cast<std::int32_t>(vm::kMaxFrames) - 1;
  enter(entry, cpu, block_.code() + functions_.front());
  return cpu.end_run(entry.r0);
}

std::optional<std::uint64_t> Executable::call(vm::Cpu& cpu, std::uint32_t slot, const std::uint64_t (&arguments)[5]) {
  if (cpu.frames_left == 0) {
    cpu.fault(vm::FaultKind::call_depth, fmt::format("callback in more than {} frames", vm::kMaxFrames));
    return std::nullopt;
  }
  Entry entry;
  std::ranges::copy(arguments, entry.arguments.begin());
  const auto frame = cpu.frame_pointer - program_.frame_at(slot_of(cpu.call_site)).size;
  entry.frame = cpu.machine().memory().base() + frame;
  const auto outer = cpu.frames_left--;
  enter(entry, cpu, function_at(slot));
  cpu.frames_left = outer;
  if (cpu.stopped()) return std::nullopt;
  return entry.r0;
}

// The same words as the interpreter's.
void Executable::report(const Entry& entry) {
  vm::Cpu& cpu = *entry.cpu;
  // The executable that runs now is the one that faulted, unless it was found by its pc.
  const auto& self = entry.where != nullptr ? *static_cast<const Executable*>(entry.where)
                                            : *static_cast<const Executable*>(cpu.executable);
  switch (entry.exit) {
    case Exit::done:
    case Exit::stopped: return;
    case Exit::memory:
    case Exit::misaligned: {
      const Instruction& insn = self.program_.code().insns[entry.slot];
      const OpInfo& row = info(insn.op);
      const bool by_src = row.form == Form::Load || row.form == Form::LoadSx || row.form == Form::LoadAcq;
      const bool store = row.form == Form::StoreImm || row.form == Form::StoreReg || row.form == Form::StoreRel;
      const unsigned bytes = row.width / 8u;
      const auto address = entry.registers[number(by_src ? insn.src : insn.dst)] +
                           static_cast<std::uint64_t>(std::int64_t{insn.off});
      const auto words = fmt::format("{} of {} byte{}", by_src ? "load" : store ? "store" : "atomic operation", bytes,
                                     bytes == 1 ? "" : "s");
      // Charged for, and not executed.
      if (self.options_.counting) cpu.fuel_left += Analysis(self.program_).run_length(entry.slot) - 1;
      cpu.program = &self.program_;
      if (entry.exit == Exit::memory) return cpu.fault_at(entry.slot, vm::FaultKind::memory, words, address);
      return cpu.fault_at(entry.slot, vm::FaultKind::misaligned, words + " that is not aligned", address);
    }
    case Exit::out_of_fuel: return cpu.fault_at(entry.slot, vm::FaultKind::out_of_fuel, cpu.fuel_text());
    case Exit::call_depth:
      return cpu.fault_at(entry.slot, vm::FaultKind::call_depth,
                          fmt::format("call in more than {} frames", vm::kMaxFrames));
    case Exit::invalid:
      return cpu.fault_at(entry.slot, vm::FaultKind::invalid_instruction,
                          "this instruction cannot be executed (poisoned when the program was loaded)");
  }
}

}  // namespace skep::jit
