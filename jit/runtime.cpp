#include "skep/jit/runtime.hpp"

#include "skep/jit/executable.hpp"
#include "skep/vm/binding.hpp"
#include "skep/vm/context/context.hpp"
#include "skep/vm/machine.hpp"

namespace skep::jit {
namespace {

using vm::Cpu;
using vm::FaultKind;

const Executable& current(const Cpu& cpu) { return *static_cast<const Executable*>(cpu.executable); }

// The slot that a code address means in the program that runs, if any.
std::optional<std::uint32_t> own_slot(const Cpu& cpu, std::uint64_t address) {
  std::uint32_t slot = 0;
  if (cpu.machine().program_at(address, slot) != cpu.program) return std::nullopt;
  return slot;
}

bool out_of_fuel(Cpu& cpu, std::uint32_t slot) {
  if (cpu.fuel_left > 0) return false;
  cpu.fault_at(slot, FaultKind::out_of_fuel, cpu.fuel_text());
  return true;
}

}  // namespace

const void* goto_register(std::uint64_t target, std::uint32_t slot, Cpu* cpu) {
  const vm::Program& program = *cpu->program;
  const vm::Frame& function = program.frame_at(slot);
  const auto to = own_slot(*cpu, target);
  if (!to || *to < function.begin || *to >= function.end || program.code().insns[*to].op == Op::wide_tail) {
    cpu->fault_at(slot, FaultKind::bad_jump, fmt::format("gotox to {:#x}, no instruction of this function", target),
                  target);
    return nullptr;
  }
  if (*to <= slot && out_of_fuel(*cpu, slot)) return nullptr;
  return current(*cpu).code_at(*to);
}

Pair call_register(std::uint64_t target, std::uint32_t slot, Cpu* cpu) {
  const auto code = [](const void* at, Callee what) {
    return Pair{reinterpret_cast<std::uintptr_t>(at), static_cast<std::uint64_t>(what)};
  };
  if (target == vm::kTailCall) return {1, static_cast<std::uint64_t>(Callee::tail_call)};
  if (target < vm::kHelperTableSize)
    if (const auto helper = cpu->machine().helpers().find(static_cast<std::uint32_t>(target)))
      return code(reinterpret_cast<const void*>(helper), Callee::helper);
  const auto to = own_slot(*cpu, target);
  if (to && cpu->program->is_function(*to)) return code(current(*cpu).function_at(*to), Callee::function);
  cpu->fault_at(slot, FaultKind::bad_jump,
                fmt::format("callx to {:#x}, no function of this program and no helper", target), target);
  return {};
}

const void* tail_call(std::uint64_t handle, std::uint64_t index, std::uint32_t slot, Cpu* cpu) {
  vm::Map* const map = cpu->machine().map_at(handle);
  if (map == nullptr || map->type() != MapType::prog_array) {
    cpu->fault_at(slot, FaultKind::bad_argument,
                  map == nullptr ? fmt::format("bpf_tail_call: {:#x} is no map", handle)
                                 : fmt::format("bpf_tail_call: map \"{}\" is no prog_array", map->name()));
    return nullptr;
  }
  if (cpu->callbacks != 0 || cpu->tail_calls >= vm::kMaxTailCalls) return nullptr;
  vm::Program* const target = map->program_at(static_cast<std::uint32_t>(index));
  if (target == nullptr || out_of_fuel(*cpu, slot)) return nullptr;
  const auto executable = target->executable(current(*cpu).engine());
  if (!executable) {
    cpu->fault_at(slot, FaultKind::helper, "bpf_tail_call: " + executable.error().what());
    return nullptr;
  }
  if (cpu->context() != nullptr) cpu->context()->settle();
  ++cpu->tail_calls;
  cpu->program = target;
  cpu->executable = *executable;
  return static_cast<const Executable*>(*executable)->body();
}

Pair load_packet(std::int32_t offset, std::uint32_t bytes, std::uint32_t slot, Cpu* cpu) {
  const auto answer = [](std::uint64_t value, Packet what) { return Pair{value, static_cast<std::uint64_t>(what)}; };
  vm::Context* const context = cpu->context();
  const vm::Packet* const packet = context != nullptr ? context->packet() : nullptr;
  if (packet == nullptr) {
    cpu->fault_at(slot, FaultKind::bad_argument, "legacy packet access in a run without a packet");
    return answer(0, Packet::stopped);
  }
  const auto place = context->packet_offset(offset);
  if (!place) return answer(0, Packet::out_of_range);
  const std::int64_t at = packet->data + *place;
  std::byte raw[4];
  if (at < packet->head || at + bytes > packet->end ||
      !cpu->machine().memory().copy_in(raw, static_cast<std::uint64_t>(at), bytes))
    return answer(0, Packet::out_of_range);
  return answer(bytes == 1   ? load<std::uint8_t>(raw)
                : bytes == 2 ? load<std::uint16_t>(raw, ByteOrder::big)
                             : load<std::uint32_t>(raw, ByteOrder::big),
                Packet::loaded);
}

}  // namespace skep::jit
