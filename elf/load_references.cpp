// What instructions refer to, by name. BPF objects have REL relocations: the addend is in the instruction,
// and what it counts depends on the instruction (libbpf's bpf_program__record_reloc; the relocation's own
// type says nothing reliable):
//
//   call, symbol in .text        slots from the symbol, less one: global callee -1, static callee its slot - 1
//   call without a relocation    slots from the next instruction: static callee in the same section
//   ld_imm64, symbol in .text    bytes from the symbol: the address of a function
//   ld_imm64, data section       bytes from the symbol; moves to the second immediate
//   ld_imm64, map definition     none
//   either, undefined symbol     an extern
//
// Relocations of bytes that belong to no function are those of weak functions that lost, and are left out.
#include <algorithm>

#include <elf.h>

#include "skep/elf/loader.hpp"

namespace skep::elf {
namespace {

class Binder {
 public:
  Binder(Loader& loader, const FunctionPlace& place)
      : loader_(loader), place_(place), program_(loader.program(place)), code_(program_.code) {}

  Result<> bind() {
    const auto& all = loader_.relocations[place_.section];
    auto next = std::lower_bound(all.begin(), all.end(), place_.offset,
                                 [](const Relocation& r, std::uint64_t offset) { return r.offset < offset; });
    for (std::uint32_t slot = 0; slot < code_.size(); ++slot) {
      const auto offset = place_.offset + std::uint64_t{slot} * kSlotSize;
      const Relocation* relocation = nullptr;
      for (; next != all.end() && next->offset < offset + kSlotSize; ++next) {
        if (next->offset != offset) return fail(Errc::malformed, "slot {}: relocation inside of an instruction", slot);
        if (relocation) return fail(Errc::malformed, "slot {}: two relocations of one instruction", slot);
        relocation = &*next;
      }
      if (relocation)
        SKEP_TRY_CTX(relocate(slot, loader_.file.symbols()[relocation->symbol], relocation->symbol), "slot {}", slot);
      else
        SKEP_TRY_CTX(without_relocation(slot), "slot {}", slot);
    }
    return {};
  }

 private:
  Result<> relocate(std::uint32_t slot, const Symbol& symbol, std::uint32_t symbol_index) {
    auto& insn = code_.insns[slot];
    const auto name = loader_.file.label(symbol);
    const bool call =
        insn.op == Op::call_local || (symbol.undefined() && (insn.op == Op::call_helper || insn.op == Op::call_kfunc));
    if (!call && insn.op != Op::ld_imm64)
      return fail(Errc::malformed,
                  "relocation against \"{}\" of an instruction that is neither a call nor ld_imm64 ({})", name,
                  info(insn.op).name);
    if (symbol.undefined()) return call ? extern_call(slot, symbol_index, name) : extern_load(slot, symbol_index, name);
    if (symbol.section >= SHN_LORESERVE)
      return fail(Errc::malformed, "\"{}\" is in special section {:#x} (a global variable without a definition?)", name,
                  symbol.section);
    const auto& section = loader_.section(symbol.section);
    if (call) return call_to(slot, section, symbol.value + static_cast<std::uint64_t>(insn.imm + 1) * kSlotSize, name);
    const auto addend = static_cast<std::int32_t>(imm_low(insn));
    const auto target = symbol.value + static_cast<std::uint64_t>(std::int64_t{addend});
    if (section.index == loader_.text && loader_.text != 0) return function_address(slot, target, name);
    if (const auto map = loader_.data_map.find(section.index); map != loader_.data_map.end())
      return data_address(slot, section, loader_.spec.maps[map->second], target);
    if (const auto map = loader_.map_at.find({section.index, target}); map != loader_.map_at.end()) {
      insn.op = Op::ld_map_fd;
      insn.imm = 0;
      refer(slot, Reference::Kind::map, loader_.spec.maps[map->second].name);
      return {};
    }
    if (section.name == ".jumptables")
      return fail(Errc::not_supported, "\"{}\": jump tables ({}) are not supported", name, describe(section));
    return fail(Errc::malformed, "\"{}\" at {:#x} of {} is no map, variable or function", name, target,
                describe(section));
  }

