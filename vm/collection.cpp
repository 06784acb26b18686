// What libbpf does between opening an object and the first run, in an emulated kernel.
#include "skep/vm/collection.hpp"

#include <algorithm>
#include <utility>
#include <vector>

#include "skep/spec/link.hpp"
#include "skep/vm/binding.hpp"

namespace skep::vm {
namespace {

Result<> create_map(Machine& machine, const MapSpec& spec, const btf::Btf& types) {
  Map* const map = SKEP_TRY(machine.create_map(spec, types));
  if (!spec.contents.empty()) {
    const std::byte first_key[4] = {};
    SKEP_TRY(map->host_update(first_key, spec.contents, kAny));
  }
  if (spec.kind == MapKind::rodata || spec.kind == MapKind::kconfig) SKEP_TRY(map->freeze());
  return {};
}

// A weak extern that nobody defines is 0, and calling one is a fault when it is reached; both as libbpf has it.
void resolve_weak(const CollectionSpec& collection, Code& code) {
  const auto is_weak = [&](const Reference& reference) {
    if (reference.kind != Reference::Kind::extern_) return false;
    const ExternSpec* const symbol = collection.extern_(reference.symbol);
    return symbol != nullptr && symbol->weak;
  };
  for (const Reference& reference : code.references) {
    if (!is_weak(reference)) continue;
    Instruction& instruction = code.insns[reference.slot];
    if (instruction.op == Op::call_kfunc) instruction = {.op = Op::call_helper, .imm = kSymbolPoison};
    else instruction = {.op = Op::ld_imm64, .dst = instruction.dst};
  }
  std::erase_if(code.references, is_weak);
}

std::string names(const std::vector<ProgramSpec>& programs) {
  std::string list;
  for (const ProgramSpec& program : programs) list += (list.empty() ? "" : ", ") + program.name;
  return list.empty() ? "none" : list;
}

}  // namespace

Result<Collection> Collection::create(Machine& machine, CollectionSpec spec) {
  std::map<std::string, Error, std::less<>> missing;
  for (const MapSpec& map : spec.maps) {
    if (!map.autocreate) continue;
    auto created = create_map(machine, map, spec.types);
    if (created) continue;
    if (created.error().code() != Errc::not_supported) return std::unexpected(created.error());
    missing.emplace(map.name, created.error());
  }
  Collection collection(machine, std::move(spec));
  collection.missing_maps_ = std::move(missing);
  return collection;
}

const Error* Collection::missing_map(std::string_view name) const {
  const auto found = missing_maps_.find(name);
  return found == missing_maps_.end() ? nullptr : &found->second;
}

// What the machine cannot know: which maps could not be made, and which variables nobody gave a value.
Result<> Collection::check_references(const Code& code) const {
  std::set<std::string> valueless;
  for (const Reference& reference : code.references) {
    using Kind = Reference::Kind;
    if (reference.kind == Kind::map || reference.kind == Kind::map_value)
      if (const Error* const missing = missing_map(reference.symbol)) return std::unexpected(*missing);
    if (reference.kind != Kind::variable) continue;
    const ExternSpec* const symbol = spec_->extern_(reference.symbol);
    if (symbol != nullptr && !symbol->weak && !symbol->given) valueless.insert(symbol->name);
  }
  if (valueless.empty()) return {};
  return fail(Errc::rejected, "kernel configuration without a value: {} (set it first: --set {}=VALUE)",
              fmt::join(valueless, ", "), *valueless.begin());
}

Result<Program*> Collection::program(std::string_view name) {
  if (const auto known = programs_.find(name); known != programs_.end()) return known->second;
  const auto is_named = [&](const ProgramSpec& program) { return program.name == name; };
  if (std::ranges::none_of(spec_->programs, is_named) && std::ranges::none_of(spec_->subprograms, is_named))
    return fail(Errc::not_found, "there is no program \"{}\"; there are: {}", name, names(spec_->programs));

  ProgramSpec linked = SKEP_TRY(spec::link(*spec_, name));
  SKEP_TRY_CTX(check_references(linked.code), "program \"{}\"", name);
  resolve_weak(*spec_, linked.code);
  Program* const loaded = SKEP_TRY(machine_->load(linked));
  // Known before its slots are filled: programs may reach each other in circles.
  programs_.emplace(name, loaded);
  for (const Reference& reference : linked.code.references) {
    const MapSpec* const map = reference.kind == Reference::Kind::map ? spec_->map(reference.symbol) : nullptr;
    if (map == nullptr) continue;
    if (auto filled = fill_slots(*map); !filled) {
      programs_.erase(programs_.find(name));
      return std::unexpected(filled.error().context("program \"{}\"", name));
    }
  }
  return loaded;
}

// Puts the programs that the object declares into a prog array.
Result<> Collection::fill_slots(const MapSpec& spec) {
  Map* const map = machine_->map(spec.name);
  if (map == nullptr || spec.type != MapType::prog_array || !filled_.insert(spec.name).second) return {};
  for (const SlotInit& slot : spec.slots) {
    auto target = program(slot.symbol);
    auto put = target ? map->set_program(slot.index, *target)
                      : Result<>(std::unexpected(target.error().context("map \"{}\": slot {}", spec.name, slot.index)));
    if (!put) {
      filled_.erase(spec.name);
      return put;
    }
  }
  return {};
}

}  // namespace skep::vm
