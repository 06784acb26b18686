// Two walks from the entry: one that takes every branch, and one that knows the constants in registers. What the
// first finds and the second does not is guarded. States are kept where paths meet (targets of jumps, starts of
// functions) and only ever lose constants, so both walks end.
#include "skep/spec/reach.hpp"

#include <array>
#include <map>
#include <optional>
#include <set>
#include <utility>

#include "skep/asm/semantics.hpp"
#include "skep/spec/resolve.hpp"

namespace skep::spec {
namespace {

using Registers = std::array<std::optional<std::uint64_t>, kRegCount>;

template <Op op>
std::optional<std::uint64_t> computed(std::uint64_t dst, std::uint64_t src) {
  if constexpr (semantics::has_value(op))
    return semantics::alu<op>(dst, src);
  else
    return std::nullopt;
}
template <Op op>
std::optional<bool> taken(std::uint64_t dst, std::uint64_t src) {
  if constexpr (semantics::is_branch(op))
    return semantics::taken<op>(dst, src);
  else
    return std::nullopt;
}

std::optional<std::uint64_t> computed(Op op, std::uint64_t dst, std::uint64_t src) {
  switch (op) {
#define SKEP_INSN(name, ...) \
  case Op::name:             \
    return computed<Op::name>(dst, src);
#include "skep/asm/isa.inc"
#undef SKEP_INSN
  }
  return std::nullopt;
}

std::optional<bool> taken(Op op, std::uint64_t dst, std::uint64_t src) {
  switch (op) {
#define SKEP_INSN(name, ...) \
  case Op::name:             \
    return taken<Op::name>(dst, src);
#include "skep/asm/isa.inc"
#undef SKEP_INSN
  }
  return std::nullopt;
}

class Walk {
 public:
  Walk(const Code& code, bool with_constants) : code_(code), with_constants_(with_constants), seen_(code.size()) {
    for (std::uint32_t slot = 0; slot < code.size(); ++slot) note_target(slot);
  }

  std::vector<bool> run() {
    if (code_.size() == 0) return seen_;
    enter_function(0);
    for (const auto& function : code_.functions)
      if (function.slot < code_.size() && !called(function.slot)) enter_function(function.slot);
    while (!pending_.empty()) {
      const auto slot = pending_.back();
      pending_.pop_back();
      walk(slot, *meetings_.at(slot));
    }
    return std::move(seen_);
  }

 private:
  // Where a jump, call or function address at `slot` leads; nothing if outside of the code.
  std::optional<std::uint32_t> target(std::uint32_t slot) const {
    const auto& insn = code_.insns[slot];
    std::int64_t to = 0;
    switch (info(insn.op).form) {
      case Form::JmpImm:
      case Form::JmpReg:
      case Form::Ja:
      case Form::MayGoto: to = std::int64_t{slot} + 1 + insn.off; break;
      case Form::Ja32:
      case Form::CallLocal: to = std::int64_t{slot} + 1 + insn.imm; break;
      default:
        if (insn.op != Op::ld_func) return std::nullopt;
        to = std::int64_t{slot} + 1 + static_cast<std::int32_t>(imm_low(insn));
    }
    if (to < 0 || to >= code_.size()) return std::nullopt;
    return static_cast<std::uint32_t>(to);
  }

  bool is_function_reference(std::uint32_t slot) const {
    return code_.insns[slot].op == Op::ld_func || info(code_.insns[slot].op).form == Form::CallLocal;
  }

  void note_target(std::uint32_t slot) {
    const auto to = target(slot);
    if (!to) return;
    meetings_.try_emplace(*to);
    if (is_function_reference(slot)) called_.insert(*to);
  }

  bool called(std::uint32_t slot) const { return called_.contains(slot); }

  // Nothing is known of the arguments.
  void enter_function(std::uint32_t slot) {
    meetings_.try_emplace(slot);
    meet(slot, Registers{});
  }

  void meet(std::uint32_t slot, const Registers& registers) {
    auto& known = meetings_.at(slot);
    if (!known) {
      known = with_constants_ ? registers : Registers{};
    } else {
      bool changed = false;
      for (unsigned i = 0; i < kRegCount; ++i)
        if ((*known)[i] && (*known)[i] != registers[i]) {
          (*known)[i].reset();
          changed = true;
        }
      if (!changed) return;
    }
    pending_.push_back(slot);
  }

