// How every instruction is written, once for printing and parsing: a list of pieces for each row of
// asm/isa.inc in each dialect. The patterns that they are made from, one for each Form, are in syntax.cpp.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "skep/asm/code.hpp"
#include "skep/asm/opcode.hpp"
#include "skep/asm/text/dialect.hpp"

namespace skep::text {

// What stands at a place of an instruction's text.
enum class Piece : std::uint8_t {
  literal,
  dst, src,                // r1
  dst_narrow, src_narrow,  // w1
  dst_any, src_any,        // printed as w1, read as either: LLVM's spelling depends on -mcpu
  imm,                     // 32 bits
  imm64,
  imm_index,               // " + imm" of ld_ind; nothing if 0
  imm_to, imm_from,        // the halves of addr_space_cast's immediate
  selector,                // the number in the src field of a wide load
  low, high_offset,        // of a wide load: its lower half; " + upper half", nothing if 0
  off,                     // " + off" in an address
  jump16, jump32,          // +off, +imm, or a label
  distance,                // +imm
  helper,                  // a number or the name of a helper
  module,                  // ", off" of call_kfunc; nothing if 0
  symbol,                  // the name that the instruction refers to
};

struct Element {
  Piece piece{};
  bool space = false;    // printed with a space before it
  std::string text;      // of a literal
  std::string expected;  // what to say when it is missing
};

struct Rule {
  Op op{};
  std::optional<Reference::Kind> kind;  // of the reference, if there is a Piece::symbol
  bool bare = false;                    // no word before the symbol says what it is
  std::vector<Element> elements;
};

// How `op` is written with numbers. Empty elements for wide_tail, which has no text.
const Rule& rule(Op op, Dialect dialect);
// How `op` is written with the name of a reference; null if it cannot hold one of this kind.
const Rule* symbolic_rule(Op op, Reference::Kind kind, Dialect dialect);
// Everything that can be read, in the order in which to try: the rules above, then other spellings.
std::span<const Rule> all_rules(Dialect dialect);

}  // namespace skep::text
