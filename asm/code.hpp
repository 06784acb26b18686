// A piece of code as a value: instructions, and beside them what they refer to by name, where their
// functions and labels are, and which source lines they come from. All positions are slots.
//
// Nothing here is resolved: calls, maps and externs are names until spec::link and spec::resolve, or an
// engine, bind them. Copyable, comparable, no thread rule.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "skep/asm/instruction.hpp"
#include "skep/base/error.hpp"

namespace skep {

// What an instruction names instead of a number.
struct Reference {
  enum class Kind : std::uint8_t {
    function,     // call_local, or ld_func: the function `symbol`
    map,          // ld_map_fd: the map `symbol`
    map_value,    // ld_map_value: the value of the map `symbol`, imm_high is the offset into it
    variable,     // ld_map_value whose map is the data section that holds extern `symbol` (.kconfig)
    extern_,      // ld_imm64 or call_kfunc: the extern `symbol` (.ksyms)
    label,        // a jump inside the function: the label `symbol` (only before Code::resolve_labels)
  };
  std::uint32_t slot = 0;
  Kind kind{};
  std::string symbol;
  bool operator==(const Reference&) const = default;
};

// Where a function starts. The first one of a program is the program itself.
struct Function {
  std::uint32_t slot = 0;
  std::string name;
  std::uint32_t type_id = 0;  // its FUNC in the object's BTF, 0 if unknown
  bool operator==(const Function&) const = default;
};

struct Label {
  std::uint32_t slot = 0;
  std::string name;
  bool operator==(const Label&) const = default;
};

// The source line that instructions from `slot` on come from (.BTF.ext line_info).
struct LineInfo {
  std::uint32_t slot = 0;
  std::uint32_t file = 0;  // index into Code::files
  std::uint32_t line = 0;
  std::uint32_t column = 0;
  std::string text;        // the line itself, possibly empty
  bool operator==(const LineInfo&) const = default;
};

struct Code {
  std::vector<Instruction> insns{};      // one element a slot
  std::vector<Reference> references{};   // sorted by slot, at most one a slot
  std::vector<Function> functions{};     // sorted by slot
  std::vector<Label> labels{};           // sorted by slot
  std::vector<std::string> files{};
  std::vector<LineInfo> lines{};         // sorted by slot

  std::uint32_t size() const { return static_cast<std::uint32_t>(insns.size()); }  // slots
  bool operator==(const Code&) const = default;

  // The reference made by the instruction at `slot`; null if none.
  const Reference* reference_at(std::uint32_t slot) const;
  // The function that holds `slot`; null if functions are unknown.
  const Function* function_at(std::uint32_t slot) const;
  // The line that `slot` comes from: the last record at or before it in the same function; null if none.
  const LineInfo* line_at(std::uint32_t slot) const;

  // Appends `other` with all its positions moved behind the present end. Used by linking.
  void append(const Code& other);

  // Turns jumps to labels into offsets and drops these references. References to functions of this code
  // get their distances and stay listed; those to other functions are left alone.
  // Errors: invalid (an undefined label, a jump too far for its offset); they name instruction and label.
  Result<> resolve_labels();
};

}  // namespace skep
