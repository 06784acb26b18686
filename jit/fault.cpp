// In compiled code r12 is the Cpu, and Cpu::entry the innermost entry. The handler writes down where it was and goes on in
// the shared code that leaves the entry. Nothing here takes a lock or memory.
#include "skep/jit/fault.hpp"

#include <atomic>

#include <ucontext.h>

#include "skep/jit/executable.hpp"
#include "skep/vm/fault.hpp"

namespace skep::jit {
namespace {

std::atomic<const void*> leave_code = nullptr;

// The registers of BPF: r0..r9, and of r10 the guest's address.
void copy_registers(const greg_t* from, Entry& entry) {
  static constexpr int kMap[] = {REG_RAX, REG_RDI, REG_RSI, REG_RDX, REG_RCX, REG_R8,
                                 REG_RBX, REG_R13, REG_R14, REG_R15};
  for (std::size_t n = 0; n < std::size(kMap); ++n) entry.registers[n] = static_cast<std::uint64_t>(from[kMap[n]]);
  entry.registers[10] = static_cast<std::uint32_t>(from[REG_RBP]);
}

bool on_fault(void* context, std::uintptr_t) {
  auto* const registers = static_cast<ucontext_t*>(context)->uc_mcontext.gregs;
  const auto pc = static_cast<std::uintptr_t>(registers[REG_RIP]);
  const auto* const executable = static_cast<const Executable*>(CodeMemory::owner_of(pc));
  if (executable == nullptr) return false;
  auto* const cpu = reinterpret_cast<vm::Cpu*>(registers[REG_R12]);
  Entry& entry = *static_cast<Entry*>(cpu->entry);
  entry.exit = Exit::memory;
  entry.slot = executable->slot_at(pc);
  entry.where = executable;
  copy_registers(registers, entry);
  if (executable->fuel_in_register()) cpu->fuel_left = registers[REG_R9];
  // The loop of a fetch has r0 on the stack.
  const Instruction& insn = executable->program().code().insns[entry.slot];
  if (info(insn.op).form == Form::AtomicFetch && info(insn.op).meaning != Meaning::add)
    entry.registers[0] = *reinterpret_cast<const std::uint64_t*>(registers[REG_RSP]);
  registers[REG_RIP] = reinterpret_cast<greg_t>(leave_code.load(std::memory_order_acquire));
  return true;
}

}  // namespace

void install_fault_handler(const void* leave) {
  leave_code.store(leave, std::memory_order_release);
  vm::FaultHandler::set_compiled_code(on_fault);
}

}  // namespace skep::jit