  // From `slot` on until the path ends or meets another.
  void walk(std::uint32_t slot, Registers registers) {
    for (bool first = true; slot < code_.size(); first = false) {
      if (!first && meetings_.contains(slot)) return meet(slot, registers);
      seen_[slot] = true;
      if (is_wide(code_.insns[slot].op) && slot + 1 < code_.size()) seen_[slot + 1] = true;
      if (!step(slot, registers)) return;
      slot += is_wide(code_.insns[slot].op) ? 2 : 1;
    }
  }

  // Whether the path goes on with the next instruction.
  bool step(std::uint32_t slot, Registers& registers) {
    const auto& insn = code_.insns[slot];
    const auto form = info(insn.op).form;
    const auto to = target(slot);
    if (is_function_reference(slot) && to) enter_function(*to);
    switch (form) {
      case Form::Exit: return false;
      case Form::GotoReg:
        // Anywhere in the function: every target of a jump that the code knows of, and no constant is left. A second
        // one has nothing to add.
        if (std::exchange(gone_anywhere_, true)) return false;
        for (const auto& [meeting, state] : meetings_) meet(meeting, Registers{});
        return false;
      case Form::Ja:
      case Form::Ja32:
        if (to) meet(*to, registers);
        return false;
      case Form::MayGoto:
        if (to) meet(*to, registers);
        return true;
      case Form::JmpImm:
      case Form::JmpReg: return branch(insn, to, registers);
      default: change(insn, form, registers); return true;
    }
  }

  bool branch(const Instruction& insn, std::optional<std::uint32_t> to, const Registers& registers) {
    const auto dst = registers[number(insn.dst)];
    const auto src = info(insn.op).form == Form::JmpImm ? std::optional(static_cast<std::uint64_t>(insn.imm))
                                                        : registers[number(insn.src)];
    const auto is_taken = with_constants_ && dst && src ? taken(insn.op, *dst, *src) : std::nullopt;
    if (is_taken.value_or(true) && to) meet(*to, registers);
    return !is_taken.value_or(false);
  }

  void change(const Instruction& insn, Form form, Registers& registers) const {
    if (!with_constants_) return;
    switch (form) {
      case Form::CallHelper:
      case Form::CallLocal:
      case Form::CallKfunc:
      case Form::CallReg:
      case Form::LdAbs:
      case Form::LdInd:
        for (unsigned i = 0; i <= 5; ++i) registers[i].reset();
        return;
      case Form::StoreImm:
      case Form::StoreReg:
      case Form::Atomic:
      case Form::StoreRel:
      case Form::WideTail: return;
      case Form::AtomicFetch:
      case Form::AtomicXchg: registers[number(insn.src)].reset(); return;
      case Form::AtomicCmpXchg: registers[0].reset(); return;
      default: break;
    }
    auto& dst = registers[number(insn.dst)];
    if (insn.op == Op::ld_imm64) {
      dst = static_cast<std::uint64_t>(insn.imm);
      return;
    }
    if (!semantics::has_value(insn.op) || form == Form::AddrSpaceCast) return dst.reset();
    const bool is_immediate = form == Form::AluImm;
    const auto src = is_immediate ? std::optional(static_cast<std::uint64_t>(insn.imm)) : registers[number(insn.src)];
    const auto meaning = info(insn.op).meaning;
    const bool needs_dst = meaning != Meaning::mov && form != Form::MovSx;
    const bool needs_src = form != Form::Neg && form != Form::Swap;
    if ((needs_dst && !dst) || (needs_src && !src)) return dst.reset();
    dst = computed(insn.op, dst.value_or(0), src.value_or(0));
  }

  const Code& code_;
  bool with_constants_;
  std::vector<bool> seen_;
  std::map<std::uint32_t, std::optional<Registers>> meetings_;  // nothing: not reached
  std::set<std::uint32_t> called_;
  bool gone_anywhere_ = false;
  std::vector<std::uint32_t> pending_;
};

}  // namespace

std::vector<Reach> reach(const Code& code) {
  const auto by_flow = Walk(code, false).run();
  const auto by_constants = Walk(code, true).run();
  std::vector<Reach> answers(code.size(), Reach::dead);
  for (std::uint32_t slot = 0; slot < code.size(); ++slot)
    answers[slot] = by_constants[slot] ? Reach::reachable : by_flow[slot] ? Reach::guarded : Reach::dead;
  return answers;
}

std::vector<std::uint32_t> poisoned_slots(const Code& code, Reach at_least) {
  const auto answers = reach(code);
  std::vector<std::uint32_t> slots;
  for (std::uint32_t slot = 0; slot < code.size(); ++slot)
    if (code.insns[slot].op == Op::call_helper && code.insns[slot].imm == kCorePoison && answers[slot] >= at_least)
      slots.push_back(slot);
  return slots;
}

}  // namespace skep::spec
