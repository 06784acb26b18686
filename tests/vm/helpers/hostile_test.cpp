// Every helper with arguments that no verifier would let through: it answers or faults, and the machine is as
// good as before.
#include <random>

#include "skep/tests/vm/helpers/helper_test.hpp"
#include "skep/tests/support/engine.hpp"

namespace skep::vm {
namespace {

class HostileArguments : public test::HelperTest {
 protected:
  std::vector<std::uint64_t> wild_values() {
    std::vector<std::uint64_t> values = {0,
                                         1,
                                         4,
                                         8,
                                         16,
                                         64,
                                         0xfff,
                                         4096,
                                         0xffff,
                                         0x10000,
                                         0x7fffffff,
                                         0x80000000,
                                         0xfffffff0,
                                         0xffffffff,
                                         0x1'0000'0000,
                                         UINT64_MAX,
                                         std::uint64_t(-4096),
                                         1ull << 63};
    for (const auto& each : machine->maps()) {
      values.push_back(each->handle());
      if (each->values() != 0) values.push_back(each->values());
    }
    const auto memory = region(4096);
    for (const std::uint64_t address :
         {std::uint64_t{memory}, std::uint64_t{memory} + 4092, std::uint64_t{memory} | std::uint64_t{1} << 32,
          std::uint64_t{machine->cpu().stack_top() - 8}, std::uint64_t{kCodeBase}, std::uint64_t{kCodeBase} + 8 * 12})
      values.push_back(address);
    values.push_back(region(4096, "read-only", Protection::read));
    if (context) values.push_back(context->address());
    return values;
  }

  void try_all(int times) {
    std::mt19937 random(1);
    const auto values = wild_values();
    const auto any = [&] { return values[random() % values.size()]; };
    for (std::uint32_t id = 1; id < kHelperTableSize; ++id) {
      if (machine->helpers().find(id) == nullptr) continue;
      for (int i = 0; i < times; ++i) {
        // Half of the calls have a good first argument, so that they get further.
        const std::uint64_t first = context && i % 2 == 0 ? context->address() : any();
        const std::vector<std::uint64_t> arguments = {first, any(), any(), any(), any()};
        SCOPED_TRACE(fmt::format("helper {}({:#x}, {:#x}, {:#x}, {:#x}, {:#x})", id, arguments[0], arguments[1],
                                 arguments[2], arguments[3], arguments[4]));
        call_values(id, arguments);
      }
    }
  }

  // One program a helper: its arguments come from memory.
  void call_values(std::uint32_t id, const std::vector<std::uint64_t>& arguments) {
    if (block_ == 0) block_ = region(40, "arguments");
    ASSERT_TRUE(machine->memory().copy_out(block_, arguments.data(), 40));
    auto& program = programs_[id];
    if (program == nullptr) {
      std::string text = fmt::format("r6 = {:#x} ll\n", block_);
      for (int r = 1; r <= 5; ++r) text += fmt::format("r{} = *(u64 *)(r6 + {})\n", r, 8 * (r - 1));
      auto spec = test::assembled(text + fmt::format("call {}\nexit\n", id), fmt::format("helper_{}", id));
      spec.type = ProgramType::unspec;  // which may call all of them
      program = load(spec);
      ASSERT_NE(program, nullptr);
    }
    auto executable = program->executable(test::engine());
    ASSERT_OK(executable);
    const auto result = (*executable)->run(machine->cpu(), context.get(), 0, 0, 100'000);
    // Helpers that work in pieces stop soon after the fuel is gone.
    EXPECT_LT(result.instructions, 100u);
  }

  void make_maps() {
    map(MapType::array, 4, 16, 4);
    map(MapType::hash, 8, 8, 4);
    map(MapType::percpu_array, 4, 8, 2);
    map(MapType::ringbuf, 0, 0, 4096);
    map(MapType::perf_event_array, 4, 4, 2);
    map(MapType::devmap, 4, 4, 4);
  }

  GuestAddress block_ = 0;
  std::map<std::uint32_t, Program*> programs_;
};

TEST_F(HostileArguments, WithoutAContext) {
  make_maps();
  try_all(400);
}

TEST_F(HostileArguments, OnXdp) {
  make_maps();
  use_context(ProgramType::xdp, test::kFrame);
  try_all(400);
}

TEST_F(HostileArguments, OnClassifiers) {
  make_maps();
  use_context(ProgramType::sched_cls, test::kFrame);
  try_all(400);
}

TEST_F(HostileArguments, OnRawIp) {
  make_maps();
  use_context(ProgramType::sched_cls, "45000028 12344000 40060000 0a000001 0a000002", LinkLayer::raw_ip);
  try_all(400);
}

TEST_F(HostileArguments, OnSocketFilters) {
  make_maps();
  use_context(ProgramType::socket_filter, test::kFrame);
  try_all(100);
}

}  // namespace
}  // namespace skep::vm
