// Jumps. Those that go back look whether there is fuel left, if they are taken.
#include "skep/jit/compiler.hpp"

#include "skep/jit/runtime.hpp"

namespace skep::jit {
namespace {

using Condition = x86::CondCode;

Condition condition_of(Meaning meaning) {
  switch (meaning) {
    case Meaning::jeq: return Condition::kE;
    case Meaning::jgt: return Condition::kA;
    case Meaning::jge: return Condition::kAE;
    case Meaning::jset:
    case Meaning::jne: return Condition::kNE;
    case Meaning::jsgt: return Condition::kG;
    case Meaning::jsge: return Condition::kGE;
    case Meaning::jlt: return Condition::kB;
    case Meaning::jle: return Condition::kBE;
    case Meaning::jslt: return Condition::kL;
    default: return Condition::kLE;
  }
}

}  // namespace

void Compiler::emit_fuel_check(std::uint32_t target) {
  if (target <= slot_) emit_fuel_exit();
}

void Compiler::emit_goto(std::uint32_t target) {
  emit_fuel_check(target);
  if (target != slot_ + 1) a_.jmp(labels_[target]);
}

void Compiler::emit_branch(const Instruction& insn) {
  const bool wide = info(insn.op).width == 64, immediate = info(insn.op).form == Form::JmpImm;
  const auto meaning = info(insn.op).meaning;
  const auto sized = [&](const x86::Gp& reg) { return wide ? reg : reg.r32(); };
  const auto dst = sized(value64(insn.dst));
  if (immediate) {
    const auto value = static_cast<std::int32_t>(insn.imm);
    if (meaning == Meaning::jset) a_.test(dst, value);
    else if (value == 0) a_.test(dst, dst);  // as cmp with 0 in all conditions: no carry, no overflow
    else a_.cmp(dst, value);
  } else {
    const auto src = sized(value64(insn.src));
    if (meaning == Meaning::jset) a_.test(dst, src);
    else a_.cmp(dst, src);
  }
  const auto target = *jump_target(insn, slot_);
  const auto condition = condition_of(meaning);
  if (target > slot_) {
    a_.j(condition, labels_[target]);
    return;
  }
  const auto next = a_.newLabel();
  a_.j(x86::negateCond(condition), next);
  emit_fuel_check(target);
  a_.jmp(labels_[target]);
  a_.bind(next);
}

// The count is the word below the return address.
void Compiler::emit_may_goto(const Instruction& insn) {
  const auto target = *jump_target(insn, slot_);
  const auto go_on = a_.newLabel();
  a_.cmp(x86::qword_ptr(x86::rsp), 0);
  a_.jne(go_on);
  emit_fuel_check(target);
  a_.jmp(labels_[target]);
  a_.bind(go_on);
  a_.dec(x86::qword_ptr(x86::rsp));
}

void Compiler::emit_goto_register(const Instruction& insn) {
  const std::vector<x86::Gp> all = {x86::rax, x86::rdi, x86::rsi, x86::rdx, x86::rcx, x86::r8};
  const auto target = value64(insn.dst);
  push(all);
  if (target != x86::rdi) a_.mov(x86::rdi, target);
  a_.mov(x86::esi, slot_);
  a_.mov(x86::rdx, kCpu);
  emit_host_call(reinterpret_cast<const void*>(&goto_register));
  a_.mov(kScratch, x86::rax);
  pop(all);
  a_.test(kScratch, kScratch);
  a_.jz(stub(Exit::stopped));
  a_.jmp(kScratch);
}

}  // namespace skep::jit
