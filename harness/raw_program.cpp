#include "skep/harness/raw_program.hpp"

#include "skep/asm/codec.hpp"

namespace skep::harness {

Result<RawRun> run_raw(Bytes program, Bytes memory, const vm::Engine& engine, std::uint64_t fuel,
                       const vm::MachineOptions& options) {
  ProgramSpec spec;
  spec.name = "program";
  spec.code.insns = SKEP_TRY(decode(program));
  if (spec.code.insns.empty()) return fail(Errc::malformed, "the program is empty");

  const auto machine = SKEP_TRY(vm::Machine::create(options));
  vm::GuestAddress address = 0;
  if (!memory.empty()) {
    address = SKEP_TRY(machine->memory().allocate(memory.size(), "memory"));
    if (!machine->memory().copy_out(address, memory.data(), memory.size()))
      return fail(Errc::os, "memory of {} bytes cannot be filled", memory.size());
  }
  auto* loaded = SKEP_TRY(machine->load(spec));
  auto* executable = SKEP_TRY(loaded->executable(engine));
  RawRun run{executable->run(machine->cpu(), nullptr, address, memory.size(), fuel), {}};
  run.memory.resize(memory.size());
  if (!memory.empty() && !machine->memory().copy_in(run.memory.data(), address, run.memory.size()))
    return fail(Errc::os, "memory cannot be read back");
  return run;
}

}  // namespace skep::harness
