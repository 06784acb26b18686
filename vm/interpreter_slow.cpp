// The operations that look beyond registers and memory: calls and jumps through registers, tail calls, legacy packet
// access.
#include <algorithm>
#include <utility>

#include "skep/vm/access.hpp"
#include "skep/vm/binding.hpp"
#include "skep/vm/context/context.hpp"
#include "skep/vm/interpreter_state.hpp"
#include "skep/vm/machine.hpp"

namespace skep::vm::interp {
namespace {

std::uint32_t slot_of(const Run& run, const Operation* pc) { return run.program->slot_of(pc); }

Where leave(Run& run, Where at, Exit exit) {
  run.exit = exit;
  run.left = at;
  return {};
}

Where fail(Run& run, Where at, FaultKind kind, std::string detail, std::optional<std::uint64_t> address = {}) {
  run.cpu->fault_at(slot_of(run, at.pc), kind, std::move(detail), address);
  return leave(run, at, Exit::faulted);
}

// The target of an executed operation that jumps.
Where jump(Where at, const Operation* target) { return {target, balance_at(target, at.pc + 1, at.balance)}; }

void switch_program(Run& run, InterpretedProgram& program) {
  run.program = &program;
  run.cpu->program = &program.program();
  run.cpu->executable = &program;
}

bool out_of_fuel(Where at) { return fuel_left(at.pc + 1, at.balance) <= 0; }

Where call_function(Run& run, Where at, std::uint32_t slot) {
  if (run.top == run.limit) return leave(run, at, Exit::call_depth);
  if (out_of_fuel(at)) return leave(run, at, Exit::out_of_fuel);
  save_registers(run, *run.top, at.pc + 1);
  run.r[10] -= run.program->program().frame_at(slot_of(run, at.pc)).size;
  return jump(at, run.program->at(slot));
}

Where call_helper(Run& run, Where at, HelperFunction helper) {
  Cpu& cpu = *run.cpu;
  cpu.call_site = at.pc;
  cpu.frame_pointer = static_cast<GuestAddress>(run.r[10]);
  cpu.fuel_left = fuel_left(at.pc + 1, at.balance);
  const std::uint64_t result = helper(run.r[1], run.r[2], run.r[3], run.r[4], run.r[5], cpu);
  if (cpu.stopped()) return leave(run, at, Exit::stopped);
  run.r[0] = result;
  return {at.pc + 1, balance_for(at.pc + 1, cpu.fuel_left)};
}

// The slot that a code address means in the program that runs, if any.
std::optional<std::uint32_t> own_slot(const Run& run, std::uint64_t address) {
  std::uint32_t slot = 0;
  const Program& program = run.program->program();
  if (program.machine().program_at(address, slot) != &program) return std::nullopt;
  return slot;
}

}  // namespace

// The register holds the address of a function of this program, or the number of a helper.
Where call_register(Run& run, Where at) {
  const std::uint64_t target = run.r[at.pc->fields.dst];
  if (target == kTailCall) return tail_call(run, at);
  const HelperTable& helpers = run.cpu->machine().helpers();
  if (target < kHelperTableSize) {
    if (const HelperFunction helper = helpers.find(static_cast<std::uint32_t>(target)))
      return call_helper(run, at, helper);
  }
  const auto slot = own_slot(run, target);
  if (slot && run.program->program().is_function(*slot)) return call_function(run, at, *slot);
  return fail(run, at, FaultKind::bad_jump,
              fmt::format("callx to {:#x}, no function of this program and no helper", target), target);
}

Where goto_register(Run& run, Where at) {
  const std::uint64_t target = run.r[at.pc->fields.dst];
  const Program& program = run.program->program();
  const std::uint32_t here = slot_of(run, at.pc);
  const Frame& function = program.frame_at(here);
  const auto slot = own_slot(run, target);
  if (!slot || *slot < function.begin || *slot >= function.end || program.code().insns[*slot].op == Op::wide_tail)
    return fail(run, at, FaultKind::bad_jump, fmt::format("gotox to {:#x}, no instruction of this function", target),
                target);
  if (*slot <= here && out_of_fuel(at)) return leave(run, at, Exit::out_of_fuel);
  return jump(at, run.program->at(*slot));
}

// bpf_tail_call(ctx, map, index): the program in the slot replaces the current function and gets its frame; r1 is the
// context as passed, the other registers keep their values. An index out of range, an empty slot, the 34th
// call in a run, and a callback go on with the next instruction and change nothing.
Where tail_call(Run& run, Where at) {
  Cpu& cpu = *run.cpu;
  const Where next{at.pc + 1, at.balance};
  Map* const map = cpu.machine().map_at(run.r[2]);
  if (map == nullptr || map->type() != MapType::prog_array)
    return fail(run, at, FaultKind::bad_argument,
                map == nullptr ? fmt::format("bpf_tail_call: {:#x} is no map", run.r[2])
                               : fmt::format("bpf_tail_call: map \"{}\" is no prog_array", map->name()));
  if (cpu.callbacks != 0 || cpu.tail_calls >= kMaxTailCalls) return next;
  Program* const target = map->program_at(static_cast<std::uint32_t>(run.r[3]));
  if (target == nullptr) return next;
  if (out_of_fuel(at)) return leave(run, at, Exit::out_of_fuel);
  const auto executable = target->executable(interpreter());
  if (!executable) return fail(run, at, FaultKind::helper, "bpf_tail_call: " + executable.error().what());

  if (cpu.context() != nullptr) cpu.context()->settle();
  ++cpu.tail_calls;
  run.top->may_goto = kMayGotoLimit;
  if (run.top != run.frames.data() && run.top[-1].program == nullptr) run.top[-1].program = run.program;
  switch_program(run, static_cast<InterpretedProgram&>(**executable));
  return jump(at, run.program->at(0));
}

// What another program left in the argument registers is nobody's: compiled code does not keep it.
void return_to_program(Run& run, SavedFrame& frame) {
  InterpretedProgram& program = *std::exchange(frame.program, nullptr);
  if (&program != run.program) std::fill_n(run.r.begin() + 1, 5, std::uint64_t{0});
  switch_program(run, program);
}

PacketLoad load_packet(Run& run, std::int32_t offset, unsigned bytes) {
  Context* const context = run.cpu->context();
  const Packet* const packet = context != nullptr ? context->packet() : nullptr;
  if (packet == nullptr) return PacketLoad::no_packet;
  const auto place = context->packet_offset(offset);
  if (!place) return PacketLoad::out_of_range;
  const std::int64_t at = packet->data + *place;
  if (at < packet->head || at + bytes > packet->end) return PacketLoad::out_of_range;
  std::byte raw[4];
  if (!run.cpu->machine().memory().copy_in(raw, static_cast<std::uint64_t>(at), bytes)) return PacketLoad::out_of_range;
  run.r[0] = bytes == 1   ? load<std::uint8_t>(raw)
             : bytes == 2 ? load<std::uint16_t>(raw, ByteOrder::big)
                          : load<std::uint32_t>(raw, ByteOrder::big);
  return PacketLoad::loaded;
}

void no_packet(Run& run, const Operation* pc) {
  run.cpu->fault_at(slot_of(run, pc), FaultKind::bad_argument, "legacy packet access in a run without a packet");
}

}  // namespace skep::vm::interp