  Result<> without_relocation(std::uint32_t slot) {
    const auto& insn = code_.insns[slot];
    if (insn.op == Op::ld_func) return fail(Errc::malformed, "address of a function without a relocation");
    if (insn.op != Op::call_local) return {};
    const auto here = place_.offset + std::uint64_t{slot} * kSlotSize;
    return call_to(slot, loader_.section(place_.section), here + static_cast<std::uint64_t>(insn.imm + 1) * kSlotSize,
                   "");
  }

  Result<> call_to(std::uint32_t slot, const Section& section, std::uint64_t target, std::string_view name) {
    // libbpf searches callees in .text alone, so a program cannot call another program.
    if (section.index != loader_.text) {
      const auto* place = loader_.function_at(section.index, target);
      return fail(Errc::malformed, "call of \"{}\" in {}: only functions of .text can be called",
                  place != nullptr ? std::string_view(loader_.program(*place).name) : name, describe(section));
    }
    const auto* callee = loader_.function_at(section.index, target);
    if (!callee)
      return fail(Errc::malformed, "call to {:#x} of {}, where no function starts", target, describe(section));
    code_.insns[slot].imm = 0;
    refer(slot, Reference::Kind::function, loader_.program(*callee).name);
    return {};
  }

  Result<> function_address(std::uint32_t slot, std::uint64_t target, std::string_view name) {
    const auto* function = loader_.function_at(loader_.text, target);
    if (!function)
      return fail(Errc::malformed, "address of \"{}\": no function starts at {:#x} of .text", name, target);
    code_.insns[slot].op = Op::ld_func;
    code_.insns[slot].imm = 0;
    refer(slot, Reference::Kind::function, loader_.program(*function).name);
    return {};
  }

  Result<> data_address(std::uint32_t slot, const Section& section, const MapSpec& map, std::uint64_t target) {
    if (const auto* range = loader_.pointers_around(section.index, target))
      return fail(Errc::not_supported, "{}", range->reason);
    code_.insns[slot].op = Op::ld_map_value;
    code_.insns[slot].imm = imm_pair(0, static_cast<std::uint32_t>(target));
    refer(slot, Reference::Kind::map_value, map.name);
    return {};
  }

  Result<const ExternPlace*> find_extern(std::uint32_t symbol, std::string_view name) const {
    if (const auto bad = loader_.bad_extern.find(symbol); bad != loader_.bad_extern.end())
      return fail(Errc::malformed, "extern \"{}\": {}", name, bad->second);
    const auto found = loader_.extern_of.find(symbol);
    if (found == loader_.extern_of.end()) return fail(Errc::malformed, "undefined symbol \"{}\" is no extern", name);
    return &found->second;
  }

  Result<> extern_call(std::uint32_t slot, std::uint32_t symbol, std::string_view name) {
    const auto* place = SKEP_TRY(find_extern(symbol, name));
    const auto& one = loader_.spec.externs[place->index];
    if (one.kind != ExternSpec::Kind::kfunc) return fail(Errc::malformed, "call of extern \"{}\", a variable", name);
    code_.insns[slot] = {.op = Op::call_kfunc};
    refer(slot, Reference::Kind::extern_, one.name);
    return {};
  }

  Result<> extern_load(std::uint32_t slot, std::uint32_t symbol, std::string_view name) {
    const auto* place = SKEP_TRY(find_extern(symbol, name));
    const auto& one = loader_.spec.externs[place->index];
    auto& insn = code_.insns[slot];
    if (one.kind == ExternSpec::Kind::kconfig) {
      insn.op = Op::ld_map_value;
      insn.imm = imm_pair(0, place->offset + imm_low(insn));
      refer(slot, Reference::Kind::variable, one.name);
      return {};
    }
    if (insn.imm != 0) return fail(Errc::malformed, "address of extern \"{}\" plus {}", name, insn.imm);
    refer(slot, Reference::Kind::extern_, one.name);
    return {};
  }

  void refer(std::uint32_t slot, Reference::Kind kind, std::string symbol) {
    code_.references.push_back({slot, kind, std::move(symbol)});
  }

  Loader& loader_;
  const FunctionPlace& place_;
  ProgramSpec& program_;
  Code& code_;
};

}  // namespace

Result<> load_references(Loader& loader) {
  for (const auto& place : loader.functions) {
    auto& program = loader.program(place);
    if (!program.problem.empty()) continue;
    if (const auto bound = Binder(loader, place).bind(); !bound)
      program.problem = bound.error().context("{}", describe(loader.section(place.section))).what();
  }
  return {};
}

}  // namespace skep::elf
