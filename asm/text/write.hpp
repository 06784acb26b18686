// Writes one instruction by its rule, with the names that its numbers have.
#pragma once

#include <string>

#include "skep/asm/instruction.hpp"
#include "skep/asm/text/dialect.hpp"
#include "skep/asm/text/syntax.hpp"

namespace skep::text {

// What an instruction's numbers are called; empty where they have no name.
struct Names {
  std::string symbol;  // of its reference
  std::string part;    // of what lies at its place in the map `symbol`
  std::int64_t part_offset = 0;  // from there, instead of the instruction's own
  std::string target;  // of the place it jumps to
  std::string helper;
};

std::string write(const Instruction& insn, const Rule& rule, Dialect dialect, const Names& names = {});

}  // namespace skep::text
