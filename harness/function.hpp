// Calling one function of an object, a static one included, with typed arguments.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "skep/harness/world.hpp"

namespace skep::harness {

struct FunctionArgument {
  std::string name;          // as in the source, "arg1" if it has none
  btf::TypeId type{};        // none without BTF
  std::uint64_t passed = 0;  // what the register held
  // What was put into guest memory for a pointer, and what the function left there; its type.
  btf::TypeId pointee{};
  std::vector<std::byte> before, after;
};

struct FunctionRecord {
  RunRecord run;
  std::vector<FunctionArgument> arguments;
  std::optional<btf::FuncProto> prototype;  // none without BTF
};

// Calls `name`, a function of .text or a program. One text an argument:
//   integers, enums    as in harness/text_value.hpp
//   pointers           JSON of what they point to (an object; an array for several), which is put into guest
//                      memory; text for char *; "0x…" hex bytes behind a quote ("\"0a0b\"") for void *; an integer: the
//                      address itself; ctx, data, data_end: the context made of `packet` and `fields`, and its packet
// Without BTF arguments are integers. Errors: invalid (no such function: lists them; wrong arguments),
// not_supported (structures by value), and those of linking and loading.
Result<FunctionRecord> call_function(World& world, std::string_view name, std::span<const std::string> arguments,
                                     Bytes packet, const Json& fields, const RunOptions& options);

}  // namespace skep::harness
