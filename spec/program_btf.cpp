#include "skep/spec/program_btf.hpp"

#include <algorithm>
#include <set>
#include <string_view>

namespace skep::spec {

Result<btf::ProgramBtf> program_btf(const CollectionSpec& collection, const ProgramSpec& linked,
                                    std::span<const btf::TypeId> more_types) {
  std::set<std::string_view> hidden;
  for (const auto* all : {&collection.programs, &collection.subprograms})
    for (const auto& one : *all)
      if (one.hidden) hidden.insert(one.name);

  const auto& code = linked.code;
  std::vector<btf::ProgramFunction> functions;
  for (const auto& function : code.functions)
    functions.push_back({.slot = function.slot,
                         .type = btf::TypeId{function.type_id},
                         .is_static = hidden.contains(function.name)});
  std::vector<btf::ProgramLine> lines;
  for (const auto& line : code.lines)
    lines.push_back({.slot = line.slot,
                     .file = line.file < code.files.size() ? std::string_view(code.files[line.file]) : "",
                     .text = line.text,
                     .line = line.line,
                     .column = line.column});
  return btf::program_btf(
      {.types = collection.types, .functions = functions, .lines = lines, .more_types = more_types}, linked.section);
}

}  // namespace skep::spec
