// A program bound to a machine: linked code whose map, function and helper references are numbers that
// the guest can hold (map handles, value addresses, code addresses), validated and ready for any engine.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "skep/asm/code.hpp"
#include "skep/spec/program.hpp"
#include "skep/vm/engine.hpp"
#include "skep/vm/frames.hpp"
#include "skep/vm/memory.hpp"

namespace skep::vm {

class Machine;

class Program {
 public:
  // `linked` comes from spec::link (or the assembler). Binds map references by name to the machine's maps;
  // an unknown helper, kfunc, map or unresolved extern is an error that names it and the instruction
  // (not_supported; rejected for invalid code). `own`: the helpers of machine are looked up now.
  static Result<std::unique_ptr<Program>> load(Machine& machine, const ProgramSpec& linked);

  const std::string& name() const { return spec_.name; }
  ProgramType type() const { return spec_.type; }
  const ProgramSpec& spec() const { return spec_; }      // its code is the bound code
  const Code& code() const { return spec_.code; }
  // Its functions, sorted, without gaps; the first begins at slot 0.
  const std::vector<Frame>& frames() const { return frames_; }
  // The function that holds `slot`, which must be of this program.
  const Frame& frame_at(std::uint32_t slot) const;
  bool is_function(std::uint32_t slot) const { return frame_at(slot).begin == slot; }
  Machine& machine() const { return machine_; }
  // Guest address of slot 0; the function at slot n is at code_base() + 8 * n.
  GuestAddress code_base() const { return code_base_; }

  // The engine's executable, made on first use and kept. Errors as Engine::prepare.
  Result<Executable*> executable(const Engine& engine);

 private:
  Program(Machine& machine, ProgramSpec spec) : machine_(machine), spec_(std::move(spec)) {}

  Machine& machine_;
  ProgramSpec spec_;
  std::vector<Frame> frames_;
  GuestAddress code_base_ = 0;
  std::vector<std::pair<const Engine*, std::unique_ptr<Executable>>> executables_;
};

}  // namespace skep::vm
