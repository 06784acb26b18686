// Names of the kernel's in instructions (libbpf's bpf_object__resolve_externs and bpf_object__relocate_data).
#include <algorithm>
#include <optional>

#include "skep/btf/compatible.hpp"
#include "skep/spec/resolve.hpp"

namespace skep::spec {
namespace {

using State = ExternBinding::State;

ExternBinding without(State state, std::string reason) {
  ExternBinding binding;
  binding.state = state;
  binding.reason = std::move(reason);
  return binding;
}

ExternBinding find_symbol(const std::string& name, const Target& target) {
  if (target.symbols.empty() && !target.is_complete)
    return without(State::unresolved, "the symbols of the kernel are not known");
  const auto addresses = target.symbols.find(name);
  if (addresses.empty()) return without(State::missing, "the kernel has no symbol of that name");
  if (addresses.size() > 1)
    return without(State::unresolved, fmt::format("ambiguous: the kernel has it at {:#x} and at {:#x}", addresses[0],
                                               addresses[1]));
  ExternBinding binding;
  binding.state = State::found;
  binding.address = addresses.front();
  return binding;
}

// The first set that has the name, the kernel before its modules.
std::optional<ExternBinding> find_named(std::string_view name, btf::Kind kind, const btf::CoreTargets& targets) {
  const auto& sets = targets.sets();
  for (std::uint32_t set = 0; set < sets.size(); ++set) {
    const auto id = sets[set].types.find(name, kind);
    if (!id) continue;
    ExternBinding binding;
    binding.state = State::found;
    binding.type = *id;
    binding.set = set;
    return binding;
  }
  return std::nullopt;
}

// The type of a VAR behind its modifiers, the prototype of a FUNC.
Result<btf::TypeId> meaning(const btf::Btf& types, btf::TypeId id, btf::Kind kind) {
  if (kind == btf::Kind::Func) return SKEP_TRY(types.get<btf::Func>(id)).proto;
  const auto var = SKEP_TRY(types.get<btf::Var>(id));
  return types.strip(var.type);
}

Result<bool> is_compatible(const btf::Btf& local, btf::TypeId wanted, const btf::Btf& types, btf::TypeId id,
                           btf::Kind kind) {
  const auto theirs = SKEP_TRY(meaning(types, id, kind));
  const auto ours = SKEP_TRY(local.strip(wanted));
  return btf::types_compatible(local, ours, types, theirs);
}

ExternBinding find_typed(const CollectionSpec& collection, const ExternSpec& symbol, const Target& target) {
  if (!target.types)
    return without(target.is_complete ? State::missing : State::unresolved, "the types of the kernel are not known");
  const bool is_function = symbol.kind == ExternSpec::Kind::kfunc;
  const auto kind = is_function ? btf::Kind::Func : btf::Kind::Var;
  const std::string_view name = is_function ? btf::essential_name(symbol.name) : std::string_view(symbol.name);
  const auto found = find_named(name, kind, *target.types);
  if (!found)
    return without(State::missing,
                   fmt::format("the kernel has no {} \"{}\"", is_function ? "function" : "variable", name));
  const auto& set = target.types->sets()[found->set];
  const auto same = is_compatible(collection.types, symbol.type, set.types, found->type, kind);
  if (same && *same) return *found;
  const auto declared = collection.types.describe(symbol.type);
  return without(is_function && symbol.weak ? State::missing : State::unresolved,
                 same ? fmt::format("{} of {} is no {}", set.types.describe(found->type), set.name, declared)
                      : fmt::format("{} of {}: {}", set.types.describe(found->type), set.name, same.error().what()));
}

// Numbers modules as they are needed, and missing functions as libbpf does: .kconfig comes before .ksyms there, names
// ascend.
void number_all(const CollectionSpec& collection, Externs& externs) {
  auto index = static_cast<std::uint32_t>(
      std::ranges::count(collection.externs, ExternSpec::Kind::kconfig, &ExternSpec::kind));
  for (auto& [name, binding] : externs.by_name) {
    binding.poison = index++;
    if (binding.state != State::found || binding.set == 0) continue;
    auto known = std::ranges::find(externs.modules, binding.set);
    if (known == externs.modules.end()) known = externs.modules.insert(known, binding.set);
    const auto number = known - externs.modules.begin() + 1;
    if (number <= INT16_MAX) {
      binding.module = static_cast<std::uint16_t>(number);
    } else {
      externs.modules.pop_back();
      const auto poison = binding.poison;
      binding = without(State::unresolved, fmt::format("more than {} modules are needed", INT16_MAX));
      binding.poison = poison;
    }
  }
}

bool is_option(std::string_view name) { return name.starts_with("CONFIG_"); }
bool is_virtual(std::string_view name) { return name.starts_with("LINUX_"); }
bool is_known_virtual(std::string_view name) {
  return name == "LINUX_KERNEL_VERSION" || name == "LINUX_HAS_BPF_COOKIE" || name == "LINUX_HAS_SYSCALL_WRAPPER";
}

// Why a variable of .kconfig has no value; empty if zero is one.
std::string without_value(const ExternSpec& symbol, const Target& target) {
  if (symbol.given) return {};
  if (!is_option(symbol.name) && !is_virtual(symbol.name)) return "neither CONFIG_ nor LINUX_: no kernel configuration";
  if (is_virtual(symbol.name) && !is_known_virtual(symbol.name))
    return symbol.weak ? "" : "there is no virtual option of that name";
  const bool told = target.is_complete || (is_option(symbol.name) ? target.has_kconfig || !target.kconfig.empty()
                                                                  : target.kernel_version.has_value());
  if (symbol.weak && told) return {};
  return told ? "the kernel's configuration has no such option" : "the configuration of the kernel is not known";
}

// What one reference comes to; nothing if it needs no more.
class Patch {
 public:
  Patch(const ExternIndex& symbols, const Externs& externs, const Target& target, Code& code)
      : symbols_(symbols), externs_(externs), target_(target), code_(code) {}

