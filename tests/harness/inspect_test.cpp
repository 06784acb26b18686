#include "skep/harness/inspect.hpp"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>
#include <sys/resource.h>

#include "skep/tests/support/objects.hpp"
#include "skep/tests/support/result.hpp"

namespace skep::harness {
namespace {

Json fixture(const std::string& name) { return inspect(test::load_fixture(name), name + ".o"); }

Json named(const Json& list, std::string_view name) {
  for (const auto& one : list)
    if (one["name"] == name) return one;
  ADD_FAILURE() << name;
  return {};
}

TEST(Inspect, EveryFieldOfAMap) {
  const auto json = fixture("elf/maps.bpf");
  const auto flows = named(json["maps"], "flows");
  EXPECT_EQ(flows["numa_node"], 1);
  EXPECT_EQ(flows["pinning"], "by_name");
  EXPECT_EQ(flows["autocreate"], true);
  const auto outer = named(json["maps"], "outer");
  EXPECT_EQ(outer["numa_node"], nullptr);
  EXPECT_EQ(outer["inner"]["name"], "outer.inner");
  EXPECT_EQ(outer["slots"], Json::parse(R"([{"index": 1, "symbol": "inner_a"}, {"index": 4, "symbol": "inner_b"}])"));
  EXPECT_EQ(named(json["maps"], "bloom")["map_extra"], 3);
  EXPECT_EQ(named(fixture("elf/struct_ops.bpf")["maps"], "not_created")["autocreate"], false);
}

TEST(Inspect, TypesThatNoTableHasAreShownByNumber) {
  CollectionSpec spec;
  spec.maps.emplace_back().type = static_cast<MapType>(77);
  EXPECT_EQ(inspect(spec, "x.o")["maps"][0]["type"], "unknown(77)");
}

// The running system gives them their values.
TEST(Inspect, KernelConfigurationHasNoValueUntilItIsSet) {
  auto spec = test::load_fixture("elf/externs.bpf");
  auto version = named(inspect(spec, "x.o")["variables"], "LINUX_KERNEL_VERSION");
  EXPECT_EQ(version["value"], nullptr);
  EXPECT_EQ(version["value_hex"], nullptr);
  const std::uint32_t given = 0x60c00;
  ASSERT_OK(spec.set_variable("LINUX_KERNEL_VERSION", std::as_bytes(std::span(&given, 1))));
  version = named(inspect(spec, "x.o")["variables"], "LINUX_KERNEL_VERSION");
  EXPECT_EQ(version["value"], 0x60c00);
  EXPECT_EQ(named(inspect(spec, "x.o")["variables"], "CONFIG_BPF")["value"], nullptr);
}

TEST(Inspect, FlexibleArraysAreWhole) {
  for (const auto* name : {"elf/data.bpf", "elf/data.bpfeb"}) {
    const auto flexible = named(fixture(name)["variables"], "flexible");
    EXPECT_EQ(flexible["value"].dump(), R"({"count":3,"items":[7,8,9]})") << name;
    EXPECT_EQ(flexible["size"], 10) << name;
  }
}

TEST(Inspect, SlotsAreCountedAlsoWhereTheyAreNoInstructions) {
  test::ElfWriter writer;
  const auto section = writer.add(
      {.name = "tc", .flags = SHF_ALLOC | SHF_EXECINSTR, .data = test::code("ff00000000000000 9500000000000000")});
  writer.add({.name = "bad", .section = section, .size = 16});
  const auto spec = elf::load(writer.bytes());
  ASSERT_OK(spec);
  const auto program = inspect(*spec, "x.o")["programs"][0];
  EXPECT_EQ(program["instructions_own"], 2);
  EXPECT_EQ(program["instructions"], nullptr);
  EXPECT_EQ(program["problem"], "instruction 0 (byte offset 0): unknown opcode 0xff");
}

// The row names the program already.
TEST(Inspect, AProblemDoesNotNameItsProgram) {
  auto spec = test::load_fixture("elf/calls.bpf");
  for (auto& one : spec.subprograms)
    if (one.name == "leaf") one.problem = "broken";
  EXPECT_EQ(named(inspect(spec, "x.o")["programs"], "main_a")["problem"], "function \"leaf\": broken");
}

std::size_t peak_kilobytes() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return static_cast<std::size_t>(usage.ru_maxrss);
}

// A .bss of 2 GB is a few bytes of the file: its zeros are digested, never stored. Any number of such sections fits
// into a small file, so that a second one is not even digested.
TEST(Inspect, GigabytesOfZerosCostNoMemory) {
  constexpr std::uint64_t kSize = 2'000'000'200;
  test::ElfWriter writer;
  const auto bss =
      writer.add({.name = ".bss", .type = SHT_NOBITS, .flags = SHF_ALLOC | SHF_WRITE, .size = kSize});
  writer.add({.name = "big", .section = bss, .size = 2'000'000'000, .type = STT_OBJECT});
  writer.add({.name = "after", .section = bss, .value = 2'000'000'000, .size = 4, .type = STT_OBJECT});
  for (int i = 0; i < 100; ++i)
    writer.add({.name = ".bss." + std::to_string(i), .type = SHT_NOBITS, .flags = SHF_ALLOC, .size = INT32_MAX});
  const auto object = writer.bytes();
  const auto before = peak_kilobytes();
  const auto spec = elf::load(object);
  ASSERT_OK(spec);
  const auto json = inspect(*spec, "x.o");
  EXPECT_LT(peak_kilobytes() - before, 20'000u);
  const auto map = named(json["maps"], ".bss");
  EXPECT_EQ(map["value_size"], kSize);
  // Compared with sha256sum over as many zeros.
  EXPECT_EQ(map["data_sha256"], "8a55c66b638376695772e9079c8b3f0dae84efc4ad268202c826ca891c9c029d");
  EXPECT_EQ(named(json["maps"], ".bss.99")["data_sha256"], nullptr);
  EXPECT_EQ(named(json["variables"], "big")["value"], nullptr);
  EXPECT_EQ(named(json["variables"], "after")["value_hex"], "00000000");
}

}  // namespace
}  // namespace skep::harness
