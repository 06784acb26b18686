// What is known of registers while code is emitted: numbers, and places in the frame. Forgotten where jumps land.
#pragma once

#include <array>
#include <cstdint>
#include <optional>

#include "skep/asm/instruction.hpp"

namespace skep::jit {

class Known {
 public:
  void forget() { values_.fill({}); }
  // A call of a function of the program: it leaves r6..r9 as they were.
  void forget_scratch() { std::fill_n(values_.begin(), 6, Value{}); }
  // What the instruction does to its destination. Calls are told apart by the caller.
  void after(const Instruction& insn);
  void forget(Reg reg) { values_[number(reg)] = {}; }

  std::optional<std::uint64_t> number_in(Reg reg) const {
    const auto& value = values_[number(reg)];
    if (value.kind != Kind::number) return std::nullopt;
    return static_cast<std::uint64_t>(value.number);
  }
  // As an offset from r10.
  std::optional<std::int32_t> frame_offset_in(Reg reg) const {
    const auto& value = values_[number(reg)];
    if (value.kind != Kind::frame || value.number != static_cast<std::int32_t>(value.number)) return std::nullopt;
    return static_cast<std::int32_t>(value.number);
  }

 private:
  enum class Kind : std::uint8_t { nothing, number, frame };
  struct Value {
    Kind kind = Kind::nothing;
    std::int64_t number = 0;
  };
  std::array<Value, kRegCount> values_{};
};

}  // namespace skep::jit
