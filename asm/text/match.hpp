// Reads one instruction from a line: tries every rule and reports the failure that got furthest.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "skep/asm/code.hpp"
#include "skep/asm/text/dialect.hpp"

namespace skep::text {

struct Matched {
  Instruction insn;
  std::optional<Reference::Kind> kind;  // of what it names, if anything
  std::string symbol;
  bool bare = false;  // no word before the name says what it is
};

struct Mismatch {
  std::size_t at = 0;   // offset into the line
  std::string message;  // "expected a register or a number"
};

// `line` holds one instruction and nothing else (no label, no comment). In the result either the instruction or
// the reason is set. A jump to a name has the kind label.
std::optional<Matched> match(std::string_view line, Dialect dialect, Mismatch& reason);

}  // namespace skep::text
