#include "skep/vm/frames.hpp"

#include <gtest/gtest.h>

#include "skep/tests/vm/assembled.hpp"

namespace skep::vm {
namespace {

std::vector<Frame> frames_of(std::string_view text) { return find_frames(test::assembled(text).code); }
std::uint32_t size_of(std::string_view text) { return frames_of(text).front().size; }

TEST(Frames, AreAsDeepAsTheDeepestAccess) {
  EXPECT_EQ(size_of("r0 = 0\n exit"), 0u);
  EXPECT_EQ(size_of("*(u8 *)(r10 - 1) = 0\n exit"), 16u);
  EXPECT_EQ(size_of("*(u64 *)(r10 - 16) = r1\n r0 = *(u32 *)(r10 - 20)\n exit"), 32u);
  EXPECT_EQ(size_of("lock *(u64 *)(r10 - 512) += r1\n exit"), 512u);
}

TEST(Frames, OutsideOfTheFrameIsNoneOfItsBusiness) {
  EXPECT_EQ(size_of("*(u8 *)(r10 - 513) = 0\n r0 = *(u64 *)(r10 + 8)\n exit"), 0u);
}

TEST(Frames, AreWholeWhereR10Escapes) {
  EXPECT_EQ(size_of("r1 = r10\n exit"), 512u);
  EXPECT_EQ(size_of("r1 += r10\n exit"), 512u);
  EXPECT_EQ(size_of("*(u64 *)(r10 - 8) = r10\n exit"), 512u);
  EXPECT_EQ(size_of("if r10 > r1 goto +0\n exit"), 512u);
}

TEST(Frames, BeginWhereFunctionsDo) {
  const auto frames = frames_of(
      "call f\n"
      "exit\n"
      "<f>: *(u64 *)(r10 - 8) = 0\n"
      "exit\n");
  ASSERT_EQ(frames.size(), 2u);
  EXPECT_EQ(frames[0].begin, 0u);
  EXPECT_EQ(frames[0].end, 2u);
  EXPECT_EQ(frames[0].size, 0u);
  EXPECT_EQ(frames[1].begin, 2u);
  EXPECT_EQ(frames[1].end, 4u);
  EXPECT_EQ(frames[1].size, 16u);
}

}  // namespace
}  // namespace skep::vm
