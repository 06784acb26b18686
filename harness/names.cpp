#include "skep/harness/names.hpp"

#include <algorithm>

namespace skep::harness {

const ProgramSpec* find_code(const CollectionSpec& spec, std::string_view name) {
  if (const auto* program = spec.program(name)) return program;
  const auto found = std::ranges::find(spec.subprograms, name, &ProgramSpec::name);
  return found == spec.subprograms.end() ? nullptr : &*found;
}

std::string list_code(const CollectionSpec& spec) {
  auto all = spec.programs;
  all.insert(all.end(), spec.subprograms.begin(), spec.subprograms.end());
  return list_names(all);
}

}  // namespace skep::harness
