// A program as x86-64 code that lies in executable memory.
#pragma once

#include <memory>
#include <vector>

#include "skep/jit/code_memory.hpp"
#include "skep/jit/compiler.hpp"
#include "skep/vm/engine.hpp"
#include "skep/vm/program.hpp"

namespace skep::jit {

class Executable final : public vm::Executable {
 public:
  // Compiles. `program` must outlive it. Errors: not_supported (no executable memory).
  static Result<std::unique_ptr<Executable>> make(vm::Program& program, const vm::Engine& engine,
                                                  const CompileOptions& options);

  using vm::Executable::run;
  vm::RunResult run(vm::Cpu& cpu, vm::Context* context, const std::uint64_t (&arguments)[5],
                    std::uint64_t fuel) override;
  std::optional<std::uint64_t> call(vm::Cpu& cpu, std::uint32_t slot, const std::uint64_t (&arguments)[5]) override;
  // Compiled code stores the slot itself.
  std::uint32_t slot_of(const void* site) const override {
    return static_cast<std::uint32_t>(reinterpret_cast<std::uintptr_t>(site));
  }

  vm::Program& program() const { return program_; }
  const vm::Engine& engine() const { return engine_; }
  // The code of an instruction; of a function's first one without its prologue.
  const void* code_at(std::uint32_t slot) const { return block_.code() + offsets_[slot]; }
  // The code of the function that begins at `slot`, with its prologue; and behind it, where a tail call enters.
  const void* function_at(std::uint32_t slot) const;
  const void* body() const { return block_.code() + bodies_.front(); }
  // Whether its code has the fuel in r9.
  bool fuel_in_register() const { return options_.segment && options_.counting; }
  // The instruction whose code is at `pc`.
  std::uint32_t slot_at(std::uintptr_t pc) const;

 private:
  Executable(vm::Program& program, const vm::Engine& engine) : program_(program), engine_(engine) {}
  SKEP_CALLS_COMPILED_CODE void enter(Entry& entry, vm::Cpu& cpu, const void* code);
  void report(const Entry& entry);

  vm::Program& program_;
  const vm::Engine& engine_;
  const EntryCode* entry_ = nullptr;
  CodeBlock block_;
  std::vector<std::uint32_t> offsets_;    // of each slot, and of the end
  std::vector<std::uint32_t> functions_;  // by function
  std::vector<std::uint32_t> bodies_;
  std::uint32_t stack_to_clear_ = 0;      // bytes below the outermost r10
  CompileOptions options_;
};

}  // namespace skep::jit
