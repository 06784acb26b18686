// Puts Code together from instructions, labels and names; labels become offsets at the end.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "skep/asm/code.hpp"
#include "skep/asm/insn.hpp"

namespace skep {

class CodeBuilder {
 public:
  // The next instructions. Wide ones get their wide_tail here.
  CodeBuilder& add(const Instruction& insn);
  CodeBuilder& add(const Symbolic& symbolic);
  template <class First, class Second, class... Rest>
  CodeBuilder& add(const First& first, const Second& second, const Rest&... rest) {
    add(first);
    add(second);
    (add(rest), ...);
    return *this;
  }

  // Names the place of the next instruction, for jumps.
  CodeBuilder& label(std::string_view name);
  // A function starts at the next instruction. What was added before the first function with a name is a
  // function without one.
  CodeBuilder& function(std::string_view name, std::uint32_t type_id = 0);

  // The slot of the next instruction.
  std::uint32_t size() const { return code_.size(); }

  // What was added, with jumps to labels and calls of its own functions resolved; the builder is empty
  // afterwards. Errors: invalid (a label or function defined twice, an undefined label, a jump too far).
  Result<Code> build();

 private:
  Code code_;
};

}  // namespace skep
