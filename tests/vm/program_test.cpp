#include "skep/vm/program.hpp"

#include <gtest/gtest.h>

#include "skep/asm/insn.hpp"
#include "skep/tests/vm/assembled.hpp"

namespace skep::vm {
namespace {

class Programs : public test::MachineTest {
 protected:
  Map* data_section(std::string name, std::uint32_t size) {
    MapSpec spec;
    spec.name = std::move(name);
    spec.type = MapType::array;
    spec.kind = MapKind::data;
    spec.key_size = 4;
    spec.value_size = size;
    spec.max_entries = 1;
    auto map = machine->create_map(spec);
    EXPECT_OK(map);
    return map ? *map : nullptr;
  }

  // A program of one wide instruction that refers to `symbol`.
  ProgramSpec referring(Op op, Reference::Kind kind, std::string symbol, std::int64_t imm = 0) {
    ProgramSpec spec;
    spec.name = "test";
    spec.code.insns = {{.op = op, .imm = imm}, {.op = Op::wide_tail}, {.op = Op::exit}};
    spec.code.references = {{0, kind, std::move(symbol)}};
    return spec;
  }
};

TEST_F(Programs, BindMaps) {
  Map* const map = data_section("flows", 16);
  EXPECT_R0(map->handle(), run(load(referring(Op::ld_map_fd, Reference::Kind::map, "flows"))));
  EXPECT_R0(map->values() + 12,
            run(load(referring(Op::ld_map_value, Reference::Kind::map_value, "flows", imm_pair(0, 12)))));
}

TEST_F(Programs, BindKconfigVariables) {
  Map* const map = data_section(".kconfig", 16);
  EXPECT_R0(map->values() + 8,
            run(load(referring(Op::ld_map_value, Reference::Kind::variable, "CONFIG_HZ", imm_pair(0, 8)))));
}

TEST_F(Programs, BindFunctionsToCodeAddresses) {
  Program* const program = load(test::assembled("r0 = f ll\n exit\n<f>: r0 = 1\n exit"));
  ASSERT_NE(program, nullptr);
  EXPECT_R0(program->code_base() + 8 * 3, run(program));
}

TEST_F(Programs, NameWhatCannotBeBound) {
  data_section("flows", 16);
  const auto error = [&](const ProgramSpec& spec) { return test::message(machine->load(spec)); };
  EXPECT_EQ(error(referring(Op::ld_map_fd, Reference::Kind::map, "nope")),
            "program \"test\": instruction 0: map \"nope\" does not exist");
  EXPECT_EQ(error(referring(Op::ld_map_value, Reference::Kind::map_value, "flows", imm_pair(0, 16))),
            "program \"test\": instruction 0: offset 16 is outside of the 16 bytes of map \"flows\"");
  EXPECT_EQ(error(referring(Op::ld_imm64, Reference::Kind::extern_, "jiffies")),
            "program \"test\": instruction 0: extern \"jiffies\" (a kernel symbol) is not emulated");
  EXPECT_EQ(refused("call 9999\n exit"), "program \"test\": instruction 0: helper #9999 is not emulated");
  // A raw number means a map of a process that is not here.
  ProgramSpec raw = referring(Op::ld_map_fd, Reference::Kind::map, "x", 3);
  raw.code.references.clear();
  EXPECT_NE(error(raw).find("instruction 0: ld_map_fd holds the number 3"), std::string::npos) << error(raw);
  ProgramSpec kfunc;
  kfunc.name = "test";
  kfunc.code.insns = {{.op = Op::call_kfunc}, {.op = Op::exit}};
  kfunc.code.references = {{0, Reference::Kind::extern_, "bpf_obj_drop"}};
  EXPECT_EQ(error(kfunc), "program \"test\": instruction 0: kfunc bpf_obj_drop is not emulated");
}

TEST_F(Programs, NameHelpersThatAreMissing) {
  machine->helpers().set(5, nullptr);
  EXPECT_EQ(refused("call 5\n exit"), "program \"test\": instruction 0: helper bpf_ktime_get_ns#5 is not emulated");
}

TEST_F(Programs, AreValidatedFirst) {
  const auto error = refused("r0 = 0");
  EXPECT_FALSE(error.empty());
  ProgramSpec broken = test::assembled("exit");
  broken.problem = "relocation 3: no such symbol";
  EXPECT_EQ(test::message(machine->load(broken)), "program \"test\": relocation 3: no such symbol");
}

TEST_F(Programs, UseTheHelpersOfTheirMachine) {
  machine->helpers().set(200, [](std::uint64_t a, std::uint64_t b, std::uint64_t, std::uint64_t, std::uint64_t, Cpu&) {
    return a * 10 + b;
  });
  EXPECT_R0(42, run("r1 = 4\n r2 = 2\n call 200\n exit"));
}

TEST_F(Programs, LoadPoisonAndFaultWhenItIsReached) {
  ProgramSpec spec;
  spec.name = "test";
  spec.code.insns = {
      insn::mov64(r0, 7), insn::jeq64(r1, 0, 1), {.op = Op::call_helper, .imm = 0xbad2310}, insn::exit()};
  Program* const program = load(spec);
  EXPECT_R0(7, run(program, 0));
  EXPECT_FAULT(FaultKind::invalid_instruction, run(program, 1));
}

}  // namespace
}  // namespace skep::vm
