// Programs that no verifier would let through. Each ends as a Fault or with a defined result, touches nothing outside
// of its machine, and leaves the machine ready for the next run.
#include <algorithm>
#include <random>

#include <gtest/gtest.h>

#include "skep/asm/insn.hpp"
#include "skep/tests/vm/assembled.hpp"

namespace skep::vm {
namespace {

class Hostile : public test::MachineTest {
 protected:
  void SetUp() override {
    MachineTest::SetUp();
    host_.assign(1 << 20, kPattern);
    auto other = Machine::create();
    ASSERT_OK(other);
    neighbour_ = std::move(*other);
    const auto at = neighbour_->memory().allocate(kNeighbour, "pattern");
    ASSERT_OK(at);
    pattern_ = *at;
    std::fill_n(neighbour_->memory().base() + pattern_, kNeighbour, kPattern);
    well_behaved_ = load(test::assembled("*(u64 *)(r10 - 8) = 41\n r0 = *(u64 *)(r10 - 8)\n r0 += 1\n exit"));
  }

  void TearDown() override {
    const auto intact = [](std::byte byte) { return byte == kPattern; };
    EXPECT_TRUE(std::all_of(host_.begin(), host_.end(), intact));
    EXPECT_TRUE(std::all_of(neighbour_->memory().base() + pattern_, neighbour_->memory().base() + pattern_ + kNeighbour,
                            intact));
    expect_next_run_works();
  }

  void expect_next_run_works() { EXPECT_R0(42, run(well_behaved_)); }

