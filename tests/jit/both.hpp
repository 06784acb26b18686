// One program on the interpreter and on every form of compiled code: the same r0, fault, count, memory and stack.
#pragma once

#include <algorithm>
#include <cstring>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "skep/jit/engine.hpp"
#include "skep/tests/support/result.hpp"
#include "skep/vm/machine.hpp"

namespace skep::test {

// A machine with a region at the same guest address in each.
class Side {
 public:
  Side(const vm::Engine& engine, std::size_t memory) : engine_(&engine), size_(memory) {
    auto made = vm::Machine::create();
    EXPECT_OK(made);
    machine_ = std::move(*made);
    const auto at = machine_->memory().allocate(memory, "memory");
    EXPECT_OK(at);
    address_ = *at;
  }
  vm::Machine& machine() { return *machine_; }
  vm::GuestAddress address() const { return address_; }

  // Loads; null if the program is refused.
  vm::Program* load(const ProgramSpec& spec) {
    auto program = machine_->load(spec);
    return program ? *program : nullptr;
  }
  // r1: the region, r2: its size. The region holds `memory` before.
  vm::RunResult run(vm::Program* program, Bytes memory, std::uint64_t fuel) {
    std::ranges::copy(memory, bytes());
    auto executable = program->executable(*engine_);
    EXPECT_OK(executable);
    if (!executable) return {};
    return (*executable)->run(machine_->cpu(), nullptr, address_, size_, fuel);
  }
  std::byte* bytes() const { return machine_->memory().base() + address_; }
  // What lies in the stack of the CPU.
  std::byte* stack() const { return machine_->memory().base() + machine_->cpu().stack_top() - kStack; }
  static constexpr std::size_t kStack = vm::kMaxFrames * vm::kMaxFrameSize;

 private:
  const vm::Engine* engine_;
  std::size_t size_;
  std::unique_ptr<vm::Machine> machine_;
  vm::GuestAddress address_ = 0;
};

inline std::string text(const vm::RunResult& ran, const Side& side, std::size_t size) {
  return fmt::format("r0 {:#x}, {} instructions, {}, memory {}", ran.r0, ran.instructions,
                     ran.fault ? to_string(*ran.fault) : "no fault", to_hex(Bytes(side.bytes(), size)));
}

// The interpreter first.
class Sides {
 public:
  explicit Sides(std::size_t memory) {
    sides_.emplace_back(vm::interpreter(), memory);
    for (const bool segment : {true, false})
      for (const bool bmi2 : {true, false}) sides_.emplace_back(jit::engine({segment, bmi2}), memory);
  }
  std::vector<Side>& all() { return sides_; }

  // What the interpreter made of the last input; nothing for a program that is refused.
  std::optional<vm::RunResult> expect_same(const ProgramSpec& spec, const std::vector<std::vector<std::byte>>& inputs, std::uint64_t fuel) {
    std::vector<vm::Program*> programs;
    for (auto& side : sides_) programs.push_back(side.load(spec));
    if (programs.front() == nullptr) return std::nullopt;
    vm::RunResult last;
    for (const auto& input : inputs) {
      auto& first = sides_.front();
      const auto expected = first.run(programs.front(), input, fuel);
      for (std::size_t i = 1; i < sides_.size(); ++i) {
        const auto got = sides_[i].run(programs[i], input, fuel);
        const auto same = [&](std::byte* a, std::byte* b, std::size_t size) { return std::memcmp(a, b, size) == 0; };
        if (got.r0 == expected.r0 && got.instructions == expected.instructions && got.fault == expected.fault &&
            same(first.bytes(), sides_[i].bytes(), input.size()) && same(first.stack(), sides_[i].stack(), Side::kStack))
          continue;
        ADD_FAILURE() << "engine " << i << ": " << text(got, sides_[i], input.size()) << "\ninterpreter: "
                      << text(expected, first, input.size());
      }
      last = expected;
    }
    return last;
  }

 private:
  std::vector<Side> sides_;
};

}  // namespace skep::test
