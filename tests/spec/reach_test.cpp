#include "skep/spec/reach.hpp"

#include <gtest/gtest.h>

#include "skep/asm/text/parse.hpp"
#include "skep/spec/resolve.hpp"
#include "skep/tests/support/result.hpp"

namespace skep::spec {
namespace {

// "r" reachable, "g" guarded, "d" dead, a letter a slot.
std::string reached(std::string_view text) {
  const auto code = text::parse(text);
  EXPECT_OK(code);
  std::string letters;
  for (const auto each : reach(*code)) letters += "dgr"[static_cast<std::size_t>(each)];
  return letters;
}

TEST(Reach, FollowsEveryBranchThatMayBeTaken) {
  EXPECT_EQ(reached("if r1 == 0 goto +1\n r0 = 1\n exit"), "rrr");
  EXPECT_EQ(reached("goto +1\n r0 = 1\n exit"), "rdr");
  EXPECT_EQ(reached("r0 = 1\n exit\n exit"), "rrd");
}

TEST(Reach, KnowsConstantsInRegisters) {
  EXPECT_EQ(reached("r1 = 0\n if r1 == 0 goto +1\n call 1\n exit"), "rrgr");
  EXPECT_EQ(reached("r1 = 1\n if r1 == 0 goto +1\n call 1\n exit"), "rrrr");
  EXPECT_EQ(reached("w1 = 5\n w1 -= 5\n r2 = r1\n if r2 != 0 goto +1\n exit\n call 1\n exit"), "rrrrrgg");
  EXPECT_EQ(reached("r1 = 0 ll\n r6 = r1\n call 5\n if r6 s> -1 goto +1\n call 1\n exit"), "rrrrrgr");
}

TEST(Reach, ForgetsWhatItCannotKnow) {
  // Two paths that disagree, a call, memory.
  EXPECT_EQ(reached("r2 = 0\n if r1 == 0 goto +1\n r2 = 1\n if r2 == 0 goto +1\n call 1\n exit"), "rrrrrr");
  EXPECT_EQ(reached("r0 = 0\n call 5\n if r0 == 0 goto +1\n call 1\n exit"), "rrrrr");
  EXPECT_EQ(reached("*(u64 *)(r10 - 8) = 0\n r1 = *(u64 *)(r10 - 8)\n if r1 == 0 goto +1\n call 1\n exit"), "rrrrr");
  // A loop that counts.
  EXPECT_EQ(reached("r1 = 0\n r1 += 1\n if r1 < 10 goto -2\n call 1\n exit"), "rrrrr");
}

TEST(Reach, EntersFunctionsThatAreReached) {
  EXPECT_EQ(reached("call f\n exit\n<f>: r0 = 1\n exit\n<g>: exit"), "rrrrr");  // g: as an exception callback
  EXPECT_EQ(reached("r1 = 0\n if r1 == 0 goto +1\n call f\n exit\n<f>: r0 = 1\n exit"), "rrgrgg");
  EXPECT_EQ(reached("goto +1\n call f\n exit\n<f>: r0 = 1\n exit"), "rdrdd");
  EXPECT_EQ(reached("r1 = f ll\n r0 = 0\n exit\n<f>: exit"), "rrrrr");
}

// Each leads to every target of the branches before them.
TEST(Reach, ManyJumpsToAnywhere) {
  Code code;
  for (int i = 0; i < 50'000; ++i) {
    code.insns.push_back({.op = Op::jeq64_imm, .dst = Reg::r1, .off = 1});
    code.insns.push_back({.op = Op::gotox, .dst = Reg::r1});
  }
  const auto answers = reach(code);
  EXPECT_EQ(answers, std::vector<Reach>(100'000, Reach::reachable));
}

TEST(Reach, FindsPoison) {
  const auto code = text::parse("r1 = 0\n if r1 == 0 goto +1\n call 195896080\n call 195896080\n exit");
  ASSERT_OK(code);
  EXPECT_EQ(poisoned_slots(*code, Reach::guarded), (std::vector<std::uint32_t>{2, 3}));
  EXPECT_EQ(poisoned_slots(*code, Reach::reachable), (std::vector<std::uint32_t>{3}));
  EXPECT_TRUE(poisoned_slots(Code{}, Reach::dead).empty());
}

}  // namespace
}  // namespace skep::spec
