// Every operation on values: width, immediate or register, aliasing, and edge values for each operand. The interpreter's
// answer is asm/semantics.hpp's, which has tests of its own.
#include <random>

#include "skep/asm/insn.hpp"
#include "skep/tests/jit/both.hpp"

namespace skep {
namespace {

constexpr std::uint64_t kEdges[] = {
    0, 1, 2, 3, 7, 8, 15, 16, 31, 32, 33, 63, 64, 65, 127, 128, 255, 256, 0x7fff, 0x8000, 0xffff, 0x10000,
    0x7fff'ffff, 0x8000'0000, 0xffff'ffff, 0x1'0000'0000, 0x1'0000'0001, 0x7fff'ffff'ffff'ffff, 0x8000'0000'0000'0000,
    0x8000'0000'0000'0001, 0xffff'ffff'0000'0000, 0xffff'ffff'7fff'ffff, 0xffff'ffff'8000'0000, 0xffff'ffff'ffff'fffe,
    0xffff'ffff'ffff'ffff, 0x0123'4567'89ab'cdef};
static_assert(std::size(kEdges) >= 30);

// Registers that x86 treats in ways of their own (rax, rdx, rcx, those that need another byte), and plain ones.
constexpr Reg kRegs[] = {Reg::r0, Reg::r1, Reg::r3, Reg::r4, Reg::r5, Reg::r6, Reg::r9};

std::vector<std::byte> memory_of(std::uint64_t dst, std::uint64_t src) {
  std::vector<std::byte> bytes(32);
  store(bytes.data(), dst);
  store(bytes.data() + 8, src);
  return bytes;
}

const std::vector<std::vector<std::byte>>& inputs() {
  static const auto all = [] {
    std::vector<std::vector<std::byte>> made;
    for (const auto dst : kEdges)
      for (const auto src : kEdges) made.push_back(memory_of(dst, src));
    return made;
  }();
  return all;
}
std::vector<std::vector<std::byte>> inputs_of_one() {
  std::vector<std::vector<std::byte>> made;
  for (const auto dst : kEdges) made.push_back(memory_of(dst, ~dst));
  return made;
}

// dst and src from memory, the operation, both back; a branch leaves a mark where it goes.
ProgramSpec program(const Instruction& insn) {
  const auto form = info(insn.op).form;
  const bool branch = form == Form::JmpImm || form == Form::JmpReg;
  Reg base = Reg::r7;
  while (base == insn.dst || base == insn.src) base = static_cast<Reg>(number(base) + 1);
  std::vector<Instruction> insns = {{.op = Op::mov64_reg, .dst = base, .src = Reg::r1},
                                    {.op = Op::ldx64, .dst = insn.dst, .src = base, .off = 0}};
  if (insn.src != insn.dst && insn.src != Reg::r10 && info(insn.op).form != Form::AluImm)
    insns.push_back({.op = Op::ldx64, .dst = insn.src, .src = base, .off = 8});
  if (branch) {
    auto jump = insn;
    jump.off = 1;
    insns.push_back(jump);
    insns.push_back({.op = Op::st64, .dst = base, .off = 24, .imm = 1});
  } else {
    insns.push_back(insn);
  }
  insns.push_back({.op = Op::stx64, .dst = base, .src = insn.dst, .off = 16});
  if (insn.src != Reg::r10 && insn.src != insn.dst)
    insns.push_back({.op = Op::stx64, .dst = base, .src = insn.src, .off = 8});
  insns.push_back({.op = Op::mov64_imm, .dst = Reg::r0});
  insns.push_back({.op = Op::exit});
  ProgramSpec spec;
  spec.name = std::string(info(insn.op).name);
  spec.code.insns = std::move(insns);
  return spec;
}

class Matrix : public testing::TestWithParam<std::size_t> {};

TEST_P(Matrix, IsTheInterpreters) {
  const auto op = static_cast<Op>(GetParam());
  const auto& row = info(op);
  test::Sides sides(32);
  std::size_t ran = 0;
  const auto compare = [&](const Instruction& insn, const std::vector<std::vector<std::byte>>& values) {
    SCOPED_TRACE(fmt::format("{} r{} r{} {:#x}", row.name, number(insn.dst), number(insn.src), insn.imm));
    ran += sides.expect_same(program(insn), values, 1000).has_value();
  };
  const auto imm = row.imm == OpInfo::kAny ? 0 : row.imm;
  const auto off = static_cast<std::int16_t>(row.off == OpInfo::kAny ? 0 : row.off);
  for (const auto dst : kRegs) {
    switch (row.form) {
      case Form::AluImm:
      case Form::JmpImm:
        for (const auto value : kEdges)
          compare({.op = op, .dst = dst, .off = off, .imm = static_cast<std::int32_t>(value)}, inputs_of_one());
        break;
      case Form::AluReg:
      case Form::MovSx:
      case Form::JmpReg:
        for (const auto src : kRegs) compare({.op = op, .dst = dst, .src = src, .off = off, .imm = imm}, inputs());
        compare({.op = op, .dst = dst, .src = Reg::r10, .off = off, .imm = imm}, inputs_of_one());
        break;
      case Form::Neg:
      case Form::Swap: compare({.op = op, .dst = dst, .imm = imm}, inputs_of_one()); break;
      default: break;
    }
    if (testing::Test::HasFailure()) break;
  }
  EXPECT_GT(ran, 0u);
}

std::vector<std::size_t> operations() {
  std::vector<std::size_t> ops;
  for (std::size_t op = 0; op < kOpCount; ++op) switch (info(static_cast<Op>(op)).form) {
      case Form::AluImm:
      case Form::AluReg:
      case Form::Neg:
      case Form::MovSx:
      case Form::Swap:
      case Form::JmpImm:
      case Form::JmpReg: ops.push_back(op); break;
      default: break;
    }
  return ops;
}

std::string name_of(const testing::TestParamInfo<std::size_t>& one) {
  return std::string(info(static_cast<Op>(one.param)).name);
}
INSTANTIATE_TEST_SUITE_P(Operations, Matrix, testing::ValuesIn(operations()), name_of);

// Loads, stores and atomics of every width, through every register, in the frame and out of it, aligned and not.
TEST(MatrixOfMemory, IsTheInterpreters) {
  test::Sides sides(32);
  std::size_t ran = 0;
  const std::vector<std::vector<std::byte>> values = {memory_of(0x0123'4567'89ab'cdef, 0xfedc'ba98'7654'3210),
                                                      memory_of(0x8080'8080'8080'8080, 0x8080'8080'8080'8080),
                                                      memory_of(0, ~std::uint64_t{0})};
  for (std::size_t n = 0; n < kOpCount; ++n) {
    const auto op = static_cast<Op>(n);
    const auto& row = info(op);
    const bool by_src = row.form == Form::Load || row.form == Form::LoadSx || row.form == Form::LoadAcq;
    switch (row.form) {
      case Form::Load:
      case Form::LoadSx:
      case Form::LoadAcq:
      case Form::StoreImm:
      case Form::StoreReg:
      case Form::StoreRel:
      case Form::Atomic:
      case Form::AtomicFetch:
      case Form::AtomicXchg:
      case Form::AtomicCmpXchg: break;
      default: continue;
    }
    for (const auto address : {Reg::r0, Reg::r1, Reg::r3, Reg::r4, Reg::r5, Reg::r6, Reg::r9, Reg::r10})
      for (const auto value : {Reg::r0, Reg::r1, Reg::r2, Reg::r4, Reg::r5, Reg::r7, Reg::r9, Reg::r10})
        for (const int at : {0, 3, 8, -8, -4, -512, -520, 16}) {
          const auto offset = static_cast<std::int16_t>(at);
          Instruction insn{.op = op, .off = offset, .imm = row.imm == OpInfo::kAny ? -0x12345678 : row.imm};
          (by_src ? insn.src : insn.dst) = address;
          if (row.form != Form::StoreImm) (by_src ? insn.dst : insn.src) = value;
          else if (value != Reg::r0) continue;
          // r8 keeps the region; every register that may be used has something in it.
          ProgramSpec spec;
          spec.name = std::string(row.name);
          auto& insns = spec.code.insns;
          insns = {{.op = Op::mov64_reg, .dst = Reg::r8, .src = Reg::r1},
                   {.op = Op::ldx64, .dst = Reg::r0, .src = Reg::r8, .off = 8},
                   {.op = Op::stx64, .dst = Reg::r10, .src = Reg::r0, .off = -8},
                   {.op = Op::stx64, .dst = Reg::r10, .src = Reg::r8, .off = -512}};
          for (const auto reg : {Reg::r1, Reg::r2, Reg::r3, Reg::r4, Reg::r5, Reg::r6, Reg::r7, Reg::r9})
            insns.push_back({.op = Op::ldx64, .dst = reg, .src = Reg::r8, .off = static_cast<std::int16_t>((number(reg) % 2u) * 8u)});
          if (address != Reg::r10) insns.push_back({.op = Op::mov64_reg, .dst = address, .src = Reg::r8});
          insns.push_back(insn);
          for (const auto reg : {Reg::r1, Reg::r2, Reg::r3, Reg::r4, Reg::r5, Reg::r6, Reg::r7, Reg::r9})
            insns.push_back({.op = Op::xor64_reg, .dst = Reg::r0, .src = reg});
          insns.push_back({.op = Op::exit});
          SCOPED_TRACE(fmt::format("{} r{} r{} {}", row.name, number(insn.dst), number(insn.src), offset));
          ran += sides.expect_same(spec, values, 1000).has_value();
          if (testing::Test::HasFailure()) return;
        }
  }
  EXPECT_GT(ran, 5000u);
}

}  // namespace
}  // namespace skep
