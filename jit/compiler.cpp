#include "skep/jit/compiler.hpp"

#include <algorithm>
#include <cstddef>

#include "skep/vm/binding.hpp"
#include "skep/vm/machine.hpp"

namespace skep::jit {

x86::Gp host_register(Reg reg) {
  static const x86::Gp map[] = {x86::rax, x86::rdi, x86::rsi, x86::rdx, x86::rcx, x86::r8,
                                x86::rbx, x86::r13, x86::r14, x86::r15, x86::rbp};
  return map[number(reg)];
}

Compiler::Compiler(const vm::Program& program, const vm::Executable& executable, const CompileOptions& options,
                   const EntryCode& entry)
    : program_(program),
      executable_(executable),
      options_(options),
      entry_(entry),
      layout_(layout_of(program.machine().cpu())),
      analysis_(program) {
  holder_.init(asmjit::Environment::host());
  holder_.attach(&a_);
}

x86::Mem Compiler::cpu(std::int32_t offset, std::uint32_t bytes) const { return x86::ptr(kCpu, offset, bytes); }

x86::Gp Compiler::value64(Reg reg) {
  if (reg != Reg::r10) return host_register(reg);
  a_.mov(kScratch.r32(), x86::ebp);
  return kScratch;
}

Result<> Compiler::compile() {
  const auto& insns = program_.code().insns;
  const auto& frames = program_.frames();
  labels_.resize(insns.size());
  for (std::uint32_t slot = 0; slot < insns.size(); ++slot)
    if (analysis_.is_target(slot)) labels_[slot] = a_.newLabel();
  for (std::size_t i = 0; i < frames.size(); ++i) functions_.push_back(a_.newLabel());
  compiled_.offsets.resize(insns.size() + 1);

  std::size_t next_function = 0;
  for (slot_ = 0; slot_ < insns.size(); ++slot_) {
    if (next_function < frames.size() && frames[next_function].begin == slot_) emit_function_start(next_function++);
    compiled_.offsets[slot_] = static_cast<std::uint32_t>(a_.offset());
    if (insns[slot_].op == Op::wide_tail) continue;
    if (analysis_.is_target(slot_)) {
      a_.bind(labels_[slot_]);
      known_.forget();
    }
    if (analysis_.is_leader(slot_)) emit_charge();
    emit(insns[slot_]);
    known_.after(insns[slot_]);
  }
  compiled_.offsets[insns.size()] = static_cast<std::uint32_t>(a_.offset());
  emit_stubs();
  if (const auto error = holder_.flatten(); error != asmjit::kErrorOk)
    return fail(Errc::not_supported, "asmjit: {}", asmjit::DebugUtils::errorAsString(error));
  if (const auto error = holder_.resolveUnresolvedLinks(); error != asmjit::kErrorOk)
    return fail(Errc::not_supported, "asmjit: {}", asmjit::DebugUtils::errorAsString(error));
  return {};
}

Compiled Compiler::place(std::byte* to, const std::byte* address) {
  holder_.relocateToBase(reinterpret_cast<std::uint64_t>(address));
  holder_.copyFlattenedData(to, holder_.codeSize());
  return std::move(compiled_);
}

// The word below the return address counts may_goto, and keeps the stack aligned for calls.
void Compiler::emit_function_start(std::size_t index) {
  known_.forget();
  compiled_.functions.push_back(static_cast<std::uint32_t>(a_.offset()));
  a_.bind(functions_[index]);
  a_.sub(x86::rsp, 8);
  compiled_.bodies.push_back(static_cast<std::uint32_t>(a_.offset()));
  const auto& frame = program_.frames()[index];
  const auto& insns = program_.code().insns;
  const auto begin = insns.begin() + frame.begin, end = insns.begin() + frame.end;
  constexpr std::int32_t kMayGotoLimit = 8388608;  // BPF_MAX_LOOPS
  if (std::any_of(begin, end, [](const Instruction& insn) { return insn.op == Op::may_goto; }))
    a_.mov(x86::qword_ptr(x86::rsp), kMayGotoLimit);
  if (!options_.segment) emit_enter_guest();
}

void Compiler::emit_leave_guest() {
  if (fuel_in_register()) a_.mov(cpu(layout_.fuel_left), kFuel);
}

void Compiler::emit_enter_guest() {
  if (options_.segment) {
    if (options_.counting) a_.mov(kFuel, cpu(layout_.fuel_left));
    return;
  }
  // Guest memory begins at what rbp has above its low half. A function that is called leaves the register alone.
  a_.mov(kBase, x86::rbp);
  a_.shr(kBase, 32);
  a_.shl(kBase, 32);
}

void Compiler::emit_charge() {
  if (!options_.counting) return;
  const auto count = static_cast<std::int32_t>(analysis_.run_length(slot_));
  if (options_.segment) a_.sub(kFuel, count);
  else a_.sub(cpu(layout_.fuel_left), count);
}

// To where the run ends, if no fuel is left.
void Compiler::emit_fuel_exit() {
  if (!options_.counting) return;
  if (options_.segment) a_.test(kFuel, kFuel);
  else a_.cmp(cpu(layout_.fuel_left), 0);
  a_.jle(stub(Exit::out_of_fuel));
}

asmjit::Label Compiler::stub(Exit exit) {
  stubs_.push_back({a_.newLabel(), slot_, exit});
  return stubs_.back().label;
}

void Compiler::emit_stubs() {
  for (const auto& one : stubs_) {
    a_.bind(one.label);
    emit_leave_guest();
    a_.mov(kScratch, cpu(layout_.entry));
    if (one.exit == Exit::misaligned) {
      // The report names the address.
      const Instruction& insn = program_.code().insns[one.slot];
      const Reg reg = info(insn.op).form == Form::LoadAcq ? insn.src : insn.dst;
      const auto place = static_cast<std::int32_t>(offsetof(Entry, registers) + sizeof(std::uint64_t) * number(reg));
      if (reg == Reg::r10) a_.mov(x86::r10d, x86::ebp);
      a_.mov(x86::qword_ptr(kScratch, place), reg == Reg::r10 ? x86::Gp(x86::r10) : host_register(reg));
    }
    a_.mov(x86::dword_ptr(kScratch, offsetof(Entry, slot)), one.slot);
    a_.mov(x86::dword_ptr(kScratch, offsetof(Entry, exit)), static_cast<std::uint32_t>(one.exit));
    a_.jmp(asmjit::Imm(reinterpret_cast<std::uintptr_t>(entry_.leave)));
  }
}

void Compiler::emit(const Instruction& insn) {
  switch (info(insn.op).form) {
    case Form::AluImm:
    case Form::AluReg:
    case Form::Neg:
    case Form::MovSx:
    case Form::Swap: return emit_alu(insn);
    // Both address spaces of an arena are the low half here.
    case Form::AddrSpaceCast: {
      const auto source = value32(insn.src);
      a_.mov(host_register(insn.dst).r32(), source);
      return;
    }
    case Form::LdImm64: return emit_number(insn.dst, static_cast<std::uint64_t>(insn.imm));
    case Form::WideTail: return;
    case Form::Load: return emit_load(insn, false);
    case Form::LoadSx: return emit_load(insn, true);
    case Form::LoadAcq:
      emit_aligned(insn.src, insn.off, info(insn.op).width / 8u);
      return emit_load(insn, false);
    case Form::StoreImm:
    case Form::StoreReg: return emit_store(insn);
    case Form::StoreRel:
      emit_aligned(insn.dst, insn.off, info(insn.op).width / 8u);
      return emit_store(insn);
    case Form::Atomic:
    case Form::AtomicXchg:
    case Form::AtomicCmpXchg: return emit_atomic(insn);
    case Form::AtomicFetch: return emit_fetch(insn);
    case Form::LdAbs:
    case Form::LdInd: return emit_packet_load(insn);
    case Form::JmpImm:
    case Form::JmpReg: return emit_branch(insn);
    case Form::Ja:
    case Form::Ja32: return emit_goto(*jump_target(insn, slot_));
    case Form::MayGoto: return emit_may_goto(insn);
    case Form::GotoReg: return emit_goto_register(insn);
    case Form::CallHelper: return emit_call_helper(insn);
    case Form::CallLocal: return emit_call_local(insn);
    case Form::CallReg: return emit_call_register(insn);
    // A call that could not be bound does not load.
    case Form::CallKfunc: a_.jmp(stub(Exit::invalid)); return;
    case Form::Exit:
      a_.add(x86::rsp, 8);
      a_.ret();
      return;
  }
}

}  // namespace skep::jit
