// CO-RE in instructions. Which field of an instruction holds the number follows from its form (libbpf's
// bpf_core_patch_insn):
//
//   dst op= imm            the immediate
//   loads and stores       the offset; and the width, where the field is wider or narrower on the target
//   dst = imm64            both immediates
//
// Poison takes as many slots as what it replaces, so that jumps and line records stay right.
#include "skep/spec/resolve.hpp"

#include <algorithm>
#include <span>
#include <tuple>

namespace skep::spec {
namespace {

bool is_memory(Form form) {
  switch (form) {
    case Form::Load:
    case Form::LoadSx:
    case Form::StoreImm:
    case Form::StoreReg:
    case Form::Atomic:
    case Form::AtomicFetch:
    case Form::AtomicXchg:
    case Form::AtomicCmpXchg:
    case Form::LoadAcq:
    case Form::StoreRel: return true;
    default: return false;
  }
}

// The same access with another width; nothing if there is no such instruction.
std::optional<Op> with_width(const Instruction& insn, std::uint32_t bytes) {
  std::uint8_t size = 0;
  switch (bytes) {
    case 1: size = 0x10; break;
    case 2: size = 0x08; break;
    case 4: size = 0x00; break;
    case 8: size = 0x18; break;
    default: return std::nullopt;
  }
  const auto& row = info(insn.op);
  const auto src = row.src == OpInfo::kAny ? static_cast<std::uint8_t>(insn.src) : static_cast<std::uint8_t>(row.src);
  const auto imm = row.imm == OpInfo::kAny ? static_cast<std::int32_t>(insn.imm) : row.imm;
  return find_op(static_cast<std::uint8_t>((row.code & ~0x18) | size), src, insn.off, imm);
}

void poison(Code& code, std::uint32_t slot) {
  const bool wide = is_wide(code.insns[slot].op);
  const Instruction call{.op = Op::call_helper, .imm = kCorePoison};
  code.insns[slot] = call;
  if (wide && slot + 1 < code.size()) code.insns[slot + 1] = call;
}

// What poison took the place of names nothing any more. `outcomes`: by slot.
void forget_references(Code& code, const std::vector<CoreOutcome>& outcomes) {
  auto next = outcomes.begin();
  std::erase_if(code.references, [&](const Reference& reference) {
    while (next != outcomes.end() && next->relocation.slot < reference.slot) ++next;
    return next != outcomes.end() && next->relocation.slot == reference.slot && next->poisoned;
  });
}

// Numbers of 32 bits are extended as signed ones in the types, and as their own type says by compilers.
bool is_same_number(std::int64_t found, std::uint64_t expected) {
  const auto held = static_cast<std::uint64_t>(found);
  const auto is_extended = [](std::uint64_t value) { return value >> 32 == 0 || value >> 32 == UINT32_MAX; };
  return held == expected ||
         (is_extended(held) && is_extended(expected) && std::uint32_t(held) == std::uint32_t(expected));
}

std::unexpected<Error> unexpected_value(std::int64_t found, const btf::CoreFixup& fixup) {
  return fail(Errc::malformed, "the instruction holds {}, the local types say {}", found, fixup.local_value);
}

// Whether the instruction could be given its value; if not, it is to be poisoned.
Result<bool> patch_memory(Instruction& insn, const btf::CoreFixup& fixup) {
  if (fixup.check_local && !is_same_number(insn.off, fixup.local_value)) return unexpected_value(insn.off, fixup);
  if (fixup.value > INT16_MAX) return fail(Errc::malformed, "offset {} does not fit into a load or store", fixup.value);
  if (!fixup.size_fits) return false;
  insn.off = static_cast<std::int16_t>(fixup.value);
  if (fixup.size == fixup.local_size) return true;
  if (const std::uint32_t bytes = info(insn.op).width / 8u; bytes != fixup.local_size)
    return fail(Errc::malformed, "{} accesses {} bytes of a field of {}", info(insn.op).name, bytes, fixup.local_size);
  const auto op = with_width(insn, fixup.size);
  if (!op) return fail(Errc::malformed, "{} of {} bytes is no instruction", info(insn.op).name, fixup.size);
  insn.op = *op;
  return true;
}

Result<bool> patch(Code& code, std::uint32_t slot, const btf::CoreFixup& fixup) {
  auto& insn = code.insns[slot];
  const auto form = info(insn.op).form;
  if (fixup.poison) return false;
  if (is_memory(form)) return patch_memory(insn, fixup);
  const bool wide = insn.op == Op::ld_imm64;
  if ((form != Form::AluImm && !wide) || code.reference_at(slot))
    return fail(Errc::malformed, "{} holds no number to relocate", info(insn.op).name);
  if (fixup.check_local && !is_same_number(insn.imm, fixup.local_value)) return unexpected_value(insn.imm, fixup);
  insn.imm = wide ? static_cast<std::int64_t>(fixup.value) : static_cast<std::int32_t>(fixup.value);
  return true;
}

Result<> check_places(const ProgramSpec& program) {
  const CoreRelocation* last = nullptr;
  for (const auto& each : program.core_relocations) {
    if (each.slot >= program.code.size() || program.code.insns[each.slot].op == Op::wide_tail)
      return fail(Errc::malformed, "CO-RE relocation at slot {}, where no instruction begins", each.slot);
    if (last && last->slot == each.slot && *last != each)
      return fail(Errc::malformed, "two CO-RE relocations of the instruction at slot {}", each.slot);
    last = &each;
  }
  return {};
}

CoreOutcome outcome_of(CoreRelocation& relocation, btf::CoreFixup& fixup, bool patched, const btf::Btf& types) {
  CoreOutcome outcome{std::move(relocation), std::move(fixup), !patched, {}};
  const auto& query = outcome.relocation;
  auto& found = outcome.fixup;
  if (!patched && found.reason.empty()) {
    found.lack = btf::CoreLack::form;
    // Bitfields have no width of bytes.
    found.reason = found.size == 0         ? fmt::format("a bitfield in the target, {} bytes in the program", found.local_size)
                   : found.local_size == 0 ? fmt::format("{} bytes in the target, a bitfield in the program", found.size)
                                           : fmt::format("{} bytes in the target, {} in the program", found.size,
                                                         found.local_size);
  }
  if (!found.reason.empty())
    outcome.missing = fmt::format("{}: {}", btf::describe(types, {query.type, query.access, query.kind}), found.reason);
  return outcome;
}

// `answer` gives the fixups of queries.
template <class Answer>
Result<CoreResolved> apply(ProgramSpec program, const btf::Btf& types, Answer answer) {
  std::sort(program.core_relocations.begin(), program.core_relocations.end(), [](const auto& a, const auto& b) {
    return std::tie(a.slot, a.type, a.access, a.kind) < std::tie(b.slot, b.type, b.access, b.kind);
  });
  SKEP_TRY(check_places(program));
  auto& relocations = program.core_relocations;
  relocations.erase(std::unique(relocations.begin(), relocations.end()), relocations.end());

  std::vector<btf::CoreQuery> queries;
  queries.reserve(relocations.size());
  for (const auto& each : relocations) queries.push_back({each.type, each.access, each.kind});
  std::vector<Result<btf::CoreFixup>> fixups = answer(queries);

  std::vector<CoreOutcome> outcomes;
  outcomes.reserve(relocations.size());
  for (std::size_t i = 0; i < relocations.size(); ++i) {
    const auto slot = relocations[i].slot;
    const auto patched = fixups[i] ? patch(program.code, slot, *fixups[i]) : std::unexpected(fixups[i].error());
    if (!patched)
      return std::unexpected(
          patched.error().context("instruction {}: CO-RE relocation {}", slot, btf::describe(types, queries[i])));
    if (!*patched) poison(program.code, slot);
    outcomes.push_back(outcome_of(relocations[i], *fixups[i], *patched, types));
  }
  relocations.clear();
  forget_references(program.code, outcomes);
  return CoreResolved{std::move(program), std::move(outcomes)};
}

}  // namespace

Result<CoreResolved> resolve_core(ProgramSpec program, const btf::Btf& types, ByteOrder order, const Target& target) {
  if (!target.types) return CoreResolved{std::move(program), {}};
  return apply(std::move(program), types, [&](std::span<const btf::CoreQuery> queries) {
    return btf::relocate(queries, types, *target.types, order);
  });
}

Result<CoreResolved> resolve_core(ProgramSpec program, const btf::Btf& types, const CoreAnswers& answers) {
  return apply(std::move(program), types, [&](std::span<const btf::CoreQuery> queries) { return answers.of(queries); });
}

}  // namespace skep::spec
