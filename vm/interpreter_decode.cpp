// Instructions to operations, once per program. Operations keep the slots of BPF, so that a slot is an index and a
// distance is a distance.
#include <algorithm>
#include <optional>
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

// --- instructions that share an operation ---

enum class Relation : std::uint8_t { chain, feed, none };

// A row of interpreter_pairs.inc. Pairs have no third.
struct Group {
  Op first, second;
  std::optional<Op> third;
  Relation relation;  // of the last two
  Handlers handlers;  // by the direction of the last one
  // The order of the table, and of preference: a relation that holds before none.
  auto key() const { return std::tuple(first, second, third, relation); }
};

std::vector<Group> make_groups() {
#define SKEP_GROUP(first, second, third, relation, forward, backward) \
  {Op::first, Op::second, third, Relation::relation, {HandlerId::forward, HandlerId::backward}},
#define SKEP_PAIR_VALUE(first, second, relation) \
  SKEP_GROUP(first, second, std::nullopt, relation, first##_##second##_##relation, first##_##second##_##relation)
#define SKEP_PAIR_STORE SKEP_PAIR_VALUE
#define SKEP_PAIR_BRANCH(first, second, relation) \
  SKEP_GROUP(first, second, std::nullopt, relation, first##_##second##_##relation, first##_##second##_##relation##_back)
#define SKEP_PAIR_GOTO(first) SKEP_PAIR_BRANCH(first, ja, none)
#define SKEP_PAIR_AFTER(branch, second) SKEP_PAIR_VALUE(branch, second, none)
#define SKEP_PAIR_AFTER_GOTO(branch) SKEP_PAIR_BRANCH(branch, ja, none)
#define SKEP_PAIR_CALL(first, second) SKEP_GROUP(first, second, std::nullopt, none, first##_##second, first##_##second)
#define SKEP_TRIPLE_VALUE(first, second, third, relation)                                 \
  SKEP_GROUP(first, second, Op::third, relation, first##_##second##_##third##_##relation, \
             first##_##second##_##third##_##relation)
#define SKEP_TRIPLE_STORE SKEP_TRIPLE_VALUE
#define SKEP_TRIPLE_LOOP(first, branch) \
  SKEP_GROUP(first, branch, Op::ja, none, first##_##branch##_loop, first##_##branch##_loop_back)
  std::vector<Group> groups = {
#include "skep/vm/interpreter_pairs.inc"
  };
#undef SKEP_GROUP
  std::sort(groups.begin(), groups.end(), [](const Group& a, const Group& b) { return a.key() < b.key(); });
  return groups;
}

bool holds(Relation relation, Reg written, const Instruction& next) {
  switch (relation) {
    case Relation::chain: return next.dst == written;
    case Relation::feed: return next.src == written;
    case Relation::none: return true;
  }
  return false;
}

// The distance that a jump goes from the next slot; 0 for what is no jump.
std::int32_t distance(const Instruction& instruction) {
  switch (info(instruction.op).form) {
    case Form::JmpImm:
    case Form::JmpReg:
    case Form::Ja:
    case Form::MayGoto: return instruction.off;
    case Form::Ja32:
    case Form::CallLocal: return static_cast<std::int32_t>(instruction.imm);
    default: return 0;
  }
}

// Whether an instruction may be followed by another in one operation: not a branch backward, which has its own handler.
bool can_lead(const Instruction& instruction) { return distance(instruction) >= 0; }

// A call of a helper may have another handler than its row's.
bool is_plain_call(const Instruction& instruction) {
  return instruction.op != Op::call_helper || (instruction.imm != kTailCall && !is_poison(instruction));
}

// The handler for the instruction at `slot` with the one or two behind it, if there is one.
std::optional<HandlerId> group_at(const std::vector<Instruction>& insns, std::size_t slot) {
  static const std::vector<Group> groups = make_groups();
  const Instruction& first = insns[slot];
  const std::size_t next = slot + (is_wide(first.op) ? 2 : 1);
  if (next >= insns.size() || !can_lead(first) || !is_plain_call(insns[next])) return std::nullopt;
  const Instruction& second = insns[next];
  const Instruction* const third = next + 1 < insns.size() && can_lead(second) ? &insns[next + 1] : nullptr;
  const auto before = [](const Group& row, const std::pair<Op, Op>& key) {
    return std::pair(row.first, row.second) < key;
  };

  const Group* found = nullptr;
  for (auto row = std::lower_bound(groups.begin(), groups.end(), std::pair(first.op, second.op), before);
       row != groups.end() && row->first == first.op && row->second == second.op; ++row) {
    if (!row->third) {
      if (found == nullptr && holds(row->relation, first.dst, second)) found = &*row;
    } else if (third != nullptr && *row->third == third->op && second.dst == first.dst &&
               holds(row->relation, second.dst, *third)) {
      return distance(*third) < 0 ? row->handlers.backward : row->handlers.forward;  // the longer, the better
    }
  }
  if (found == nullptr) return std::nullopt;
  return distance(second) < 0 ? found->handlers.backward : found->handlers.forward;
}

Operation decode(const Program& program, std::uint32_t slot) {
  const Instruction& instruction = program.code().insns[slot];
  const Handlers handlers = handlers_of(instruction.op);
  const std::int32_t jump = distance(instruction);
  HandlerId id = jump < 0 ? handlers.backward : handlers.forward;
  if (const auto group = group_at(program.code().insns, slot)) id = *group;
  Operation operation{};
  operation.fields = {.dst = static_cast<std::uint8_t>(number(instruction.dst)),
                      .src = static_cast<std::uint8_t>(number(instruction.src)),
                      .off = instruction.off,
                      .imm = static_cast<std::int32_t>(instruction.imm)};
  switch (info(instruction.op).form) {
    case Form::Neg:
    case Form::Swap: operation.fields.src = operation.fields.dst; break;
    case Form::Ja:
    case Form::Ja32:
    case Form::MayGoto: operation.fields.imm = jump; break;
    case Form::CallLocal: operation.fields.off = static_cast<std::int16_t>(program.frame_at(slot).size); break;
    case Form::CallHelper:
      if (instruction.imm == kTailCall)
        id = HandlerId::tail_call;
      else if (is_poison(instruction))
        id = HandlerId::invalid;
      else
        operation.helper = program.machine().helpers().find(static_cast<std::uint32_t>(instruction.imm));
      break;
    default: break;
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
