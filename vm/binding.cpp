// One function per kind of name.
#include "skep/vm/binding.hpp"

#include "skep/asm/helpers.hpp"
#include "skep/asm/validate.hpp"
#include "skep/spec/resolve.hpp"
#include "skep/vm/frames.hpp"
#include "skep/vm/machine.hpp"

namespace skep::vm {
namespace {

Result<Map*> find_map(Machine& machine, std::uint32_t slot, const std::string& name) {
  if (Map* map = machine.map(name)) return map;
  return fail(Errc::rejected, "instruction {}: map \"{}\" does not exist", slot, name);
}

Result<std::int64_t> value_address(Machine& machine, std::uint32_t slot, const std::string& name,
                                   std::uint32_t offset) {
  Map* const map = SKEP_TRY(find_map(machine, slot, name));
  const GuestAddress values = map->values();
  if (values == 0) return fail(Errc::rejected, "instruction {}: map \"{}\" has no values to point at", slot, name);
  if (offset >= map->value_size())
    return fail(Errc::rejected, "instruction {}: offset {} is outside of the {} bytes of map \"{}\"", slot, offset,
                map->value_size(), name);
  return std::int64_t{values} + offset;
}

Result<> bind_wide(Machine& machine, GuestAddress code_base, const Reference* reference, std::uint32_t slot,
                   Instruction& instruction) {
  using Kind = Reference::Kind;
  if (instruction.op == Op::ld_imm64 && reference == nullptr) return {};
  if (instruction.op == Op::ld_func) {
    const std::uint32_t target = function_target(instruction, slot);
    instruction.imm = std::int64_t{code_base} + std::int64_t{8} * target;
    return {};
  }
  if (reference == nullptr)
    return fail(Errc::rejected,
                "instruction {}: {} holds the number {}, and numbers of maps and kernel objects mean "
                "nothing here: refer to them by name",
                slot, info(instruction.op).name, imm_low(instruction));
  switch (reference->kind) {
    case Kind::map: {
      Map* const map = SKEP_TRY(find_map(machine, slot, reference->symbol));
      instruction.imm = std::int64_t{map->handle()};
      return {};
    }
    case Kind::map_value:
      instruction.imm = SKEP_TRY(value_address(machine, slot, reference->symbol, imm_high(instruction)));
      return {};
    case Kind::variable:
      instruction.imm = SKEP_TRY(value_address(machine, slot, ".kconfig", imm_high(instruction)));
      return {};
    case Kind::extern_:
      return fail(Errc::not_supported, "instruction {}: extern \"{}\" (a kernel symbol) is not emulated", slot,
                  reference->symbol);
    case Kind::function:
    case Kind::label: break;
  }
  return fail(Errc::rejected, "instruction {}: {} cannot refer to \"{}\"", slot, info(instruction.op).name,
              reference->symbol);
}

Result<> check_call(Machine& machine, ProgramType type, const Reference* reference, std::uint32_t slot,
                    const Instruction& instruction) {
  if (instruction.op == Op::call_kfunc)
    return fail(Errc::not_supported, "instruction {}: kfunc {} is not emulated", slot,
                reference != nullptr ? reference->symbol : fmt::format("with BTF id {}", instruction.imm));
  if (instruction.op != Op::call_helper || instruction.imm == kTailCall || is_poison(instruction)) return {};
  const HelperInfo* const helper = helper_info(instruction.imm);
  if (instruction.imm >= 0 && machine.helpers().find(static_cast<std::uint32_t>(instruction.imm)) != nullptr) {
    if (helper == nullptr || helper->allowed_for(static_cast<std::uint32_t>(type))) return {};
    return fail(Errc::rejected, "instruction {}: programs of type {} cannot call helper bpf_{}#{}", slot,
                to_string(type), helper->name, helper->id);
  }
  const std::string_view name = helper != nullptr ? helper->name : "";
  return fail(Errc::not_supported, "instruction {}: helper {}{}#{} is not emulated", slot, name.empty() ? "" : "bpf_",
              name, instruction.imm);
}

}  // namespace

bool is_poison(const Instruction& instruction) {
  return instruction.op == Op::call_helper &&
         (instruction.imm == spec::kCorePoison || instruction.imm >= spec::kKfuncPoison);
}

Result<> bind(Machine& machine, GuestAddress code_base, ProgramType type, Code& code) {
  for (std::uint32_t slot = 0; slot < code.size(); ++slot) {
    Instruction& instruction = code.insns[slot];
    const Reference* const reference = code.reference_at(slot);
    if (is_wide(instruction.op))
      SKEP_TRY(bind_wide(machine, code_base, reference, slot, instruction));
    else
      SKEP_TRY(check_call(machine, type, reference, slot, instruction));
  }
  return {};
}

}  // namespace skep::vm
