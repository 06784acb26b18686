// Everything that an object declares: a value that depends on the file alone. The same bytes give an
// equal CollectionSpec on every machine.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "skep/base/bytes.hpp"
#include "skep/btf/btf.hpp"
#include "skep/spec/map.hpp"
#include "skep/spec/program.hpp"
#include "skep/spec/variable.hpp"

namespace skep {

struct CollectionSpec {
  ByteOrder byte_order = ByteOrder::little;
  std::string license;             // "" if the object has none
  std::uint32_t version = 0;       // section "version", 0 if there is none
  std::vector<ProgramSpec> programs;     // in the order of the file; the functions of .text are not here
  std::vector<ProgramSpec> subprograms;  // functions of .text, for spec::link
  std::vector<MapSpec> maps;             // libbpf's order: .maps, data sections, .kconfig
  std::vector<VariableSpec> variables;   // by section (file order), then offset
  std::vector<ExternSpec> externs;       // by name
  btf::Btf types;                        // .BTF, its DATASECs as clang wrote them
  std::vector<std::string> warnings;     // what was wrong and could be left out (a broken .BTF.ext)

  bool operator==(const CollectionSpec&) const = default;

  // Whether the kernel takes the license for one that is compatible with the GPL (include/linux/license.h).
  bool gpl_compatible() const;

  // By name; null if there is none. A map is also found by its section's name (".rodata").
  const ProgramSpec* program(std::string_view name) const;
  const MapSpec* map(std::string_view name) const;
  MapSpec* map(std::string_view name);
  const VariableSpec* variable(std::string_view name) const;
  const ExternSpec* extern_(std::string_view name) const;

  // Replaces the bytes of a global variable before use. Errors: not_found, invalid (another size).
  Result<> set_variable(std::string_view name, Bytes value);
  // The bytes of a global variable. Errors: not_found.
  Result<std::vector<std::byte>> get_variable(std::string_view name) const;
};

}  // namespace skep
