// Programs as text, on a machine of their own: what most tests of the engines need.
#pragma once

#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

#include "skep/asm/text/parse.hpp"
#include "skep/tests/support/engine.hpp"
#include "skep/tests/support/result.hpp"
#include "skep/vm/machine.hpp"

namespace skep::test {

// LLVM's assembly to a program; a bad text fails the test.
inline ProgramSpec assembled(std::string_view text, std::string name = "test") {
  ProgramSpec spec;
  spec.name = std::move(name);
  spec.type = ProgramType::unspec;  // which may call all helpers
  auto code = text::parse(text);
  EXPECT_OK(code);
  if (code) spec.code = std::move(*code);
  return spec;
}

class MachineTest : public testing::Test {
 protected:
  void SetUp() override {
    auto created = vm::Machine::create();
    ASSERT_OK(created);
    machine = std::move(*created);
  }

  // The guest address of a new region that holds `bytes`.
  vm::GuestAddress region(std::size_t size, std::string name = "memory",
                          vm::Protection protection = vm::Protection::read_write) {
    auto address = machine->memory().allocate(size, std::move(name), protection);
    EXPECT_OK(address);
    return address ? *address : 0;
  }

  vm::Program* load(const ProgramSpec& spec) {
    auto program = machine->load(spec);
    EXPECT_OK(program);
    return program ? *program : nullptr;
  }

  vm::RunResult run(vm::Program* program, std::uint64_t r1 = 0, std::uint64_t r2 = 0, std::uint64_t fuel = UINT64_MAX) {
    if (program == nullptr) return {};
    auto executable = program->executable(test::engine());
    EXPECT_OK(executable);
    if (!executable) return {};
    return (*executable)->run(machine->cpu(), nullptr, r1, r2, fuel);
  }
  vm::RunResult run(std::string_view text, std::uint64_t r1 = 0, std::uint64_t r2 = 0,
                    std::uint64_t fuel = UINT64_MAX) {
    return run(load(assembled(text)), r1, r2, fuel);
  }

  // The error of loading `text`.
  std::string refused(std::string_view text) { return message(machine->load(assembled(text))); }

  std::unique_ptr<vm::Machine> machine;
};

// Prints faults when an expectation fails.
inline std::string text_of(const vm::RunResult& result) { return result.fault ? to_string(*result.fault) : "no fault"; }

#define EXPECT_R0(value, ...)                                              \
  do {                                                                     \
    const ::skep::vm::RunResult run_result_ = (__VA_ARGS__);               \
    EXPECT_FALSE(run_result_.fault) << ::skep::test::text_of(run_result_); \
    EXPECT_EQ(run_result_.r0, static_cast<std::uint64_t>(value));          \
  } while (false)
#define EXPECT_FAULT(expected, ...)                                                                           \
  do {                                                                                                        \
    const ::skep::vm::RunResult run_result_ = (__VA_ARGS__);                                                  \
    ASSERT_TRUE(run_result_.fault) << "r0 = " << run_result_.r0;                                              \
    EXPECT_EQ(to_string(run_result_.fault->kind), to_string(expected)) << ::skep::test::text_of(run_result_); \
    EXPECT_EQ(run_result_.r0, 0u);                                                                            \
  } while (false)

}  // namespace skep::test
