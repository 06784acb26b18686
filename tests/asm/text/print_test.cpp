#include "skep/asm/text/print.hpp"

#include <gtest/gtest.h>

#include "skep/asm/builder.hpp"

namespace skep::text {
namespace {

std::string llvm(const Instruction& insn) { return print(insn, Dialect::llvm); }
std::string mnemonic(const Instruction& insn) { return print(insn, Dialect::mnemonic); }

TEST(Print, BothDialects) {
  const struct {
    Instruction insn;
    std::string_view llvm, mnemonic;
  } cases[] = {
      {insn::add64(r0, 1), "r0 += 0x1", "add %r0, 1"},
      {insn::mov32(r1, r2), "w1 = w2", "mov32 %r1, %r2"},
      {insn::smod64(r1, -13), "r1 s%= -0xd", "smod %r1, -13"},
      {insn::arsh32(r1, r2), "w1 s>>= w2", "arsh32 %r1, %r2"},
      {insn::neg32(r3), "w3 = -w3", "neg32 %r3"},
      {insn::movsx8_32(r1, r2), "w1 = (s8)w2", "movsx832 %r1, %r2"},
      {insn::movsx32_64(r1, r2), "r1 = (s32)r2", "movsx3264 %r1, %r2"},
      {insn::be16(r1), "r1 = be16 r1", "be16 %r1"},
      {insn::bswap64(r1), "r1 = bswap64 r1", "bswap64 %r1"},
      {insn::addr_space_cast(r1, r2, 0, 1), "r1 = addr_space_cast(r2, 0x0, 0x1)", "addr_space_cast %r1, %r2, 0, 1"},
      {insn::load8(r1, r2, 4), "w1 = *(u8 *)(r2 + 0x4)", "ldxb %r1, [%r2+4]"},
      {insn::load64(r1, r10, -8), "r1 = *(u64 *)(r10 - 0x8)", "ldxdw %r1, [%r10-8]"},
      {insn::load_signed16(r1, r2, 0), "r1 = *(s16 *)(r2 + 0x0)", "ldxsh %r1, [%r2]"},
      {insn::store32(r10, -4, 7), "*(u32 *)(r10 - 0x4) = 0x7", "stw [%r10-4], 7"},
      {insn::store16(r1, INT16_MIN, r2), "*(u16 *)(r1 - 0x8000) = w2", "stxh [%r1-32768], %r2"},
      {insn::atomic_add64(r10, -8, r1), "lock *(u64 *)(r10 - 0x8) += r1", "lock add [%r10-8], %r1"},
      {insn::atomic_fetch_xor32(r1, 4, r2), "w2 = atomic_fetch_xor((u32 *)(r1 + 0x4), w2)",
       "lock fetch xor32 [%r1+4], %r2"},
      {insn::atomic_xchg64(r1, 0, r2), "r2 = xchg_64(r1 + 0x0, r2)", "lock xchg [%r1], %r2"},
      {insn::atomic_cmpxchg32(r1, 0, r2), "w0 = cmpxchg32_32(r1 + 0x0, w0, w2)", "lock cmpxchg32 [%r1], %r2"},
      {insn::load_acquire16(r1, r2, 2), "w1 = load_acquire((u16 *)(r2 + 0x2))", "load_acquire16 %r1, [%r2+2]"},
      {insn::store_release64(r1, 8, r2), "store_release((u64 *)(r1 + 0x8), r2)", "store_release64 [%r1+8], %r2"},
      {insn::ld_abs16(12), "r0 = *(u16 *)skb[0xc]", "ldabsh 12"},
      {insn::ld_ind8(r1, 0), "r0 = *(u8 *)skb[r1]", "ldindb %r1, 0"},
      {insn::ld_ind8(r1, -4), "r0 = *(u8 *)skb[r1 - 0x4]", "ldindb %r1, -4"},
      {insn::ld_imm64(r1, ~UINT64_C(0)), "r1 = -0x1 ll", "lddw %r1, 0xffffffffffffffff"},
      {insn::ld_map_fd(r1, 5), "ld_pseudo r1, 0x1, 0x5", "lddw %r1, map_fd 5"},
      {insn::ld_map_value(r1, 5, 16), "ld_pseudo r1, 0x2, 0x1000000005", "lddw %r1, map_value 5+16"},
      {insn::jsgt64(r1, 5, 3), "if r1 s> 0x5 goto +0x3", "jsgt %r1, 5, +3"},
      {insn::jset32(r1, r2, -2), "if w1 & w2 goto -0x2", "jset32 %r1, %r2, -2"},
      {insn::ja(1), "goto +0x1", "ja +1"},
      {insn::ja32(-70000), "gotol -0x11170", "ja32 -70000"},
      {insn::may_goto(2), "may_goto +0x2", "may_goto +2"},
      {insn::gotox(r1), "gotox r1", "gotox %r1"},
      {insn::call(1), "call 0x1", "call 1"},
      {insn::call_local(3), "call pc+0x3", "call local +3"},
      {insn::call_kfunc(42), "call kfunc 0x2a", "call kfunc 42"},
      {insn::call_kfunc(42, 1), "call kfunc 0x2a, 0x1", "call kfunc 42, 1"},
      {insn::callx(r1), "callx r1", "call %r1"},
      {insn::exit(), "exit", "exit"},
      {{.op = Op::wide_tail}, "", ""},
  };
  for (const auto& c : cases) {
    EXPECT_EQ(llvm(c.insn), c.llvm);
    EXPECT_EQ(mnemonic(c.insn), c.mnemonic);
  }
}

Code example() {
  CodeBuilder builder;
  builder.function("prog").add(insn::ld_map(r1, "flows"), insn::ld_map_value(r2, ".bss", 16), insn::call(1));
  builder.label("again").add(insn::jeq64(r0, 0, 2), insn::call("helper_fn"), insn::ja("again"), insn::exit());
  builder.function("helper_fn").add(insn::ld_func(r3, "helper_fn"), insn::exit());
  auto code = builder.build().value();
  code.files = {"a.bpf.c"};
  code.lines = {{0, 0, 10, 1, "  v = lookup(&flows);"}, {5, 0, 11, 1, "  if (!v)"}, {9, 0, 20, 1, "int f(void)"}};
  return code;
}

TEST(Print, Listing) {
  EXPECT_EQ(print(example()), R"(<prog>:
   0: r1 = map flows ll
   2: r2 = value .bss + 0x10 ll
   4: call bpf_map_lookup_elem#1
again:
   5: if r0 == 0x0 goto L8
   6: call helper_fn
   7: goto again
L8:
   8: exit

<helper_fn>:
   9: r3 = func helper_fn ll
  11: exit
)");
}

TEST(Print, ListingWithoutExtras) {
  EXPECT_EQ(print(example(), {.dialect = Dialect::mnemonic, .slots = false, .labels = false, .helper_names = false}),
            R"(<prog>:
  lddw %r1, map flows
  lddw %r2, value .bss+16
  call 1
again:
  jeq %r0, 0, +2
  call local helper_fn
  ja -3
  exit

<helper_fn>:
  lddw %r3, func helper_fn
  exit
)");
}

TEST(Print, BytesAndSource) {
  const auto text = print(example(), {.bytes = true, .source = true});
  EXPECT_NE(text.find(R"(<prog>:
; a.bpf.c:10:   v = lookup(&flows);
   0: 18 11 00 00 00 00 00 00 00 00 00 00 00 00 00 00 r1 = map flows ll
)"), std::string::npos) << text;
  EXPECT_NE(
      text.find(
          "; a.bpf.c:11:   if (!v)\n   5: 15 00 02 00 00 00 00 00                         if r0 == 0x0 goto L8\n"),
      std::string::npos)
      << text;
}

TEST(Print, OneInstructionWithItsNames) {
  const auto code = example();
  EXPECT_EQ(print_at(code, 4), "call bpf_map_lookup_elem#1");
  EXPECT_EQ(print_at(code, 5), "if r0 == 0x0 goto +0x2");  // nothing is declared there
  EXPECT_EQ(print_at(code, 7), "goto again");
  EXPECT_EQ(print_at(code, 7, {.labels = false}), "goto -0x3");
}

TEST(Print, PlacesInData) {
  const FindPlace find = [](const Reference& reference, std::uint32_t offset) -> std::optional<DataPlace> {
    if (reference.symbol == ".bss") return DataPlace{".bss", "counter", offset - 12};
    if (reference.symbol == "CONFIG_HZ") return DataPlace{".kconfig", "CONFIG HZ", 0};
    return std::nullopt;
  };
  Code code;
  code.insns = {insn::ld_map_value(r1, 0, 16), {.op = Op::wide_tail}, insn::ld_map_value(r1, 0, 8),
                {.op = Op::wide_tail},         insn::ld_map_value(r1, 0, 4)};
  code.references = {{0, Reference::Kind::map_value, ".bss"},
                     {2, Reference::Kind::variable, "CONFIG_HZ"},
                     {4, Reference::Kind::map_value, ".data"}};
  EXPECT_EQ(print_at(code, 0, {.find_place = find}), "r1 = value .bss:counter + 0x4 ll");
  EXPECT_EQ(print_at(code, 0, {.dialect = Dialect::mnemonic, .find_place = find}), "lddw %r1, value .bss:counter+4");
  EXPECT_EQ(print_at(code, 0), "r1 = value .bss + 0x10 ll");
  EXPECT_EQ(print_at(code, 2, {.find_place = find}), "r1 = value .kconfig:\"CONFIG HZ\" ll");
  EXPECT_EQ(print_at(code, 4, {.find_place = find}), "r1 = value .data + 0x4 ll");
}

TEST(Print, BytesThatAreNotAllInstructions) {
  const auto bytes = from_hex("8500000001000000 ff00000000000000 1801000000000000 0000000001000000 9500").value();
  EXPECT_EQ(print(bytes, ByteOrder::little), R"(  0: call bpf_map_lookup_elem#1
  1: ; ff00000000000000: unknown opcode 0xff
  2: r1 = 0x100000000 ll
  4: ; 9500: 2 bytes, a slot has 8
)");
  EXPECT_EQ(print(Bytes(bytes).first(8), ByteOrder::little,
                  {.dialect = Dialect::mnemonic, .slots = false, .helper_names = false}),
            "  call 1\n");
}

// Jumps out of the code or into a wide instruction have no label; names from objects cannot break lines.
TEST(Print, HostileCode) {
  Code code;
  code.insns = {insn::ja(-5),          insn::ja(2), insn::ld_imm64(r0, 0),
                {.op = Op::wide_tail}, insn::ja(0), insn::ld_imm64(r0, 0)};
  code.functions = {{0, "a\nb\x1b[31m\"", 0}, {77, "beyond", 0}};
  code.labels = {{4, "L4"}, {6, "end"}};
  code.references = {{9, Reference::Kind::map, "nowhere"}};
  EXPECT_EQ(print(code), R"(<"a\x0ab\x1b[31m\"">:
  0: goto -0x5
  1: goto L4
  2: r0 = 0x0 ll
L4:
  4: goto L5
L5:
  5: r0 = 0x0 ll
end:
)");
}

}  // namespace
}  // namespace skep::text
