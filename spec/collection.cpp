// Looking things up in a collection, and the bytes of its global variables.
#include "skep/spec/collection.hpp"

#include <algorithm>

namespace skep {
namespace {

template <class T>
auto* find_named(T& all, std::string_view name) {
  const auto found = std::find_if(all.begin(), all.end(), [&](const auto& one) { return one.name == name; });
  return found == all.end() ? nullptr : &*found;
}

// The place of a variable that can be read or written, checked: specs can be edited by hand.
Result<> check_place(const VariableSpec& variable, const MapSpec* map) {
  if (!map) return fail(Errc::not_found, "variable \"{}\": its section {} is no map", variable.name, variable.section);
  if (std::uint64_t{variable.offset} + variable.size > map->value_size)
    return fail(Errc::malformed, "variable \"{}\": offset {}, size {} is outside of {} ({} bytes)", variable.name,
                variable.offset, variable.size, map->name, map->value_size);
  return {};
}

}  // namespace

bool CollectionSpec::gpl_compatible() const {
  static constexpr std::string_view kCompatible[] = {"GPL",          "GPL v2",       "GPL and additional rights",
                                                     "Dual BSD/GPL", "Dual MIT/GPL", "Dual MPL/GPL"};
  return std::ranges::find(kCompatible, license) != std::end(kCompatible);
}

const ProgramSpec* CollectionSpec::program(std::string_view name) const { return find_named(programs, name); }

// Data sections are named as their section, so one lookup serves both ways.
const MapSpec* CollectionSpec::map(std::string_view name) const { return find_named(maps, name); }
MapSpec* CollectionSpec::map(std::string_view name) { return find_named(maps, name); }

const VariableSpec* CollectionSpec::variable(std::string_view name) const { return find_named(variables, name); }
const ExternSpec* CollectionSpec::extern_(std::string_view name) const { return find_named(externs, name); }

Result<> CollectionSpec::set_variable(std::string_view name, Bytes value) {
  const auto* found = variable(name);
  if (!found) return fail(Errc::not_found, "no global variable \"{}\"", name);
  auto* holder = map(found->section);
  SKEP_TRY(check_place(*found, holder));
  if (value.size() != found->size)
    return fail(Errc::invalid, "variable \"{}\" has {} bytes, not {}", name, found->size, value.size());
  if (holder->contents.empty()) holder->contents.resize(holder->value_size);
  std::copy(value.begin(), value.end(), holder->contents.begin() + found->offset);
  if (holder->kind == MapKind::kconfig)
    for (auto& one : externs)
      if (one.kind == ExternSpec::Kind::kconfig && one.name == name) one.given = true;
  return {};
}

Result<std::vector<std::byte>> CollectionSpec::get_variable(std::string_view name) const {
  const auto* found = variable(name);
  if (!found) return fail(Errc::not_found, "no global variable \"{}\"", name);
  const auto* holder = map(found->section);
  SKEP_TRY(check_place(*found, holder));
  if (holder->contents.empty()) return std::vector<std::byte>(found->size);
  const auto begin = holder->contents.begin() + found->offset;
  return std::vector<std::byte>(begin, begin + found->size);
}

std::string_view to_string(ExternSpec::Kind kind) {
  switch (kind) {
    case ExternSpec::Kind::kconfig: return "kconfig";
    case ExternSpec::Kind::ksym: return "ksym";
    case ExternSpec::Kind::kfunc: return "kfunc";
  }
  return "";
}

}  // namespace skep
