#include "skep/asm/builder.hpp"

#include <set>

#include <gtest/gtest.h>

#include "skep/asm/text/print.hpp"
#include "skep/tests/support/result.hpp"

namespace skep {
namespace {

using test::message;

TEST(Builder, LabelsBecomeOffsets) {
  CodeBuilder builder;
  builder.add(insn::mov64(r0, 0))
      .label("loop")
      .add(insn::add64(r0, 1), insn::ld_imm64(r1, 5), insn::jlt64(r0, r1, "loop"));
  builder.add(insn::jeq32(r0, 5, "out"), insn::ja("loop"), insn::ja32("loop"), insn::may_goto("out"))
      .label("out")
      .add(insn::exit());
  const auto code = builder.build();
  ASSERT_OK(code);
  ASSERT_EQ(code->size(), 10u);
  EXPECT_EQ(code->insns[3], (Instruction{.op = Op::wide_tail}));
  EXPECT_EQ(code->insns[4], insn::jlt64(r0, r1, -4));
  EXPECT_EQ(code->insns[5], insn::jeq32(r0, 5, 3));
  EXPECT_EQ(code->insns[6], insn::ja(-6));
  EXPECT_EQ(code->insns[7], insn::ja32(-7));
  EXPECT_EQ(code->insns[8], insn::may_goto(0));
  EXPECT_TRUE(code->references.empty());
  EXPECT_EQ(code->labels, (std::vector<Label>{{1, "loop"}, {9, "out"}}));
  EXPECT_EQ(builder.size(), 0u);
}

TEST(Builder, NamesBecomeReferences) {
  CodeBuilder builder;
  builder.add(insn::ld_map(r1, "flows"), insn::ld_map_value(r2, ".bss", 16), insn::ld_extern(r3, "jiffies"),
              insn::call_kfunc("bpf_now"), insn::call("f"), insn::ld_func(r4, "f"), insn::call("other"), insn::exit());
  builder.function("f").add(insn::exit());
  const auto code = builder.build();
  ASSERT_OK(code);
  using enum Reference::Kind;
  EXPECT_EQ(code->references, (std::vector<Reference>{{0, map, "flows"},
                                                      {2, map_value, ".bss"},
                                                      {4, extern_, "jiffies"},
                                                      {6, extern_, "bpf_now"},
                                                      {7, function, "f"},
                                                      {8, function, "f"},
                                                      {10, function, "other"}}));
  EXPECT_EQ(code->functions, (std::vector<Function>{{0, "", 0}, {12, "f", 0}}));
  EXPECT_EQ(code->insns[7].imm, 4);
  EXPECT_EQ(code->insns[8].imm, 3);    // from its first slot
  EXPECT_EQ(code->insns[10].imm, -1);  // as clang leaves it
  EXPECT_EQ(imm_high(code->insns[2]), 16u);
}

TEST(Builder, Errors) {
  EXPECT_EQ(message(CodeBuilder().add(insn::jeq64(r1, 0, "nowhere"), insn::exit()).build()),
            "instruction 0 (if r1 == 0x0 goto +0x0): label \"nowhere\" is not defined");
  EXPECT_EQ(message(CodeBuilder().label("a").add(insn::exit()).label("a").build()),
            "label \"a\" at slot 1 is defined twice");
  EXPECT_EQ(message(CodeBuilder().function("a").add(insn::exit()).function("a").build()),
            "function \"a\" at slot 1 is defined twice");

  CodeBuilder far;
  far.label("start");
  for (int i = 0; i < 40000; ++i) far.add(insn::mov64(r0, 0));
  far.add(insn::ja32("start"), insn::ja("start"));
  EXPECT_EQ(message(far.build()),
            "instruction 40001 (goto +0x0): label \"start\": -40002 slots away, an offset has 16 bits");
}

TEST(Code, AppendMovesEverything) {
  CodeBuilder builder;
  auto first = builder.function("main").add(insn::call("f"), insn::exit()).build().value();
  first.files = {"a.c"};
  first.lines = {{0, 0, 1, 1, "one"}};
  auto second = builder.function("f").label("again").add(insn::ld_map(r1, "m"), insn::ja("again")).build().value();
  second.files = {"b.h", "a.c"};
  second.lines = {{0, 1, 7, 1, "seven"}, {2, 0, 8, 1, "eight"}};
  first.append(second);
  EXPECT_EQ(first.size(), 5u);
  EXPECT_EQ(first.functions[1], (Function{2, "f", 0}));
  EXPECT_EQ(first.references[1], (Reference{2, Reference::Kind::map, "m"}));
  EXPECT_EQ(first.labels[0], (Label{2, "again"}));
  EXPECT_EQ(first.files, (std::vector<std::string>{"a.c", "b.h"}));
  EXPECT_EQ(first.lines[1], (LineInfo{2, 0, 7, 1, "seven"}));
  EXPECT_EQ(first.lines[2], (LineInfo{4, 1, 8, 1, "eight"}));
}

TEST(Code, Lookups) {
  Code code;
  code.insns.resize(6, insn::exit());
  code.references = {{1, Reference::Kind::map, "m"}, {4, Reference::Kind::map, "n"}};
  code.functions = {{0, "main", 0}, {3, "f", 0}};
  code.lines = {{1, 0, 10, 0, ""}, {4, 0, 20, 0, ""}};
  EXPECT_EQ(code.reference_at(0), nullptr);
  EXPECT_EQ(code.reference_at(4)->symbol, "n");
  EXPECT_EQ(code.reference_at(5), nullptr);
  EXPECT_EQ(code.function_at(2)->name, "main");
  EXPECT_EQ(code.function_at(3)->name, "f");
  EXPECT_EQ(code.line_at(0), nullptr);
  EXPECT_EQ(code.line_at(2)->line, 10u);
  EXPECT_EQ(code.line_at(3), nullptr);  // main's line does not reach into f
  EXPECT_EQ(code.line_at(5)->line, 20u);
  EXPECT_EQ(Code().function_at(0), nullptr);
}

// One constructor for every row: what is listed here is compared with the table.
TEST(Insn, CoversTheTable) {
  using namespace insn;
  std::set<Op> seen;
  const auto see = [&](std::initializer_list<Instruction> insns) { for (const auto& i : insns) seen.insert(i.op); };
#define ALU(name) see({name(r1, 1), name(r1, r2)});
#define JUMP(name) see({name(r1, 1, 0), name(r1, r2, 0)});
  ALU(add64) ALU(sub64) ALU(mul64) ALU(div64) ALU(mod64) ALU(sdiv64) ALU(smod64) ALU(or64) ALU(and64) ALU(xor64)
  ALU(lsh64) ALU(rsh64) ALU(arsh64) ALU(mov64) ALU(add32) ALU(sub32) ALU(mul32) ALU(div32) ALU(mod32) ALU(sdiv32)
  ALU(smod32) ALU(or32) ALU(and32) ALU(xor32) ALU(lsh32) ALU(rsh32) ALU(arsh32) ALU(mov32)
  JUMP(jeq64) JUMP(jne64) JUMP(jset64) JUMP(jgt64) JUMP(jge64) JUMP(jlt64) JUMP(jle64) JUMP(jsgt64) JUMP(jsge64)
  JUMP(jslt64) JUMP(jsle64) JUMP(jeq32) JUMP(jne32) JUMP(jset32) JUMP(jgt32) JUMP(jge32) JUMP(jlt32) JUMP(jle32)
  JUMP(jsgt32) JUMP(jsge32) JUMP(jslt32) JUMP(jsle32)
#undef ALU
#undef JUMP
  see({neg64(r1), neg32(r1), le16(r1), le32(r1), le64(r1), be16(r1), be32(r1), be64(r1), bswap16(r1), bswap32(r1),
       bswap64(r1), movsx8_64(r1, r2), movsx16_64(r1, r2), movsx32_64(r1, r2), movsx8_32(r1, r2), movsx16_32(r1, r2),
       addr_space_cast(r1, r2, 0, 1)});
  see({load8(r1, r2, 0), load16(r1, r2, 0), load32(r1, r2, 0), load64(r1, r2, 0), load_signed8(r1, r2, 0),
       load_signed16(r1, r2, 0), load_signed32(r1, r2, 0), load_acquire8(r1, r2, 0), load_acquire16(r1, r2, 0),
       load_acquire32(r1, r2, 0), load_acquire64(r1, r2, 0), store8(r1, 0, 1), store16(r1, 0, 1), store32(r1, 0, 1),
       store64(r1, 0, 1), store8(r1, 0, r2), store16(r1, 0, r2), store32(r1, 0, r2), store64(r1, 0, r2),
       store_release8(r1, 0, r2), store_release16(r1, 0, r2), store_release32(r1, 0, r2), store_release64(r1, 0, r2)});
  see({atomic_add64(r1, 0, r2), atomic_or64(r1, 0, r2), atomic_and64(r1, 0, r2), atomic_xor64(r1, 0, r2),
       atomic_fetch_add64(r1, 0, r2), atomic_fetch_or64(r1, 0, r2), atomic_fetch_and64(r1, 0, r2),
       atomic_fetch_xor64(r1, 0, r2), atomic_xchg64(r1, 0, r2), atomic_cmpxchg64(r1, 0, r2), atomic_add32(r1, 0, r2),
       atomic_or32(r1, 0, r2), atomic_and32(r1, 0, r2), atomic_xor32(r1, 0, r2), atomic_fetch_add32(r1, 0, r2),
       atomic_fetch_or32(r1, 0, r2), atomic_fetch_and32(r1, 0, r2), atomic_fetch_xor32(r1, 0, r2),
       atomic_xchg32(r1, 0, r2), atomic_cmpxchg32(r1, 0, r2)});
  see({ld_abs8(0), ld_abs16(0), ld_abs32(0), ld_ind8(r1, 0), ld_ind16(r1, 0), ld_ind32(r1, 0), ld_imm64(r1, 0),
       ld_map_fd(r1, 3), ld_map_value(r1, 3, 0), ld_btf_id(r1, 1), ld_func(r1, 0), ld_map_idx(r1, 0),
       ld_map_idx_value(r1, 0, 0)});
  see({ja(0), ja32(0), may_goto(0), gotox(r1), call(1), call_local(0), call_kfunc(1), callx(r1), insn::exit()});
  for (std::size_t i = 0; i < kOpCount; ++i) {
    const auto op = static_cast<Op>(i);
    EXPECT_EQ(seen.contains(op), op != Op::wide_tail) << info(op).name;
  }
}

TEST(Insn, PutsOperandsInTheirFields) {
  static_assert(insn::mov64(r1, 5) == Instruction{Op::mov64_imm, r1, r0, 0, 5});
  static_assert(insn::mov64(r1, r2) == Instruction{Op::mov64_reg, r1, r2, 0, 0});
  static_assert(insn::load32(r0, r1, -4) == Instruction{Op::ldx32, r0, r1, -4, 0});
  static_assert(insn::store16(r10, -2, 7) == Instruction{Op::st16, r10, r0, -2, 7});
  static_assert(insn::addr_space_cast(r1, r2, 1, 0).imm == 0x10000);
  static_assert(imm_high(insn::ld_map_value(r1, 3, 16)) == 16);
}

}  // namespace
}  // namespace skep
