// The dense enumeration of instructions and what the table says of each. The table itself is
// asm/isa.inc; lookups live in opcode.cpp so that no other file pays for them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace skep {

// One enumerator per row of asm/isa.inc. An Op *is* the instruction: nobody looks at raw bits again.
enum class Op : std::uint8_t {
#define SKEP_INSN(name, ...) name,
#include "skep/asm/isa.inc"
#undef SKEP_INSN
};

inline constexpr std::size_t kOpCount = 0
#define SKEP_INSN(...) +1
#include "skep/asm/isa.inc"
#undef SKEP_INSN
    ;

// Which fields are operands. (d: dst register, s: src register)
enum class Form : std::uint8_t {
  AluImm,         // d op= imm
  AluReg,         // d op= s
  Neg,            // d = -d
  MovSx,          // d = (sN) s
  Swap,           // d = swap d
  AddrSpaceCast,  // d = addr_space_cast(s, imm >> 16, imm & 0xffff)
  Load,           // d = *(uN *)(s + off)
  LoadSx,         // d = *(sN *)(s + off)
  StoreImm,       // *(uN *)(d + off) = imm
  StoreReg,       // *(uN *)(d + off) = s
  Atomic,         // lock *(uN *)(d + off) op= s
  AtomicFetch,    // s = atomic_fetch_op(d + off, s)
  AtomicXchg,     // s = xchg(d + off, s)
  AtomicCmpXchg,  // r0 = cmpxchg(d + off, r0, s)
  LoadAcq,        // d = load_acquire(s + off)
  StoreRel,       // store_release(d + off, s)
  LdAbs,          // r0 = ntoh *(uN *) skb[imm]
  LdInd,          // r0 = ntoh *(uN *) skb[s + imm]
  LdImm64,        // d = imm64; two slots
  WideTail,       // the second slot of LdImm64; never executed, never a jump target
  JmpImm,         // if d op imm goto off
  JmpReg,         // if d op s goto off
  Ja,             // goto off
  Ja32,           // gotol imm
  MayGoto,        // may_goto off
  GotoReg,        // goto *d
  CallHelper,     // call helper imm
  CallLocal,      // call the function at imm (relative to the next slot)
  CallKfunc,      // call kernel function imm (BTF id), off selects the module
  CallReg,        // call the helper or function whose number is in d
  Exit,
};

// The function of asm/semantics.hpp that a row computes.
enum class Meaning : std::uint8_t {
  none,
  add, sub, mul, div, or_, and_, lsh, rsh, mod, xor_, mov, arsh, sdiv, smod, neg,
  sx8, sx16, sx32,
  le16, le32, le64, be16, be32, be64, bswap16, bswap32, bswap64,
  jeq, jgt, jge, jset, jne, jsgt, jsge, jlt, jle, jslt, jsle,
};

struct OpInfo {
  // In src, off and imm: the field is an operand.
  static constexpr std::int32_t kAny = INT32_MIN;

  std::string_view name;    // as in the table: "add64_imm"
  std::uint8_t code;        // opcode byte
  std::int32_t src, off, imm;
  Form form;
  std::uint8_t width;       // bits
  Meaning meaning;
  std::string_view symbol;  // LLVM's spelling: "+="
};

// The row of an instruction.
const OpInfo& info(Op op);

// The instruction that these fields select, if the table has one (reserved fields included: an
// encoding with a stray bit is no instruction). `src` is the register field.
std::optional<Op> find_op(std::uint8_t code, std::uint8_t src, std::int16_t off, std::int32_t imm);

// What is wrong with fields that select nothing, in words ("unknown opcode 0xff", "add64_imm: reserved field off is
// 3"). Defined for fields where find_op gives nothing.
std::string why_no_op(std::uint8_t code, std::uint8_t src, std::int16_t off, std::int32_t imm);

// Whether the dst field is an operand; where it is not, it is reserved and 0.
constexpr bool has_dst(Form form) {
  switch (form) {
    case Form::LdAbs: case Form::LdInd: case Form::WideTail: case Form::Ja: case Form::Ja32: case Form::MayGoto:
    case Form::CallHelper: case Form::CallLocal: case Form::CallKfunc: case Form::Exit:
      return false;
    default:
      return true;
  }
}

// Whether the instruction takes two slots (the second is a wide_tail).
constexpr bool is_wide(Op op) { return op >= Op::ld_imm64 && op <= Op::ld_map_idx_value; }

}  // namespace skep
