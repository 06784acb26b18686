#include "skep/vm/collection.hpp"

#include <gtest/gtest.h>

#include "skep/tests/vm/assembled.hpp"

namespace skep::vm {
namespace {

class Collections : public test::MachineTest {
 protected:
  static MapSpec map(std::string name, MapType type, std::uint32_t value_size, std::uint32_t entries) {
    MapSpec spec;
    spec.name = std::move(name);
    spec.type = type;
    spec.key_size = 4;
    spec.value_size = value_size;
    spec.max_entries = entries;
    return spec;
  }
  static MapSpec section(std::string name, MapKind kind, std::vector<std::byte> contents) {
    MapSpec spec = map(std::move(name), MapType::array, static_cast<std::uint32_t>(contents.size()), 1);
    spec.kind = kind;
    if (kind == MapKind::rodata) spec.flags = kRdonlyProg;
    spec.contents = std::move(contents);
    return spec;
  }
  // r0 = the first byte of a map's value; with `store`, writes there.
  static ProgramSpec reader(std::string name, std::string section, bool store = false) {
    ProgramSpec spec;
    spec.name = std::move(name);
    spec.type = ProgramType::syscall;
    spec.code.insns = {
        {.op = Op::ld_map_value, .dst = Reg::r1},
        {.op = Op::wide_tail},
        {.op = store ? Op::stx8 : Op::ldx8, .dst = store ? Reg::r1 : Reg::r0, .src = store ? Reg::r0 : Reg::r1},
        {.op = Op::exit}};
    spec.code.references = {{0, Reference::Kind::map_value, std::move(section)}};
    return spec;
  }
  Result<Program*> program(Result<Collection>& collection, std::string_view name) { return collection->program(name); }
};

TEST_F(Collections, FillDataSectionsAndProtectConstants) {
  CollectionSpec spec;
  spec.maps = {section(".data", MapKind::data, {std::byte{5}, std::byte{6}}),
               section(".rodata", MapKind::rodata, {std::byte{7}})};
  spec.programs = {reader("data", ".data"), reader("rodata", ".rodata"), reader("write_data", ".data", true),
                   reader("write_rodata", ".rodata", true)};
  auto collection = Collection::create(*machine, spec);
  ASSERT_OK(collection);
  EXPECT_R0(5, run(*collection->program("data")));
  EXPECT_R0(7, run(*collection->program("rodata")));
  EXPECT_R0(0, run(*collection->program("write_data")));
  EXPECT_R0(0, run(*collection->program("data")));
  EXPECT_FAULT(FaultKind::memory, run(*collection->program("write_rodata")));
  EXPECT_R0(7, run(*collection->program("rodata")));
  EXPECT_TRUE(machine->map(".rodata")->frozen());
}

TEST_F(Collections, LoadProgramsOnceAndWhenAskedFor) {
  CollectionSpec spec;
  spec.programs = {test::assembled("r0 = 1\n exit", "good"), test::assembled("exit", "bad")};
  spec.programs[1].problem = "relocation 2: no such field";
  auto collection = Collection::create(*machine, spec);
  ASSERT_OK(collection);
  const auto good = collection->program("good");
  ASSERT_OK(good);
  EXPECT_EQ(*good, *collection->program("good"));
  const auto bad = test::message(collection->program("bad"));
  EXPECT_NE(bad.find("bad"), std::string::npos) << bad;
  EXPECT_NE(bad.find("relocation 2: no such field"), std::string::npos) << bad;
  EXPECT_EQ(test::message(collection->program("none")), "there is no program \"none\"; there are: good, bad");
}

TEST_F(Collections, NameMapsThatAreNotEmulatedToProgramsThatUseThem) {
  CollectionSpec spec;
  spec.maps = {map("sockets", MapType::sk_storage, 4, 0), map("plain", MapType::array, 4, 1)};
  spec.programs = {test::assembled("r1 = sockets ll\n exit", "user"), test::assembled("r1 = plain ll\n exit", "other")};
  auto collection = Collection::create(*machine, spec);
  ASSERT_OK(collection);
  EXPECT_OK(collection->program("other"));
  const auto loaded = collection->program("user");
  EXPECT_EQ(test::message(loaded), "program \"user\": map \"sockets\": type sk_storage is not emulated");
  EXPECT_EQ(loaded.error().code(), Errc::not_supported);
  ASSERT_NE(collection->missing_map("sockets"), nullptr);
  EXPECT_EQ(collection->missing_map("plain"), nullptr);
}

TEST_F(Collections, RefuseMapsThatTheKernelRefuses) {
  CollectionSpec spec;
  spec.maps = {map("empty", MapType::array, 4, 0)};
  EXPECT_EQ(test::message(Collection::create(*machine, spec)).find("map \"empty\": "), 0u);
  spec.maps[0].autocreate = false;
  EXPECT_OK(Collection::create(*machine, spec));
}

TEST_F(Collections, AskForKernelConfigurationWithoutAValue) {
  CollectionSpec spec;
  MapSpec config = section(".kconfig", MapKind::kconfig, {});
  config.value_size = 12;
  spec.maps = {config};
  const char* const names[] = {"CONFIG_HZ", "CONFIG_BPF", "CONFIG_MAYBE"};
  for (std::uint32_t i = 0; i < 3; ++i) {
    spec.variables.push_back({.name = names[i], .section = ".kconfig", .offset = 4 * i, .size = 4});
    spec.externs.push_back({.name = names[i], .kind = ExternSpec::Kind::kconfig, .weak = i == 2});
  }
  const auto program = [&](std::string name, std::vector<std::uint32_t> read) {
    ProgramSpec made = test::assembled("r0 = 0\n exit", std::move(name));
    made.code.insns.clear();
    for (const auto index : read) {
      made.code.references.push_back({made.code.size(), Reference::Kind::variable, names[index]});
      made.code.insns.push_back({.op = Op::ld_map_value, .dst = Reg::r1, .imm = imm_pair(0, 4 * index)});
      made.code.insns.push_back({.op = Op::wide_tail});
      made.code.insns.push_back({.op = Op::ldx32, .dst = Reg::r0, .src = Reg::r1});
    }
    made.code.insns.push_back({.op = Op::exit});
    return made;
  };
  spec.programs = {program("both", {0, 1}), program("weak", {2})};
  {
    auto collection = Collection::create(*machine, spec);
    ASSERT_OK(collection);
    EXPECT_R0(0, run(*collection->program("weak")));
    EXPECT_EQ(test::message(collection->program("both")),
              "program \"both\": kernel configuration without a value: CONFIG_BPF, CONFIG_HZ (--set "
              "CONFIG_BPF=VALUE, or --kconfig FILE)");
  }
  SetUp();
  const std::uint32_t value = 250;
  ASSERT_OK(spec.set_variable("CONFIG_HZ", std::as_bytes(std::span(&value, 1))));
  ASSERT_OK(spec.set_variable("CONFIG_BPF", std::as_bytes(std::span(&value, 1))));
  auto collection = Collection::create(*machine, spec);
  ASSERT_OK(collection);
  EXPECT_R0(250, run(*collection->program("both")));
}

TEST_F(Collections, LoadWhatProgArraysReach) {
  CollectionSpec spec;
  spec.maps = {map("jumps", MapType::prog_array, 4, 3), map("unused", MapType::prog_array, 4, 1)};
  spec.maps[0].slots = {{1, "second"}, {2, "first"}};
  spec.maps[1].slots = {{0, "broken"}};
  spec.programs = {test::assembled("r2 = jumps ll\n r3 = 1\n call 12\n r0 = 1\n exit", "first"),
                   test::assembled("r0 = 2\n exit", "second"), test::assembled("call 9999\n exit", "broken")};
  auto collection = Collection::create(*machine, spec);
  ASSERT_OK(collection);
  EXPECT_R0(2, run(*collection->program("first")));  // a circle, and the broken one is not in it
  EXPECT_EQ(machine->map("jumps")->program_at(1), *collection->program("second"));
  EXPECT_EQ(machine->map("unused")->program_at(0), nullptr);
}

TEST_F(Collections, SayWhyAReachedProgramDoesNotLoadEveryTime) {
  CollectionSpec spec;
  spec.maps = {map("jumps", MapType::prog_array, 4, 1)};
  spec.maps[0].slots = {{0, "broken"}};
  spec.programs = {test::assembled("r2 = jumps ll\n r3 = 0\n call 12\n r0 = 1\n exit", "first"),
                   test::assembled("call 9999\n exit", "broken")};
  auto collection = Collection::create(*machine, spec);
  ASSERT_OK(collection);
  for (int i = 0; i < 2; ++i)
    EXPECT_EQ(
        test::message(collection->program("first")),
        "program \"first\": map \"jumps\": slot 0: program \"broken\": instruction 0: helper #9999 is not emulated");
}

TEST_F(Collections, FillProgArraysThatNobodyRunsInto) {
  CollectionSpec spec;
  spec.maps = {map("jumps", MapType::prog_array, 4, 2)};
  spec.maps[0].slots = {{1, "target"}};
  spec.programs = {test::assembled("r0 = 1\n exit", "alone"), test::assembled("r0 = 2\n exit", "target")};
  auto collection = Collection::create(*machine, spec);
  ASSERT_OK(collection);
  ASSERT_NE(machine->map("jumps")->program_at(1), nullptr);
  EXPECT_EQ(machine->map("jumps")->program_at(1), *collection->program("target"));
  EXPECT_OK(collection->program("alone"));
}

TEST_F(Collections, HelpersForGplProgramsNeedALicense) {
  CollectionSpec spec;
  spec.license = "Proprietary";
  spec.programs = {test::assembled("r1 = r10\n r2 = 0\n call 6\n exit", "prints"),
                   test::assembled("call 5\n exit", "tells_time")};
  {
    auto collection = Collection::create(*machine, spec);
    ASSERT_OK(collection);
    EXPECT_OK(collection->program("tells_time"));
    EXPECT_EQ(test::message(collection->program("prints")),
              "program \"prints\": instruction 2: helper bpf_trace_printk#6 is for programs of a GPL-compatible "
              "license, not \"Proprietary\"");
  }
  for (const auto* license : {"GPL", "Dual BSD/GPL"}) {
    SetUp();
    spec.license = license;
    auto collection = Collection::create(*machine, spec);
    ASSERT_OK(collection);
    EXPECT_OK(collection->program("prints"));
  }
}

TEST_F(Collections, ResolveWeakExternsToNothing) {
  CollectionSpec spec;
  spec.externs = {{.name = "bpf_maybe", .kind = ExternSpec::Kind::kfunc, .weak = true, .type = {}},
                  {.name = "maybe", .kind = ExternSpec::Kind::ksym, .weak = true, .type = {}},
                  {.name = "surely", .kind = ExternSpec::Kind::ksym, .weak = false, .type = {}}};
  ProgramSpec weak;
  weak.name = "weak";
  weak.code.insns = {{.op = Op::ld_imm64, .dst = Reg::r0},
                     {.op = Op::wide_tail},
                     {.op = Op::jeq64_imm, .dst = Reg::r1, .off = 1},
                     {.op = Op::call_kfunc},
                     {.op = Op::exit}};
  weak.code.references = {{0, Reference::Kind::extern_, "maybe"}, {3, Reference::Kind::extern_, "bpf_maybe"}};
  ProgramSpec strong = weak;
  strong.name = "strong";
  strong.code.references[0].symbol = "surely";
  spec.programs = {weak, strong};
  auto collection = Collection::create(*machine, spec);
  ASSERT_OK(collection);
  EXPECT_R0(0, run(*collection->program("weak"), 0));
  EXPECT_FAULT(FaultKind::invalid_instruction, run(*collection->program("weak"), 1));
  const auto error = test::message(collection->program("strong"));
  EXPECT_NE(error.find("surely"), std::string::npos) << error;
}

}  // namespace
}  // namespace skep::vm
