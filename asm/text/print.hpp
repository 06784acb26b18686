// The disassembler: instructions and whole pieces of code as text, in either dialect.
//
// The LLVM dialect is what `llvm-objdump-19 -d --mcpu=v4` prints, and for what that version does not know what
// later ones do. Where LLVM's text loses something we say more, so that it can be read back:
//   call pc+0x3          a call inside the program (LLVM: call 0x3, as for a helper)
//   call kfunc 0x2a      a kernel function by BTF id, with ", module" when it is in one (LLVM: call 0x2a)
//   ld_pseudo r1, 0x2, 0x1000000005      all 64 bits (LLVM's disassembler: the lower 32)
//   r0 = *(u8 *)skb[r1 + 0x4]            the immediate of ld_ind (LLVM: dropped)
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>

#include "skep/asm/code.hpp"
#include "skep/asm/text/dialect.hpp"
#include "skep/base/bytes.hpp"

namespace skep::text {

// A variable in a map's value, and a place in it.
struct DataPlace {
  std::string map, variable;
  std::uint32_t offset = 0;  // bytes, from the start of the variable
};
// What a ld_map_value with this reference and this offset into the value points at; nothing if nobody knows.
using FindPlace = std::function<std::optional<DataPlace>(const Reference& reference, std::uint32_t offset)>;

struct PrintOptions {
  Dialect dialect = Dialect::llvm;
  bool slots = true;         // "  12: " before each instruction
  bool bytes = false;        // the raw bytes, little-endian, before each instruction (such text cannot be read back)
  bool source = false;       // "; file:line: text" before the first instruction of each line
  bool labels = true;        // jumps name labels (made up from slots where the code has none), not distances
  bool helper_names = true;  // call bpf_ktime_get_ns#5
  FindPlace find_place = {};  // value .bss:counter + 0x4, in place of value .bss + 0x14 (cannot be read back either)
};

// One line, without the line feed. A wide_tail has no text of its own: "".
std::string print(const Instruction& insn, Dialect dialect = Dialect::llvm);

// The instruction at `slot` with the names that the code has for what it refers to: maps, functions, labels and,
// if asked for, helpers. Of the options only dialect, labels and helper_names matter; a jump to a place
// without a label shows its distance.
std::string print_at(const Code& code, std::uint32_t slot, const PrintOptions& options = {});

// Bytes that are not all instructions, as a listing; for what is none, a comment with its bytes and the reason. Of
// the options dialect, slots and helper_names matter.
std::string print(Bytes bytes, ByteOrder order, const PrintOptions& options = {});

// A listing: functions as "<name>:", labels as "name:", one line per instruction.
std::string print(const Code& code, const PrintOptions& options = {});

}  // namespace skep::text
