#include <atomic>
#include <thread>

#include "skep/tests/vm/helpers/helper_test.hpp"
#include "skep/tests/support/engine.hpp"

namespace skep::vm {
namespace {

class SpinLocks : public test::HelperTest {
 protected:
  // Calls helpers one after the other with the same argument.
  std::string program(std::initializer_list<std::pair<std::uint32_t, GuestAddress>> calls) {
    std::string text;
    for (const auto& [id, lock] : calls) text += fmt::format("r1 = {:#x} ll\ncall {}\n", lock, id);
    return text + "r0 = 1\nexit\n";
  }
};

constexpr std::uint32_t kLock = 93, kUnlock = 94;

TEST_F(SpinLocks, Balanced) {
  const auto lock = region(8);
  EXPECT_R0(1, run(program({{kLock, lock}, {kUnlock, lock}, {kLock, lock}, {kUnlock, lock}})));
}

TEST_F(SpinLocks, MisuseIsAFault) {
  const auto lock = region(8);
  EXPECT_FAULT(FaultKind::bad_argument, run(program({{kLock, lock}, {kLock, lock}})));
  EXPECT_FAULT(FaultKind::bad_argument, run(program({{kLock, lock}, {kLock, lock + 4}})));
  EXPECT_FAULT(FaultKind::bad_argument, run(program({{kUnlock, lock}})));
  EXPECT_FAULT(FaultKind::bad_argument, run(program({{kLock, lock}, {kUnlock, lock + 4}})));
  EXPECT_FAULT(FaultKind::bad_argument, run(program({{kLock, 0}})));
}

TEST_F(SpinLocks, ALockDoesNotOutliveItsRun) {
  const auto lock = region(8);
  EXPECT_R0(1, run(program({{kLock, lock}})));
  EXPECT_R0(1, run(program({{kLock, lock}, {kUnlock, lock}})));
}

TEST_F(SpinLocks, AnotherCpuWaitsAndBurnsFuel) {
  auto created = Machine::create({.cpus = 2});
  ASSERT_OK(created);
  machine = std::move(*created);
  const auto lock = region(8);
  ASSERT_TRUE(machine->locks().try_take(lock));
  Program* const waits = load(test::assembled(program({{kLock, lock}, {kUnlock, lock}})));
  auto executable = waits->executable(test::engine());
  ASSERT_OK(executable);
  EXPECT_FAULT(FaultKind::out_of_fuel, (*executable)->run(machine->cpu(1), nullptr, 0, 0, 1000));
  std::thread releases([&] { machine->locks().release(lock); });
  EXPECT_R0(1, (*executable)->run(machine->cpu(1), nullptr, 0, 0, UINT64_MAX));
  releases.join();
}

}  // namespace
}  // namespace skep::vm
