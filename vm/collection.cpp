// What libbpf does between opening an object and the first run, in an emulated kernel.
#include "skep/vm/collection.hpp"

#include <algorithm>
#include <utility>
#include <vector>

#include "skep/asm/helpers.hpp"
#include "skep/spec/link.hpp"

namespace skep::vm {
namespace {

// An invalid argument that comes from the object: it is the object that is refused.
Error of_object(const Error& error) {
  return error.code() == Errc::invalid ? Error(Errc::rejected, error.what(), error.sys()) : error;
}

Result<> create_map(Machine& machine, const MapSpec& spec, const btf::Btf& types) {
  Map* const map = SKEP_TRY(machine.create_map(spec, types));
  if (!spec.contents.empty()) {
    const std::byte first_key[4] = {};
    SKEP_TRY(map->host_update(first_key, spec.contents, kAny));
  }
  if (spec.kind == MapKind::rodata || spec.kind == MapKind::kconfig) SKEP_TRY(map->freeze());
  return {};
}

std::string names(const std::vector<ProgramSpec>& programs) {
  std::string list;
  for (const ProgramSpec& program : programs) list += (list.empty() ? "" : ", ") + program.name;
  return list.empty() ? "none" : list;
}

}  // namespace

Target emulated_kernel() {
  Target target;
  target.kernel_version = 6u << 16 | 18u << 8;
  target.has_bpf_cookie = target.has_syscall_wrapper = true;
  target.is_complete = true;
  return target;
}

Result<Collection> Collection::create(Machine& machine, CollectionSpec spec, Target target) {
  SKEP_TRY(spec::resolve_kconfig(spec, target));
  std::map<std::string, Error, std::less<>> missing;
  for (const MapSpec& map : spec.maps) {
    if (!map.autocreate) continue;
    auto created = create_map(machine, map, spec.types);
    if (created) continue;
    if (created.error().code() != Errc::not_supported) return std::unexpected(of_object(created.error()));
    missing.emplace(map.name, created.error());
  }
  Collection collection(machine, std::move(spec), std::move(target));
  collection.missing_maps_ = std::move(missing);
  collection.fill_arrays();
  return collection;
}

const Error* Collection::missing_map(std::string_view name) const {
  const auto found = missing_maps_.find(name);
  return found == missing_maps_.end() ? nullptr : &found->second;
}

// What the machine cannot know: which maps could not be made.
Result<> Collection::check_maps(const Code& code) const {
  for (const Reference& reference : code.references) {
    using Kind = Reference::Kind;
    if (reference.kind == Kind::map || reference.kind == Kind::map_value)
      if (const Error* const missing = missing_map(reference.symbol)) return std::unexpected(*missing);
  }
  return {};
}

// Kernel variables and functions that the target lacks are left to the machine, which knows what it emulates.
Result<> Collection::check_externs(const std::vector<spec::Unresolved>& unresolved) const {
  std::set<std::string> valueless;
  for (const auto& one : unresolved) {
    if (one.kind == ExternSpec::Kind::kconfig) valueless.insert(one.symbol);
    const ExternSpec* const symbol = spec_->extern_(one.symbol);
    if (one.kind == ExternSpec::Kind::ksym && symbol->type == btf::TypeId::none)
      return fail(Errc::not_supported, "instruction {}: extern \"{}\": {}", one.slot, one.symbol, one.reason);
  }
  if (valueless.empty()) return {};
  return fail(Errc::rejected, "kernel configuration without a value: {} (--set {}=VALUE, or --kconfig FILE)",
              fmt::join(valueless, ", "), *valueless.begin());
}

// The kernel's check_helper_call: some helpers are for programs of a compatible license only.
Result<> Collection::check_license(const Code& code) const {
  if (spec_->gpl_compatible()) return {};
  for (std::uint32_t slot = 0; slot < code.size(); ++slot) {
    const Instruction& instruction = code.insns[slot];
    const HelperInfo* const helper = instruction.op == Op::call_helper ? helper_info(instruction.imm) : nullptr;
    if (helper != nullptr && helper->gpl_only)
      return fail(Errc::rejected, "instruction {}: helper bpf_{}#{} is for programs of a GPL-compatible license, not "
                  "\"{}\"", slot, helper->name, helper->id, spec_->license);
  }
  return {};
}

Result<const Collection::Loaded*> Collection::load(std::string_view name) {
  if (const auto known = programs_.find(name); known != programs_.end()) return &known->second;
  const auto is_named = [&](const ProgramSpec& program) { return program.name == name; };
  if (std::ranges::none_of(spec_->programs, is_named) && std::ranges::none_of(spec_->subprograms, is_named))
    return fail(Errc::not_found, "there is no program \"{}\"; there are: {}", name, names(spec_->programs));

  ProgramSpec linked = SKEP_TRY(spec::link(*spec_, name));
  const auto resolved =
      SKEP_TRY_CTX(resolver_->resolve(std::move(linked)), "program \"{}\"", name);
  const Code& code = resolved.program.code;
  SKEP_TRY_CTX(check_maps(code), "program \"{}\"", name);
  SKEP_TRY_CTX(check_externs(resolved.unresolved), "program \"{}\"", name);
  SKEP_TRY_CTX(check_license(code), "program \"{}\"", name);
  Loaded loaded{SKEP_TRY(machine_->load(resolved.program)), {}};
  for (const Reference& reference : code.references) {
    const MapSpec* const map = reference.kind == Reference::Kind::map ? spec_->map(reference.symbol) : nullptr;
    if (map != nullptr && map->type == MapType::prog_array) loaded.arrays.insert(map->name);
  }
  return &programs_.emplace(name, std::move(loaded)).first->second;
}

// Puts the programs that the object declares into its prog arrays, as libbpf does when it loads. What cannot be put
// there is an error of the programs that can come there.
void Collection::fill_arrays() {
  for (const MapSpec& spec : spec_->maps) {
    Map* const map = spec.type == MapType::prog_array ? machine_->map(spec.name) : nullptr;
    if (map == nullptr) continue;
    for (const SlotInit& slot : spec.slots) {
      const auto target = load(slot.symbol);
      const auto put = target ? map->set_program(slot.index, (*target)->program) : Result<>();
      if (!target)
        broken_arrays_.emplace(spec.name, target.error().context("map \"{}\": slot {}", spec.name, slot.index));
      else if (!put)
        broken_arrays_.emplace(spec.name, of_object(put.error()).context("slot {}", slot.index));
    }
  }
}

// Every prog array that can be reached is whole.
Result<> Collection::check_arrays(const Loaded& from, std::set<std::string>& seen) const {
  for (const std::string& array : from.arrays) {
    if (!seen.insert(array).second) continue;
    if (const auto broken = broken_arrays_.find(array); broken != broken_arrays_.end())
      return std::unexpected(broken->second);
    for (const SlotInit& slot : spec_->map(array)->slots)
      if (const auto next = programs_.find(slot.symbol); next != programs_.end())
        SKEP_TRY(check_arrays(next->second, seen));
  }
  return {};
}

Result<Program*> Collection::program(std::string_view name) {
  const Loaded* const loaded = SKEP_TRY(load(name));
  std::set<std::string> seen;
  SKEP_TRY_CTX(check_arrays(*loaded, seen), "program \"{}\"", name);
  return loaded->program;
}

}  // namespace skep::vm
