// What compiled code is besides its results: many threads, machines within machines, foreign signals, memory that comes
// back.
#include "skep/jit/engine.hpp"

#include <csignal>
#include <atomic>
#include <fstream>
#include <thread>

#include <sys/wait.h>
#include <unistd.h>

#include "skep/tests/vm/assembled.hpp"

namespace skep {
namespace {

class Jit : public test::MachineTest {
 protected:
  static vm::RunResult run_jit(vm::Program* program, vm::Cpu& cpu, std::uint64_t r1 = 0, std::uint64_t fuel = 1'000'000) {
    auto executable = program->executable(jit::engine());
    EXPECT_OK(executable);
    if (!executable) return {};
    return (*executable)->run(cpu, nullptr, r1, 0, fuel);
  }
};

TEST_F(Jit, HasAName) { EXPECT_EQ(jit::engine().name(), "jit"); }

TEST_F(Jit, FaultsOnAnyThread) {
  auto made = vm::Machine::create({.cpus = 8});
  ASSERT_OK(made);
  auto* const good = *(*made)->load(test::assembled("r0 = r1\n r0 += 1\n exit", "good"));
  auto* const bad = *(*made)->load(test::assembled("r0 = 5\n r1 = *(u32 *)(r1 + 4)\n exit", "bad"));
  ASSERT_OK(good->executable(jit::engine()));
  ASSERT_OK(bad->executable(jit::engine()));
  std::vector<std::thread> threads;
  std::atomic<int> wrong = 0;
  for (std::uint32_t id = 0; id < 8; ++id)
    threads.emplace_back([&, id] {
      for (std::uint64_t i = 0; i < 500; ++i) {
        const auto fine = run_jit(good, (*made)->cpu(id), i);
        if (fine.fault || fine.r0 != i + 1) ++wrong;
        const auto fault = run_jit(bad, (*made)->cpu(id), 8 * i).fault;
        if (!fault || fault->kind != vm::FaultKind::memory || fault->instruction != 1 || fault->address != 8 * i + 4) ++wrong;
      }
    });
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(wrong, 0);
}

// A helper of the user's that runs another machine: both have their own memory, before and after.
vm::Program* inner_program = nullptr;
std::uint64_t run_inner(std::uint64_t r1, std::uint64_t, std::uint64_t, std::uint64_t, std::uint64_t, vm::Cpu&) {
  auto executable = inner_program->executable(jit::engine());
  if (!executable) return 0;
  const auto result = (*executable)->run(inner_program->machine().cpu(), nullptr, r1, 0, 1000);
  return result.fault ? 1000 : result.r0;
}

TEST_F(Jit, AMachineWithinAHelper) {
  auto other = vm::Machine::create();
  ASSERT_OK(other);
  const auto text = "*(u64 *)(r10 - 8) = r1\n call 200\n r1 = *(u64 *)(r10 - 8)\n r0 += r1\n exit";
  machine->helpers().set(200, run_inner);
  inner_program = *(*other)->load(test::assembled("*(u64 *)(r10 - 8) = 7\n r0 = *(u64 *)(r10 - 8)\n r0 += r1\n exit"));
  auto* const outer = load(test::assembled(text));
  EXPECT_R0(7 + 5 + 5, run_jit(outer, machine->cpu(), 5));
  // And one that faults inside: the outer run goes on.
  inner_program = *(*other)->load(test::assembled("r0 = *(u64 *)(r1 + 0)\n exit", "inner"));
  EXPECT_R0(1000 + 5, run_jit(outer, machine->cpu(), 5));
}

std::uint64_t crash(std::uint64_t, std::uint64_t, std::uint64_t, std::uint64_t, std::uint64_t, vm::Cpu&) {
  std::raise(SIGSEGV);
  return 3;
}

// Signals that are not ours reach the handler that was there, out of helpers too.
TEST_F(Jit, ForeignSignalsAreNotSwallowed) {
  machine->helpers().set(200, crash);
  auto* const program = load(test::assembled("call 200\n exit"));
  // The handler that was there is the system's, or that of a sanitizer, which exits.
  const auto ended_by_it = [](int status) {
    return WIFSIGNALED(status) ? WTERMSIG(status) == SIGSEGV : WEXITSTATUS(status) != 0;
  };
  EXPECT_EXIT(
      {
        run_jit(program, machine->cpu());
        _exit(0);
      },
      ended_by_it, "");
}

// A sanitizer keeps what is freed.
#if defined(__SANITIZE_ADDRESS__)
constexpr bool kSanitized = true;
#elif defined(__has_feature)
constexpr bool kSanitized = __has_feature(address_sanitizer);
#else
constexpr bool kSanitized = false;
#endif

std::size_t resident_pages() {
  std::size_t total = 0, resident = 0;
  std::ifstream("/proc/self/statm") >> total >> resident;
  return resident;
}

TEST_F(Jit, CodeIsFreedAndReused) {
  constexpr int kCycles = 100'000, kWarm = 2000;
  auto* const program = load(test::assembled("r0 = r1\n r0 *= 3\n if r0 > 7 goto +1\n r0 = 0\n exit"));
  std::size_t before = 0;
  for (int i = 0; i < kCycles; ++i) {
    auto executable = jit::engine().prepare(*program);
    ASSERT_OK(executable);
    if (i % 1000 == 0) {
      EXPECT_EQ((*executable)->run(machine->cpu(), nullptr, 5, 0, 100).r0, 15u);
    }
    if (i == kWarm) before = resident_pages();
  }
  if (kSanitized) return;
  EXPECT_LT(resident_pages(), before + 256) << "pages of 4 KiB";
}

}  // namespace
}  // namespace skep
