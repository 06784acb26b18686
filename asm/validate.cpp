#include "skep/asm/validate.hpp"

#include <algorithm>
#include <limits>
#include <optional>
#include <set>
#include <string>

#include "skep/asm/text/print.hpp"

namespace skep {
namespace {

// The register that the instruction writes, other than r0 to r5 by calls.
std::optional<Reg> written(const Instruction& insn) {
  switch (info(insn.op).form) {
    case Form::AluImm: case Form::AluReg: case Form::Neg: case Form::MovSx: case Form::Swap: case Form::AddrSpaceCast:
    case Form::Load: case Form::LoadSx: case Form::LoadAcq: case Form::LdImm64:
      return insn.dst;
    case Form::AtomicFetch: case Form::AtomicXchg:
      return insn.src;
    default:
      return std::nullopt;
  }
}

bool falls_through(const Instruction& insn) {
  switch (info(insn.op).form) {
    case Form::Exit: case Form::Ja: case Form::Ja32: case Form::GotoReg: return false;
    default: return true;
  }
}

// How far a jump goes; none for other instructions.
std::optional<std::int64_t> jump_distance(const Instruction& insn) {
  switch (info(insn.op).form) {
    case Form::JmpImm: case Form::JmpReg: case Form::Ja: case Form::MayGoto: return insn.off;
    case Form::Ja32: return insn.imm;
    default: return std::nullopt;
  }
}

// How far away the function is that is called or whose address is taken; none for other instructions.
std::optional<std::int64_t> function_distance(const Instruction& insn) {
  if (insn.op == Op::call_local) return insn.imm;
  if (insn.op == Op::ld_func) return static_cast<std::int32_t>(imm_low(insn));
  return std::nullopt;
}

class Validator {
 public:
  Validator(const Code& code, std::uint32_t max_slots) : code_(code), max_slots_(max_slots) {}

  Result<> run() {
    SKEP_TRY(check_size());
    for (slot_ = 0; slot_ < size(); ++slot_) SKEP_TRY(check_fields());
    SKEP_TRY(find_functions());
    for (slot_ = 0; slot_ < size(); ++slot_) SKEP_TRY(check_targets());
    return {};
  }

 private:
  std::uint32_t size() const { return code_.size(); }
  const Instruction& insn() const { return code_.insns[slot_]; }

  template <class... Args>
  std::unexpected<Error> reject(fmt::format_string<Args...> format, Args&&... args) const {
    const auto text = text::print_at(code_, slot_, {.labels = false});
    return fail(Errc::rejected, "instruction {} ({}): {}", slot_, text,
                fmt::format(format, std::forward<Args>(args)...));
  }

  Result<> check_size() const {
    if (size() == 0) return fail(Errc::rejected, "there are no instructions");
    if (code_.insns.size() > max_slots_)
      return fail(Errc::rejected, "{} instruction slots, at most {} are allowed", code_.insns.size(), max_slots_);
    return {};
  }

  Result<> check_fields() const {
    const bool tail_wanted = slot_ > 0 && is_wide(code_.insns[slot_ - 1].op);
    if (tail_wanted != (insn().op == Op::wide_tail))
      return tail_wanted ? reject("stands where the wide instruction before it has its second slot")
                         : fail(Errc::rejected,
                                "instruction {}: the second slot of a wide instruction without the first", slot_);
    if (is_wide(insn().op) && slot_ + 1 == size()) return reject("lacks its second slot");
    if (insn().dst > Reg::r10 || insn().src > Reg::r10) return reject("has a register above r10");
    const bool narrow = info(insn().op).form != Form::LdImm64 && insn().imm != static_cast<std::int32_t>(insn().imm);
    if (narrow) return reject("its immediate has more than 32 bits");
    if (written(insn()) == Reg::r10) return reject("r10, the frame pointer, is read-only");
    return {};
  }

  // Where functions start, sorted.
  Result<> find_functions() {
    std::set<std::uint32_t> starts{0};
    for (const auto& function : code_.functions) {
      if (function.slot >= size() || code_.insns[function.slot].op == Op::wide_tail)
        return fail(Errc::rejected, "function \"{}\" starts at slot {}, where no instruction is", function.name,
                    function.slot);
      starts.insert(function.slot);
    }
    for (slot_ = 0; slot_ < size(); ++slot_) {
      const auto distance = function_distance(insn());
      if (!distance) continue;
      const auto target = std::int64_t{slot_} + 1 + *distance;
      if (const auto* reference = code_.reference_at(slot_);
          reference && *distance == -1 && !is_function(reference->symbol))
        return reject("names function \"{}\", which is not linked", reference->symbol);
      if (target < 0 || target >= size() || code_.insns[static_cast<std::size_t>(target)].op == Op::wide_tail)
        return reject("slot {} is no instruction", target);
      const auto start = static_cast<std::uint32_t>(target);
      if (code_.functions.empty()) starts.insert(start);
      else if (!starts.contains(start)) return reject("slot {} is not where a function starts", target);
    }
    starts_.assign(starts.begin(), starts.end());
    return {};
  }
  bool is_function(std::string_view name) const {
    return std::any_of(code_.functions.begin(), code_.functions.end(),
                       [&](const Function& f) { return f.name == name; });
  }

  Result<> check_targets() {
    while (function_ + 1 < starts_.size() && starts_[function_ + 1] <= slot_) ++function_;
    const auto begin = starts_[function_];
    const auto end = function_ + 1 < starts_.size() ? starts_[function_ + 1] : size();
    if (const auto distance = jump_distance(insn())) {
      const auto target = std::int64_t{slot_} + 1 + *distance;
      if (target < begin || target >= end)
        return reject("jumps to slot {}, its function has slots {} to {}", target, begin, end - 1);
      if (code_.insns[static_cast<std::size_t>(target)].op == Op::wide_tail)
        return reject("jumps to slot {}, the second half of a wide instruction", target);
    }
    const auto next = slot_ + (is_wide(insn().op) ? 2 : 1);
    if (next == end && insn().op != Op::wide_tail && falls_through(insn()))
      return reject("its function ends here without exit or jump");
    return {};
  }

  const Code& code_;
  const std::uint32_t max_slots_;
  std::uint32_t slot_ = 0;
  std::vector<std::uint32_t> starts_;
  std::size_t function_ = 0;  // index into starts_, of the function that holds slot_
};

}  // namespace

Result<> validate(const Code& code, std::uint32_t max_slots) { return Validator(code, max_slots).run(); }

}  // namespace skep
