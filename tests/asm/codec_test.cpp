#include "skep/asm/codec.hpp"

#include <filesystem>
#include <random>

#include <gtest/gtest.h>

#include "skep/asm/generate.hpp"
#include "skep/tests/support/result.hpp"

namespace skep {
namespace {

using test::message;

std::vector<std::byte> hex(std::string_view text) { return from_hex(text).value(); }
std::string error(std::string_view text, ByteOrder order = ByteOrder::little) {
  return message(decode(hex(text), order));
}

TEST(Codec, EveryRowBothOrders) {
  std::mt19937_64 rng(1);
  for (std::size_t i = 0; i < kOpCount; ++i) {
    const auto op = static_cast<Op>(i);
    if (op == Op::wide_tail) continue;
    for (int round = 0; round < 200; ++round) {
      std::vector<Instruction> insns{random_instruction(op, rng)};
      if (is_wide(op)) insns.push_back({.op = Op::wide_tail});
      for (const auto order : {ByteOrder::little, ByteOrder::big}) {
        const auto bytes = encode(insns, order);
        const auto back = decode(bytes, order);
        ASSERT_OK(back) << info(op).name;
        EXPECT_EQ(*back, insns) << info(op).name;
      }
    }
  }
}

TEST(Codec, BigEndianSwapsNibblesAndIntegers) {
  const auto little = decode(hex("7b1af8ff00000000 b40200000a000000"));
  const auto big = decode(hex("7ba1fff800000000 b42000000000000a"), ByteOrder::big);
  ASSERT_OK(little);
  ASSERT_OK(big);
  EXPECT_EQ(*little, *big);
  EXPECT_EQ(little->front(), (Instruction{Op::stx64, r10, r1, -8, 0}));
}

TEST(Codec, WideImmediateIsWholeInItsFirstSlot) {
  const auto insns = decode(hex("1801000088776655 0000000044332211"));
  ASSERT_OK(insns);
  ASSERT_EQ(insns->size(), 2u);
  EXPECT_EQ((*insns)[0], (Instruction{Op::ld_imm64, r1, r0, 0, 0x1122334455667788}));
  EXPECT_EQ((*insns)[1], (Instruction{.op = Op::wide_tail}));
}

// Fields that select the instruction are no operands: sdiv's off, the atomic operation, the width of a swap.
TEST(Codec, SelectingFieldsAreZeroInTheValue) {
  const auto insns = decode(hex("3f21010000000000 db2af8ff f1000000 dc01000010000000 8510000005000000"));
  ASSERT_OK(insns);
  EXPECT_EQ((*insns)[0], (Instruction{Op::sdiv64_reg, r1, r2, 0, 0}));
  EXPECT_EQ((*insns)[1], (Instruction{Op::atomic_cmpxchg64, r10, r2, -8, 0}));
  EXPECT_EQ((*insns)[2], (Instruction{Op::be16, r1, r0, 0, 0}));
  EXPECT_EQ((*insns)[3], (Instruction{Op::call_local, r0, r0, 0, 5}));
}

TEST(Codec, ArenaCastKeepsItsAddressSpaces) {  // a selector in off beside an operand in imm
  const auto bytes = hex("bf11010001000000 bf21010000000100");
  const auto insns = decode(bytes);
  ASSERT_OK(insns);
  EXPECT_EQ((*insns)[1], (Instruction{Op::addr_space_cast, r1, r2, 0, 0x10000}));
  EXPECT_EQ(encode(*insns), bytes);
}

TEST(Codec, ErrorsNameSlotOffsetAndReason) {
  EXPECT_EQ(error("9500000000"), "5 bytes of instructions are no multiple of 8");
  EXPECT_EQ(error("9500000000000000 ff00000000000000"), "instruction 1 (byte offset 8): unknown opcode 0xff");
  EXPECT_EQ(error("0700010000000000"),
            "instruction 0 (byte offset 0): opcode 0x07 as add64_imm: field off is 0x1, must be 0x0");
  EXPECT_EQ(error("950b000000000000"),
            "instruction 0 (byte offset 0): opcode 0x95 as exit: field dst is 0xb, must be 0x0");
  EXPECT_EQ(error("0501000000000000"),
            "instruction 0 (byte offset 0): opcode 0x05 as ja: field dst is 0x1, must be 0x0");
  EXPECT_EQ(error("b70b000000000000"), "instruction 0 (byte offset 0): mov64_imm: there is no register r11");
  EXPECT_EQ(error("bff0000000000000"), "instruction 0 (byte offset 0): mov64_reg: there is no register r15");
  EXPECT_EQ(error("0000000000000000"),
            "instruction 0 (byte offset 0): opcode 0x00 without a wide instruction before it");
  EXPECT_EQ(error("9500000000000000 1801000000000000"),
            "instruction 1 (byte offset 8): ld_imm64 lacks its second slot");
  EXPECT_EQ(error("1801000000000000 9500000000000000"),
            "instruction 0 (byte offset 0): second slot of a wide instruction has opcode 0x95, dst 0, src 0, off 0; "
            "all must be 0");
  EXPECT_EQ(error("1871000000000000 0000000000000000").find("instruction 0 (byte offset 0): opcode 0x18"), 0u);
}

TEST(Codec, BrokenCodeIsDecodedAroundItsHoles) {
  const auto bytes = hex("b700000001000000 ff00000000000000 1801000005000000 0000000001000000 1801000000000000"
                         "9500000000000000 950000");
  const auto all = decode_each(bytes);
  ASSERT_EQ(all.size(), 6u);
  const std::pair<std::uint32_t, std::size_t> places[] = {{0, 8}, {1, 8}, {2, 16}, {4, 8}, {5, 8}, {6, 3}};
  for (std::size_t i = 0; i < all.size(); ++i) {
    EXPECT_EQ(all[i].slot, places[i].first);
    EXPECT_EQ(all[i].bytes.size(), places[i].second);
  }
  EXPECT_EQ(*all[0].insn, (Instruction{Op::mov64_imm, r0, r0, 0, 1}));
  EXPECT_EQ(test::message(all[1].insn), "unknown opcode 0xff");
  EXPECT_EQ(*all[2].insn, (Instruction{Op::ld_imm64, r1, r0, 0, 0x100000005}));
  EXPECT_EQ(test::message(all[3].insn).find("second slot of a wide instruction has opcode 0x95"), 0u);
  EXPECT_EQ(all[4].insn->op, Op::exit);
  EXPECT_EQ(test::message(all[5].insn), "3 bytes, a slot has 8");
}

TEST(Codec, NothingIsNothing) {
  const auto insns = decode({});
  ASSERT_OK(insns);
  EXPECT_TRUE(insns->empty());
  EXPECT_TRUE(encode({}).empty());
}

}  // namespace
}  // namespace skep
