// What instructions refer to: calls in their encodings, addresses of functions, and what is wrong with them.
#include <functional>

#include <gtest/gtest.h>

#include "skep/tests/support/objects.hpp"
#include "skep/tests/support/result.hpp"

namespace skep {
namespace {

constexpr std::uint64_t kCode = SHF_ALLOC | SHF_EXECINSTR;
const char* const kExit = "9500000000000000";

std::vector<std::string> callees(const ProgramSpec& program) {
  std::vector<std::string> names;
  for (const auto& reference : program.code.references)
    if (reference.kind == Reference::Kind::function) names.push_back(reference.symbol);
  return names;
}

const ProgramSpec& subprogram(const CollectionSpec& spec, std::string_view name) {
  for (const auto& one : spec.subprograms)
    if (one.name == name) return one;
  ADD_FAILURE() << name;
  return spec.subprograms.front();
}

TEST(LoadReferences, AllEncodingsOfCallsInBothByteOrders) {
  for (const auto* name : {"elf/calls.bpf", "elf/calls.bpfeb"}) {
    const auto spec = test::load_fixture(name);
    // Through the section's symbol, and by its own symbol.
    EXPECT_EQ(callees(*spec.program("main_a")), (std::vector<std::string>{"local_function", "hidden_function"}));
    // Without a relocation, twice.
    EXPECT_EQ(callees(subprogram(spec, "global_function")), (std::vector<std::string>{"leaf", "leaf"}));
    EXPECT_EQ(callees(subprogram(spec, "local_function")), (std::vector<std::string>{"global_function", "leaf"}));
  }
}

TEST(LoadReferences, AddressesOfFunctionsAreCountedInBytes) {
  for (const auto* name : {"elf/calls.bpf", "elf/calls.bpfeb"}) {
    const auto spec = test::load_fixture(name);
    EXPECT_EQ(callees(*spec.program("main_b")),
              (std::vector<std::string>{"add_up", "global_callback", "loop_callback", "weak_function"}));
    EXPECT_EQ(callees(subprogram(spec, "loop_callback")), (std::vector<std::string>{"add_up"}));
  }
}

TEST(LoadReferences, ImmediatesAreZeroWhereANameStands) {
  const auto spec = test::load_fixture("elf/calls.bpf");
  for (const auto& program : spec.programs)
    for (const auto& reference : program.code.references) EXPECT_EQ(program.code.insns[reference.slot].imm, 0);
}

TEST(LoadReferences, CallsOfOtherProgramsAreAProblem) {
  const auto spec = test::load_fixture("elf/bad_programs.bpf");
  EXPECT_NE(spec.program("calls_program")->problem.find("only functions of .text can be called"), std::string::npos);
  EXPECT_NE(spec.program("address_of_program")->problem.find("\"callee_in_section\""), std::string::npos);
}

// One program of `hex`; `relocate` adds what it needs.
std::string problem_of(const std::string& hex, const std::function<void(test::ElfWriter&, std::uint16_t)>& relocate) {
  test::ElfWriter writer;
  const auto text = writer.add({.name = ".text", .flags = kCode, .data = test::code(std::string(kExit) + kExit)});
  writer.add({.name = "callee", .section = text, .value = 8, .size = 8});
  const auto data = test::code(hex);
  const auto size = data.size();
  const auto section = writer.add({.name = "tc", .flags = kCode, .data = data});
  writer.add({.name = "program", .section = section, .size = size});
  relocate(writer, section);
  const auto spec = elf::load(writer.bytes());
  if (!spec) return "object: " + spec.error().what();
  return spec->program("program")->problem;
}

const std::string kLoad = std::string("1801000000000000 0000000000000000") + kExit;
const std::string kCall = std::string("85100000ffffffff") + kExit;

TEST(LoadReferences, WhatCannotBeResolvedIsNamed) {
  using Writer = test::ElfWriter;
  EXPECT_EQ(problem_of(kCall, [](Writer& w, std::uint16_t s) { w.relocate(s, 0, 1); }), "");
  // A global callee has the addend -1; any other is a place where no function starts.
  EXPECT_NE(problem_of("8510000005000000" + std::string(kExit), [](Writer& w, std::uint16_t s) { w.relocate(s, 0, 1); })
                .find("slot 0: call to 0x38 of section 1 \".text\", where no function starts"),
            std::string::npos);
  EXPECT_NE(problem_of(kCall, [](Writer&, std::uint16_t) {}).find("only functions of .text"), std::string::npos);
  EXPECT_NE(problem_of(kLoad, [](Writer& w, std::uint16_t s) { w.relocate(s, 4, 1); }).find("inside of an instruction"),
            std::string::npos);
  EXPECT_NE(problem_of(kLoad, [](Writer& w, std::uint16_t s) { w.relocate(s, 8, 1); })
                .find("slot 1: relocation against \"callee\""),
            std::string::npos);
  EXPECT_NE(problem_of(kLoad,
                       [](Writer& w, std::uint16_t s) {
                         w.relocate(s, 0, 1);
                         w.relocate(s, 0, 2);
                       })
                .find("two relocations"),
            std::string::npos);
  EXPECT_NE(problem_of(kExit, [](Writer& w, std::uint16_t s) { w.relocate(s, 0, 1); })
                .find("neither a call nor ld_imm64 (exit)"),
            std::string::npos);
  EXPECT_NE(problem_of("1841000000000000 0000000000000000" + std::string(kExit), [](Writer&, std::uint16_t) {})
                .find("address of a function without a relocation"),
            std::string::npos);
  EXPECT_NE(problem_of(kLoad,
                       [](Writer& w, std::uint16_t s) {
                         w.relocate(
                             s, 0,
                             w.add(Writer::SymbolFields{.name = "common", .section = SHN_COMMON, .type = STT_OBJECT}));
                       })
                .find("\"common\" is in special section 0xfff2"),
            std::string::npos);
}

// Of a variable's own symbol as of its section's: the addend in the instruction counts from where the symbol is.
TEST(LoadReferences, AddendsCountFromSymbolsOfEveryKind) {
  for (const bool section_symbol : {false, true}) {
    test::ElfWriter writer;
    const auto data = writer.add({.name = ".data", .flags = SHF_ALLOC | SHF_WRITE, .data = std::vector<std::byte>(32)});
    const auto section = writer.add({.name = "tc",
                                     .flags = kCode,
                                     .data = test::code("1801000004000000 0000000000000000" + std::string(kExit))});
    writer.add({.name = "program", .section = section, .size = 24});
    using Fields = test::ElfWriter::SymbolFields;
    const Fields of_section{.name = "", .section = data, .type = STT_SECTION, .binding = STB_LOCAL};
    const Fields own{.name = "table", .section = data, .value = 8, .size = 16, .type = STT_OBJECT};
    writer.relocate(section, 0, writer.add(section_symbol ? of_section : own));
    const auto spec = elf::load(writer.bytes());
    ASSERT_OK(spec);
    const auto& code = spec->programs[0].code;
    EXPECT_EQ(code.references.at(0), (Reference{0, Reference::Kind::map_value, ".data"}));
    EXPECT_EQ(code.insns[0].imm, imm_pair(0, section_symbol ? 4 : 12));
  }
}

TEST(LoadReferences, JumpTablesAreNotSupportedAndSaySo) {
  const auto problem = problem_of(kLoad, [](test::ElfWriter& writer, std::uint16_t section) {
    const auto tables = writer.add({.name = ".jumptables", .data = test::code("0000000000000000")});
    writer.relocate(section, 0,
                    writer.add(test::ElfWriter::SymbolFields{
                        .name = "BPF.JT.0.0", .section = tables, .size = 8, .type = STT_OBJECT}));
  });
  EXPECT_NE(problem.find("\"BPF.JT.0.0\": jump tables (section 3 \".jumptables\") are not supported"),
            std::string::npos)
      << problem;
}

TEST(LoadReferences, RelocationsOfGapsAreLeftOut) {
  EXPECT_EQ(problem_of(kExit, [](test::ElfWriter& writer, std::uint16_t) { writer.relocate(1, 0, 1); }), "");
}

TEST(LoadReferences, RelocationsOutsideOfTheirSectionAreRefused) {
  EXPECT_NE(problem_of(kExit, [](test::ElfWriter& writer, std::uint16_t section) { writer.relocate(section, 8, 1); })
                .find("relocation 0: offset 0x8 is outside of section 2 \"tc\""),
            std::string::npos);
  EXPECT_NE(problem_of(kExit, [](test::ElfWriter& writer, std::uint16_t section) { writer.relocate(section, 0, 99); })
                .find("relocation 0: symbol 99"),
            std::string::npos);
}

TEST(LoadReferences, RelocationsWithAddendsAreRefused) {
  EXPECT_NE(problem_of(kExit,
                       [](test::ElfWriter& writer, std::uint16_t section) {
                         writer.add({.name = ".relatc",
                                     .type = SHT_RELA,
                                     .data = std::vector<std::byte>(24),
                                     .info = section,
                                     .entry_size = 24});
                       })
                .find("SHT_RELA"),
            std::string::npos);
}

// The relocation's type differs between compilers; what counts is the instruction.
TEST(LoadReferences, RelocationTypesAreNotConsulted) {
  for (const std::uint32_t type : {0u, 1u, 2u, 3u, 10u, 77u})
    EXPECT_EQ(problem_of(kCall,
                         [&](test::ElfWriter& writer, std::uint16_t section) { writer.relocate(section, 0, 1, type); }),
              "");
}

}  // namespace
}  // namespace skep