  static constexpr std::byte kPattern{0xa5};
  static constexpr std::size_t kNeighbour = 1 << 16;
  std::vector<std::byte> host_;
  std::unique_ptr<Machine> neighbour_;
  GuestAddress pattern_ = 0;
  Program* well_behaved_ = nullptr;
};

// Addresses all over the 64 bits: edges, host pointers, noise.
std::vector<std::uint64_t> wild_addresses(const void* host, const std::byte* own_base) {
  const auto number = [](const void* pointer) {
    return static_cast<std::uint64_t>(reinterpret_cast<std::uintptr_t>(pointer));
  };
  std::vector<std::uint64_t> addresses = {0,
                                          1,
                                          0xffff,
                                          0x10000,
                                          0xff'ffff,
                                          0xffff'0000,
                                          0xffff'ffff,
                                          0x1'0000'0000,
                                          0x7fff'ffff'ffff,
                                          0x8000'0000'0000'0000,
                                          ~0ull,
                                          ~0ull - 7,
                                          number(host),
                                          number(own_base),
                                          number(own_base) - 1,
                                          number(own_base) + 0xffff'ffff};
  std::mt19937_64 random(1);
  for (int i = 0; i < 500; ++i) addresses.push_back(random() >> (i % 64));
  return addresses;
}

TEST_F(Hostile, WildLoadsAndStores) {
  const std::vector<Program*> programs = {
      load(test::assembled("r0 = *(u64 *)(r1 + 0)\n r0 = 0\n exit")),
      load(test::assembled("r0 = *(s8 *)(r1 - 32768)\n r0 = 0\n exit")),
      load(test::assembled("r0 = 0\n *(u64 *)(r1 + 32767) = r1\n exit")),
      load(test::assembled("r0 = 0\n *(u8 *)(r1 + 0) = 7\n exit")),
      load(test::assembled("r0 = 0\n lock *(u64 *)(r1 + 0) += r1\n exit")),
      load(test::assembled("r0 = 0\n r2 = r1\n r2 = xchg_64(r1 + 0, r2)\n r0 = 0\n exit")),
  };
  for (const auto address : wild_addresses(host_.data(), machine->memory().base()))
    for (Program* const program : programs) {
      const auto result = run(program, address);
      EXPECT_EQ(result.r0, 0u);
      if (!result.fault) continue;  // the low half hit something of the guest's own
      EXPECT_TRUE(result.fault->kind == FaultKind::memory || result.fault->kind == FaultKind::misaligned);
      EXPECT_TRUE(result.fault->address);
      EXPECT_FALSE(result.fault->region.empty());
    }
}

TEST_F(Hostile, SweepsAllOfGuestMemory) {
  // A store to every page that there is: only the guest's own region takes them.
  const auto own = region(kPageSize, "own");
  Program* const program = load(test::assembled("*(u64 *)(r1 + 0) = -1\n r0 = 0\n exit"));
  std::size_t taken = 0;
  for (std::uint64_t page = 0; page < 1ull << 32; page += std::uint64_t{kPageSize} * 64)
    taken += !run(program, page).fault;
  for (std::uint64_t page = own - 64 * kPageSize; page < own + 64 * kPageSize; page += kPageSize)
    taken += !run(program, page).fault;
  EXPECT_LE(taken, 4u);  // the region, and the stack
}

TEST_F(Hostile, EndlessLoops) {
  EXPECT_FAULT(FaultKind::out_of_fuel, run("again: goto again\n exit", 0, 0, 10'000));
  EXPECT_FAULT(FaultKind::out_of_fuel, run("again: if r0 == r0 goto again\n exit", 0, 0, 10'000));
  EXPECT_FAULT(FaultKind::out_of_fuel,
               run("r1 = 5\nagain: r1 += 1\n r2 = r1\n if r1 != 0 goto again\n exit", 0, 0, 10'000));
  EXPECT_FAULT(FaultKind::out_of_fuel, run("again: call f\n goto again\n exit\n<f>: exit", 0, 0, 10'000));
}

TEST_F(Hostile, EndlessRecursion) {
  EXPECT_FAULT(FaultKind::call_depth, run("call f\n exit\n<f>: call f\n exit"));
  EXPECT_FAULT(FaultKind::call_depth, run("r6 = f ll\n callx r6\n exit\n<f>: r6 = f ll\n callx r6\n exit"));
}

TEST_F(Hostile, RecursionThroughCallbacks) {
  machine->helpers().set(220, [](std::uint64_t f, std::uint64_t, std::uint64_t, std::uint64_t, std::uint64_t,
                                 Cpu& cpu) { return cpu.call(f).value_or(0); });
  EXPECT_FAULT(FaultKind::call_depth, run("r1 = f ll\n call 220\n exit\n<f>: r1 = f ll\n call 220\n exit"));
}

TEST_F(Hostile, StacksThatOverflow) {
  // Below the 4096 bytes of all frames lies nothing, and above them neither.
  EXPECT_FAULT(FaultKind::memory, run("r0 = *(u64 *)(r10 - 4104)\n exit"));
  EXPECT_FAULT(FaultKind::memory, run("*(u64 *)(r10 + 0) = 1\n exit"));
  EXPECT_FAULT(FaultKind::memory, run("r1 = r10\nagain: r1 += -8\n *(u64 *)(r1 + 0) = 1\n goto again\n exit"));
  EXPECT_FAULT(FaultKind::memory, run("r1 = r10\nagain: *(u64 *)(r1 + 0) = 1\n r1 += 8\n goto again\n exit"));
  // The frame of a caller is the guest's own to ruin: return addresses are not there.
  EXPECT_R0(-1, run("*(u64 *)(r10 - 8) = 1\n r6 = 3\n call f\n if r6 != 3 goto +2\n r0 = *(u64 *)(r10 - 8)\n exit\n r0 "
                    "= 5\n exit\n"
                    "<f>: *(u64 *)(r10 + 8) = -1\n exit"));
}

TEST_F(Hostile, ReadOnlyData) {
  const auto constants = region(8, ".rodata", Protection::read);
  for (const std::string_view store : {"*(u8 *)(r1 + 0) = 1", "*(u64 *)(r1 + 0) = r1", "lock *(u64 *)(r1 + 0) += r1"})
    EXPECT_FAULT(FaultKind::memory, run(std::string(store) + "\n exit", constants));
  EXPECT_R0(0, run("r0 = *(u64 *)(r1 + 0)\n exit", constants));
}

TEST_F(Hostile, JumpGames) {
  for (const std::string_view text : {"goto +5\n exit", "goto -2\n exit", "goto +1\n r0 = 1 ll\n exit", "r0 = 0"})
    EXPECT_FALSE(refused(text).empty()) << text;
  EXPECT_FAULT(FaultKind::out_of_fuel, run("goto -1", 0, 0, 100));
  EXPECT_FAULT(FaultKind::bad_jump, run("r1 = -1\n gotox r1\n exit"));
  EXPECT_FAULT(FaultKind::bad_jump, run("r1 = r10\n callx r1\n exit"));
}

// Random code that validates: whatever it does, it ends, and the world stands.
TEST_F(Hostile, RandomPrograms) {
  std::mt19937_64 random(7);
  const auto reg = [&] { return static_cast<Reg>(random() % 10); };
  const auto memory = region(kPageSize);
  for (int round = 0; round < 300; ++round) {
    ProgramSpec spec;
    spec.name = "random";
    constexpr int kLength = 40;
    for (int i = 0; i < kLength; ++i) {
      const auto offset = static_cast<std::int16_t>(random());
      const auto jump = static_cast<std::int16_t>(static_cast<std::int64_t>(random() % kLength) - i - 1);
      const auto imm = static_cast<std::int64_t>(static_cast<std::int32_t>(random()));
      switch (random() % 8) {
        case 0:
          spec.code.insns.push_back(
              {.op = Op::ldx64, .dst = reg(), .src = random() % 2 ? Reg::r10 : reg(), .off = offset});
          break;
        case 1:
          spec.code.insns.push_back(
              {.op = Op::stx32, .dst = random() % 2 ? Reg::r10 : reg(), .src = reg(), .off = offset});
          break;
        case 2: spec.code.insns.push_back({.op = Op::jgt64_reg, .dst = reg(), .src = reg(), .off = jump}); break;
        case 3: spec.code.insns.push_back({.op = Op::jne64_imm, .dst = reg(), .off = jump, .imm = imm}); break;
        case 4: spec.code.insns.push_back({.op = Op::mul64_imm, .dst = reg(), .imm = imm}); break;
        case 5: spec.code.insns.push_back({.op = Op::sdiv64_reg, .dst = reg(), .src = reg(), .off = 0}); break;
        case 6:
          spec.code.insns.push_back({.op = Op::mov64_reg, .dst = reg(), .src = random() % 2 ? Reg::r10 : reg()});
          break;
        default: spec.code.insns.push_back({.op = Op::add64_imm, .dst = reg(), .imm = imm}); break;
      }
    }
    spec.code.insns.push_back(insn::exit());
    Program* const program = load(spec);
    ASSERT_NE(program, nullptr);
    const auto first = run(program, memory, kPageSize, 10'000);
    // Deterministic, but for what it left in the memory that it was given.
    const auto zeros = std::vector<std::byte>(kPageSize);
    ASSERT_TRUE(machine->memory().copy_out(memory, zeros.data(), zeros.size()));
    const auto second = run(program, memory, kPageSize, 10'000);
    ASSERT_TRUE(machine->memory().copy_out(memory, zeros.data(), zeros.size()));
    const auto third = run(program, memory, kPageSize, 10'000);
    EXPECT_LE(first.instructions, 10'000u + kLength);
    EXPECT_EQ(second.instructions, third.instructions);
    EXPECT_EQ(second.r0, third.r0);
    EXPECT_EQ(second.fault, third.fault);
  }
}

}  // namespace
}  // namespace skep::vm
