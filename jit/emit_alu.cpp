// Arithmetic. 32-bit operations of x86 clear the upper half as BPF's do.
#include "skep/jit/compiler.hpp"

namespace skep::jit {
namespace {

bool is_wide_operation(const Instruction& insn) { return info(insn.op).width == 64; }
bool is_immediate(const Instruction& insn) { return info(insn.op).form == Form::AluImm; }

x86::Gp sized(const x86::Gp& reg, bool wide) { return wide ? reg : reg.r32(); }

}  // namespace

void Compiler::emit_alu(const Instruction& insn) {
  const auto dst = sized(host_register(insn.dst), is_wide_operation(insn));
  switch (info(insn.op).meaning) {
    case Meaning::add: return emit_arithmetic(insn, x86::Inst::kIdAdd);
    case Meaning::sub: return emit_arithmetic(insn, x86::Inst::kIdSub);
    case Meaning::or_: return emit_arithmetic(insn, x86::Inst::kIdOr);
    case Meaning::and_: return emit_arithmetic(insn, x86::Inst::kIdAnd);
    case Meaning::xor_: return emit_arithmetic(insn, x86::Inst::kIdXor);
    case Meaning::mul: return emit_multiply(insn);
    case Meaning::div: return emit_divide(insn, false, false);
    case Meaning::mod: return emit_divide(insn, false, true);
    case Meaning::sdiv: return emit_divide(insn, true, false);
    case Meaning::smod: return emit_divide(insn, true, true);
    case Meaning::lsh:
    case Meaning::rsh:
    case Meaning::arsh: return emit_shift(insn);
    case Meaning::mov: return emit_move(insn);
    case Meaning::neg: a_.neg(dst); return;
    case Meaning::sx8:
    case Meaning::sx16:
    case Meaning::sx32: return emit_move_extended(insn);
    case Meaning::le16:
    case Meaning::le32:
    case Meaning::le64:
    case Meaning::be16:
    case Meaning::be32:
    case Meaning::be64:
    case Meaning::bswap16:
    case Meaning::bswap32:
    case Meaning::bswap64: return emit_swap(insn);
    case Meaning::none:
    case Meaning::jeq:
    case Meaning::jgt:
    case Meaning::jge:
    case Meaning::jset:
    case Meaning::jne:
    case Meaning::jsgt:
    case Meaning::jsge:
    case Meaning::jlt:
    case Meaning::jle:
    case Meaning::jslt:
    case Meaning::jsle: return;
  }
}

void Compiler::emit_arithmetic(const Instruction& insn, x86::Inst::Id id) {
  const bool wide = is_wide_operation(insn);
  const auto dst = sized(host_register(insn.dst), wide);
  if (is_immediate(insn)) {
    a_.emit(id, dst, asmjit::Imm(static_cast<std::int32_t>(insn.imm)));
    return;
  }
  const auto src = sized(value64(insn.src), wide);
  a_.emit(id, dst, src);
}

void Compiler::emit_multiply(const Instruction& insn) {
  const bool wide = is_wide_operation(insn);
  const auto dst = sized(host_register(insn.dst), wide);
  if (is_immediate(insn)) {
    a_.imul(dst, dst, static_cast<std::int32_t>(insn.imm));
    return;
  }
  const auto src = sized(value64(insn.src), wide);
  a_.imul(dst, src);
}

// Division by zero gives 0, its remainder the dividend; the least number divided by -1 gives itself, the remainder 0
// (RFC 9669 §4.1). x86 divides rdx:rax and would raise an exception in both cases.
void Compiler::emit_divide(const Instruction& insn, bool is_signed, bool remainder) {
  const bool wide = is_wide_operation(insn);
  const auto dst64 = host_register(insn.dst);
  const auto dst = sized(dst64, wide), divisor = sized(kScratch, wide);
  const auto rax = sized(x86::rax, wide), rdx = sized(x86::rdx, wide);
  if (is_immediate(insn)) {
    a_.mov(divisor, static_cast<std::int32_t>(insn.imm));
  } else {
    const auto src = value64(insn.src);
    if (src != kScratch) a_.mov(divisor, sized(src, wide));
  }
  const auto by_zero = a_.newLabel(), by_minus_one = a_.newLabel(), end = a_.newLabel();
  const bool may_be_zero = !is_immediate(insn) || insn.imm == 0;
  const bool may_be_minus_one = is_signed && (!is_immediate(insn) || static_cast<std::int32_t>(insn.imm) == -1);
  if (may_be_zero) {
    a_.test(divisor, divisor);
    a_.jz(by_zero);
  }
  if (may_be_minus_one) {
    a_.cmp(divisor, -1);
    a_.je(by_minus_one);
  }
  const bool save_rax = dst64 != x86::rax, save_rdx = dst64 != x86::rdx;
  if (save_rax) a_.mov(kScratch2, x86::rax);
  if (save_rdx) a_.push(x86::rdx);
  if (dst64 != x86::rax) a_.mov(rax, dst);
  if (is_signed) {
    wide ? a_.cqo() : a_.cdq();
    a_.idiv(divisor);
  } else {
    a_.xor_(x86::edx, x86::edx);
    a_.div(divisor);
  }
  const auto result = remainder ? rdx : rax;
  if (result != dst) a_.mov(dst, result);
  if (save_rdx) a_.pop(x86::rdx);
  if (save_rax) a_.mov(x86::rax, kScratch2);
  if (!may_be_zero && !may_be_minus_one) return;
  a_.jmp(end);
  if (may_be_minus_one) {
    a_.bind(by_minus_one);
    if (remainder) a_.xor_(dst.r32(), dst.r32());
    else a_.neg(dst);
    if (may_be_zero) a_.jmp(end);
  }
  if (may_be_zero) {
    a_.bind(by_zero);
    if (!remainder) a_.xor_(dst.r32(), dst.r32());
    else if (!wide) a_.mov(dst, dst);
  }
  a_.bind(end);
}

// Counts are taken modulo the width, by x86 as by BPF.
void Compiler::emit_shift(const Instruction& insn) {
  const bool wide = is_wide_operation(insn);
  const auto meaning = info(insn.op).meaning;
  const auto dst = sized(host_register(insn.dst), wide);
  const auto id = meaning == Meaning::lsh   ? x86::Inst::kIdShl
                  : meaning == Meaning::rsh ? x86::Inst::kIdShr
                                            : x86::Inst::kIdSar;
  if (is_immediate(insn)) {
    const auto count = static_cast<std::uint32_t>(insn.imm) & (wide ? 63 : 31);
    if (count != 0) a_.emit(id, dst, asmjit::Imm(count));
    else if (!wide) a_.mov(dst, dst);
    return;
  }
  const auto count = value64(insn.src);
  if (options_.bmi2) {
    const auto three = meaning == Meaning::lsh   ? x86::Inst::kIdShlx
                       : meaning == Meaning::rsh ? x86::Inst::kIdShrx
                                                 : x86::Inst::kIdSarx;
    a_.emit(three, dst, dst, sized(count, wide));
    return;
  }
  if (count == x86::rcx) {
    if (dst.id() != x86::rcx.id()) {
      a_.emit(id, dst, x86::cl);
    } else {
      a_.mov(kScratch, x86::rcx);
      a_.emit(id, sized(kScratch, wide), x86::cl);
      a_.mov(dst, sized(kScratch, wide));
    }
    if (!wide) a_.mov(dst, dst);  // a count of zero would leave the upper half
    return;
  }
  // The count goes through cl, which is r4's.
  if (dst.id() == x86::rcx.id()) {
    a_.mov(kScratch2, x86::rcx);
    a_.mov(x86::rcx, count);
    a_.emit(id, sized(kScratch2, wide), x86::cl);
    a_.mov(dst, sized(kScratch2, wide));
    return;
  }
  a_.mov(kScratch2, x86::rcx);
  a_.mov(x86::rcx, count);
  a_.emit(id, dst, x86::cl);
  a_.mov(x86::rcx, kScratch2);
  if (!wide) a_.mov(dst, dst);
}

void Compiler::emit_number(Reg reg, std::uint64_t value) {
  const auto dst = host_register(reg);
  if (value == 0) a_.xor_(dst.r32(), dst.r32());
  else if (value <= UINT32_MAX) a_.mov(dst.r32(), static_cast<std::uint32_t>(value));
  else if (const auto number = static_cast<std::int64_t>(value); number == static_cast<std::int32_t>(number))
    a_.mov(dst, static_cast<std::int32_t>(number));
  else a_.movabs(dst, value);
}

void Compiler::emit_move(const Instruction& insn) {
  const bool wide = is_wide_operation(insn);
  if (is_immediate(insn)) {
    const auto value = static_cast<std::uint64_t>(std::int64_t{static_cast<std::int32_t>(insn.imm)});
    emit_number(insn.dst, wide ? value : value & UINT32_MAX);
    return;
  }
  // r10 as a value is the low half of rbp.
  if (insn.src == Reg::r10) a_.mov(host_register(insn.dst).r32(), x86::ebp);
  else a_.mov(sized(host_register(insn.dst), wide), sized(host_register(insn.src), wide));
}

void Compiler::emit_move_extended(const Instruction& insn) {
  const auto dst = sized(host_register(insn.dst), is_wide_operation(insn));
  const auto src = value64(insn.src);
  switch (info(insn.op).meaning) {
    case Meaning::sx8: a_.movsx(dst, src.r8()); return;
    case Meaning::sx16: a_.movsx(dst, src.r16()); return;
    default: a_.movsxd(dst, src.r32()); return;
  }
}

void Compiler::emit_swap(const Instruction& insn) {
  const auto dst = host_register(insn.dst);
  switch (info(insn.op).meaning) {
    case Meaning::be16:
    case Meaning::bswap16:
      a_.rol(dst.r16(), 8);
      [[fallthrough]];
    case Meaning::le16: a_.movzx(dst.r32(), dst.r16()); return;
    case Meaning::be32:
    case Meaning::bswap32: a_.bswap(dst.r32()); return;
    case Meaning::le32: a_.mov(dst.r32(), dst.r32()); return;
    case Meaning::be64:
    case Meaning::bswap64: a_.bswap(dst); return;
    default: return;  // le64
  }
}

}  // namespace skep::jit
