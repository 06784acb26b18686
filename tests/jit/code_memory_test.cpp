#include "skep/jit/code_memory.hpp"

#include <cstring>
#include <random>

#include <gtest/gtest.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "skep/jit/engine.hpp"
#include "skep/jit/entry.hpp"
#include "skep/tests/support/result.hpp"
#include "skep/tests/support/sandbox.hpp"

namespace skep::jit {
namespace {

SKEP_CALLS_COMPILED_CODE int call(const std::byte* code) {
  int (*function)();
  std::memcpy(&function, &code, sizeof function);
  return function();
}

TEST(CodeMemory, WhatIsWrittenIsExecuted) {
  auto memory = CodeMemory::get();
  ASSERT_OK(memory);
  auto block = (*memory)->allocate(6);
  ASSERT_OK(block);
  EXPECT_NE(static_cast<const void*>(block->writable()), static_cast<const void*>(block->code()));
  const unsigned char code[] = {0xb8, 42, 0, 0, 0, 0xc3};  // mov eax, 42; ret
  std::memcpy(block->writable(), code, sizeof code);
  EXPECT_EQ(call(block->code()), 42);
}

TEST(CodeMemory, KnowsWhoOwnsAPlace) {
  auto* const memory = *CodeMemory::get();
  int owner = 0;
  std::uintptr_t at = 0;
  {
    auto block = memory->allocate(1000);
    ASSERT_OK(block);
    at = reinterpret_cast<std::uintptr_t>(block->code());
    EXPECT_EQ(CodeMemory::owner_of(at), nullptr);
    CodeMemory::set_owner(*block, &owner);
    EXPECT_EQ(CodeMemory::owner_of(at), &owner);
    EXPECT_EQ(CodeMemory::owner_of(at + 999), &owner);
    EXPECT_NE(CodeMemory::owner_of(at + block->size()), &owner);
    EXPECT_EQ(CodeMemory::owner_of(reinterpret_cast<std::uintptr_t>(&owner)), nullptr);
    EXPECT_EQ(CodeMemory::owner_of(0), nullptr);
    EXPECT_EQ(CodeMemory::owner_of(UINTPTR_MAX), nullptr);
  }
  EXPECT_EQ(CodeMemory::owner_of(at), nullptr);
}

TEST(CodeMemory, BlocksNeverOverlapAndComeBack) {
  auto* const memory = *CodeMemory::get();
  std::mt19937 rng(1);
  std::vector<CodeBlock> blocks;
  const auto lowest = [&] {
    auto block = memory->allocate(1);
    return block ? block->code() : nullptr;
  };
  const auto* const before = lowest();
  for (int i = 0; i < 20'000; ++i) {
    if (blocks.size() < 200 && rng() % 2 == 0) {
      auto block = memory->allocate(1 + rng() % 20'000);
      ASSERT_OK(block);
      for (const auto& other : blocks)
        ASSERT_TRUE(block->code() + block->size() <= other.code() || other.code() + other.size() <= block->code());
      blocks.push_back(std::move(*block));
    } else if (!blocks.empty()) {
      std::swap(blocks[rng() % blocks.size()], blocks.back());
      blocks.pop_back();
    }
  }
  blocks.clear();
  EXPECT_EQ(lowest(), before);
}

TEST(CodeMemory, MoreThanThereIsIsAnError) {
  const auto block = (*CodeMemory::get())->allocate(std::size_t{1} << 40);
  ASSERT_FALSE(block);
  EXPECT_EQ(block.error().code(), Errc::not_supported);
}

// Where a sandbox forbids the memory, the engine says so and nothing else happens.
TEST(CodeMemoryDeathTest, IsNotThereInASandbox) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");  // a process in which nobody has asked before
  EXPECT_EXIT(
      {
        test::forbid(SYS_memfd_create);
        const auto there = available();
        std::fprintf(stderr, "%s\n", there ? "it is there" : there.error().what().c_str());
        _exit(!there && there.error().code() == Errc::not_supported ? 0 : 1);
      },
      testing::ExitedWithCode(0), "no memory for compiled code: memfd_create");
}

}  // namespace
}  // namespace skep::jit
