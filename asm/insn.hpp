// Constructors for every instruction, so that programs built in C++ read like assembly:
//
//   auto code = CodeBuilder()
//                   .add(insn::mov64(r0, 0), insn::jeq64(r1, 0, "out"), insn::load32(r0, r1, 4))
//                   .label("out")
//                   .add(insn::exit())
//                   .build();
//
// Widths are in the names; immediate and register operands are overloads. Where a number can also be a
// name (a label, a function, a map) the overload with a name gives a Symbolic, which CodeBuilder turns into
// a Reference. CodeBuilder also adds the wide_tail of wide instructions.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "skep/asm/code.hpp"

namespace skep {

// An instruction that names what a number will stand for.
struct Symbolic {
  Instruction insn;
  Reference::Kind kind{};
  std::string symbol;
};

namespace insn {

// --- arithmetic: dst = dst op imm | src -------------------------------------------------------------

#define SKEP_ALU(name)                                                                                             \
  constexpr Instruction name(Reg dst, std::int32_t imm) { return {.op = Op::name##_imm, .dst = dst, .imm = imm}; } \
  constexpr Instruction name(Reg dst, Reg src) { return {.op = Op::name##_reg, .dst = dst, .src = src}; }
SKEP_ALU(add64) SKEP_ALU(sub64) SKEP_ALU(mul64) SKEP_ALU(div64) SKEP_ALU(mod64) SKEP_ALU(sdiv64) SKEP_ALU(smod64)
SKEP_ALU(or64) SKEP_ALU(and64) SKEP_ALU(xor64) SKEP_ALU(lsh64) SKEP_ALU(rsh64) SKEP_ALU(arsh64) SKEP_ALU(mov64)
SKEP_ALU(add32) SKEP_ALU(sub32) SKEP_ALU(mul32) SKEP_ALU(div32) SKEP_ALU(mod32) SKEP_ALU(sdiv32) SKEP_ALU(smod32)
SKEP_ALU(or32) SKEP_ALU(and32) SKEP_ALU(xor32) SKEP_ALU(lsh32) SKEP_ALU(rsh32) SKEP_ALU(arsh32) SKEP_ALU(mov32)
#undef SKEP_ALU

#define SKEP_UNARY(name) \
  constexpr Instruction name(Reg dst) { return {.op = Op::name, .dst = dst}; }
SKEP_UNARY(neg64) SKEP_UNARY(neg32)
SKEP_UNARY(le16) SKEP_UNARY(le32) SKEP_UNARY(le64) SKEP_UNARY(be16) SKEP_UNARY(be32) SKEP_UNARY(be64)
SKEP_UNARY(bswap16) SKEP_UNARY(bswap32) SKEP_UNARY(bswap64)
#undef SKEP_UNARY

// Sign-extending moves: movsx8_64 takes the low 8 bits of src to 64.
#define SKEP_MOVE(name) \
  constexpr Instruction name(Reg dst, Reg src) { return {.op = Op::name, .dst = dst, .src = src}; }
SKEP_MOVE(movsx8_64) SKEP_MOVE(movsx16_64) SKEP_MOVE(movsx32_64) SKEP_MOVE(movsx8_32) SKEP_MOVE(movsx16_32)
#undef SKEP_MOVE

constexpr Instruction addr_space_cast(Reg dst, Reg src, std::uint16_t to, std::uint16_t from) {
  const auto imm = static_cast<std::int32_t>(std::uint32_t{to} << 16 | from);
  return {.op = Op::addr_space_cast, .dst = dst, .src = src, .imm = imm};
}

// --- memory -----------------------------------------------------------------------------------------

// dst = *(src + off)
#define SKEP_LOAD(name, row)                                       \
  constexpr Instruction name(Reg dst, Reg src, std::int16_t off) { \
    return {.op = Op::row, .dst = dst, .src = src, .off = off};    \
  }
SKEP_LOAD(load8, ldx8) SKEP_LOAD(load16, ldx16) SKEP_LOAD(load32, ldx32) SKEP_LOAD(load64, ldx64)
SKEP_LOAD(load_signed8, ldxs8) SKEP_LOAD(load_signed16, ldxs16) SKEP_LOAD(load_signed32, ldxs32)
SKEP_LOAD(load_acquire8, load_acq8) SKEP_LOAD(load_acquire16, load_acq16)
SKEP_LOAD(load_acquire32, load_acq32) SKEP_LOAD(load_acquire64, load_acq64)
#undef SKEP_LOAD

// *(dst + off) = imm | src, and atomic operations on *(dst + off)
#define SKEP_STORE(name, row)                                      \
  constexpr Instruction name(Reg dst, std::int16_t off, Reg src) { \
    return {.op = Op::row, .dst = dst, .src = src, .off = off};    \
  }
#define SKEP_STORE_IMM(name, row)                                           \
  constexpr Instruction name(Reg dst, std::int16_t off, std::int32_t imm) { \
    return {.op = Op::row, .dst = dst, .off = off, .imm = imm};             \
  }
#define SKEP_ATOMIC(name) SKEP_STORE(name, name)
SKEP_STORE_IMM(store8, st8) SKEP_STORE_IMM(store16, st16) SKEP_STORE_IMM(store32, st32) SKEP_STORE_IMM(store64, st64)
SKEP_STORE(store8, stx8) SKEP_STORE(store16, stx16) SKEP_STORE(store32, stx32) SKEP_STORE(store64, stx64)
SKEP_STORE(store_release8, store_rel8) SKEP_STORE(store_release16, store_rel16)
SKEP_STORE(store_release32, store_rel32) SKEP_STORE(store_release64, store_rel64)
SKEP_ATOMIC(atomic_add64) SKEP_ATOMIC(atomic_or64) SKEP_ATOMIC(atomic_and64) SKEP_ATOMIC(atomic_xor64)
SKEP_ATOMIC(atomic_fetch_add64) SKEP_ATOMIC(atomic_fetch_or64) SKEP_ATOMIC(atomic_fetch_and64)
SKEP_ATOMIC(atomic_fetch_xor64) SKEP_ATOMIC(atomic_xchg64) SKEP_ATOMIC(atomic_cmpxchg64)
SKEP_ATOMIC(atomic_add32) SKEP_ATOMIC(atomic_or32) SKEP_ATOMIC(atomic_and32) SKEP_ATOMIC(atomic_xor32)
SKEP_ATOMIC(atomic_fetch_add32) SKEP_ATOMIC(atomic_fetch_or32) SKEP_ATOMIC(atomic_fetch_and32)
SKEP_ATOMIC(atomic_fetch_xor32) SKEP_ATOMIC(atomic_xchg32) SKEP_ATOMIC(atomic_cmpxchg32)
#undef SKEP_ATOMIC
#undef SKEP_STORE_IMM
#undef SKEP_STORE

// Legacy packet access: r0 = skb[offset] or skb[src + offset]
#define SKEP_PACKET(abs, ind)                                                               \
  constexpr Instruction abs(std::int32_t offset) { return {.op = Op::abs, .imm = offset}; } \
  constexpr Instruction ind(Reg src, std::int32_t offset) { return {.op = Op::ind, .src = src, .imm = offset}; }
SKEP_PACKET(ld_abs8, ld_ind8) SKEP_PACKET(ld_abs16, ld_ind16) SKEP_PACKET(ld_abs32, ld_ind32)
#undef SKEP_PACKET

// --- wide loads -------------------------------------------------------------------------------------

constexpr Instruction ld_imm64(Reg dst, std::uint64_t value) {
  return {.op = Op::ld_imm64, .dst = dst, .imm = static_cast<std::int64_t>(value)};
}
constexpr Instruction ld_map_fd(Reg dst, std::int32_t fd) {
  return {.op = Op::ld_map_fd, .dst = dst, .imm = imm_pair(static_cast<std::uint32_t>(fd), 0)};
}
constexpr Instruction ld_map_value(Reg dst, std::int32_t fd, std::uint32_t offset) {
  return {.op = Op::ld_map_value, .dst = dst, .imm = imm_pair(static_cast<std::uint32_t>(fd), offset)};
}
constexpr Instruction ld_btf_id(Reg dst, std::uint32_t id, std::uint32_t btf_fd = 0) {
  return {.op = Op::ld_btf_id, .dst = dst, .imm = imm_pair(id, btf_fd)};
}
// The address of the function that starts at (slot of this instruction) + 1 + distance.
constexpr Instruction ld_func(Reg dst, std::int32_t distance) {
  return {.op = Op::ld_func, .dst = dst, .imm = imm_pair(static_cast<std::uint32_t>(distance), 0)};
}
constexpr Instruction ld_map_idx(Reg dst, std::uint32_t index) {
  return {.op = Op::ld_map_idx, .dst = dst, .imm = imm_pair(index, 0)};
}
constexpr Instruction ld_map_idx_value(Reg dst, std::uint32_t index, std::uint32_t offset) {
  return {.op = Op::ld_map_idx_value, .dst = dst, .imm = imm_pair(index, offset)};
}
inline Symbolic ld_map(Reg dst, std::string_view map) {
  return {ld_map_fd(dst, 0), Reference::Kind::map, std::string(map)};
}
inline Symbolic ld_map_value(Reg dst, std::string_view map, std::uint32_t offset) {
  return {ld_map_value(dst, 0, offset), Reference::Kind::map_value, std::string(map)};
}
inline Symbolic ld_func(Reg dst, std::string_view function) {
  return {ld_func(dst, 0), Reference::Kind::function, std::string(function)};
}
inline Symbolic ld_extern(Reg dst, std::string_view symbol) {
  return {ld_imm64(dst, 0), Reference::Kind::extern_, std::string(symbol)};
}

// --- jumps ------------------------------------------------------------------------------------------

#define SKEP_JUMP(name)                                                                   \
  constexpr Instruction name(Reg dst, std::int32_t imm, std::int16_t off) {               \
    return {.op = Op::name##_imm, .dst = dst, .off = off, .imm = imm};                    \
  }                                                                                       \
  constexpr Instruction name(Reg dst, Reg src, std::int16_t off) {                        \
    return {.op = Op::name##_reg, .dst = dst, .src = src, .off = off};                    \
  }                                                                                       \
  inline Symbolic name(Reg dst, std::int32_t imm, std::string_view label) {               \
    return {name(dst, imm, std::int16_t{0}), Reference::Kind::label, std::string(label)}; \
  }                                                                                       \
  inline Symbolic name(Reg dst, Reg src, std::string_view label) {                        \
    return {name(dst, src, std::int16_t{0}), Reference::Kind::label, std::string(label)}; \
  }
SKEP_JUMP(jeq64) SKEP_JUMP(jne64) SKEP_JUMP(jset64) SKEP_JUMP(jgt64) SKEP_JUMP(jge64) SKEP_JUMP(jlt64)
SKEP_JUMP(jle64) SKEP_JUMP(jsgt64) SKEP_JUMP(jsge64) SKEP_JUMP(jslt64) SKEP_JUMP(jsle64)
SKEP_JUMP(jeq32) SKEP_JUMP(jne32) SKEP_JUMP(jset32) SKEP_JUMP(jgt32) SKEP_JUMP(jge32) SKEP_JUMP(jlt32)
SKEP_JUMP(jle32) SKEP_JUMP(jsgt32) SKEP_JUMP(jsge32) SKEP_JUMP(jslt32) SKEP_JUMP(jsle32)
#undef SKEP_JUMP

constexpr Instruction ja(std::int16_t off) { return {.op = Op::ja, .off = off}; }
constexpr Instruction ja32(std::int32_t off) { return {.op = Op::ja32, .imm = off}; }
constexpr Instruction may_goto(std::int16_t off) { return {.op = Op::may_goto, .off = off}; }
constexpr Instruction gotox(Reg target) { return {.op = Op::gotox, .dst = target}; }
inline Symbolic ja(std::string_view label) { return {{.op = Op::ja}, Reference::Kind::label, std::string(label)}; }
inline Symbolic ja32(std::string_view label) { return {{.op = Op::ja32}, Reference::Kind::label, std::string(label)}; }
inline Symbolic may_goto(std::string_view label) {
  return {{.op = Op::may_goto}, Reference::Kind::label, std::string(label)};
}

// --- calls ------------------------------------------------------------------------------------------

// The helper with this id (asm/helpers.hpp).
constexpr Instruction call(std::int32_t helper) { return {.op = Op::call_helper, .imm = helper}; }
// The function that starts at (slot of this instruction) + 1 + distance.
constexpr Instruction call_local(std::int32_t distance) { return {.op = Op::call_local, .imm = distance}; }
// The kernel function with this BTF id, of the kernel itself (module 0) or of a module in the fd array.
constexpr Instruction call_kfunc(std::int32_t id, std::int16_t module = 0) {
  return {.op = Op::call_kfunc, .off = module, .imm = id};
}
constexpr Instruction callx(Reg target) { return {.op = Op::callx, .dst = target}; }
constexpr Instruction exit() { return {.op = Op::exit}; }
inline Symbolic call(std::string_view function) {
  return {call_local(-1), Reference::Kind::function, std::string(function)};
}
inline Symbolic call_kfunc(std::string_view name) {
  return {call_kfunc(-1), Reference::Kind::extern_, std::string(name)};
}

}  // namespace insn
}  // namespace skep
