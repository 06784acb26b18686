// Programs and subprograms: which symbols make them, and what their sections say.
#include <gtest/gtest.h>

#include "skep/tests/support/objects.hpp"
#include "skep/tests/support/result.hpp"

namespace skep {
namespace {

constexpr std::uint64_t kCode = SHF_ALLOC | SHF_EXECINSTR;
const char* const kReturn1 = "b700000001000000 9500000000000000";
const char* const kReturn2 = "b700000002000000 9500000000000000";

std::vector<std::byte> joined(std::initializer_list<std::string_view> parts) {
  std::string all;
  for (const auto part : parts) all += part;
  return test::code(all);
}

TEST(LoadFunctions, SectionGivesTypeAttachTypeTargetAndFlags) {
  const auto spec = test::load_fixture("elf/sections.bpf");
  EXPECT_EQ(spec.programs.size(), 27u);
  const auto* probe = spec.program("probe");
  ASSERT_NE(probe, nullptr);
  EXPECT_EQ(probe->type, ProgramType::kprobe);
  EXPECT_EQ(probe->attach_to, "tcp_connect+0x10");
  EXPECT_EQ(spec.program("bare_probe")->attach_to, "");
  EXPECT_EQ(spec.program("sleepable_probe")->attach_to, "/bin/sh:main");
  EXPECT_TRUE(spec.program("sleepable_probe")->sleepable);
  EXPECT_EQ(spec.program("sleepable_entry")->flags, kFSleepable);
  EXPECT_EQ(spec.program("system_call")->flags, kFSleepable);
  EXPECT_EQ(spec.program("fragments")->flags, kFXdpHasFrags);
  EXPECT_EQ(spec.program("device_fragments")->attach_type, AttachType::xdp_devmap);
  EXPECT_EQ(spec.program("skb")->attach_type, std::nullopt);
  EXPECT_EQ(spec.program("security")->attach_to, "file_open");
}

TEST(LoadFunctions, QuestionMarkMeansNotLoadedByDefault) {
  const auto spec = test::load_fixture("elf/sections.bpf");
  EXPECT_FALSE(spec.program("optional_probe")->autoload);
  EXPECT_EQ(spec.program("optional_probe")->section, "kprobe/do_exit");
  EXPECT_EQ(spec.program("optional_probe")->attach_to, "do_exit");
  EXPECT_EQ(spec.program("optional_express")->type, ProgramType::xdp);
  EXPECT_TRUE(spec.program("express")->autoload);
}

TEST(LoadFunctions, UnknownSectionsLeaveTheTypeOpen) {
  const auto spec = test::load_fixture("elf/sections.bpf");
  for (const auto* name : {"unmatched_express", "unmatched_classifier", "unmatched_word"}) {
    EXPECT_EQ(spec.program(name)->type, ProgramType::unspec) << name;
    EXPECT_EQ(spec.program(name)->problem, "") << name;
  }
}

TEST(LoadFunctions, FunctionsOfTextAreSubprograms) {
  const auto spec = test::load_fixture("elf/calls.bpf");
  EXPECT_EQ(spec.programs.size(), 3u);
  EXPECT_EQ(spec.program("leaf"), nullptr);
  std::vector<std::string> names;
  for (const auto& sub : spec.subprograms) names.push_back(sub.name);
  EXPECT_EQ(names.size(), 9u);
  for (const auto& sub : spec.subprograms)
    EXPECT_EQ(sub.hidden, sub.name == "hidden_function" || sub.name == "global_callback") << sub.name;
}

// What libbpf says of this object is in oracle_test.cpp.
TEST(LoadFunctions, TheOnlyFunctionIsAProgramWhereverItLies) {
  auto spec = test::load_fixture("elf/lone.bpf");
  ASSERT_EQ(spec.programs.size(), 1u);
  EXPECT_TRUE(spec.subprograms.empty());
  EXPECT_EQ(spec.programs[0].name, "lone");
  EXPECT_EQ(spec.programs[0].section, ".text");
  EXPECT_EQ(spec.programs[0].type, ProgramType::unspec);
  // Static ones too; a second one makes both subprograms.
  for (const bool second : {false, true}) {
    test::ElfWriter writer;
    const auto text = writer.add({.name = ".text", .flags = kCode, .data = joined({kReturn1, kReturn2})});
    writer.add({.name = "one", .section = text, .value = 0, .size = 16, .binding = STB_LOCAL});
    if (second) writer.add({.name = "two", .section = text, .value = 16, .size = 16});
    const auto loaded = elf::load(writer.bytes());
    ASSERT_OK(loaded);
    EXPECT_EQ(loaded->programs.size(), second ? 0u : 1u);
    EXPECT_EQ(loaded->subprograms.size(), second ? 2u : 0u);
    if (!second) {
      EXPECT_EQ(loaded->programs[0].problem, "");
    }
  }
}

TEST(LoadFunctions, StaticFunctionsOutsideOfTextAreAProblem) {
  const auto spec = test::load_fixture("elf/bad_programs.bpf");
  EXPECT_NE(spec.program("static_program")->problem.find("a static function outside of .text"), std::string::npos);
  EXPECT_EQ(spec.program("good")->problem, "");
}

TEST(LoadFunctions, GapsBetweenFunctionsAreNotDecoded) {
  test::ElfWriter writer;
  // Between the two functions lies what no instruction is.
  const auto section =
      writer.add({.name = "tc", .flags = kCode, .data = joined({kReturn1, "ffffffffffffffff", kReturn2})});
  writer.add({.name = "first", .section = section, .value = 0, .size = 16});
  writer.add({.name = "second", .section = section, .value = 24, .size = 16});
  const auto spec = elf::load(writer.bytes());
  ASSERT_OK(spec);
  ASSERT_EQ(spec->programs.size(), 2u);
  EXPECT_EQ(spec->programs[1].code.insns[0].imm, 2);
  EXPECT_EQ(spec->programs[0].problem + spec->programs[1].problem, "");
}

TEST(LoadFunctions, InvalidInstructionsAreTheProblemOfOneProgram) {
  test::ElfWriter writer;
  const auto section = writer.add({.name = "tc", .flags = kCode, .data = joined({kReturn1, "ffffffffffffffff"})});
  writer.add({.name = "good", .section = section, .value = 0, .size = 16});
  writer.add({.name = "bad", .section = section, .value = 16, .size = 8});
  writer.add({.name = "torn", .section = section, .value = 4, .size = 9});
  const auto spec = elf::load(writer.bytes());
  ASSERT_OK(spec);
  EXPECT_EQ(spec->program("good")->problem, "");
  EXPECT_NE(spec->program("bad")->problem.find("0xff"), std::string::npos);
  EXPECT_NE(spec->program("torn")->problem.find("whole instructions"), std::string::npos);
  // Nothing is lost.
  EXPECT_EQ(to_hex(spec->program("bad")->undecoded), "ffffffffffffffff");
  EXPECT_EQ(spec->program("torn")->undecoded.size(), 9u);
  EXPECT_TRUE(spec->program("good")->undecoded.empty());
}

TEST(LoadFunctions, TwoNamesForOneBodyAreTwoPrograms) {
  test::ElfWriter writer;
  const auto section = writer.add({.name = "tc", .flags = kCode, .data = joined({kReturn1})});
  writer.add({.name = "name", .section = section, .size = 16});
  writer.add({.name = "alias", .section = section, .size = 16});
  const auto spec = elf::load(writer.bytes());
  ASSERT_OK(spec);
  ASSERT_EQ(spec->programs.size(), 2u);
  EXPECT_EQ(spec->programs[0].code.insns, spec->programs[1].code.insns);
}

TEST(LoadFunctions, LabelsInsideOfFunctionsAreNoFunctions) {
  test::ElfWriter writer;
  const auto section = writer.add({.name = "tc", .flags = kCode, .data = joined({kReturn1})});
  writer.add({.name = "program", .section = section, .size = 16});
  writer.add({.name = "LBB0_1", .section = section, .value = 8, .type = STT_NOTYPE, .binding = STB_LOCAL});
  const auto spec = elf::load(writer.bytes());
  ASSERT_OK(spec);
  EXPECT_EQ(spec->programs.size(), 1u);
}

TEST(LoadFunctions, StaticNamesOfLinkedFilesAreToldApart) {
  test::ElfWriter writer;
  const auto text = writer.add({.name = ".text", .flags = kCode, .data = joined({kReturn1, kReturn2})});
  writer.add({.name = "helper", .section = text, .value = 0, .size = 16, .binding = STB_LOCAL});
  writer.add({.name = "helper", .section = text, .value = 16, .size = 16, .binding = STB_LOCAL});
  const auto spec = elf::load(writer.bytes());
  ASSERT_OK(spec);
  ASSERT_EQ(spec->subprograms.size(), 2u);
  EXPECT_EQ(spec->subprograms[0].name, "helper");
  EXPECT_EQ(spec->subprograms[1].name, "helper@.text+0x10");
}

TEST(LoadFunctions, FunctionsThatCrossTheSectionAreRefused) {
  test::ElfWriter writer;
  const auto section = writer.add({.name = "tc", .flags = kCode, .data = joined({kReturn1})});
  writer.add({.name = "long", .section = section, .value = 8, .size = 16});
  EXPECT_EQ(test::message(elf::load(writer.bytes())),
            "section 1 \"tc\": function \"long\" at 0x8, 0x10 bytes, crosses the end (0x10)");
}

TEST(LoadFunctions, MoreBodiesThanBytesAreRefused) {
  test::ElfWriter writer;
  const auto section = writer.add({.name = "tc", .flags = kCode, .data = joined({kReturn1})});
  for (int i = 0; i < 20; ++i) writer.add({.name = "f" + std::to_string(i), .section = section, .size = 16});
  EXPECT_NE(test::message(elf::load(writer.bytes())).find("functions overlap"), std::string::npos);
}

TEST(LoadFunctions, NamesBeyondTheKernelsLimitAreRefused) {
  test::ElfWriter writer;
  const auto section = writer.add({.name = "tc", .flags = kCode, .data = joined({kReturn1})});
  writer.add({.name = std::string(512, 'n'), .section = section, .size = 16});
  EXPECT_NE(test::message(elf::load(writer.bytes())).find("a name of 512 bytes"), std::string::npos);
}

TEST(LoadFunctions, LicenseIsCutAt63CharactersAndVersionHasTheFilesByteOrder) {
  EXPECT_EQ(test::load_fixture("elf/data.bpf").license,
            "Dual MIT/GPL, and then a good many words which nobody will ever");
  EXPECT_EQ(test::load_fixture("elf/data.bpf").version, 0x050a03u);
  EXPECT_EQ(test::load_fixture("elf/data.bpfeb").version, 0x050a03u);
  EXPECT_EQ(test::load_fixture("elf/no_btf.bpf").license, "");
  test::ElfWriter writer;
  writer.add({.name = "license", .data = test::code("47504c")});  // no NUL
  EXPECT_EQ(elf::load(writer.bytes())->license, "GPL");
  writer.add({.name = "version", .data = test::code("010203")});
  EXPECT_EQ(test::message(elf::load(writer.bytes())), "section 2 \"version\": 3 bytes, not 4");
}

}  // namespace
}  // namespace skep
