#include "skep/tests/vm/helpers/helper_test.hpp"

namespace skep::vm {
namespace {

class DeclaredMachine : public test::HelperTest {
 protected:
  void with(const MachineOptions& options) {
    auto created = Machine::create(options);
    ASSERT_OK(created);
    machine = std::move(*created);
  }
};

TEST_F(DeclaredMachine, ClocksAreOneVirtualClock) {
  with({.clock = 5'000'000'123, .clock_step = 1'000'000});
  EXPECT_EQ(answer(5, {}), 5'000'000'123);
  EXPECT_EQ(answer(125, {}), 5'001'000'123);
  EXPECT_EQ(answer(208, {}), 5'002'000'123);
  EXPECT_EQ(answer(160, {}), 5'003'000'000);
  EXPECT_EQ(answer(118, {}), 0x1'0000'0000 - 300'000 + 5'004);
  EXPECT_EQ(machine->clock(), 5'005'000'123u);
}

TEST_F(DeclaredMachine, RandomNumbersAreTheSeeds) {
  with({.seed = 7});
  const auto first = answer(7, {}), second = answer(7, {});
  EXPECT_NE(first, second);
  EXPECT_EQ(first >> 32, 0);
  with({.seed = 7});
  EXPECT_EQ(answer(7, {}), first);
}

TEST_F(DeclaredMachine, TheTask) {
  MachineOptions options;
  options.task = {.pid = 5, .tgid = 4, .uid = 1000, .gid = 100, .cgroup_id = 99, .comm = "a name of more than 15"};
  with(options);
  EXPECT_EQ(answer(14, {}), 4ll << 32 | 5);
  EXPECT_EQ(answer(15, {}), 100ll << 32 | 1000);
  EXPECT_EQ(answer(80, {}), 99);
  const auto buffer = region(32);
  EXPECT_EQ(answer(16, {buffer, 16}), 0);
  EXPECT_EQ(text_at(buffer, 16), std::string("a name of more \0", 16));
  EXPECT_EQ(answer(16, {buffer, 4}), 0);
  EXPECT_EQ(text_at(buffer, 6), std::string("a n\0me", 6));
  EXPECT_EQ(answer(16, {buffer, 32}), 0);
  EXPECT_EQ(text_at(buffer + 16, 16), std::string(16, '\0'));
  EXPECT_EQ(answer(16, {0, 0}), 0);
  EXPECT_EQ(fault(16, {0, 16}), "bad_argument: bpf_get_current_comm: 16 unwritable bytes at 0x0");
}

TEST_F(DeclaredMachine, DefaultsSaySkep) {
  const auto buffer = region(16);
  EXPECT_EQ(answer(16, {buffer, 16}), 0);
  EXPECT_EQ(text_at(buffer, 5), std::string("skep\0", 5));
  EXPECT_EQ(answer(8, {}), 0);
  EXPECT_EQ(answer(42, {}), 0);
}

}  // namespace
}  // namespace skep::vm
