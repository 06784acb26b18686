// Program arrays: slots, ids, one type of program.
#include "skep/tests/vm/maps/support.hpp"

namespace skep::vm {
namespace {

using ProgArrays = MapTest;

TEST_F(ProgArrays, SlotsAndIds) {
  Map& map = create(map_spec(MapType::prog_array, 4, 4, 3));
  Program* const first = program("first", ProgramType::xdp);
  Program* const second = program("second", ProgramType::xdp);
  EXPECT_EQ(map.program_at(0), nullptr);
  EXPECT_OK(map.set_program(2, second));
  EXPECT_EQ(map.program_at(2), second);
  EXPECT_EQ(map.program_at(3), nullptr);
  EXPECT_EQ(map.program_at(UINT32_MAX), nullptr);
  EXPECT_EQ(*map.host_lookup(u32(2)), u32(2));
  EXPECT_EQ(sys(map.host_lookup(u32(0))), -kENOENT);
  EXPECT_OK(map.host_update(u32(0), u32(1), 0));
  EXPECT_EQ(map.program_at(0), first);
  EXPECT_EQ(sys(map.host_update(u32(0), u32(0), 0)), -kEBADF);
  EXPECT_EQ(sys(map.host_update(u32(0), u32(3), 0)), -kEBADF);
  EXPECT_EQ(sys(map.host_update(u32(0), u32(1), kExist)), -kEINVAL);
  EXPECT_EQ(sys(map.host_update(u32(3), u32(1), 0)), -kE2BIG);
  EXPECT_OK(map.host_erase(u32(0)));
  EXPECT_EQ(sys(map.host_erase(u32(0))), -kENOENT);
  EXPECT_EQ(sys(map.host_erase(u32(3))), -kE2BIG);
  EXPECT_OK(map.set_program(2, nullptr));
  EXPECT_EQ(map.program_at(2), nullptr);
  EXPECT_EQ(test::message(map.set_program(3, first)), "map \"m\": index 3 of 3 slots");
  // Programs cannot touch it but by tail calls.
  EXPECT_EQ(map.lookup(cpu0, u32(2)), 0u);
  EXPECT_EQ(map.update(cpu0, u32(2), u32(1), 0), -kEOPNOTSUPP);
}

TEST_F(ProgArrays, OneTypeOfProgram) {
  Map& map = create(map_spec(MapType::prog_array, 4, 4, 3));
  EXPECT_OK(map.set_program(0, program("x", ProgramType::xdp)));
  EXPECT_EQ(test::message(map.set_program(1, program("tc", ProgramType::sched_cls))),
            "map \"m\": program \"tc\" has type sched_cls, the programs of this array have type xdp");
  EXPECT_EQ(sys(map.host_update(u32(1), u32(2), 0)), -kEINVAL);
}

}  // namespace
}  // namespace skep::vm
