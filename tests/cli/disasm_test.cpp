// What disasm prints of broken code, and its JSON document.
#include <filesystem>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "skep/tests/support/objects.hpp"
#include "skep/tests/support/process.hpp"
#include "skep/tests/support/schema.hpp"
#include "skep/tests/support/temporary_file.hpp"

namespace skep::test {
namespace {

using nlohmann::json;

// Two programs; the second and the fifth slot of the second one are no instructions.
std::vector<std::byte> broken_object(ByteOrder order = ByteOrder::little) {
  ElfWriter writer(order);
  const auto* const hex = order == ByteOrder::little
                              ? "9500000000000000 b700000001000000 ff00000000000000 1801000005000000 0000000001000000"
                                "85000000050000ff 9500000000000000"
                              : "9500000000000000 b700000000000001 ff00000000000000 1810000000000005 0000000000000001"
                                "85000000ff000005 9500000000000000";
  const auto section = writer.add({.name = "tc", .flags = SHF_ALLOC | SHF_EXECINSTR, .data = code(hex)});
  writer.add({.name = "good", .section = section, .value = 0, .size = 8});
  writer.add({.name = "bad", .section = section, .value = 8, .size = 48});
  return writer.bytes();
}

TEST(Disasm, ShowsWhatCanBeDecodedAndFails) {
  for (const auto order : {ByteOrder::little, ByteOrder::big}) {
    const TemporaryFile object("_broken.o", broken_object(order));
    const auto done = run_skep({"disasm", object.path()});
    EXPECT_EQ(done.exit, 3);
    EXPECT_EQ(done.out, R"(; good (tc)
<good>:
  0: exit

; bad (tc): problem: instruction 1 (byte offset 8): unknown opcode 0xff
<bad>:
  0: r0 = 0x1
  1: ; ff00000000000000: unknown opcode 0xff
  2: r1 = 0x100000005 ll
  4: call -0xfffffb
  5: exit

)");
    EXPECT_EQ(done.err, "skep: error: " + object.path() +
                            ": program \"bad\": instruction 1 (byte offset 8): unknown opcode 0xff\n");
    EXPECT_EQ(run_skep({"disasm", object.path(), "--prog", "good"}).exit, 0);
  }
}

// It can be linked to nobody, and is not lost.
TEST(Disasm, ShowsABrokenFunctionBesideItsCaller) {
  ElfWriter writer;
  const std::uint64_t flags = SHF_ALLOC | SHF_EXECINSTR;
  const auto text = writer.add({.name = ".text", .flags = flags, .data = code("ff00000000000000")});
  const auto section = writer.add({.name = "tc", .flags = flags, .data = code("85100000ffffffff 9500000000000000")});
  const auto callee = writer.add(ElfWriter::SymbolFields{.name = "broken", .section = text, .size = 8});
  writer.add({.name = "caller", .section = section, .size = 16});
  writer.add({.name = "nothing", .section = section, .value = 16});
  writer.relocate(section, 0, callee);
  const TemporaryFile object("_callee.o", writer.bytes());
  const auto done = run_skep({"disasm", object.path()});
  EXPECT_EQ(done.exit, 3);
  EXPECT_EQ(done.out, R"(; caller (tc): problem: function "broken": instruction 0 (byte offset 0): unknown opcode 0xff
<caller>:
  0: call broken
  1: exit

; nothing (tc): problem: offset 0x10 and size 0x0 are not whole instructions
<nothing>:

; broken (.text): problem: instruction 0 (byte offset 0): unknown opcode 0xff
<broken>:
  0: ; ff00000000000000: unknown opcode 0xff

)");
  EXPECT_EQ(std::count(done.err.begin(), done.err.end(), '\n'), 2) << done.err;
}

TEST(DisasmJson, ShowsWhatCanBeDecodedAndFails) {
  const TemporaryFile object("_broken.o", broken_object());
  const auto done = run_skep({"disasm", "--json", object.path()});
  EXPECT_EQ(done.exit, 3);
  EXPECT_NE(done.err.find("program \"bad\": instruction 1"), std::string::npos) << done.err;
  EXPECT_EQ(schema_error("disasm.schema.json", done.out), "") << done.out;
  const auto bad = json::parse(done.out)["programs"][1];
  EXPECT_EQ(bad["problem"], "instruction 1 (byte offset 8): unknown opcode 0xff");
  const auto& instructions = bad["functions"][0]["instructions"];
  ASSERT_EQ(instructions.size(), 5u);
  EXPECT_EQ(instructions[0]["text"], "r0 = 0x1");
  EXPECT_EQ(instructions[1]["text"], nullptr);
  EXPECT_EQ(instructions[1]["bytes"], "ff00000000000000");
  EXPECT_EQ(instructions[3]["slot"], 4);
}

TEST(DisasmJson, EveryObjectFitsTheSchema) {
  for (const auto* ending : {".bpf.o", ".bpfeb.o"})
    for (const auto& path : built_objects(ending)) {
      if (std::filesystem::file_size(path) > 200'000) continue;  // the bench's: millions of lines
      const auto done = run_skep({"disasm", "--json", path});
      if (done.exit != 0 && path.find("/bad_") != std::string::npos) continue;
      EXPECT_EQ(done.exit, 0) << path << ": " << done.err;
      EXPECT_EQ(schema_error("disasm.schema.json", done.out), "") << path;
    }
}

TEST(DisasmJson, SaysWhatInstructionsName) {
  const auto done = run_skep({"disasm", "--json", fixture("cli/packets.bpf"), "--prog", "crash", "--prog", "count"});
  ASSERT_EQ(done.exit, 0) << done.err;
  EXPECT_EQ(done.out.find("{\n  \"schema\": \"skep/disasm/1\""), 0u);
  const auto document = json::parse(done.out);
  EXPECT_EQ(document["byte_order"], "little");
  const auto& crash = document["programs"][0];
  EXPECT_EQ(crash["section"], "xdp");
  EXPECT_EQ(crash["problem"], nullptr);
  ASSERT_EQ(crash["functions"].size(), 2u);
  EXPECT_EQ(crash["functions"][1]["name"], "sum");
  EXPECT_EQ(crash["functions"][1]["slot"], 7);
  const auto& call = crash["functions"][0]["instructions"][4];
  EXPECT_EQ(call["slot"], 4);
  EXPECT_EQ(call["bytes"], "8510000002000000");
  EXPECT_EQ(call["text"], "call sum");
  EXPECT_EQ(call["source"]["file"], "./tests/cli/packets.bpf.c");
  EXPECT_EQ(call["source"]["line"], 124);
  EXPECT_EQ(call["reference"],
            (json{{"kind", "function"}, {"name", "sum"}, {"variable", nullptr}, {"offset", nullptr}}));

  std::set<std::string> named;
  for (const auto& one : document["programs"][1]["functions"][0]["instructions"]) {
    const auto& reference = one["reference"];
    if (reference.is_null() || reference["kind"] != "map_value") continue;
    named.insert(reference["name"].get<std::string>() + " " + reference["variable"].get<std::string>());
    EXPECT_NE(one["text"].get<std::string>().find(":" + reference["variable"].get<std::string>()), std::string::npos);
  }
  EXPECT_TRUE(named.contains(".rodata config"));
  EXPECT_TRUE(named.contains(".bss seen"));
}

}  // namespace
}  // namespace skep::test
