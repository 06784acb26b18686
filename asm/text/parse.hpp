// The assembler: text in either dialect to Code. See dialect.hpp and print.hpp for the languages.
//
//   name:             a label; on a line of its own or before an instruction
//   <name>:           a function starts here; a label that is called becomes one too
//   12:               at the start of a line: ignored, listings have slots there
//   # … // … ; …      comments
//
// Both dialects: `call local f` calls a function of this text or, if there is none, refers to one elsewhere; names of
// maps and externs become references. LLVM's dialect takes `call f` for the same, or for the helper of that
// name, and `r1 = name ll` for the address of a function of this text, else for a map. In the mnemonic dialect a jump
// to an undefined label `exit` goes to the first exit instruction, as in the conformance suite's assembler.
#pragma once

#include <string_view>

#include "skep/asm/code.hpp"
#include "skep/asm/text/dialect.hpp"

namespace skep::text {

// Any bytes are acceptable input. Errors: malformed, "line 3, column 6: expected a register, found '5'".
Result<Code> parse(std::string_view text, Dialect dialect = Dialect::llvm);

// One instruction without label, comment or names. Errors: malformed, "column 6: …".
Result<Instruction> parse_instruction(std::string_view line, Dialect dialect = Dialect::llvm);

}  // namespace skep::text
