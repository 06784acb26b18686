#include "skep/asm/validate.hpp"

#include <gtest/gtest.h>

#include "skep/asm/builder.hpp"
#include "skep/tests/support/result.hpp"

namespace skep {
namespace {

using test::message;

template <class... Items>
Code code(const Items&... items) {
  CodeBuilder builder;
  (builder.add(items), ...);
  return builder.build().value();
}
template <class... Items>
std::string error(const Items&... items) {
  const auto result = validate(code(items...));
  EXPECT_TRUE(result || result.error().code() == Errc::rejected);
  return message(result);
}

TEST(Validate, Accepts) {
  EXPECT_OK(validate(code(insn::mov64(r0, 0), insn::exit())));
  EXPECT_OK(validate(code(insn::ld_imm64(r0, 1), insn::exit())));
  EXPECT_OK(validate(code(insn::exit(), insn::ja(-2))));       // ends with a jump back
  EXPECT_OK(validate(code(insn::exit(), insn::ja32(-2))));
  EXPECT_OK(validate(code(insn::callx(r1), insn::gotox(r1))));  // targets are values
  EXPECT_OK(validate(code(insn::div64(r0, 0), insn::sdiv32(r0, 0), insn::mod64(r0, 0), insn::exit())));
  EXPECT_OK(validate(code(insn::store64(r10, -8, r1), insn::atomic_add64(r10, -8, r1), insn::exit())));
  EXPECT_OK(validate(code(insn::lsh64(r0, 64), insn::rsh32(r0, -1), insn::exit())));  // masked
}

TEST(Validate, SizeAndWideInstructions) {
  EXPECT_EQ(message(validate(Code{})), "there are no instructions");
  EXPECT_EQ(message(validate(code(insn::mov64(r0, 0), insn::exit()), 1)), "2 instruction slots, at most 1 are allowed");
  Code lonely{.insns = {insn::ld_imm64(r0, 1)}};
  EXPECT_EQ(message(validate(lonely)), "instruction 0 (r0 = 0x1 ll): lacks its second slot");
  lonely.insns.push_back(insn::exit());
  EXPECT_EQ(message(validate(lonely)),
            "instruction 1 (exit): stands where the wide instruction before it has its second slot");
  EXPECT_EQ(message(validate(Code{.insns = {{.op = Op::wide_tail}, insn::exit()}})),
            "instruction 0: the second slot of a wide instruction without the first");
}

TEST(Validate, Operands) {
  EXPECT_EQ(error(insn::mov64(r10, 1), insn::exit()),
            "instruction 0 (r10 = 0x1): r10, the frame pointer, is read-only");
  EXPECT_NE(error(insn::load64(r10, r1, 0), insn::exit()), "");
  EXPECT_NE(error(insn::ld_imm64(r10, 0), insn::exit()), "");
  EXPECT_NE(error(insn::atomic_fetch_add64(r1, 0, r10), insn::exit()), "");
  EXPECT_NE(error(insn::be16(r10), insn::exit()), "");
  EXPECT_EQ(error(Instruction{.op = Op::mov64_imm, .imm = INT64_C(1) << 32}, insn::exit()),
            "instruction 0 (r0 = 0x100000000): its immediate has more than 32 bits");
}

TEST(Validate, Jumps) {
  EXPECT_EQ(error(insn::ja(1), insn::exit()),
            "instruction 0 (goto +0x1): jumps to slot 2, its function has slots 0 to 1");
  EXPECT_NE(error(insn::ja(-2), insn::exit()), "");
  EXPECT_NE(error(insn::ja32(INT32_MAX), insn::exit()), "");
  EXPECT_NE(error(insn::ja32(INT32_MIN), insn::exit()), "");
  EXPECT_NE(error(insn::may_goto(1), insn::exit()), "");
  EXPECT_EQ(error(insn::jeq64(r1, 0, 1), insn::ld_imm64(r0, 0), insn::exit()),
            "instruction 0 (if r1 == 0x0 goto +0x1): jumps to slot 2, the second half of a wide instruction");
}

TEST(Validate, FallingOffTheEnd) {
  EXPECT_EQ(error(insn::mov64(r0, 0)), "instruction 0 (r0 = 0x0): its function ends here without exit or jump");
  EXPECT_NE(error(insn::exit(), insn::ld_imm64(r0, 0)), "");
  EXPECT_NE(error(insn::exit(), insn::jeq64(r0, 0, -2)), "");
  EXPECT_NE(error(insn::exit(), insn::may_goto(-2)), "");
  EXPECT_NE(error(insn::exit(), insn::call(5)), "");
}

TEST(Validate, FunctionsByTheirCalls) {
  EXPECT_OK(validate(code(insn::call_local(1), insn::exit(), insn::mov64(r0, 1), insn::exit())));
  EXPECT_OK(validate(code(insn::ld_func(r1, 2), insn::exit(), insn::exit())));
  EXPECT_EQ(error(insn::call_local(0), insn::exit()),
            "instruction 0 (call pc+0x0): its function ends here without exit or jump");
  EXPECT_EQ(error(insn::call_local(5), insn::exit()), "instruction 0 (call pc+0x5): slot 6 is no instruction");
  EXPECT_EQ(error(insn::call_local(1), insn::ld_imm64(r0, 0), insn::exit()),
            "instruction 0 (call pc+0x1): slot 2 is no instruction");
  EXPECT_EQ(
      error(insn::call_local(1), insn::ja(1), insn::mov64(r0, 0), insn::exit()),  // out of its function into another
      "instruction 1 (goto +0x1): jumps to slot 3, its function has slots 0 to 1");
}

TEST(Validate, DeclaredFunctions) {
  CodeBuilder builder;
  builder.add(insn::call("f"), insn::exit()).function("f").add(insn::mov64(r0, 0), insn::exit());
  auto good = builder.build().value();
  EXPECT_OK(validate(good));
  good.insns[0].imm = 2;
  EXPECT_EQ(message(validate(good)), "instruction 0 (call f): slot 3 is not where a function starts");
  good.insns[0].imm = 1;
  good.functions[1].slot = 9;
  EXPECT_EQ(message(validate(good)), "function \"f\" starts at slot 9, where no instruction is");
  EXPECT_EQ(error(insn::call("elsewhere"), insn::exit()),
            "instruction 0 (call elsewhere): names function \"elsewhere\", which is not linked");
}

}  // namespace
}  // namespace skep
