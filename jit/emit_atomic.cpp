// Atomic operations. An address that is not a multiple of the size is a fault: across two cache lines the processor would
// stop every other one.
#include "skep/jit/compiler.hpp"

namespace skep::jit {

void Compiler::emit_aligned(Reg reg, std::int32_t offset, std::uint32_t bytes) {
  if (bytes == 1) return;
  if (reg == Reg::r10) {
    // Frames begin at multiples of 16.
    if ((static_cast<std::uint32_t>(offset) & (bytes - 1)) != 0) a_.jmp(stub(Exit::misaligned));
    return;
  }
  const auto base = host_register(reg);
  if ((static_cast<std::uint32_t>(offset) & (bytes - 1)) == 0) {
    a_.test(base.r8(), static_cast<std::uint8_t>(bytes - 1));
  } else {
    a_.lea(kScratch.r32(), x86::ptr(base, offset));
    a_.test(kScratch.r8(), static_cast<std::uint8_t>(bytes - 1));
  }
  a_.jnz(stub(Exit::misaligned));
}

void Compiler::emit_atomic(const Instruction& insn) {
  const auto bytes = info(insn.op).width / 8u;
  emit_aligned(insn.dst, insn.off, bytes);
  const auto src64 = value64(insn.src);
  const auto src = bytes == 8 ? src64 : src64.r32();
  const auto place = guest(insn.dst, insn.off, bytes);
  switch (info(insn.op).form) {
    case Form::AtomicXchg: a_.xchg(place, src); return;
    case Form::AtomicCmpXchg:
      a_.lock().cmpxchg(place, src);
      // Where it was equal, eax was not written.
      if (bytes == 4) a_.mov(x86::eax, x86::eax);
      return;
    default: break;
  }
  switch (info(insn.op).meaning) {
    case Meaning::add: a_.lock().add(place, src); return;
    case Meaning::or_: a_.lock().or_(place, src); return;
    case Meaning::and_: a_.lock().and_(place, src); return;
    default: a_.lock().xor_(place, src); return;
  }
}

// What x86 cannot do in one: compare and exchange until nobody came between. rax, which that needs, is on the stack
// meanwhile (and there jit/fault.cpp finds it).
void Compiler::emit_fetch(const Instruction& insn) {
  const auto bytes = info(insn.op).width / 8u;
  const bool wide = bytes == 8;
  const auto sized = [&](const x86::Gp& reg) { return wide ? reg : reg.r32(); };
  emit_aligned(insn.dst, insn.off, bytes);
  const auto src = host_register(insn.src);
  if (info(insn.op).meaning == Meaning::add) {
    const auto place = guest(insn.dst, insn.off, bytes);
    a_.lock().xadd(place, sized(src));
    return;
  }
  // The address, once for the loop.
  a_.lea(kScratch2.r32(), x86::ptr(host_register(insn.dst), insn.off));
  auto place = options_.segment ? x86::ptr(kScratch2.r32(), 0, bytes) : x86::ptr(kBase, kScratch2, 0, 0, bytes);
  if (options_.segment) place.setSegment(x86::gs);
  a_.push(x86::rax);
  a_.mov(sized(x86::rax), place);
  const auto again = a_.newLabel();
  a_.bind(again);
  a_.mov(kScratch, src);
  if (src == x86::rax) a_.mov(kScratch, x86::qword_ptr(x86::rsp));
  const auto changed = sized(kScratch);
  switch (info(insn.op).meaning) {
    case Meaning::or_: a_.or_(changed, sized(x86::rax)); break;
    case Meaning::and_: a_.and_(changed, sized(x86::rax)); break;
    default: a_.xor_(changed, sized(x86::rax)); break;
  }
  a_.lock().cmpxchg(place, changed);
  a_.jnz(again);
  if (src == x86::rax) {
    if (!wide) a_.mov(x86::eax, x86::eax);
    a_.add(x86::rsp, 8);
  } else {
    a_.mov(sized(src), sized(x86::rax));
    a_.pop(x86::rax);
  }
}

}  // namespace skep::jit
