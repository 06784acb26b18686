#include "skep/jit/entry.hpp"

#include <cstddef>
#include <cstring>

#include <asmjit/x86.h>

#include "skep/jit/code_memory.hpp"

namespace skep::jit {
namespace {

namespace x86 = asmjit::x86;

constexpr int kEntryAt(std::size_t offset) { return static_cast<int>(offset); }

struct Shared {
  CodeBlock block;
  EntryCode code{};
};

// void enter(Cpu* rdi, Entry* rsi, const void* rdx), System V. The stack is aligned as compiled functions expect it.
Result<Shared> make(const CpuLayout& cpu, bool fuel_register) {
  asmjit::CodeHolder holder;
  holder.init(asmjit::Environment::host());
  x86::Assembler a(&holder);
  const x86::Gp saved[] = {x86::rbp, x86::rbx, x86::r12, x86::r13, x86::r14, x86::r15};
  const auto field = [](const x86::Gp& base, std::size_t offset) { return x86::qword_ptr(base, kEntryAt(offset)); };
  const auto argument = [&](int n) {
    return field(x86::rsi, offsetof(Entry, arguments) + sizeof(std::uint64_t) * static_cast<std::size_t>(n));
  };
  for (const auto& reg : saved) a.push(reg);
  a.push(x86::rsi);
  a.mov(field(x86::rsi, offsetof(Entry, exit_stack)), x86::rsp);
  a.mov(x86::r12, x86::rdi);
  a.mov(x86::r11, x86::rdx);
  a.mov(x86::rbp, field(x86::rsi, offsetof(Entry, frame)));
  a.mov(x86::rdi, argument(0));
  a.mov(x86::rdx, argument(2));
  a.mov(x86::rcx, argument(3));
  a.mov(x86::r8, argument(4));
  a.mov(x86::rsi, argument(1));
  for (const auto& reg : {x86::eax, x86::ebx, x86::r13d, x86::r14d, x86::r15d}) a.xor_(reg, reg);
  if (fuel_register) a.mov(x86::r9, x86::qword_ptr(x86::r12, cpu.fuel_left));
  a.call(x86::r11);
  if (fuel_register) a.mov(x86::qword_ptr(x86::r12, cpu.fuel_left), x86::r9);
  const auto out = a.newLabel();
  a.bind(out);
  a.pop(x86::rsi);
  a.mov(field(x86::rsi, offsetof(Entry, r0)), x86::rax);
  for (auto reg = std::rbegin(saved); reg != std::rend(saved); ++reg) a.pop(*reg);
  a.ret();
  // leave: back to where `enter` pushed the entry.
  const auto leave = a.newLabel();
  a.bind(leave);
  a.mov(x86::r11, x86::qword_ptr(x86::r12, cpu.entry));
  a.mov(x86::rsp, field(x86::r11, offsetof(Entry, exit_stack)));
  a.jmp(out);

  auto* const memory = SKEP_TRY(CodeMemory::get());
  Shared shared;
  shared.block = SKEP_TRY(memory->allocate(holder.codeSize()));
  holder.relocateToBase(reinterpret_cast<std::uint64_t>(shared.block.code()));
  holder.copyFlattenedData(shared.block.writable(), shared.block.size());
  std::memcpy(&shared.code.enter, std::array{shared.block.code()}.data(), sizeof shared.code.enter);
  shared.code.leave = shared.block.code() + holder.labelOffset(leave);
  return shared;
}

}  // namespace

// Cpu is no standard-layout type, so that offsetof is not promised for it; distances between an object and its members
// are all the same.
CpuLayout layout_of(const vm::Cpu& cpu) {
  const auto at = [&](const auto& member) {
    return static_cast<std::int32_t>(reinterpret_cast<const std::byte*>(&member) -
                                     reinterpret_cast<const std::byte*>(&cpu));
  };
  return {at(cpu.fuel_left), at(cpu.is_stopped), at(cpu.call_site), at(cpu.frame_pointer),
          at(cpu.entry),     at(cpu.frames_left), at(cpu.program),  at(cpu.executable)};
}

Result<const EntryCode*> entry_code(const vm::Cpu& any, bool fuel_register) {
  static const Result<Shared> in_register = make(layout_of(any), true), in_memory = make(layout_of(any), false);
  const auto& shared = fuel_register ? in_register : in_memory;
  if (!shared) return std::unexpected(shared.error());
  return &shared->code;
}

}  // namespace skep::jit
