#include "skep/jit/analysis.hpp"

#include <algorithm>

#include "skep/vm/binding.hpp"

namespace skep::jit {
namespace {

bool is_tail_call(const Instruction& insn) { return insn.op == Op::call_helper && insn.imm == vm::kTailCall; }

RegSet written(const Instruction& insn) {
  switch (info(insn.op).form) {
    case Form::AluImm:
    case Form::AluReg:
    case Form::Neg:
    case Form::MovSx:
    case Form::Swap:
    case Form::AddrSpaceCast:
    case Form::Load:
    case Form::LoadSx:
    case Form::LoadAcq:
    case Form::LdImm64: return only(insn.dst);
    case Form::AtomicFetch:
    case Form::AtomicXchg: return only(insn.src);
    case Form::AtomicCmpXchg:
    case Form::LdAbs:
    case Form::LdInd:
    case Form::CallHelper: return is_tail_call(insn) ? kNoRegs : only(Reg::r0);
    case Form::StoreImm:
    case Form::StoreReg:
    case Form::Atomic:
    case Form::StoreRel:
    case Form::WideTail:
    case Form::JmpImm:
    case Form::JmpReg:
    case Form::Ja:
    case Form::Ja32:
    case Form::MayGoto:
    case Form::GotoReg:
    case Form::CallLocal:
    case Form::CallKfunc:
    case Form::CallReg:
    case Form::Exit: return kNoRegs;
  }
  return kNoRegs;
}

// Of what is no call and no exit.
RegSet read(const Instruction& insn) {
  const RegSet dst = only(insn.dst), src = only(insn.src);
  switch (info(insn.op).form) {
    case Form::AluImm: return info(insn.op).meaning == Meaning::mov ? kNoRegs : dst;
    case Form::AluReg: return info(insn.op).meaning == Meaning::mov ? src : static_cast<RegSet>(dst | src);
    case Form::Neg:
    case Form::Swap:
    case Form::StoreImm:
    case Form::JmpImm:
    case Form::GotoReg:
    case Form::CallReg: return dst;
    case Form::MovSx:
    case Form::AddrSpaceCast:
    case Form::Load:
    case Form::LoadSx:
    case Form::LoadAcq:
    case Form::LdInd: return src;
    case Form::StoreReg:
    case Form::StoreRel:
    case Form::Atomic:
    case Form::AtomicFetch:
    case Form::AtomicXchg:
    case Form::JmpReg: return static_cast<RegSet>(dst | src);
    case Form::AtomicCmpXchg: return static_cast<RegSet>(dst | src | only(Reg::r0));
    case Form::LdAbs:
    case Form::LdImm64:
    case Form::WideTail:
    case Form::Ja:
    case Form::Ja32:
    case Form::MayGoto:
    case Form::CallHelper:
    case Form::CallLocal:
    case Form::CallKfunc:
    case Form::Exit: return kNoRegs;
  }
  return kNoRegs;
}

bool ends_run(Form form) {
  switch (form) {
    case Form::JmpImm:
    case Form::JmpReg:
    case Form::Ja:
    case Form::Ja32:
    case Form::MayGoto:
    case Form::GotoReg:
    case Form::CallHelper:
    case Form::CallLocal:
    case Form::CallKfunc:
    case Form::CallReg:
    case Form::LdAbs:
    case Form::LdInd:
    case Form::Exit: return true;
    default: return false;
  }
}

// Code of compilers needs a handful. Where code was made to need more, everything counts as needed.
constexpr int kMaxPasses = 50;

}  // namespace

std::optional<std::uint32_t> jump_target(const Instruction& insn, std::uint32_t slot) {
  switch (info(insn.op).form) {
    case Form::JmpImm:
    case Form::JmpReg:
    case Form::Ja:
    case Form::MayGoto: return static_cast<std::uint32_t>(std::int64_t{slot} + 1 + insn.off);
    case Form::Ja32: return static_cast<std::uint32_t>(std::int64_t{slot} + 1 + insn.imm);
    default: return std::nullopt;
  }
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
    slot += is_wide(insns[slot].op) ? 2 : 1;
  } while (slot < insns.size() && !is_leader(slot));
  return count;
}

void Analysis::mark() {
  const auto& insns = program_.code().insns;
  for (const auto& frame : program_.frames()) {
    marks_[frame.begin] |= kLeader;
    bool jumps_anywhere = false;
    for (std::uint32_t slot = frame.begin; slot < frame.end; ++slot) {
      const auto form = info(insns[slot].op).form;
      if (const auto target = jump_target(insns[slot], slot)) marks_[*target] |= kTarget | kLeader;
      if (ends_run(form)) marks_[slot + 1] |= kLeader;
      if (form == Form::GotoReg) jumps_anywhere = true;
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
    default: return static_cast<RegSet>((after & ~written(insn)) | read(insn));
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
    const auto form = info(insn.op).form;
    RegSet live = kNoRegs;
    if (const auto target = jump_target(insn, slot)) live |= before(*target);
    if (form != Form::Ja && form != Form::Ja32 && form != Form::Exit)
      live |= before(slot + (is_wide(insn.op) ? 2 : 1));
    changed |= live != after[slot];
    after[slot] = live;
    if (insn.op == Op::call_local) {
      auto& callee = functions_[function_index(vm::function_target(insn, slot))];
      const auto out = static_cast<RegSet>(callee.live_out | (live & (kArgumentRegs | only(Reg::r0))));
      changed |= out != callee.live_out;
      callee.live_out = out;
    }
    if (form == Form::CallReg)
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
