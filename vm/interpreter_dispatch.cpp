// Threaded dispatch: each handler ends with an indirect jump of its own to the next one. Under g++ handlers are
// labels in one function (computed goto; -fgcse, which would merge the jumps, is off); under clang, which merges
// them whatever one says, they are functions that end in guaranteed tail calls.
#include <algorithm>
#include <type_traits>

#include "skep/asm/semantics.hpp"
#include "skep/vm/access.hpp"
#include "skep/vm/interpreter_state.hpp"
#include "skep/vm/machine.hpp"

namespace skep::vm::interp {
namespace {

template <unsigned Bits>
using Unsigned = std::conditional_t<
    Bits == 8, std::uint8_t,
    std::conditional_t<Bits == 16, std::uint16_t, std::conditional_t<Bits == 32, std::uint32_t, std::uint64_t>>>;

constexpr Form kForms[] = {
#define SKEP_INSN(name, code, src, off, imm, form, width, meaning, symbol) Form::form,
#include "skep/asm/isa.inc"
#undef SKEP_INSN
};
constexpr Form form_of(Op op) { return kForms[static_cast<std::size_t>(op)]; }
constexpr bool takes_immediate(Op op) { return form_of(op) == Form::AluImm || form_of(op) == Form::JmpImm; }

// The value that an instruction of a pair writes to its dst; false if its load faults.
template <Op op>
[[gnu::always_inline]] inline bool compute(const Operation::Fields& fields, std::byte* base, std::uint64_t dst,
                                           std::uint64_t src, std::uint64_t& value) {
  if constexpr (form_of(op) == Form::Load) {
    const std::uint64_t address = src + static_cast<std::uint64_t>(std::int64_t{fields.off});
    return access::load<Unsigned<semantics::width(op)>>(base + static_cast<GuestAddress>(address), value);
  } else {
    value = semantics::alu<op>(dst, takes_immediate(op) ? static_cast<std::uint64_t>(std::int64_t{fields.imm}) : src);
    return true;
  }
}

template <Op op, class T>
[[gnu::always_inline]] inline bool atomic(std::byte* at, T value) {
  constexpr Meaning meaning = semantics::meaning(op);
  if constexpr (meaning == Meaning::add) return access::atomic_add(at, value);
  else if constexpr (meaning == Meaning::or_) return access::atomic_or(at, value);
  else if constexpr (meaning == Meaning::and_) return access::atomic_and(at, value);
  else {
    static_assert(meaning == Meaning::xor_);
    return access::atomic_xor(at, value);
  }
}

template <Op op, class T>
[[gnu::always_inline]] inline bool atomic_fetch(std::byte* at, T& value) {
  if constexpr (semantics::meaning(op) == Meaning::add) return access::atomic_fetch_add(at, value);
  else {
    const T operand = value;
    return access::atomic_update<T>(at, value, [operand](T old) {
      return static_cast<T>(semantics::alu<op>(std::uint64_t{old}, std::uint64_t{operand}));
    });
  }
}

}  // namespace

#if defined(__clang__)

namespace {

#define SKEP_STATE const Operation *pc, Run *run, std::byte *base, std::int64_t balance
#define SKEP_LEAVE(reason)                                   \
  do {                                                       \
    run->exit = Exit::reason;                                \
    run->left = {pc, balance};                               \
    return;                                                  \
  } while (false)
#define SKEP_DISPATCH() [[clang::musttail]] return pc->handler(pc, run, base, balance)
#define SKEP_GO(name) [[clang::musttail]] return handle_##name(pc, run, base, balance)

#define SKEP_HANDLER(name) void handle_##name(SKEP_STATE);
#include "skep/vm/interpreter_handlers.inc"
#undef SKEP_HANDLER

// Most handlers do not need all of the state.
#define SKEP_HANDLER(name)                                                        \
  void handle_##name([[maybe_unused]] const Operation* pc, [[maybe_unused]] Run* run, \
                     [[maybe_unused]] std::byte* base, [[maybe_unused]] std::int64_t balance)
#include "skep/vm/interpreter_body.inc"
#undef SKEP_HANDLER

constexpr Handler kHandlers[] = {
#define SKEP_HANDLER(name) handle_##name,
#include "skep/vm/interpreter_handlers.inc"
#undef SKEP_HANDLER
};

}  // namespace

Handler handler(HandlerId id) { return kHandlers[static_cast<std::size_t>(id)]; }

void execute(Run& run, Where start) {
  start.pc->handler(start.pc, &run, run.cpu->machine().memory().base(), start.balance);
}

#else

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wpedantic"  // labels as values

namespace {

// Runs; or, given no run, hands out the table of labels, which only this function can name.
const Handler* interpret(Run* run, const Operation* pc, std::byte* base, std::int64_t balance) {
  static constexpr Handler kHandlers[] = {
#define SKEP_HANDLER(name) &&handle_##name,
#include "skep/vm/interpreter_handlers.inc"
#undef SKEP_HANDLER
  };
  if (run == nullptr) return kHandlers;

#define SKEP_HANDLER(name) handle_##name:
#define SKEP_DISPATCH() goto* pc->handler
#define SKEP_GO(name) goto handle_##name
#define SKEP_LEAVE(reason) goto leave_##reason
#define return return nullptr
  SKEP_DISPATCH();
#include "skep/vm/interpreter_body.inc"
#undef return

#define SKEP_LEAVING(reason)     \
  leave_##reason:                \
  run->exit = Exit::reason;      \
  goto leave;
  SKEP_LEAVING(done)
  SKEP_LEAVING(memory)
  SKEP_LEAVING(misaligned)
  SKEP_LEAVING(out_of_fuel)
  SKEP_LEAVING(call_depth)
  SKEP_LEAVING(invalid)
  SKEP_LEAVING(faulted)
  SKEP_LEAVING(stopped)
leave:
  run->left = {pc, balance};
  return nullptr;
}

}  // namespace

#pragma GCC diagnostic pop

Handler handler(HandlerId id) {
  static const Handler* const handlers = interpret(nullptr, nullptr, nullptr, 0);
  return handlers[static_cast<std::size_t>(id)];
}

void execute(Run& run, Where start) { interpret(&run, start.pc, run.cpu->machine().memory().base(), start.balance); }

#endif

}  // namespace skep::vm::interp
