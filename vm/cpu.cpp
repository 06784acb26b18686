// What engines share of a run: its start, callbacks, and turning "something went wrong at this slot" into a
// report that a person can use.
#include "skep/vm/cpu.hpp"

#include <algorithm>
#include <utility>

#include "skep/vm/helpers/locks.hpp"
#include "skep/vm/machine.hpp"
#include "skep/vm/maps/ringbuf.hpp"

namespace skep::vm {
namespace {

// Program, function and source line of a slot.
Fault located_fault(const Program& program, std::uint32_t slot) {
  const Code& code = program.code();
  Fault fault;
  fault.program = program.name();
  fault.instruction = slot;
  const Function* function = code.function_at(slot);
  fault.function = function != nullptr ? function->name : program.name();
  if (const LineInfo* line = code.line_at(slot)) {
    if (line->file < code.files.size()) fault.file = code.files[line->file];
    fault.line = line->line;
    fault.text = line->text;
  }
  return fault;
}

}  // namespace

bool Outcome::take_room(std::uint64_t bytes) {
  const std::uint64_t cost = bytes + 64;
  if (event_bytes + cost > kMaxEventBytes) return false;
  event_bytes += cost;
  return true;
}

bool Outcome::deliver(Event event) {
  if (!take_room(event.data.size())) return false;
  events.push_back(std::move(event));
  return true;
}

void Cpu::begin_run(Program& what, Executable& how, Context* context, std::uint64_t fuel) {
  program = &what;
  executable = &how;
  call_site = nullptr;
  frame_pointer = stack_top_;
  fuel_left = fuel_at_start = static_cast<std::int64_t>(std::min(fuel, kMaxFuel));
  helper_work = 0;
  tail_calls = 0;
  callbacks = 0;
  pending_fault.reset();
  is_stopped = false;
  context_ = context;
  outcome_.redirect.reset();
  outcome_.events.clear();
  outcome_.event_bytes = 0;
  outcome_.clones.clear();
  outcome_.printk.clear();
  outcome_.printk_lost = 0;
  // What the last run reserved and left would block its ring for ever; what waited behind it is sent now.
  if (open_records != 0)
    for (const auto& map : machine_.maps())
      if (RingbufMap* const ring = RingbufMap::from(map.get())) ring->abandon(*this);
}

RunResult Cpu::end_run(std::uint64_t r0) {
  release_lock(*this);
  return {.r0 = is_stopped ? 0 : r0,
          .instructions = instructions(),
          .fault = std::exchange(pending_fault, std::nullopt)};
}

std::optional<std::uint64_t> Cpu::call(std::uint64_t function, std::uint64_t a1, std::uint64_t a2, std::uint64_t a3,
                                       std::uint64_t a4, std::uint64_t a5) {
  if (is_stopped) return std::nullopt;
  std::uint32_t slot = 0;
  if (machine_.program_at(function, slot) != program || !program->is_function(slot)) {
    fault(FaultKind::bad_jump, fmt::format("callback {:#x} is no function of this program", function), function);
    return std::nullopt;
  }
  if (fuel_left <= 0) {
    fault(FaultKind::out_of_fuel, "callback: " + fuel_text());
    return std::nullopt;
  }
  charge(kCallbackWork);
  const auto site = call_site;
  const auto frame = frame_pointer;
  const auto outer = entry;
  ++callbacks;
  auto result = executable->call(*this, slot, {a1, a2, a3, a4, a5});
  --callbacks;
  entry = outer;
  call_site = site;
  frame_pointer = frame;
  return result;
}

std::string Cpu::fuel_text() const {
  if (helper_work == 0) return fmt::format("ran for {} instructions, of {} that it may", instructions(), fuel_at_start);
  return fmt::format("ran for {} instructions and had helpers do the work of {}, of {} that it may", instructions(),
                     helper_work, fuel_at_start);
}

void Cpu::fault(FaultKind kind, std::string detail, std::optional<std::uint64_t> address) {
  fault_at(executable != nullptr && call_site != nullptr ? executable->slot_of(call_site) : 0, kind, std::move(detail),
           address);
}

void Cpu::fault_at(std::uint32_t slot, FaultKind kind, std::string detail, std::optional<std::uint64_t> address) {
  is_stopped = true;
  if (pending_fault || program == nullptr) return;  // the first one is the cause
  Fault report = located_fault(*program, slot);
  report.kind = kind;
  report.detail = std::move(detail);
  report.address = address;
  if (address) report.region = machine_.memory().describe(static_cast<GuestAddress>(*address));
  pending_fault = std::move(report);
}

}  // namespace skep::vm
