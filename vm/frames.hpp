// Finds the functions of a piece of linked code and how much stack each takes. Engines share the answer,
// because guest addresses depend on it: a callee's r10 is its caller's r10 minus the caller's frame.
#pragma once

#include <cstdint>
#include <vector>

#include "skep/asm/code.hpp"

namespace skep::vm {

// A function of a program: where it starts and ends (slots) and how much stack its frame takes (bytes, a
// multiple of 16, at most 512).
struct Frame {
  std::uint32_t begin = 0, end = 0;
  std::uint32_t size = 0;
};

// The target of a call_local or ld_func at `slot` (both hold a distance from the next slot); nothing that
// an engine can use if it is not below code.size().
std::uint32_t function_target(const Instruction& instruction, std::uint32_t slot);

// The functions of validated code, sorted, without gaps, the first at slot 0. Functions are what
// Code::functions lists and what call_local and ld_func name. Empty for empty code.
std::vector<Frame> find_frames(const Code& code);

}  // namespace skep::vm
