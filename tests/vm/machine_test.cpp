#include "skep/vm/machine.hpp"

#include <gtest/gtest.h>

#include "skep/tests/vm/assembled.hpp"

namespace skep::vm {
namespace {

MapSpec array(std::string name) {
  MapSpec spec;
  spec.name = std::move(name);
  spec.type = MapType::array;
  spec.key_size = 4;
  spec.value_size = 8;
  spec.max_entries = 4;
  return spec;
}

using Machines = test::MachineTest;

TEST_F(Machines, RefuseSenselessOptions) {
  EXPECT_EQ(test::message(Machine::create({.cpus = 0})), "a machine has 1 to 64 virtual CPUs, not 0");
  EXPECT_FALSE(Machine::create({.cpus = 65}));
}

TEST_F(Machines, GiveEachCpuAStack) {
  auto two = Machine::create({.cpus = 2});
  ASSERT_OK(two);
  EXPECT_EQ((*two)->cpu_count(), 2u);
  EXPECT_NE((*two)->cpu(0).stack_top(), (*two)->cpu(1).stack_top());
  EXPECT_EQ((*two)->memory().describe((*two)->cpu(1).stack_top() - 8), "stack of cpu 1 +4088");
}

TEST_F(Machines, FindMapsByNameAndByHandle) {
  auto a = machine->create_map(array("a")), b = machine->create_map(array("b"));
  ASSERT_OK(a);
  ASSERT_OK(b);
  EXPECT_EQ(machine->map("b"), *b);
  EXPECT_EQ(machine->map("c"), nullptr);
  EXPECT_EQ(machine->map_at((*b)->handle()), *b);
  EXPECT_EQ(machine->map_at((*b)->handle() + 1), nullptr);
  EXPECT_EQ(machine->map_at((*b)->handle() | 1ull << 32), nullptr);
  EXPECT_EQ(machine->map_at(0), nullptr);
  EXPECT_EQ(test::message(machine->create_map(array("a"))), "map \"a\" exists already");
}

TEST_F(Machines, FindProgramsByAddress) {
  Program* const a = load(test::assembled("r0 = 0\n exit", "a"));
  Program* const b = load(test::assembled("r0 = 0\n r0 = 1\n exit", "b"));
  std::uint32_t slot = 0;
  EXPECT_EQ(machine->program_at(a->code_base(), slot), a);
  EXPECT_EQ(machine->program_at(b->code_base() + 16, slot), b);
  EXPECT_EQ(slot, 2u);
  EXPECT_EQ(machine->program_at(b->code_base() + 17, slot), nullptr);
  EXPECT_EQ(machine->program_at(b->code_base() + 24, slot), nullptr);
  EXPECT_EQ(machine->program_at(a->code_base() - 8, slot), nullptr);
}

TEST_F(Machines, AreAFunctionOfTheirOptions) {
  auto one = Machine::create({.seed = 7, .clock = 100, .clock_step = 5});
  auto two = Machine::create({.seed = 7});
  auto three = Machine::create({.seed = 8});
  ASSERT_OK(one);
  ASSERT_OK(two);
  ASSERT_OK(three);
  const auto first = (*one)->random();
  EXPECT_EQ(first, (*two)->random());
  EXPECT_NE(first, (*three)->random());
  EXPECT_NE(first, (*one)->random());
  EXPECT_EQ((*one)->read_clock(), 100u);
  EXPECT_EQ((*one)->read_clock(), 105u);
  EXPECT_EQ((*one)->clock(), 110u);
}

}  // namespace
}  // namespace skep::vm
