#include "skep/asm/text/parse.hpp"

#include <random>

#include <gtest/gtest.h>

#include "skep/asm/builder.hpp"
#include "skep/asm/generate.hpp"
#include "skep/asm/text/print.hpp"
#include "skep/tests/support/result.hpp"

namespace skep::text {
namespace {

using test::message;

constexpr auto kLlvm = Dialect::llvm, kMnemonic = Dialect::mnemonic;

std::string error(std::string_view text, Dialect dialect = Dialect::llvm) {
  const auto code = parse(text, dialect);
  EXPECT_TRUE(code || code.error().code() == Errc::malformed);
  return message(code);
}

TEST(Parse, EveryRowAsPrinted) {
  std::mt19937_64 rng(2);
  for (std::size_t i = 0; i < kOpCount; ++i) {
    const auto op = static_cast<Op>(i);
    if (op == Op::wide_tail) continue;
    for (int round = 0; round < 50; ++round)
      for (const auto dialect : {kLlvm, kMnemonic}) {
        const auto insn = random_instruction(op, rng);
        const auto text = print(insn, dialect);
        const auto back = parse_instruction(text, dialect);
        ASSERT_OK(back) << text;
        EXPECT_EQ(*back, insn) << info(op).name << ": " << text;
      }
  }
}

TEST(Parse, OtherSpellings) {
  const auto one = [](std::string_view text, Dialect dialect = Dialect::llvm) {
    const auto insn = parse_instruction(text, dialect);
    EXPECT_OK(insn) << text;
    return insn.value_or(Instruction{.op = Op::wide_tail});
  };
  EXPECT_EQ(one("r1=5"), insn::mov64(r1, 5));
  EXPECT_EQ(one("  w1 = 4294967295 "), insn::mov32(r1, -1));
  EXPECT_EQ(one("r1 = - 0x80000000"), insn::mov64(r1, INT32_MIN));
  EXPECT_EQ(one("r1 = *(u8*)(r2+4)"), insn::load8(r1, r2, 4));  // as -mcpu=v1 and v2 are printed
  EXPECT_EQ(one("r1 = *( u32 * ) ( r2 )"), insn::load32(r1, r2, 0));
  EXPECT_EQ(one("*(u16 *)(r1 + 0) = r2"), insn::store16(r1, 0, r2));
  EXPECT_EQ(one("lock *(u32 *)(r1 + 0) += r2"), insn::atomic_add32(r1, 0, r2));
  EXPECT_EQ(one("r1 = (s8) r2"), insn::movsx8_64(r1, r2));
  EXPECT_EQ(one("if r1 == 0 goto +0x3 <prog+0x20>"), insn::jeq64(r1, 0, 3));  // as llvm-objdump adds
  EXPECT_EQ(one("r1 = 18446744073709551615 ll"), insn::ld_imm64(r1, ~UINT64_C(0)));
  EXPECT_EQ(one("ldxw r0, [r1 + 0x10]", kMnemonic), insn::load32(r0, r1, 16));
  EXPECT_EQ(one("swap32 %r1", kMnemonic), insn::bswap32(r1));
  EXPECT_EQ(one("jslt %r1, 0xfffffffe, +1", kMnemonic), insn::jslt64(r1, -2, 1));
  EXPECT_EQ(one("call map_lookup_elem", kMnemonic), insn::call(1));
  EXPECT_EQ(one("call bpf_ktime_get_ns", kMnemonic), insn::call(5));
  EXPECT_EQ(one("lddw %r1, map_value 5 + 16", kMnemonic), insn::ld_map_value(r1, 5, 16));
}

TEST(Parse, LabelsFunctionsAndComments) {
  const auto code = parse(R"(
# a program
  r0 = 0          // comments
loop: r0 += 1     ; of all kinds
  if r0 < 10 goto loop
  call f
  r1 = f ll
  r2 = flows ll
  call bpf_map_lookup_elem
  call elsewhere
  exit
f:
  goto f
)");
  ASSERT_OK(code);
  EXPECT_EQ(code->insns[2], insn::jlt64(r0, 10, -2));
  EXPECT_EQ(code->insns[3], insn::call_local(7));
  EXPECT_EQ(code->insns[4], insn::ld_func(r1, 6));
  EXPECT_EQ(code->insns[8], insn::call(1));
  EXPECT_EQ(code->insns[11], insn::ja(-1));
  EXPECT_EQ(code->functions, (std::vector<Function>{{0, "", 0}, {11, "f", 0}}));
  EXPECT_EQ(code->labels, (std::vector<Label>{{1, "loop"}}));
  using enum Reference::Kind;
  EXPECT_EQ(
      code->references,
      (std::vector<Reference>{{3, function, "f"}, {4, function, "f"}, {6, map, "flows"}, {9, function, "elsewhere"}}));
}

TEST(Parse, MnemonicProgram) {
  const auto code = parse("mov %r0, 1\ncall local f\njne %r0, 1, exit\nja32 out\nexit\nf: exit\nout: exit", kMnemonic);
  ASSERT_OK(code);
  EXPECT_EQ(code->insns[1], insn::call_local(3));
  EXPECT_EQ(code->insns[2], insn::jne64(r0, 1, 1));  // to the first exit
  EXPECT_EQ(code->insns[3], insn::ja32(2));
}

TEST(Parse, OutputOfLlvmObjdump) {
  const auto code = parse(
      "0000000000000000 <prog>:\n"
      "       0:\tw0 = 0x1\n"
      "       1:\tif r1 == 0x0 goto +0x2 <prog+0x20>\n"
      "       2:\tr1 = 0x0 ll\n\n"
      "0000000000000020 <LBB0_2>:\n"
      "       4:\texit\n");
  ASSERT_OK(code);
  EXPECT_EQ(code->size(), 5u);
  EXPECT_EQ(code->functions, (std::vector<Function>{{0, "prog", 0}, {4, "LBB0_2", 0}}));
}

TEST(Parse, Errors) {
  EXPECT_EQ(error("r0 = 0\n  r1 == 5"),
            "line 2, column 7: expected a number, a register, '-', '(', 'le16', 'le32', …, found '='");
  EXPECT_EQ(error("frobnicate r1"), "line 1, column 1: expected an instruction, found 'frobnicate'");
  EXPECT_EQ(error("r11 = 5"), "line 1, column 1: expected an instruction, found 'r11'");
  EXPECT_EQ(error("r1 ~= 5"), "line 1, column 4: expected an operator or '=', found '~'");
  EXPECT_EQ(error("exit now"), "line 1, column 6: expected the end of the line, found 'now'");
  EXPECT_EQ(error("r1 += 0x1ffffffff"),
            "line 1, column 18: expected a number of 32 bits before this, found the end of the line");
  EXPECT_EQ(error("*(u8 *)(r1 + 32768) = 1"),
            "line 1, column 19: expected an offset of 16 bits before this, found ')'");
  EXPECT_EQ(error("if r1 > 5 goto nowhere"), "line 1, column 1: label \"nowhere\" is not defined");
  EXPECT_EQ(error("a: exit\na: exit"), "line 2, column 1: \"a\" is defined twice");
  EXPECT_EQ(error("<f: exit"), "line 1, column 3: expected '>'");
  EXPECT_EQ(error("r1 = -r2"), "line 1, column 7: expected the same register as before or a register, found 'r2'");
  EXPECT_EQ(error("mov %r0, %r11", kMnemonic), "line 1, column 10: expected a number or a register, found '%'");
  EXPECT_EQ(error("mov %r0 1", kMnemonic), "line 1, column 9: expected ',', found '1'");
  EXPECT_EQ(error("call nothing_like_that", kMnemonic),
            "line 1, column 6: expected a helper, 'local', 'kfunc' or a register, found 'nothing_like_that'");
  EXPECT_EQ(error("exit \x01\xff"), "line 1, column 6: expected the end of the line, found '\\x01'");

  std::string far = "start: exit\n";
  for (int i = 0; i < 40000; ++i) far += "exit\n";
  EXPECT_EQ(error(far + "goto start"),
            "line 40002, column 1: label \"start\" is -40002 slots away, more than an offset of 16 bits can hold");
  EXPECT_OK(parse(far + "gotol start"));
}

TEST(Parse, NothingIsNothing) {
  for (const auto text : {"", "\n\n", " # comment", "\r\n"}) {
    const auto code = parse(text);
    ASSERT_OK(code);
    EXPECT_EQ(*code, Code{});
  }
}

TEST(Parse, OneInstructionHasNoNames) {
  EXPECT_EQ(message(parse_instruction("goto out")),
            "column 1: \"out\" is a name, which means nothing without its program");
  EXPECT_EQ(message(parse_instruction("exit # no")), "column 6: expected the end of the line, found '#'");
}

// Listings of both dialects read back as the same code.
TEST(Parse, Listings) {
  CodeBuilder builder;
  builder.add(insn::ld_map(r1, "flows"), insn::ld_map_value(r2, "odd \"name\"\n", 16), insn::ld_extern(r3, "jiffies"));
  builder.add(insn::jeq64(r0, 0, "out"), insn::call_kfunc("bpf_kfunc"), insn::call("f"), insn::call(5),
              insn::call(99999));
  builder.add(insn::call("bpf_map_lookup_elem"), insn::call("unknown"), insn::ja32("f")).label("out").add(insn::exit());
  builder.function("f").add(insn::ld_func(r1, "f"), insn::exit());
  const auto code = builder.build();
  ASSERT_OK(code);
  for (const auto dialect : {kLlvm, kMnemonic})
    for (const bool on : {false, true}) {
      const auto text = print(*code, {.dialect = dialect, .slots = on, .source = on, .labels = on, .helper_names = on});
      const auto back = parse(text, dialect);
      ASSERT_OK(back) << text;
      EXPECT_EQ(*back, *code) << text;
    }
}

}  // namespace
}  // namespace skep::text
