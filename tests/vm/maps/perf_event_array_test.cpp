// Perf event arrays: which slot may be written from which CPU, and what arrives.
#include "skep/tests/vm/maps/support.hpp"
#include "skep/vm/maps/perf_event_array.hpp"

namespace skep::vm {
namespace {

using PerfEvents = MapTest;
constexpr std::uint64_t kCurrent = PerfEventArrayMap::kIndexMask;

TEST_F(PerfEvents, AnswersOfOutput) {
  Map& map = create(map_spec(MapType::perf_event_array, 4, 4, 8));
  auto& events = *PerfEventArrayMap::from(&map);
  EXPECT_EQ(events.output(cpu0, 8, u64(1)), -kE2BIG);
  EXPECT_EQ(events.output(cpu0, kCurrent - 1, u64(1)), -kE2BIG);
  EXPECT_EQ(events.output(cpu0, 2, u64(1)), -kENOENT);      // no such CPU, no event
  EXPECT_EQ(events.output(cpu0, 1, u64(1)), -kEOPNOTSUPP);  // the other CPU's
  EXPECT_EQ(events.output(cpu0, 0, u64(1)), 0);
  EXPECT_EQ(events.output(cpu1, kCurrent, u64(2), u32(3)), 0);
  EXPECT_EQ(cpu0.outcome().events, (std::vector<Event>{{"m", 0, u64(1)}}));
  ASSERT_EQ(cpu1.outcome().events.size(), 1u);
  EXPECT_EQ(cpu1.outcome().events[0].cpu, 1u);
  EXPECT_EQ(to_hex(cpu1.outcome().events[0].data), "020000000000000003000000");
  EXPECT_EQ(events.output(cpu0, 0, Data{}), 0);
}

TEST_F(PerfEvents, UserSpaceOpensAndCloses) {
  Map& map = create(map_spec(MapType::perf_event_array, 4, 4, 8));
  auto& events = *PerfEventArrayMap::from(&map);
  EXPECT_EQ(sys(map.host_lookup(u32(0))), -kENOTSUPP);
  EXPECT_EQ(test::message(map.host_lookup(u32(0))),
            "map \"m\": lookup key 00000000: a map of type perf_event_array cannot (errno 524)");
  EXPECT_OK(map.host_erase(u32(0)));
  EXPECT_EQ(sys(map.host_erase(u32(0))), -kENOENT);
  EXPECT_EQ(sys(map.host_erase(u32(8))), -kE2BIG);
  EXPECT_EQ(events.output(cpu0, kCurrent, u64(1)), -kENOENT);
  EXPECT_OK(map.host_update(u32(5), u32(0), 0));
  EXPECT_EQ(events.output(cpu0, 5, u64(1)), 0);
  EXPECT_EQ(events.output(cpu1, 5, u64(1)), -kEOPNOTSUPP);
  EXPECT_EQ(sys(map.host_update(u32(5), u32(2), 0)), -kEBADF);
  EXPECT_EQ(sys(map.host_update(u32(5), u32(0), kExist)), -kEINVAL);
  EXPECT_EQ(sys(map.host_update(u32(8), u32(0), 0)), -kE2BIG);
  EXPECT_EQ(keys_of(map).size(), 8u);
}

TEST_F(PerfEvents, AReaderThatFallsBehind) {
  Map& map = create(map_spec(MapType::perf_event_array, 4, 4, 0));
  auto& events = *PerfEventArrayMap::from(&map);
  const Data big(1 << 20);
  int sent = 0;
  while (events.output(cpu0, kCurrent, big) == 0) ++sent;
  EXPECT_EQ(sent, 63);
  EXPECT_EQ(events.output(cpu0, kCurrent, big), -kENOSPC);
}

}  // namespace
}  // namespace skep::vm
