#include "skep/spec/kernel_symbols.hpp"

#include <gtest/gtest.h>

#include "skep/tests/support/result.hpp"

namespace skep {
namespace {

using Addresses = std::vector<std::uint64_t>;

TEST(KernelSymbols, FindsEveryDifferentAddress) {
  const auto symbols = KernelSymbols::parse(
      "ffffffff81000010 t twice\n"
      "ffffffff81000000 T once\n"
      "ffffffff81000008 t twice\n"
      "ffffffff81000008 t twice\t[module]\n"
      "\n"
      "0 A percpu");
  ASSERT_OK(symbols);
  EXPECT_EQ(symbols->find("once"), Addresses{0xffffffff81000000});
  EXPECT_EQ(symbols->find("twice"), (Addresses{0xffffffff81000008, 0xffffffff81000010}));
  EXPECT_EQ(symbols->find("percpu"), Addresses{0});
  EXPECT_EQ(symbols->find("on"), Addresses{});
  EXPECT_FALSE(symbols->empty());
  EXPECT_TRUE(KernelSymbols().empty());
  EXPECT_EQ(KernelSymbols().find("once"), Addresses{});
}

TEST(KernelSymbols, DataKeepsNoSuffixOfLinkTimeOptimisation) {
  const auto symbols = KernelSymbols::parse(
      "10 d state.llvm.1234\n"
      "20 t code.llvm.1234\n");
  ASSERT_OK(symbols);
  EXPECT_EQ(symbols->find("state"), Addresses{0x10});
  EXPECT_EQ(symbols->find("code"), Addresses{});
  EXPECT_EQ(symbols->find("code.llvm.1234"), Addresses{0x20});
}

TEST(KernelSymbols, ErrorsNameTheLine) {
  for (const auto* text : {"10 T good\nzz T bad\n", "10 T good\n10 T\n", "10 T good\n10 Text name\n",
                           "10 T good\n11111111111111111 T long\n"}) {
    const auto symbols = KernelSymbols::parse(text);
    ASSERT_FALSE(symbols) << text;
    EXPECT_EQ(test::message(symbols), "line 2: not an address, a letter and a name");
  }
}

}  // namespace
}  // namespace skep
