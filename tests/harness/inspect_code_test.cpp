#include "skep/harness/inspect_code.hpp"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "skep/harness/inspect.hpp"
#include "skep/tests/support/objects.hpp"
#include "skep/tests/support/result.hpp"

namespace skep::harness {
namespace {

Json with_code(const CollectionSpec& spec, const Target& target = {}) {
  auto json = inspect(spec, "x.o");
  EXPECT_OK(add_code(json, spec, target));
  return json;
}

Json program(const Json& document, std::string_view name) {
  for (const auto& one : document["programs"])
    if (one["name"] == name) return one;
  ADD_FAILURE() << name;
  return {};
}

// Bytes as they lie in memory, in the order of the object's machine.
TEST(InspectCode, BothByteOrders) {
  for (const std::string name : {"elf/calls.bpf", "elf/calls.bpfeb"}) {
    const auto spec = test::load_fixture(name);
    const auto json = with_code(spec);
    for (const auto& one : json["programs"]) {
      if (one["code"].is_null()) continue;
      EXPECT_EQ(one["code"].size(), one["instructions"]) << name;
      EXPECT_EQ(one["code"].back(), "9500000000000000") << name << ": exit ends the last function";
    }
  }
}

TEST(InspectCode, MapsAreZeroAndOffsetsStay) {
  const auto json = with_code(test::load_fixture("cli/kernel.bpf"));
  const auto code = program(json, "ask")["code"];
  EXPECT_EQ(code[0], "1821000000000000");  // &text, in .bss
  EXPECT_EQ(code[1], "0000000008000000");
}

TEST(InspectCode, WhatIsOpenIsListedAndNoError) {
  const auto open = program(with_code(test::load_fixture("cli/kernel.bpf")), "ask")["unresolved"];
  std::vector<std::string> symbols;
  for (const auto& one : open) symbols.push_back(one["symbol"]);
  EXPECT_EQ(symbols, (std::vector<std::string>{"_stext", "LINUX_KERNEL_VERSION", "CONFIG_HZ", "bpf_device_touch",
                                               "bpf_device_touch"}));
}

TEST(InspectCode, AProgramThatCannotBeRelocatedHasAProblem) {
  auto spec = test::load_fixture("cli/kernel.bpf");
  spec.programs[0].core_relocations.push_back(spec.programs[0].core_relocations.at(0));
  spec.programs[0].core_relocations.back().kind = 77;
  Target target;
  target.types = btf::CoreTargets({{"vmlinux", spec.types}});
  const auto one = program(with_code(spec, target), "ask");
  EXPECT_EQ(one["code"], nullptr);
  EXPECT_EQ(one["unresolved"], nullptr);
  EXPECT_EQ(one["problem"], "two CO-RE relocations of the instruction at slot 26");
}

// A function of 60,000 slots that 200 programs call.
TEST(InspectCode, MoreCodeThanCanBeShownIsAnError) {
  CollectionSpec spec;
  ProgramSpec large;
  large.name = "large";
  large.code.insns.assign(60'000, {.op = Op::exit});
  large.code.functions = {{0, "large", 0}};
  spec.subprograms.push_back(large);
  for (int i = 0; i < 200; ++i) {
    ProgramSpec caller;
    caller.name = fmt::format("p{}", i);
    caller.code.insns = {{.op = Op::call_local}, {.op = Op::exit}};
    caller.code.references = {{0, Reference::Kind::function, "large"}};
    caller.code.functions = {{0, caller.name, 0}};
    spec.programs.push_back(caller);
  }
  auto json = inspect(spec, "x.o");
  const auto added = add_code(json, spec, {});
  ASSERT_FALSE(added);
  EXPECT_EQ(test::message(added), "the programs have 12000400 slots when they are linked; 8388608 can be shown");
}

}  // namespace
}  // namespace skep::harness