  std::vector<Unresolved> run() {
    std::vector<Unresolved> unresolved;
    std::erase_if(code_.references, [&](const Reference& reference) {
      const auto known = symbols_.find(reference.symbol);
      if (known == symbols_.end()) return false;
      const auto& symbol = *known->second;
      if (reference.kind == Reference::Kind::variable) {
        if (auto reason = without_value(symbol, target_); !reason.empty())
          unresolved.push_back({reference.slot, symbol.kind, symbol.name, std::move(reason)});
        return false;
      }
      if (reference.kind != Reference::Kind::extern_) return false;
      const auto found = externs_.by_name.find(symbol.name);
      if (found == externs_.by_name.end()) return false;
      const auto& binding = found->second;
      if (binding.state == State::found) return bind(reference.slot, symbol, binding);
      if (binding.state == State::missing && symbol.weak) return drop(reference.slot, binding);
      unresolved.push_back({reference.slot, symbol.kind, symbol.name, binding.reason});
      return false;
    });
    return unresolved;
  }

 private:
  // Whether a plain number took the place of the name.
  bool bind(std::uint32_t slot, const ExternSpec& symbol, const ExternBinding& binding) {
    auto& insn = code_.insns[slot];
    const auto id = static_cast<std::int64_t>(number(binding.type));
    if (insn.op == Op::call_kfunc) {
      insn.imm = id;
      insn.off = static_cast<std::int16_t>(binding.module);
      return false;
    }
    const bool is_typed = symbol.kind == ExternSpec::Kind::kfunc || symbol.type != btf::TypeId::none;
    insn = is_typed ? Instruction{.op = Op::ld_btf_id, .dst = insn.dst, .imm = id}
                    : Instruction{.op = Op::ld_imm64, .dst = insn.dst, .imm = static_cast<std::int64_t>(binding.address)};
    return !is_typed;
  }

  bool drop(std::uint32_t slot, const ExternBinding& binding) {
    auto& insn = code_.insns[slot];
    if (insn.op == Op::call_kfunc) insn = {.op = Op::call_helper, .imm = kKfuncPoison + binding.poison};
    else insn = {.op = Op::ld_imm64, .dst = insn.dst};
    return true;
  }

  const ExternIndex& symbols_;
  const Externs& externs_;
  const Target& target_;
  Code& code_;
};

}  // namespace

Externs find_externs(const CollectionSpec& collection, const Target& target) {
  Externs externs;
  for (const auto& symbol : collection.externs) {
    if (symbol.kind == ExternSpec::Kind::kconfig) continue;
    const bool is_typed = symbol.kind == ExternSpec::Kind::kfunc || symbol.type != btf::TypeId::none;
    externs.by_name.emplace(symbol.name, is_typed ? find_typed(collection, symbol, target)
                                                  : find_symbol(symbol.name, target));
  }
  number_all(collection, externs);
  return externs;
}

Resolver::Resolver(const CollectionSpec& collection, Target target)
    : collection_(collection),
      target_(std::move(target)),
      core_(collection, target_),
      externs_(find_externs(collection, target_)) {
  for (const auto& symbol : collection.externs) symbols_.emplace(symbol.name, &symbol);
}

Result<Resolved> Resolver::resolve(ProgramSpec program) const {
  Resolved resolved;
  if (target_.types) {
    auto core = SKEP_TRY(resolve_core(std::move(program), collection_.types, core_));
    resolved.program = std::move(core.program);
    resolved.core = std::move(core.outcomes);
  } else {
    resolved.program = std::move(program);
  }
  resolved.unresolved = Patch(symbols_, externs_, target_, resolved.program.code).run();
  return resolved;
}

}  // namespace skep::spec
