// A frame is as deep as the deepest [r10 + constant] access. Where r10 goes anywhere else (copied, added
// to, stored), the function may reach all of its 512 bytes through the copy, and gets them.
#include "skep/vm/frames.hpp"

#include <algorithm>

#include "skep/vm/cpu.hpp"

namespace skep::vm {
namespace {

// How an instruction uses r10.
struct FrameUse {
  bool escapes = false;
  std::uint32_t depth = 0;  // bytes below r10 that a plain access reaches
};

FrameUse frame_access(std::int16_t offset) {
  if (offset >= 0 || -offset > static_cast<int>(kMaxFrameSize)) return {};  // not this frame: an ordinary guest access
  return {.escapes = false, .depth = static_cast<std::uint32_t>(-offset)};
}

FrameUse frame_use(const Instruction& i) {
  const bool dst = i.dst == Reg::r10, src = i.src == Reg::r10;
  if (!dst && !src) return {};
  switch (info(i.op).form) {
    case Form::Load:
    case Form::LoadSx:
    case Form::LoadAcq:
      return src ? frame_access(i.off) : FrameUse{.escapes = true};
    case Form::StoreImm:
      return frame_access(i.off);
    case Form::StoreReg:
    case Form::StoreRel:
    case Form::Atomic:
    case Form::AtomicFetch:
    case Form::AtomicXchg:
    case Form::AtomicCmpXchg:
      return src ? FrameUse{.escapes = true} : frame_access(i.off);
    default:
      return {.escapes = true};
  }
}

std::uint32_t frame_size(const Code& code, std::uint32_t begin, std::uint32_t end) {
  std::uint32_t depth = 0;
  for (std::uint32_t slot = begin; slot < end; ++slot) {
    const FrameUse use = frame_use(code.insns[slot]);
    if (use.escapes) return kMaxFrameSize;
    depth = std::max(depth, use.depth);
  }
  return (depth + 15) / 16 * 16;
}

}  // namespace

std::uint32_t function_target(const Instruction& instruction, std::uint32_t slot) {
  return static_cast<std::uint32_t>(std::int64_t{slot} + 1 + static_cast<std::int32_t>(instruction.imm));
}

std::vector<Frame> find_frames(const Code& code) {
  if (code.insns.empty()) return {};
  std::vector<std::uint32_t> begins = {0};
  for (const Function& function : code.functions) begins.push_back(function.slot);
  for (std::uint32_t slot = 0; slot < code.size(); ++slot) {
    const Op op = code.insns[slot].op;
    if (op == Op::call_local || op == Op::ld_func) begins.push_back(function_target(code.insns[slot], slot));
  }
  std::sort(begins.begin(), begins.end());
  begins.erase(std::unique(begins.begin(), begins.end()), begins.end());
  while (begins.back() >= code.size()) begins.pop_back();

  std::vector<Frame> frames;
  for (std::size_t i = 0; i < begins.size(); ++i) {
    const std::uint32_t end = i + 1 < begins.size() ? begins[i + 1] : code.size();
    frames.push_back({begins[i], end, frame_size(code, begins[i], end)});
  }
  return frames;
}

}  // namespace skep::vm
