#include "skep/vm/memory.hpp"

#include <cstring>

#include <gtest/gtest.h>

#include "skep/tests/support/result.hpp"

namespace skep::vm {
namespace {

TEST(Memory, IsAlignedAndAllocatesFromTheLowestAddress) {
  auto memory = Memory::reserve();
  ASSERT_OK(memory);
  EXPECT_EQ(reinterpret_cast<std::uintptr_t>(memory->base()) & 0xffff'ffff, 0u);
  EXPECT_EQ(*memory->allocate(1, "a"), kRegionsBase);
  EXPECT_EQ(*memory->allocate(kPageSize + 1, "b"), kRegionsBase + 2 * kPageSize);  // a page and an unmapped one
  EXPECT_EQ(*memory->allocate(0, "c"), kRegionsBase + 5 * kPageSize);
  EXPECT_EQ(*memory->allocate(8, "d"), kRegionsBase + 7 * kPageSize);
}

TEST(Memory, GivesTheSameAddressesOnEveryMachine) {
  auto one = Memory::reserve(), two = Memory::reserve();
  ASSERT_OK(one);
  ASSERT_OK(two);
  EXPECT_NE(one->base(), two->base());
  for (const std::uint64_t size : {1ul, 10'000ul, 4096ul, 1'000'000ul})
    EXPECT_EQ(*one->allocate(size, "x"), *two->allocate(size, "x"));
}

TEST(Memory, FillsHolesAndGivesZeroedPages) {
  auto memory = Memory::reserve();
  ASSERT_OK(memory);
  const auto a = *memory->allocate(100, "a"), b = *memory->allocate(100, "b");
  std::memset(memory->base() + a, 0xff, 100);
  memory->release(a);
  memory->release(a);  // nothing there: nothing happens
  std::byte probe{};
  EXPECT_FALSE(memory->copy_in(&probe, a, 1));
  EXPECT_EQ(*memory->allocate(2 * kPageSize, "too big for the hole"), b + 2 * kPageSize);
  EXPECT_EQ(*memory->allocate(10, "fits"), a);
  std::byte bytes[100];
  ASSERT_TRUE(memory->copy_in(bytes, a, sizeof bytes));
  for (const auto byte : bytes) EXPECT_EQ(byte, std::byte{0});
}

TEST(Memory, SaysWhatDoesNotFit) {
  auto memory = Memory::reserve();
  ASSERT_OK(memory);
  EXPECT_NE(test::message(memory->allocate(std::uint64_t{1} << 40, "values of map huge")).find("values of map huge"),
            std::string::npos);
  ASSERT_OK(memory->allocate(0xf000'0000, "most of it"));
  const auto second = memory->allocate(0x1000'0000, "the rest");
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().code(), Errc::rejected);
  ASSERT_OK(memory->allocate(0x0100'0000, "a little"));
}

TEST(Memory, CopiesWhatIsMappedAndNothingElse) {
  auto memory = Memory::reserve();
  ASSERT_OK(memory);
  const auto at = *memory->allocate(kPageSize, "page");
  std::byte host[64] = {};
  for (const std::size_t size : {1u, 2u, 3u, 4u, 8u, 16u, 33u}) {
    std::byte out[64], in[64] = {};
    std::memset(out, static_cast<int>(size), sizeof out);
    ASSERT_TRUE(memory->copy_out(at + 7, out, size));
    ASSERT_TRUE(memory->copy_in(in, at + 7, size));
    EXPECT_EQ(std::memcmp(in, out, size), 0) << size;
    EXPECT_TRUE(memory->copy_in(host, at + kPageSize - size, size)) << size;
    EXPECT_FALSE(memory->copy_in(host, at + kPageSize - size + 1, size)) << size;
    EXPECT_FALSE(memory->copy_out(at + kPageSize - size + 1, host, size)) << size;
    // Nothing wraps, and the upper half of an address is not ignored here.
    for (const std::uint64_t bad : {0ul, 0xfffful, 0xffff'fffful, 0xffff'fff8ul, at | 1ul << 32, ~0ul})
      EXPECT_FALSE(memory->copy_in(host, bad, size)) << bad;
  }
  EXPECT_FALSE(memory->copy_in(host, at, SIZE_MAX));
  EXPECT_TRUE(memory->copy_in(host, 0, 0));
  EXPECT_FALSE(memory->copy_in(host, 1ull << 32, 0));
}

TEST(Memory, CopiesStrings) {
  auto memory = Memory::reserve();
  ASSERT_OK(memory);
  const auto at = *memory->allocate(3 * kPageSize, "text");
  const std::string letters(3 * kPageSize, 'x');
  ASSERT_TRUE(memory->copy_out(at, letters.data(), letters.size()));
  std::string host(4 * kPageSize, '.');
  for (const std::size_t length : {0u, 1u, 63u, 64u, 65u, 4031u, 4032u, 4095u, 4096u, 9000u}) {
    const auto begin = at + 100;
    const char end = 0;
    ASSERT_TRUE(memory->copy_out(begin + length, &end, 1));
    EXPECT_EQ(memory->copy_string(host.data(), begin, host.size()), length + 1);
    EXPECT_EQ(host.substr(0, length + 1), std::string(length, 'x') + '\0');
    EXPECT_EQ(memory->copy_string(host.data(), begin, length), length);       // cut
    EXPECT_EQ(memory->copy_string(host.data(), begin, length + 1), length + 1);
    ASSERT_TRUE(memory->copy_out(begin + length, "x", 1));
  }
  // What does not end before it cannot be read.
  for (const std::size_t length : {1u, 64u, 4096u, 5000u})
    EXPECT_EQ(memory->copy_string(host.data(), at + 3 * kPageSize - length, host.size()), length);
  for (const std::uint64_t bad : {0ul, 0xffff'fffful, at | 1ul << 32, ~0ul})
    EXPECT_EQ(memory->copy_string(host.data(), bad, 8), 0u) << bad;
  EXPECT_EQ(memory->copy_string(host.data(), at, 0), 0u);
}

TEST(Memory, ProtectsRegions) {
  auto memory = Memory::reserve();
  ASSERT_OK(memory);
  const auto at = *memory->allocate(8, "constants");
  std::uint64_t value = 7;
  ASSERT_TRUE(memory->copy_out(at, &value, 8));
  ASSERT_OK(memory->protect(at, Protection::read));
  EXPECT_FALSE(memory->copy_out(at, &value, 8));
  value = 0;
  EXPECT_TRUE(memory->copy_in(&value, at, 8));
  EXPECT_EQ(value, 7u);
  ASSERT_OK(memory->protect(at, Protection::none));
  EXPECT_FALSE(memory->copy_in(&value, at, 8));
  EXPECT_FALSE(memory->protect(at + 8, Protection::read));
}

TEST(Memory, DescribesAddressesInWords) {
  auto memory = Memory::reserve();
  ASSERT_OK(memory);
  EXPECT_EQ(memory->describe(kRegionsBase), "unmapped");
  const auto a = *memory->allocate(100, "packet");
  const auto b = *memory->allocate(8, "constants", Protection::read);
  EXPECT_EQ(memory->describe(0), "null page");
  EXPECT_EQ(memory->describe(kHandlesBase), "a handle (map pointer), which is not memory");
  EXPECT_EQ(memory->describe(kCodeBase), "the address of a function, which is not memory");
  EXPECT_EQ(memory->describe(0xffff'fff0), "error pointer");
  EXPECT_EQ(memory->describe(a + 16), "packet +16");
  EXPECT_EQ(memory->describe(a + 100), "0 bytes past the end of packet");
  EXPECT_EQ(memory->describe(a + kPageSize + 4), "unmapped, 4000 bytes past the end of packet");
  EXPECT_EQ(memory->describe(b - 8), "unmapped, 8 bytes before constants");
  EXPECT_EQ(memory->describe(b), "constants +0 (read-only)");
}

TEST(Memory, MovesAndGivesTheAddressSpaceBack) {
  for (int i = 0; i < 200; ++i) {  // 1 TiB in all, were it kept
    auto memory = Memory::reserve();
    ASSERT_OK(memory);
    ASSERT_OK(memory->allocate(64, "x"));
    Memory moved = std::move(*memory);
    EXPECT_NE(moved.region_at(kRegionsBase), nullptr);
    *memory = std::move(moved);
    EXPECT_NE(memory->region_at(kRegionsBase), nullptr);
  }
}

}  // namespace
}  // namespace skep::vm
