#include "skep/jit/known.hpp"

namespace skep::jit {

void Known::after(const Instruction& insn) {
  auto& dst = values_[number(insn.dst)];
  switch (info(insn.op).form) {
    case Form::LdImm64: dst = {Kind::number, insn.imm}; return;
    case Form::AluImm:
      if (insn.op == Op::mov64_imm) dst = {Kind::number, insn.imm};
      else if (insn.op == Op::mov32_imm) dst = {Kind::number, static_cast<std::uint32_t>(insn.imm)};
      else if (insn.op == Op::add64_imm && dst.kind == Kind::frame) dst.number += insn.imm;
      else dst = {};
      return;
    case Form::AluReg:
      if (insn.op != Op::mov64_reg) dst = {};
      else if (insn.src == Reg::r10) dst = {Kind::frame, 0};
      else dst = values_[number(insn.src)];
      return;
    case Form::Neg:
    case Form::MovSx:
    case Form::Swap:
    case Form::AddrSpaceCast:
    case Form::Load:
    case Form::LoadSx:
    case Form::LoadAcq: dst = {}; return;
    case Form::AtomicFetch:
    case Form::AtomicXchg: values_[number(insn.src)] = {}; return;
    case Form::AtomicCmpXchg:
    case Form::LdAbs:
    case Form::LdInd:
    case Form::CallHelper: forget(Reg::r0); return;
    case Form::CallLocal: forget_scratch(); return;
    case Form::CallKfunc:
    case Form::CallReg:
    case Form::GotoReg: forget(); return;
    case Form::StoreImm:
    case Form::StoreReg:
    case Form::StoreRel:
    case Form::Atomic:
    case Form::WideTail:
    case Form::JmpImm:
    case Form::JmpReg:
    case Form::Ja:
    case Form::Ja32:
    case Form::MayGoto:
    case Form::Exit: return;
  }
}

}  // namespace skep::jit
