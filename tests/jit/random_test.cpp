#include <random>

#include "skep/tests/jit/both.hpp"
#include "skep/tests/jit/random_program.hpp"

namespace skep {
namespace {

TEST(RandomPrograms, AreTheInterpreters) {
  constexpr int kPrograms = 10000, kPerMachine = 100;
  std::mt19937_64 rng(20);
  std::optional<test::Sides> sides;
  std::map<std::string, int> ends;
  for (int i = 0; i < kPrograms; ++i) {
    if (i % kPerMachine == 0) sides.emplace(std::size_t{64});
    SCOPED_TRACE(i);
    const auto spec = test::RandomProgram(rng).make();
    std::vector<std::vector<std::byte>> inputs(3, std::vector<std::byte>(64));
    for (auto& input : inputs)
      for (auto& byte : input) byte = static_cast<std::byte>(rng());
    const auto ran = sides->expect_same(spec, inputs, 2000);
    ASSERT_TRUE(ran) << "a random program is valid: " << test::message(sides->all().front().machine().load(spec));
    if (testing::Test::HasFailure()) return;
    ++ends[ran->fault ? std::string(to_string(ran->fault->kind)) : "exit"];
  }
  // Every way to end was taken, or this test would test little.
  for (const auto* end : {"exit", "memory", "misaligned", "out_of_fuel", "call_depth", "invalid_instruction", "bad_jump"})
    EXPECT_GT(ends[end], 20) << end;
}

}  // namespace
}  // namespace skep
