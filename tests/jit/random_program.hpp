// Random programs for engines to agree on: every instruction, valid jumps in all directions, functions that call each
// other, helpers, callbacks. Most of what they do goes to memory that is there; some does not.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "skep/asm/generate.hpp"
#include "skep/spec/program.hpp"

namespace skep::test {

// `rng()` gives 64 random bits. r1 of the program is an address of at least 64 bytes. It passes validation.
template <class Rng>
class RandomProgram {
 public:
  explicit RandomProgram(Rng& rng) : rng_(rng) {}

  ProgramSpec make() {
    ProgramSpec spec;
    spec.name = "random";
    auto& code = spec.code;
    const std::size_t functions = 1 + rng_() % 3;
    for (std::size_t i = 0; i < functions; ++i) {
      code.functions.push_back({code.size(), "f" + std::to_string(i), 0});
      function(code.insns, 3 + rng_() % 40);
    }
    for (const auto& [slot, which] : calls_) {
      const auto target = code.functions[which % functions].slot;
      const auto distance = static_cast<std::int32_t>(std::int64_t{target} - static_cast<std::int64_t>(slot) - 1);
      auto& insn = code.insns[slot];
      insn.imm = insn.op == Op::ld_func ? imm_pair(static_cast<std::uint32_t>(distance), 0) : distance;
    }
    return spec;
  }

 private:
  bool chance(unsigned in) { return rng_() % in == 0; }
  Reg any() { return static_cast<Reg>(rng_() % 10); }

  void function(std::vector<Instruction>& insns, std::size_t length) {
    const auto begin = insns.size();
    std::vector<std::size_t> jumps;
    // The region's address stays below every frame pointer.
    if (begin == 0) insns.push_back({.op = Op::stx64, .dst = Reg::r10, .src = Reg::r1, .off = -8});
    // Registers that a verifier would want written, and two pointers.
    for (unsigned n = 0; n < 10; ++n)
      if (!chance(8)) insns.push_back({.op = Op::mov64_imm, .dst = static_cast<Reg>(n), .imm = static_cast<std::int32_t>(rng_())});
    insns.push_back({.op = Op::ldx64, .dst = Reg::r8, .src = Reg::r10, .off = -8});
    insns.push_back({.op = Op::mov64_reg, .dst = Reg::r9, .src = Reg::r10});
    while (insns.size() < begin + length + 14) step(insns, jumps);
    insns.push_back({.op = Op::exit});
    for (const auto slot : jumps) aim(insns, slot, begin);
  }

  void step(std::vector<Instruction>& insns, std::vector<std::size_t>& jumps) {
    const auto op = static_cast<Op>(rng_() % kOpCount);
    const auto form = info(op).form;
    auto insn = random_instruction(op, rng_);
    switch (form) {
      case Form::WideTail:
      case Form::CallKfunc: return;
      case Form::LdImm64:
        if (op == Op::ld_func) calls_.emplace_back(insns.size(), rng_());
        else if (op != Op::ld_imm64) return;
        insns.push_back(insn);
        insns.push_back({.op = Op::wide_tail});
        return;
      case Form::Load:
      case Form::LoadSx:
      case Form::LoadAcq: place(insn.src, insn); break;
      case Form::StoreImm:
      case Form::StoreReg:
      case Form::StoreRel:
      case Form::Atomic:
      case Form::AtomicFetch:
      case Form::AtomicXchg:
      case Form::AtomicCmpXchg: place(insn.dst, insn); break;
      case Form::JmpImm:
      case Form::JmpReg:
      case Form::Ja:
      case Form::Ja32:
      case Form::MayGoto: jumps.push_back(insns.size()); break;
      case Form::CallLocal: calls_.emplace_back(insns.size(), rng_()); break;
      case Form::CallHelper: helper(insns, insn); break;
      case Form::GotoReg:
      case Form::CallReg:
      case Form::LdAbs:
      case Form::LdInd:
        if (!chance(8)) return;
        break;
      case Form::Exit:
        if (!chance(4)) return;
        break;
      default: break;
    }
    insns.push_back(insn);
  }

  // Where the address is to be in a register, it mostly is.
  void place(Reg& base, Instruction& insn) {
    if (chance(24)) return;
    base = chance(3) ? Reg::r8 : chance(3) ? Reg::r9 : Reg::r10;
    const auto bytes = info(insn.op).width / 8;
    const auto offset = static_cast<std::int16_t>(rng_() % 56);
    insn.off = static_cast<std::int16_t>(chance(10) ? offset : offset / bytes * bytes);
    if (base != Reg::r8) insn.off = static_cast<std::int16_t>(insn.off - 64);
  }

  // Helpers that need nothing, a loop with a callback, and what is none.
  void helper(std::vector<Instruction>& insns, Instruction& insn) {
    static constexpr std::int32_t kPlain[] = {5, 7, 8, 14, 15, 125};
    if (chance(6)) {
      insns.push_back({.op = Op::mov64_imm, .dst = Reg::r1, .imm = static_cast<std::int32_t>(rng_() % 5)});
      calls_.emplace_back(insns.size(), rng_());
      insns.push_back({.op = Op::ld_func, .dst = Reg::r2});
      insns.push_back({.op = Op::wide_tail});
      insns.push_back({.op = Op::mov64_reg, .dst = Reg::r3, .src = Reg::r10});
      insns.push_back({.op = Op::mov64_imm, .dst = Reg::r4});
      insn.imm = 181;  // bpf_loop
    } else if (chance(5)) {
      insn.imm = 0xbad2310;
    } else {
      insn.imm = kPlain[rng_() % std::size(kPlain)];
    }
  }

  // Somewhere in the function, mostly ahead.
  void aim(std::vector<Instruction>& insns, std::size_t slot, std::size_t begin) {
    const auto end = insns.size();
    std::size_t target = chance(4) ? begin + rng_() % (end - begin) : slot + 1 + rng_() % (end - slot - 1);
    while (insns[target].op == Op::wide_tail) --target;
    const auto distance = static_cast<std::int64_t>(target) - static_cast<std::int64_t>(slot) - 1;
    if (insns[slot].op == Op::ja32) insns[slot].imm = distance;
    else insns[slot].off = static_cast<std::int16_t>(distance);
  }

  Rng& rng_;
  std::vector<std::pair<std::size_t, std::uint64_t>> calls_;  // slots, and which function
};

}  // namespace skep::test
