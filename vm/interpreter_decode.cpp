// Instructions to operations, once per program. Operations keep the slots of BPF, so that a slot is an index and a
// distance is a distance.
#include <algorithm>
#include <tuple>
#include <vector>

#include "skep/vm/binding.hpp"
#include "skep/vm/interpreter_state.hpp"
#include "skep/vm/machine.hpp"

namespace skep::vm::interp {
namespace {

struct Handlers {
  HandlerId forward, backward;
};

Handlers handlers_of(Op op) {
  switch (op) {
#define SKEP_ONE_HANDLER(name) \
  case Op::name: return {HandlerId::name, HandlerId::name};
#define SKEP_TWO_HANDLERS(name) \
  case Op::name: return {HandlerId::name, HandlerId::name##_back};
#define SKEP_EXTRA_HANDLER(name)
#include "skep/vm/interpreter_handlers.inc"
  }
  return {HandlerId::invalid, HandlerId::invalid};
}

// --- pairs ---

enum class Relation : std::uint8_t { chain, feed, none };

struct Pair {
  Op first, second;
  Relation relation;
  Handlers handlers;
  // The order of the table, and of preference: a relation that holds before none.
  auto key() const { return std::tuple(first, second, relation); }
};

std::vector<Pair> make_pairs() {
#define SKEP_PAIR_ROW(first, second, relation, forward, backward) \
  {Op::first, Op::second, Relation::relation, {HandlerId::forward, HandlerId::backward}},
#define SKEP_PAIR_VALUE(first, second, relation) \
  SKEP_PAIR_ROW(first, second, relation, first##_##second##_##relation, first##_##second##_##relation)
#define SKEP_PAIR_STORE SKEP_PAIR_VALUE
#define SKEP_PAIR_BRANCH(first, second, relation) \
  SKEP_PAIR_ROW(first, second, relation, first##_##second##_##relation, first##_##second##_##relation##_back)
#define SKEP_PAIR_GOTO(first) SKEP_PAIR_BRANCH(first, ja, none)
#define SKEP_PAIR_AFTER(branch, second) SKEP_PAIR_VALUE(branch, second, none)
#define SKEP_PAIR_AFTER_GOTO(branch) SKEP_PAIR_BRANCH(branch, ja, none)
  std::vector<Pair> pairs = {
#include "skep/vm/interpreter_pairs.inc"
  };
#undef SKEP_PAIR_ROW
  std::sort(pairs.begin(), pairs.end(), [](const Pair& a, const Pair& b) { return a.key() < b.key(); });
  return pairs;
}

bool holds(Relation relation, Reg written, const Instruction& second) {
  switch (relation) {
    case Relation::chain: return second.dst == written;
    case Relation::feed: return second.src == written;
    case Relation::none: return true;
  }
  return false;
}

// The handlers that execute both instructions, if there are any.
const Handlers* handlers_of(const Instruction& first, const Instruction& second) {
  static const std::vector<Pair> pairs = make_pairs();
  const auto wanted = std::tuple(first.op, second.op, Relation{});
  auto pair = std::lower_bound(pairs.begin(), pairs.end(), wanted,
                               [](const Pair& row, const auto& key) { return row.key() < key; });
  for (; pair != pairs.end() && pair->first == first.op && pair->second == second.op; ++pair)
    if (holds(pair->relation, first.dst, second)) return &pair->handlers;
  return nullptr;
}

// The distance that a jump goes from the next slot; 0 for what is no jump.
std::int32_t distance(const Instruction& instruction) {
  switch (info(instruction.op).form) {
    case Form::JmpImm:
    case Form::JmpReg:
    case Form::Ja:
    case Form::MayGoto:
      return instruction.off;
    case Form::Ja32:
    case Form::CallLocal:
      return static_cast<std::int32_t>(instruction.imm);
    default:
      return 0;
  }
}

Operation decode(const Program& program, std::uint32_t slot) {
  const Instruction& instruction = program.code().insns[slot];
  const Handlers handlers = handlers_of(instruction.op);
  const std::int32_t jump = distance(instruction);
  HandlerId id = jump < 0 ? handlers.backward : handlers.forward;
  // A pair needs its first branch, if it is one, to go forward: that is the only handler it has.
  if (slot + 1 < program.code().size() && jump >= 0) {
    const Instruction& second = program.code().insns[slot + 1];
    if (const Handlers* pair = handlers_of(instruction, second))
      id = distance(second) < 0 ? pair->backward : pair->forward;
  }
  Operation operation{};
  operation.fields = {.dst = static_cast<std::uint8_t>(number(instruction.dst)),
                      .src = static_cast<std::uint8_t>(number(instruction.src)),
                      .off = instruction.off,
                      .imm = static_cast<std::int32_t>(instruction.imm)};
  switch (info(instruction.op).form) {
    case Form::Neg:
    case Form::Swap:
      operation.fields.src = operation.fields.dst;
      break;
    case Form::Ja:
    case Form::Ja32:
    case Form::MayGoto:
      operation.fields.imm = jump;
      break;
    case Form::CallLocal:
      operation.fields.off = static_cast<std::int16_t>(program.frame_at(slot).size);
      break;
    case Form::CallHelper:
      if (instruction.imm == kTailCall) id = HandlerId::tail_call;
      else if (is_poison(instruction)) id = HandlerId::invalid;
      else operation.helper = program.machine().helpers().find(static_cast<std::uint32_t>(instruction.imm));
      break;
    default:
      break;
  }
  operation.handler = handler(id);
  return operation;
}

}  // namespace

InterpretedProgram::InterpretedProgram(Program& program) : program_(program) {
  const auto& insns = program.code().insns;
  operations_.reserve(insns.size() + 1);
  for (std::uint32_t slot = 0; slot < insns.size(); ++slot) {
    operations_.push_back(decode(program, slot));
    if (insns[slot].op == Op::wide_tail) operations_.back().wide = static_cast<std::uint64_t>(insns[slot - 1].imm);
  }
  // Validated code does not run over its end; were it to, it would stop.
  operations_.push_back({.handler = handler(HandlerId::invalid), .fields = {}});

  stack_to_clear_ = program.frames().size() == 1 ? program.frames().front().size : kMaxFrames * kMaxFrameSize;
}

}  // namespace skep::vm::interp
