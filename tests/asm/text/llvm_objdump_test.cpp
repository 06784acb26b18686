// Our disassembly against llvm-objdump-19's, instruction by instruction, over every object that the build makes;
// and on the way every one of them must decode and encode to the same bytes.
//
// Differences that are meant (see asm/text/print.hpp), undone here before comparing:
//   * behind jumps llvm-objdump repeats the target as <symbol+offset>
//   * for all three kinds of call it writes `call N`
//   * it has no words for some instructions: <unknown>
#include <algorithm>
#include <filesystem>
#include <optional>
#include <sstream>

#include <gtest/gtest.h>

#include "skep/asm/codec.hpp"
#include "skep/asm/text/print.hpp"
#include "skep/base/file.hpp"
#include "skep/tests/support/paths.hpp"
#include "skep/tests/support/process.hpp"
#include "skep/tests/support/result.hpp"

namespace skep::text {
namespace {

struct Line {
  std::vector<std::byte> bytes;
  std::string text;
};

// "      12:\t07 01 00 00 05 00 00 00\tr1 += 0x5"; nothing for headings.
std::optional<Line> split(const std::string& line) {
  const auto colon = line.find(":\t");
  if (colon == line.npos) return std::nullopt;
  const auto tab = line.find('\t', colon + 2);
  if (tab == line.npos) return std::nullopt;
  auto bytes = from_hex(line.substr(colon + 2, tab - colon - 2));
  if (!bytes) return std::nullopt;
  auto text = line.substr(tab + 1);
  std::replace(text.begin(), text.end(), '\t', ' ');
  if (const auto target = text.rfind(" <"); target != text.npos && text.back() == '>') text.resize(target);
  return Line{std::move(*bytes), std::move(text)};
}

std::string as_llvm_writes(const Instruction& insn) {
  auto text = print(insn);
  if (insn.op == Op::call_local) text.replace(text.find("pc"), text[text.find("pc") + 2] == '+' ? 3 : 2, "");
  if (insn.op == Op::call_kfunc) text.replace(text.find("kfunc "), 6, "");
  return text;
}

ByteOrder order_of(const std::string& object) {
  const auto bytes = read_file(object).value();
  return bytes.at(5) == std::byte{2} ? ByteOrder::big : ByteOrder::little;  // EI_DATA
}

// How many instructions were compared.
unsigned compare(const std::string& object) {
  const auto order = order_of(object);
  const auto objdump = test::run_process({SKEP_LLVM_OBJDUMP, "-d", "--mcpu=v4", object});
  EXPECT_EQ(objdump.exit, 0) << objdump.err;
  std::istringstream lines(objdump.out);
  unsigned compared = 0;
  for (std::string line; std::getline(lines, line);) {
    const auto expected = split(line);
    if (!expected) continue;
    const auto insns = decode(expected->bytes, order);
    EXPECT_OK(insns) << object << ": " << line;
    if (!insns) continue;
    EXPECT_EQ(encode(*insns, order), expected->bytes) << object << ": " << line;
    if (expected->text == "<unknown>") continue;
    EXPECT_EQ(as_llvm_writes(insns->front()), expected->text) << object << ": " << line;
    ++compared;
  }
  return compared;
}

TEST(LlvmObjdump, AgreesOnEveryObject) {
  unsigned objects = 0, instructions = 0;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(SKEP_BUILD_DIR "/bpf")) {
    if (entry.path().extension() != ".o") continue;
    instructions += compare(entry.path());
    ++objects;
  }
  EXPECT_GE(objects, 1u);
  EXPECT_GE(instructions, 200u);
}

// The fixture has every row of the table that clang-19 can assemble.
TEST(LlvmObjdump, EveryRowThatClangKnows) { EXPECT_GE(compare(test::fixture("asm/isa_v4.bpf")), 230u); }

}  // namespace
}  // namespace skep::text
