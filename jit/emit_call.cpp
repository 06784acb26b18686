// Calls. The registers of r1..r5 are those of System V's arguments, so a helper is called as it stands.
#include "skep/jit/compiler.hpp"

#include "skep/jit/runtime.hpp"
#include "skep/vm/binding.hpp"
#include "skep/vm/machine.hpp"

namespace skep::jit {
namespace {

// Everything that a function of the host may change and the guest can see.
const std::vector<x86::Gp>& volatile_registers() {
  static const std::vector<x86::Gp> all = {x86::rax, x86::rdi, x86::rsi, x86::rdx, x86::rcx, x86::r8};
  return all;
}

std::vector<x86::Gp> registers_of(RegSet set) {
  std::vector<x86::Gp> regs;
  for (unsigned n = 0; n < 10; ++n)
    if ((set >> n & 1) != 0) regs.push_back(host_register(static_cast<Reg>(n)));
  return regs;
}

}  // namespace

void Compiler::push(const std::vector<x86::Gp>& regs) {
  for (const auto& reg : regs) a_.push(reg);
  if (regs.size() % 2 != 0) a_.sub(x86::rsp, 8);
}

void Compiler::pop(const std::vector<x86::Gp>& regs) {
  if (regs.size() % 2 != 0) a_.add(x86::rsp, 8);
  for (auto reg = regs.rbegin(); reg != regs.rend(); ++reg) a_.pop(*reg);
}

void Compiler::emit_host_call(const void* function) {
  emit_leave_guest();
  a_.call(asmjit::Imm(reinterpret_cast<std::uintptr_t>(function)));
  emit_enter_guest();
}

// For callbacks and faults inside of the helper.
void Compiler::emit_note_site() {
  a_.mov(cpu(layout_.call_site), slot_);
  a_.mov(cpu(layout_.frame_pointer, 4), x86::ebp);
}

void Compiler::emit_call_helper(const Instruction& insn) {
  if (insn.imm == vm::kTailCall) return emit_tail_call();
  const auto helper = vm::is_poison(insn)
                          ? nullptr
                          : program_.machine().helpers().find(static_cast<std::uint32_t>(insn.imm));
  if (helper == nullptr) {
    a_.jmp(stub(Exit::invalid));
    return;
  }
  if (emit_inlined(insn)) return;
  const auto saved = registers_of(analysis_.live_after(slot_) & kArgumentRegs);
  emit_note_site();
  push(saved);
  emit_leave_guest();
  a_.mov(x86::r9, kCpu);
  a_.call(asmjit::Imm(reinterpret_cast<std::uintptr_t>(helper)));
  emit_enter_guest();
  pop(saved);
  a_.cmp(cpu(layout_.is_stopped, 1), 0);
  a_.jne(stub(Exit::stopped));
}

void Compiler::emit_call_local(const Instruction& insn) {
  const auto index = analysis_.function_index(vm::function_target(insn, slot_));
  const auto& callee = analysis_.function(index);
  emit_local(functions_[index], nullptr, callee.clobbers, callee.may_leave);
}

// Depth before fuel, as the interpreter has it.
void Compiler::emit_local(const asmjit::Label& function, const x86::Gp* address, RegSet clobbers, bool may_leave) {
  a_.dec(cpu(layout_.frames_left, 4));
  a_.js(stub(Exit::call_depth));
  emit_fuel_exit();
  const auto saved = registers_of(analysis_.live_after(slot_) & clobbers);
  push(saved);
  const auto size = static_cast<std::int32_t>(program_.frame_at(slot_).size);
  if (size != 0) a_.sub(x86::rbp, size);
  if (address != nullptr) a_.call(*address);
  else a_.call(function);
  if (size != 0) a_.add(x86::rbp, size);
  pop(saved);
  a_.inc(cpu(layout_.frames_left, 4));
  if (!may_leave) return;
  // Another program may have come in between. What it left in the argument registers is nobody's.
  const auto same = a_.newLabel();
  a_.mov(kScratch, reinterpret_cast<std::uintptr_t>(&program_));
  a_.cmp(cpu(layout_.program), kScratch);
  a_.je(same);
  for (const auto& reg : registers_of(kArgumentRegs)) a_.xor_(reg.r32(), reg.r32());
  a_.mov(cpu(layout_.program), kScratch);
  a_.mov(kScratch, reinterpret_cast<std::uintptr_t>(&executable_));
  a_.mov(cpu(layout_.executable), kScratch);
  a_.bind(same);
}

// The register holds the address of a function of this program, or the number of a helper.
void Compiler::emit_call_register(const Instruction& insn) {
  const auto& all = volatile_registers();
  const auto target = value64(insn.dst);
  push(all);
  if (target != x86::rdi) a_.mov(x86::rdi, target);
  a_.mov(x86::esi, slot_);
  a_.mov(x86::rdx, kCpu);
  emit_host_call(reinterpret_cast<const void*>(&call_register));
  a_.mov(kScratch, x86::rax);
  a_.mov(kScratch2, x86::rdx);
  pop(all);
  const auto helper = a_.newLabel(), end = a_.newLabel(), function = a_.newLabel();
  a_.test(kScratch, kScratch);
  a_.jz(stub(Exit::stopped));
  a_.test(kScratch2, kScratch2);
  a_.jz(function);
  a_.cmp(kScratch2, static_cast<std::int32_t>(Callee::helper));
  a_.je(helper);
  emit_tail_call();
  a_.jmp(end);
  a_.bind(function);
  emit_local({}, &kScratch, kSavedRegs, true);
  a_.jmp(end);
  a_.bind(helper);
  const auto saved = registers_of(kArgumentRegs);
  emit_note_site();
  push(saved);
  emit_leave_guest();
  a_.mov(x86::r9, kCpu);
  a_.call(kScratch);
  emit_enter_guest();
  pop(saved);
  a_.cmp(cpu(layout_.is_stopped, 1), 0);
  a_.jne(stub(Exit::stopped));
  a_.bind(end);
}

// bpf_tail_call(ctx, map, index): the body of the program in the slot takes over this frame.
void Compiler::emit_tail_call() {
  const auto& all = volatile_registers();
  push(all);
  a_.mov(x86::rdi, x86::rsi);
  a_.mov(x86::rsi, x86::rdx);
  a_.mov(x86::edx, slot_);
  a_.mov(x86::rcx, kCpu);
  emit_host_call(reinterpret_cast<const void*>(&tail_call));
  a_.mov(kScratch, x86::rax);
  pop(all);
  const auto next = a_.newLabel();
  a_.cmp(cpu(layout_.is_stopped, 1), 0);
  a_.jne(stub(Exit::stopped));
  a_.test(kScratch, kScratch);
  a_.jz(next);
  a_.jmp(kScratch);
  a_.bind(next);
}

// What is not in the packet ends the function with 0.
void Compiler::emit_packet_load(const Instruction& insn) {
  const std::vector<x86::Gp> kept = registers_of(kArgumentRegs);
  const auto bytes = info(insn.op).width / 8u;
  push(kept);
  if (info(insn.op).form == Form::LdInd) {
    const auto source = value64(insn.src);
    a_.mov(x86::edi, source.r32());
    a_.add(x86::edi, static_cast<std::int32_t>(insn.imm));
  } else {
    a_.mov(x86::edi, static_cast<std::int32_t>(insn.imm));
  }
  a_.mov(x86::esi, bytes);
  a_.mov(x86::edx, slot_);
  a_.mov(x86::rcx, kCpu);
  emit_host_call(reinterpret_cast<const void*>(&load_packet));
  a_.mov(kScratch, x86::rdx);
  pop(kept);
  const auto loaded = a_.newLabel();
  a_.test(kScratch, kScratch);
  a_.jz(loaded);
  a_.cmp(kScratch, static_cast<std::int32_t>(Packet::stopped));
  a_.je(stub(Exit::stopped));
  a_.xor_(x86::eax, x86::eax);
  a_.add(x86::rsp, 8);
  a_.ret();
  a_.bind(loaded);
}

}  // namespace skep::jit
