#include "skep/jit/analysis.hpp"

#include <algorithm>

#include "skep/vm/binding.hpp"

namespace skep::jit {
namespace {

bool is_tail_call(const Instruction& insn) { return insn.op == Op::call_helper && insn.imm == vm::kTailCall; }

// What an instruction does to registers and to the flow, by its form: one look a slot. Calls and exit have more to them.
struct Effects {
  RegSet reads_dst = kNoRegs, reads_src = kNoRegs, writes_dst = kNoRegs, writes_src = kNoRegs;  // all ones, or none
  RegSet reads = kNoRegs, writes = kNoRegs;
  bool ends_run = false;
  bool is_special = false;  // a call, exit, or a jump to anywhere
  enum class Jump : std::uint8_t { none, off, imm } jump = Jump::none;
  bool falls_through = true;
  bool is_wide = false;
};

constexpr RegSet kEvery = 0xffff, kR0 = 1;

constexpr Effects effects_of(Form form, Meaning meaning) {
  Effects e;
  const auto dst_by = [&](bool reads) {
    e.writes_dst = kEvery;
    if (reads) e.reads_dst = kEvery;
  };
  switch (form) {
    case Form::AluImm: dst_by(meaning != Meaning::mov); break;
    case Form::AluReg:
      dst_by(meaning != Meaning::mov);
      e.reads_src = kEvery;
      break;
    case Form::Neg:
    case Form::Swap: dst_by(true); break;
    case Form::MovSx:
    case Form::AddrSpaceCast:
    case Form::Load:
    case Form::LoadSx:
    case Form::LoadAcq:
      dst_by(false);
      e.reads_src = kEvery;
      break;
    case Form::LdImm64:
      dst_by(false);
      e.is_wide = true;
      break;
    case Form::StoreImm: e.reads_dst = kEvery; break;
    case Form::StoreReg:
    case Form::StoreRel:
    case Form::Atomic: e.reads_dst = e.reads_src = kEvery; break;
    case Form::AtomicFetch:
    case Form::AtomicXchg:
      e.reads_dst = e.reads_src = e.writes_src = kEvery;
      break;
    case Form::AtomicCmpXchg:
      e.reads_dst = e.reads_src = kEvery;
      e.reads = e.writes = kR0;
      break;
    case Form::LdAbs:
    case Form::LdInd:
      if (form == Form::LdInd) e.reads_src = kEvery;
      e.writes = kR0;
      e.ends_run = e.is_special = true;
      break;
    case Form::JmpImm:
    case Form::JmpReg:
      e.reads_dst = kEvery;
      if (form == Form::JmpReg) e.reads_src = kEvery;
      e.jump = Effects::Jump::off;
      e.ends_run = true;
      break;
    case Form::Ja:
    case Form::Ja32:
      e.jump = form == Form::Ja ? Effects::Jump::off : Effects::Jump::imm;
      e.ends_run = true;
      e.falls_through = false;
      break;
    case Form::MayGoto:
      e.jump = Effects::Jump::off;
      e.ends_run = true;
      break;
    case Form::CallHelper:
      e.writes = kR0;
      e.ends_run = e.is_special = true;
      break;
    case Form::CallLocal:
    case Form::CallReg:
    case Form::GotoReg: e.ends_run = e.is_special = true; break;
    case Form::CallKfunc:
    case Form::Exit:
      e.ends_run = e.is_special = true;
      e.falls_through = false;
      break;
    case Form::WideTail: break;
  }
  return e;
}

constexpr Effects kEffects[] = {
#define SKEP_INSN(name, code, src, off, imm, form, width, meaning, symbol) effects_of(Form::form, Meaning::meaning),
#include "skep/asm/isa.inc"
#undef SKEP_INSN
};

const Effects& effects(const Instruction& insn) { return kEffects[static_cast<std::size_t>(insn.op)]; }

RegSet written(const Instruction& insn) {
  if (is_tail_call(insn)) return kNoRegs;
  const auto& e = effects(insn);
  return static_cast<RegSet>((only(insn.dst) & e.writes_dst) | (only(insn.src) & e.writes_src) | e.writes);
}

RegSet read(const Instruction& insn) {
  const auto& e = effects(insn);
  return static_cast<RegSet>((only(insn.dst) & e.reads_dst) | (only(insn.src) & e.reads_src) | e.reads);
}

// Code of compilers needs a handful. Where code was made to need more, everything counts as needed.
constexpr int kMaxPasses = 50;

}  // namespace

std::optional<std::uint32_t> jump_target(const Instruction& insn, std::uint32_t slot) {
  switch (effects(insn).jump) {
    case Effects::Jump::none: return std::nullopt;
    case Effects::Jump::off: return static_cast<std::uint32_t>(std::int64_t{slot} + 1 + insn.off);
    case Effects::Jump::imm: return static_cast<std::uint32_t>(std::int64_t{slot} + 1 + insn.imm);
  }
  return std::nullopt;
}

Analysis::Analysis(const vm::Program& program)
    : program_(program),
      marks_(program.code().insns.size() + 1),
      live_after_(program.code().insns.size()),
      functions_(program.frames().size()) {
  mark();
  find_clobbers();
  find_live();
}

std::size_t Analysis::function_index(std::uint32_t slot) const {
  const auto& frames = program_.frames();
  const auto after = std::ranges::upper_bound(frames, slot, {}, &vm::Frame::begin);
  return static_cast<std::size_t>(after - frames.begin()) - 1;
}

std::uint32_t Analysis::run_length(std::uint32_t slot) const {
  const auto& insns = program_.code().insns;
  std::uint32_t count = 0;
  do {
    ++count;
    slot += effects(insns[slot]).is_wide ? 2 : 1;
  } while (slot < insns.size() && !is_leader(slot));
  return count;
}

void Analysis::mark() {
  const auto& insns = program_.code().insns;
  for (const auto& frame : program_.frames()) {
    marks_[frame.begin] |= kLeader;
    bool jumps_anywhere = false;
    for (std::uint32_t slot = frame.begin; slot < frame.end; ++slot) {
      const auto& e = effects(insns[slot]);
      if (!e.ends_run) continue;
      marks_[slot + 1] |= kLeader;
      if (const auto target = jump_target(insns[slot], slot)) marks_[*target] |= kTarget | kLeader;
      jumps_anywhere |= insns[slot].op == Op::gotox;
      has_calls_ |= e.is_special && insns[slot].op != Op::exit;
    }
    if (!jumps_anywhere) continue;
    for (std::uint32_t slot = frame.begin; slot < frame.end; ++slot)
      if (insns[slot].op != Op::wide_tail) marks_[slot] |= kTarget | kLeader;
  }
}

// Until nothing changes: functions may call in circles.
void Analysis::find_clobbers() {
  const auto& insns = program_.code().insns;
  const auto& frames = program_.frames();
  bool changed = true;
  for (int pass = 0; changed; ++pass) {
    if (pass == kMaxPasses) {
      for (auto& facts : functions_) {
        facts.clobbers = kSavedRegs;
        facts.may_leave = true;
      }
      return;
    }
    changed = false;
    for (std::size_t index = 0; index < frames.size(); ++index) {
      auto facts = functions_[index];
      for (std::uint32_t slot = frames[index].begin; slot < frames[index].end; ++slot) {
        const auto& insn = insns[slot];
        facts.clobbers = static_cast<RegSet>(facts.clobbers | (written(insn) & kSavedRegs));
        if (insn.op == Op::call_local) {
          const auto& callee = functions_[function_index(vm::function_target(insn, slot))];
          facts.clobbers |= callee.clobbers;
          facts.may_leave |= callee.may_leave;
        } else if (insn.op == Op::callx || is_tail_call(insn)) {
          facts.clobbers = kSavedRegs;
          facts.may_leave = true;
        }
      }
      changed |= facts.clobbers != functions_[index].clobbers || facts.may_leave != functions_[index].may_leave;
      functions_[index] = facts;
    }
  }
}

RegSet Analysis::live_before(std::uint32_t slot, RegSet after) const {
  const auto& insn = program_.code().insns[slot];
  if (!effects(insn).is_special) return static_cast<RegSet>((after & ~written(insn)) | read(insn));
  switch (info(insn.op).form) {
    case Form::Exit: return static_cast<RegSet>(only(Reg::r0) | functions_[function_index(slot)].live_out);
    case Form::CallLocal:
      return static_cast<RegSet>(after | functions_[function_index(vm::function_target(insn, slot))].live_in);
    case Form::CallReg:
    case Form::GotoReg: return kAllRegs;
    case Form::CallHelper:
      if (is_tail_call(insn)) return kAllRegs;
      return static_cast<RegSet>((after & ~only(Reg::r0)) | kArgumentRegs);
    case Form::LdAbs:
    case Form::LdInd:  // they may end the function, with r0 = 0
      return static_cast<RegSet>((after & ~only(Reg::r0)) | read(insn) | functions_[function_index(slot)].live_out);
    default: return kNoRegs;  // a call that ends the run
  }
}

// One walk from the end of a function to its start; whether anything was learned.
bool Analysis::live_pass(std::size_t index) {
  const auto& insns = program_.code().insns;
  const auto& frame = program_.frames()[index];
  std::vector<RegSet>& after = live_after_;
  bool changed = false;
  const auto before = [&](std::uint32_t slot) { return slot < frame.end ? live_before(slot, after[slot]) : kNoRegs; };
  for (std::uint32_t slot = frame.end; slot-- > frame.begin;) {
    const auto& insn = insns[slot];
    if (insn.op == Op::wide_tail) continue;
    const auto& e = effects(insn);
    RegSet live = kNoRegs;
    if (e.jump != Effects::Jump::none) live |= before(*jump_target(insn, slot));
    if (e.falls_through) live |= before(slot + (e.is_wide ? 2 : 1));
    changed |= live != after[slot];
    after[slot] = live;
    if (!e.is_special) continue;
    if (insn.op == Op::call_local) {
      // A tail call can put this program's first function in the place of what was called.
      auto& callee = functions_[function_index(vm::function_target(insn, slot))];
      for (auto* returns : {&callee, callee.may_leave ? &functions_.front() : &callee}) {
        const auto out = static_cast<RegSet>(returns->live_out | (live & (kArgumentRegs | only(Reg::r0))));
        changed |= out != returns->live_out;
        returns->live_out = out;
      }
    }
    if (insn.op == Op::callx)
      for (auto& callee : functions_) {
        const auto out = static_cast<RegSet>(callee.live_out | (live & (kArgumentRegs | only(Reg::r0))));
        changed |= out != callee.live_out;
        callee.live_out = out;
      }
  }
  const RegSet in = before(frame.begin);
  changed |= in != functions_[index].live_in;
  functions_[index].live_in = in;
  return changed;
}

void Analysis::find_live() {
  if (!has_calls_) return;  // nobody asks
  bool changed = true;
  for (int pass = 0; changed; ++pass) {
    if (pass == kMaxPasses) {
      std::ranges::fill(live_after_, kAllRegs);
      for (auto& facts : functions_) facts.live_in = facts.live_out = kAllRegs;
      return;
    }
    changed = false;
    for (std::size_t index = functions_.size(); index-- > 0;) changed |= live_pass(index);
  }
}

}  // namespace skep::jit
