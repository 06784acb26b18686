// Joining functions. That the result is libbpf's is in tests/elf/oracle_test.cpp.
#include "skep/spec/link.hpp"
#include "skep/spec/linked_sizes.hpp"

#include <algorithm>

#include <gtest/gtest.h>

#include "skep/tests/support/objects.hpp"
#include "skep/tests/support/result.hpp"

namespace skep {
namespace {

std::vector<std::string> functions(const ProgramSpec& program) {
  std::vector<std::string> names;
  for (const auto& function : program.code.functions) names.push_back(function.name);
  return names;
}

TEST(Link, DepthFirstInTheOrderOfCalls) {
  const auto spec = test::load_fixture("elf/calls.bpf");
  EXPECT_EQ(functions(*spec::link(spec, "main_a")),
            (std::vector<std::string>{"main_a", "local_function", "global_function", "leaf", "hidden_function"}));
  EXPECT_EQ(functions(*spec::link(spec, "main_b")),
            (std::vector<std::string>{"main_b", "add_up", "local_function", "global_function", "leaf",
                                      "global_callback", "loop_callback", "weak_function"}));
  EXPECT_EQ(functions(*spec::link(spec, "calls_nothing")), (std::vector<std::string>{"calls_nothing"}));
}

TEST(Link, SizesAreThoseOfLinkedPrograms) {
  for (const auto* fixture : {"elf/calls.bpf", "elf/calls.bpfeb", "elf/exceptions.bpf", "elf/pointers.bpf"}) {
    const auto spec = test::load_fixture(fixture);
    spec::LinkedSizes sizes(spec);
    for (const auto* all : {&spec.programs, &spec.subprograms})
      for (const auto& program : *all) {
        const auto linked = spec::link(spec, program);
        const auto size = sizes.of(program);
        ASSERT_EQ(linked.has_value(), size.has_value()) << program.name;
        if (linked) {
          EXPECT_EQ(*size, linked->code.size()) << program.name;
        } else {
          EXPECT_EQ(size.error().what(), linked.error().what());
        }
      }
  }
}

TEST(Link, EveryReferenceReachesItsFunction) {
  for (const auto* fixture : {"elf/calls.bpf", "elf/calls.bpfeb"}) {
    const auto spec = test::load_fixture(fixture);
    for (const auto& program : spec.programs) {
      const auto linked = spec::link(spec, program.name);
      ASSERT_OK(linked);
      for (const auto& reference : linked->code.references) {
        if (reference.kind != Reference::Kind::function) continue;
        const auto& insn = linked->code.insns[reference.slot];
        const auto distance = static_cast<std::int32_t>(imm_low(insn));
        const auto target = static_cast<std::uint32_t>(static_cast<std::int32_t>(reference.slot) + 1 + distance);
        const auto* function = linked->code.function_at(target);
        ASSERT_NE(function, nullptr);
        EXPECT_EQ(function->name, reference.symbol);
        EXPECT_EQ(function->slot, target);
        if (insn.op == Op::ld_func) {
          EXPECT_EQ(imm_high(insn), 0u);
        }
      }
    }
  }
}

TEST(Link, TheCollectionIsNotChanged) {
  const auto spec = test::load_fixture("elf/calls.bpf");
  const auto copy = spec;
  ASSERT_OK(spec::link(spec, "main_b"));
  EXPECT_EQ(spec, copy);
}

TEST(Link, LinesAndCoreRelocationsMoveAlong) {
  const auto spec = test::load_fixture("elf/core.bpf");
  const auto linked = spec::link(spec, "two");
  ASSERT_OK(linked);
  EXPECT_EQ(functions(*linked), (std::vector<std::string>{"two", "parent_of", "pid_of"}));
  EXPECT_EQ(linked->core_relocations.size(), 3u);
  EXPECT_TRUE(std::is_sorted(linked->core_relocations.begin(), linked->core_relocations.end(),
                             [](const CoreRelocation& a, const CoreRelocation& b) { return a.slot < b.slot; }));
  for (const auto& function : linked->code.functions) {
    const auto* line = linked->code.line_at(function.slot);
    ASSERT_NE(line, nullptr) << function.name;
    EXPECT_EQ(line->slot, function.slot) << function.name;
  }
}

TEST(Link, AnExceptionCallbackIsAppendedWithWhatItCalls) {
  const auto spec = test::load_fixture("elf/exceptions.bpf");
  EXPECT_EQ(functions(*spec::link(spec, "throws")), (std::vector<std::string>{"throws", "on_throw", "count"}));
  EXPECT_EQ(functions(*spec::link(spec, "throws_not")), (std::vector<std::string>{"throws_not"}));
}

TEST(Link, ASubprogramCanBeAnEntry) {
  const auto spec = test::load_fixture("elf/calls.bpf");
  EXPECT_EQ(functions(*spec::link(spec, "global_function")), (std::vector<std::string>{"global_function", "leaf"}));
}

TEST(Link, ErrorsNameWhatIsMissing) {
  auto spec = test::load_fixture("elf/calls.bpf");
  EXPECT_EQ(test::message(spec::link(spec, "nobody")), "no program \"nobody\"");
  std::erase_if(spec.subprograms, [](const ProgramSpec& one) { return one.name == "leaf"; });
  const auto missing = spec::link(spec, "main_a");
  EXPECT_EQ(test::message(missing),
            "program \"main_a\": function \"leaf\", which \"global_function\" refers to, does not exist");
  EXPECT_EQ(missing.error().code(), Errc::not_found);
  const auto bad = test::load_fixture("elf/bad_programs.bpf");
  EXPECT_EQ(spec::link(bad, "calls_nowhere").error().code(), Errc::rejected);
  EXPECT_NE(test::message(spec::link(bad, "calls_nowhere")).find("extern \"nowhere\""), std::string::npos);
}

TEST(Link, AProblemOfACalleeIsTheCallers) {
  auto spec = test::load_fixture("elf/calls.bpf");
  for (auto& one : spec.subprograms)
    if (one.name == "leaf") one.problem = "broken";
  EXPECT_EQ(test::message(spec::link(spec, "main_a")), "program \"main_a\": function \"leaf\": broken");
  ASSERT_OK(spec::link(spec, "calls_nothing"));
}

// The depth of calls in an object is not limited by our stack.
TEST(Link, AChainOfAHundredThousandCalls) {
  CollectionSpec spec;
  constexpr std::uint32_t kDepth = 100'000;
  for (std::uint32_t i = 0; i < kDepth; ++i) {
    ProgramSpec one;
    one.name = "f" + std::to_string(i);
    one.code.insns = {{.op = Op::call_local}, {.op = Op::exit}};
    one.code.functions = {{0, one.name, 0}};
    // The last one calls the first.
    one.code.references = {{0, Reference::Kind::function, "f" + std::to_string((i + 1) % kDepth)}};
    spec.subprograms.push_back(std::move(one));
  }
  const auto linked = spec::link(spec, "f0");
  ASSERT_OK(linked);
  EXPECT_EQ(linked->code.size(), 2 * kDepth);
  EXPECT_EQ(linked->code.insns[2 * kDepth - 2].imm, -static_cast<std::int64_t>(2 * kDepth) + 1);
}

}  // namespace
}  // namespace skep
