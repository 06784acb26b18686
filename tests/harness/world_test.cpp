// Maps in and out, and runs, in process; the command line's tests cover the same from outside.
#include "skep/harness/world.hpp"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "skep/base/file.hpp"
#include "skep/elf/load.hpp"
#include "skep/harness/function.hpp"
#include "skep/harness/packets.hpp"
#include "skep/harness/raw_program.hpp"
#include "skep/tests/support/paths.hpp"
#include "skep/tests/support/result.hpp"

namespace skep::harness {
namespace {

using test::message;

Result<World> make_world(std::uint32_t cpus = 2, const std::string& fixture = "cli/packets.bpf") {
  const auto object = SKEP_TRY(read_file(test::fixture(fixture)));
  auto spec = SKEP_TRY(elf::load(object));
  return World::create(std::move(spec), {.cpus = cpus, .seed = 0, .clock = 0, .clock_step = 0});
}

Json contents(const World& world, std::string_view name) {
  std::string text;
  for (auto* map : world.maps())
    if (map->name() == name) put_maps({map}, world.spec(), 0, [&](std::string_view part) { text += part; });
  if (!text.empty()) return (*parse_json(text))[0]["entries"];
  return nullptr;
}

TEST(World, TakesBackWhatItGivesOut) {
  auto from = make_world(), to = make_world();
  ASSERT_OK(from);
  ASSERT_OK(to);
  ASSERT_OK(from->run("count", default_packet().packets[0].data, nullptr, {}));
  for (const auto* name : {"flows", "stats", ".bss"}) {
    const Json document = {{"maps", Json::array({{{"name", name}, {"type", ""}, {"entries", contents(*from, name)}}})}};
    EXPECT_OK(to->fill_map(name, document));
    EXPECT_EQ(contents(*to, name), contents(*from, name)) << name;
  }
}

TEST(World, TakesBackWhatTypesDoNotShow) {
  auto from = make_world(1, "harness/dump.bpf"), to = make_world(1, "harness/dump.bpf");
  ASSERT_OK(from);
  ASSERT_OK(to);
  ASSERT_OK(from->run("fill", default_packet().packets[0].data, nullptr, {}));
  for (const auto* name : {"table", ".data", ".rodata", ".bss"}) {
    EXPECT_OK(to->fill_map(name, contents(*from, name)));
    EXPECT_EQ(contents(*to, name), contents(*from, name)) << name;
  }
  EXPECT_EQ(to->run("look", default_packet().packets[0].data, nullptr, {})->result.r0, 10u);
  EXPECT_EQ(contents(*to, "table")[0]["key_hex"], "01ffffff03000000");

  // What was edited in the readable form is what was meant.
  auto edited = contents(*from, "table");
  edited[0]["value"]["b"] = 77;
  ASSERT_OK(to->fill_map("table", edited));
  EXPECT_EQ(contents(*to, "table")[0]["value"]["b"], 77);
}

TEST(World, TakesHexAndBpftoolsForm) {
  auto world = make_world();
  ASSERT_OK(world);
  EXPECT_OK(world->fill_map("flows", Json::array({{{"key_hex", "08000000"}, {"value_hex", "0500000000000000"}}})));
  // As bpftool -j map dump prints a map with BTF.
  EXPECT_OK(world->fill_map("flows", *parse_json(R"([{"key": ["0x08","0x06","0x00","0x00"],
      "value": ["0x07","0x00","0x00","0x00","0x00","0x00","0x00","0x00"],
      "formatted": {"key": {"protocol": 1544}, "value": 7}}])")));
  EXPECT_EQ(contents(*world, "flows")[0]["value"], 5);
  EXPECT_EQ(contents(*world, "flows")[1]["value"], 7);
  EXPECT_OK(world->fill_map("stats", *parse_json(R"([{"key": 1, "values": [{"cpu": 0, "value": {"packets": 1}},
      {"cpu": 1, "value": {"packets": 2}}]}])")));
  EXPECT_EQ(contents(*world, "stats")[1]["values"][1]["packets"], 2);
  EXPECT_OK(world->fill_map("stats", *parse_json(R"([{"key": 0, "value": {"packets": 9}}])")));
  EXPECT_EQ(contents(*world, "stats")[0]["values"][1]["packets"], 9);
}

TEST(World, ReadOnlyDataIsSetBefore) {
  auto world = make_world();
  ASSERT_OK(world);
  EXPECT_EQ(message(world->fill_map(".rodata", Json::array({{{"key", 0}, {"value", {{"large", 1}}}}}))),
            "entry 0: .rodata is read-only: set its variables with --set");
}

TEST(World, AFaultDoesNotStopTheNextRun) {
  auto world = make_world();
  ASSERT_OK(world);
  const auto packet = default_packet().packets[0].data;
  const auto crash = world->run("crash", packet, nullptr, {});
  ASSERT_OK(crash);
  ASSERT_TRUE(crash->result.fault);
  EXPECT_EQ(crash->result.fault->kind, vm::FaultKind::memory);
  EXPECT_EQ(to_hex(packet_after(*crash)), to_hex(packet));
  const auto forever = world->run("forever", packet, nullptr, {.fuel = 10'000});
  ASSERT_OK(forever);
  EXPECT_EQ(forever->result.fault->kind, vm::FaultKind::out_of_fuel);
  const auto count = world->run("count", packet, nullptr, {.cpu = 1});
  ASSERT_OK(count);
  EXPECT_EQ(count->verdict, "XDP_TX");
  EXPECT_EQ(contents(*world, "stats")[0]["values"][1]["packets"], 1);
}

TEST(World, FunctionsOfTheObject) {
  auto world = make_world();
  ASSERT_OK(world);
  const auto call = [&](std::string_view name, std::vector<std::string> arguments) {
    return call_function(*world, name, arguments, default_packet().packets[0].data, nullptr, {});
  };
  const auto sum = call("sum", {"[65535, 1, 5]", "2"});
  ASSERT_OK(sum);
  EXPECT_EQ(sum->run.result.r0, 65536u);
  const auto program = call("count", {"ctx"});
  ASSERT_OK(program);
  EXPECT_EQ(program->run.result.r0, 3u);
  EXPECT_EQ(message(call("clamp", {"{\"packet\": 1}", "1", "x"})).find("argument 1 (struct stat * stat): "), 0u)
      << message(call("clamp", {"{\"packet\": 1}", "1", "x"}));
}

TEST(World, BigEndianObjectsAreNotRun) {
  auto spec = elf::load(*read_file(test::fixture("elf/maps.bpfeb")));
  ASSERT_OK(spec);
  const auto world = World::create(*spec, {});
  ASSERT_FALSE(world);
  EXPECT_EQ(world.error().code(), Errc::not_supported);
}

TEST(RawProgram, MemoryComesBack) {
  // *(u8 *)(r1 + 0) = 7; r0 = r2; exit
  const auto run =
      run_raw(*from_hex("7201000007000000 bf20000000000000 9500000000000000"), *from_hex("0102"), vm::interpreter());
  ASSERT_OK(run);
  EXPECT_EQ(run->result.r0, 2u);
  EXPECT_EQ(to_hex(run->memory), "0702");
}

}  // namespace
}  // namespace skep::harness
