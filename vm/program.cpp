// Binding: names become the numbers that the guest holds. What cannot be bound is an error that names it
// and its instruction, and never a silent zero.
#include "skep/vm/program.hpp"

#include <algorithm>
#include <utility>

#include "skep/asm/validate.hpp"
#include "skep/vm/binding.hpp"
#include "skep/vm/machine.hpp"

namespace skep::vm {

Result<std::unique_ptr<Program>> Program::load(Machine& machine, const ProgramSpec& linked) {
  if (!linked.problem.empty()) return fail(Errc::rejected, "{}", linked.problem);
  const GuestAddress code_base = machine.next_code_;
  if (linked.code.size() > (kRegionsBase - code_base) / 8)
    return fail(Errc::rejected, "{} instructions do not fit into the {} code addresses that are left",
                linked.code.size(), (kRegionsBase - code_base) / 8);
  std::unique_ptr<Program> program(new Program(machine, linked));
  program->code_base_ = code_base;
  SKEP_TRY(validate(program->spec_.code));
  // Before function references become addresses.
  program->frames_ = find_frames(program->spec_.code);
  SKEP_TRY(bind(machine, code_base, linked.type, program->spec_.code));
  return program;
}

const Frame& Program::frame_at(std::uint32_t slot) const {
  const auto after = std::upper_bound(frames_.begin(), frames_.end(), slot,
                                      [](std::uint32_t at, const Frame& frame) { return at < frame.begin; });
  return *std::prev(after);
}

Result<Executable*> Program::executable(const Engine& engine) {
  for (const auto& [known, executable] : executables_)
    if (known == &engine) return executable.get();
  auto made = SKEP_TRY_CTX(engine.prepare(*this), "{}: program \"{}\"", engine.name(), name());
  executables_.emplace_back(&engine, std::move(made));
  return executables_.back().second.get();
}

}  // namespace skep::vm
