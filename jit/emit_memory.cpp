// Loads and stores. One instruction each: nothing is checked, for nothing outside of guest memory can be named. What is
// not mapped there raises a signal, which jit/fault.cpp turns into the end of the run.
#include "skep/jit/compiler.hpp"

namespace skep::jit {

// A frame is mapped as a whole, and its place is known now.
bool Compiler::in_frame(Reg reg, std::int32_t offset, std::uint32_t bytes) const {
  return reg == Reg::r10 && offset >= -static_cast<std::int32_t>(vm::kMaxFrameSize) &&
         offset + static_cast<std::int32_t>(bytes) <= 0;
}

x86::Mem Compiler::guest(Reg reg, std::int32_t offset, std::uint32_t bytes) {
  const auto base = host_register(reg);
  if (in_frame(reg, offset, bytes)) return x86::ptr(base, offset, bytes);
  if (options_.segment) {
    auto place = x86::ptr(base.r32(), offset, bytes);
    place.setSegment(x86::gs);
    return place;
  }
  if (offset == 0) a_.mov(kScratch2.r32(), base.r32());
  else a_.lea(kScratch2.r32(), x86::ptr(base, offset));
  return x86::ptr(kBase, kScratch2, 0, 0, bytes);
}

void Compiler::emit_load(const Instruction& insn, bool is_signed) {
  const auto bytes = info(insn.op).width / 8u;
  const auto dst = host_register(insn.dst);
  const auto from = guest(insn.src, insn.off, bytes);
  switch (bytes) {
    case 1:
    case 2:
      if (is_signed) a_.movsx(dst, from);
      else a_.movzx(dst.r32(), from);
      return;
    case 4:
      if (is_signed) a_.movsxd(dst, from);
      else a_.mov(dst.r32(), from);
      return;
    default: a_.mov(dst, from); return;
  }
}

void Compiler::emit_store(const Instruction& insn) {
  const auto bytes = info(insn.op).width / 8u;
  if (info(insn.op).form == Form::StoreImm) {
    const auto value = static_cast<std::int32_t>(insn.imm);
    const auto to = guest(insn.dst, insn.off, bytes);
    switch (bytes) {
      case 1: a_.mov(to, static_cast<std::uint8_t>(value)); return;
      case 2: a_.mov(to, static_cast<std::uint16_t>(value)); return;
      default: a_.mov(to, value); return;
    }
  }
  const auto src = value64(insn.src);
  const auto to = guest(insn.dst, insn.off, bytes);
  switch (bytes) {
    case 1: a_.mov(to, src.r8()); return;
    case 2: a_.mov(to, src.r16()); return;
    case 4: a_.mov(to, src.r32()); return;
    default: a_.mov(to, src); return;
  }
}

}  // namespace skep::jit
