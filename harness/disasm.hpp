// The code of a program as JSON: an element of `programs` in docs/disasm.schema.json.
#pragma once

#include "skep/asm/text/print.hpp"
#include "skep/harness/json.hpp"
#include "skep/spec/program.hpp"

namespace skep::harness {

// A program as it is to be shown, linked or not; bytes are in the byte order given. Of the options dialect and
// helper_names matter; places in data are named if they say how.
Json disassemble(const ProgramSpec& program, ByteOrder order, const text::PrintOptions& options);

}  // namespace skep::harness
