// Ring buffers: room as the kernel counts it, records in guest memory, order, hostile handles.
#include "skep/tests/vm/maps/support.hpp"
#include "skep/vm/maps/ringbuf.hpp"
#include "skep/tests/support/engine.hpp"

namespace skep::vm {
namespace {

class Ringbufs : public MapTest {
 protected:
  RingbufMap& ring(std::uint32_t size) {
    auto spec = map_spec(MapType::ringbuf, 0, 0, size);
    spec.name = "ring" + std::to_string(machine->maps().size());
    return *RingbufMap::from(&create(spec));
  }
  Data bytes(unsigned value, std::size_t size = 8) { return Data(size, std::byte(value)); }
};

TEST_F(Ringbufs, RoomIsTheRingLessOneByte) {
  EXPECT_EQ(ring(4096).reserve(cpu0, 4088, 0), 0u);
  EXPECT_EQ(ring(4096).reserve(cpu0, 4081, 0), 0u);
  RingbufMap& map = ring(4096);
  EXPECT_NE(map.reserve(cpu0, 4080, 0), 0u);
  EXPECT_EQ(map.query(RingbufMap::kAvailable), 4088u);
  EXPECT_EQ(map.output(cpu0, bytes(1), 0), -kEAGAIN);
  EXPECT_EQ(map.reserve(cpu0, 0, 0), 0u);
  for (const std::uint64_t size : {std::uint64_t{4097}, std::uint64_t{UINT32_MAX}, UINT64_MAX, UINT64_MAX - 7})
    EXPECT_EQ(ring(4096).reserve(cpu0, size, 0), 0u);
}

TEST_F(Ringbufs, FlagsAndQueries) {
  RingbufMap& map = ring(4096);
  EXPECT_EQ(map.reserve(cpu0, 8, 1), 0u);
  for (std::uint64_t flags : {0u, 1u, 2u, 3u}) EXPECT_EQ(map.output(cpu0, bytes(0, 5), flags), 0);
  EXPECT_EQ(map.output(cpu0, bytes(0), 4), -kEINVAL);
  EXPECT_EQ(map.query(RingbufMap::kAvailable), 0u);
  EXPECT_EQ(map.query(RingbufMap::kRingSize), 4096u);
  EXPECT_EQ(map.query(RingbufMap::kConsumerPosition), 64u);
  EXPECT_EQ(map.query(RingbufMap::kProducerPosition), 64u);
  EXPECT_EQ(map.query(4), 0u);
  EXPECT_EQ(map.query(UINT64_MAX), 0u);
}

TEST_F(Ringbufs, HeadersAreTheKernels) {
  RingbufMap& map = ring(8192);
  const auto first = map.reserve(cpu0, 5000, 0), second = map.reserve(cpu0, 100, 0);
  EXPECT_EQ(second, first + 5008);
  EXPECT_EQ(read<std::uint32_t>(first - 8), 5000u | 1u << 31);
  EXPECT_EQ(read<std::uint32_t>(first - 4), 3u);
  EXPECT_EQ(read<std::uint32_t>(second - 4), 4u);
  EXPECT_TRUE(map.submit(cpu0, first));
  EXPECT_EQ(read<std::uint32_t>(first - 8), 5000u);
  EXPECT_TRUE(map.discard(cpu0, second));
  EXPECT_EQ(read<std::uint32_t>(second - 8), 100u | 1u << 30);
}

TEST_F(Ringbufs, RecordsComeInOrderOfReservation) {
  RingbufMap& map = ring(4096);
  const auto write = [&](GuestAddress record, unsigned value) {
    EXPECT_TRUE(machine->memory().copy_out(record, bytes(value).data(), 8));
  };
  const auto first = map.reserve(cpu0, 8, 0), second = map.reserve(cpu1, 8, 0), third = map.reserve(cpu0, 8, 0);
  write(first, 1);
  write(second, 2);
  write(third, 3);
  EXPECT_TRUE(map.submit(cpu1, second));
  EXPECT_TRUE(map.discard(cpu0, third));
  EXPECT_TRUE(cpu1.outcome().events.empty());  // the first is busy
  EXPECT_EQ(map.query(RingbufMap::kAvailable), 48u);
  EXPECT_TRUE(map.submit(cpu0, first));
  const std::vector<Event> expected = {{map.name(), 0, bytes(1)}, {map.name(), 1, bytes(2)}};
  EXPECT_EQ(cpu0.outcome().events, expected);
  EXPECT_EQ(map.query(RingbufMap::kAvailable), 0u);
}

TEST_F(Ringbufs, RecordsThatWrapAreContiguous) {
  RingbufMap& map = ring(4096);
  for (unsigned i = 0; i < 1000; ++i) {
    const std::size_t size = 1 + i * 37 % 3000;
    const auto record = map.reserve(cpu0, size, 0);
    ASSERT_NE(record, 0u);
    const Data data = bytes(i & 255, size);
    ASSERT_TRUE(machine->memory().copy_out(record, data.data(), size));
    ASSERT_TRUE(map.submit(cpu0, record));
    ASSERT_EQ(cpu0.outcome().events.back().data, data);
  }
  EXPECT_EQ(cpu0.outcome().events.size(), 1000u);
}

TEST_F(Ringbufs, OnlyLiveReservationsCanBeCommitted) {
  RingbufMap& map = ring(4096);
  RingbufMap& other = ring(4096);
  const auto record = map.reserve(cpu0, 16, 0);
  const std::uint64_t live = record;
  for (const std::uint64_t hostile : {std::uint64_t{0}, std::uint64_t{8}, live + 8, live - 8, live + 4096, live + 24,
                                      live | std::uint64_t{1} << 32, UINT64_MAX})
    EXPECT_FALSE(map.submit(cpu0, hostile)) << hostile;
  EXPECT_FALSE(other.submit(cpu0, record));
  EXPECT_TRUE(map.submit(cpu0, record));
  EXPECT_FALSE(map.submit(cpu0, record));
  EXPECT_FALSE(map.discard(cpu0, record));
  EXPECT_EQ(RingbufMap::holding(*machine, record), &map);
  EXPECT_EQ(RingbufMap::holding(*machine, 0), nullptr);
  EXPECT_EQ(RingbufMap::holding(*machine, record | 1ull << 32), nullptr);
}

TEST_F(Ringbufs, WithoutAReaderTheRingFills) {
  RingbufMap& map = ring(4096);
  map.set_consumer(false);
  int sent = 0;
  while (map.output(cpu0, bytes(static_cast<unsigned>(sent)), 0) == 0) ++sent;
  EXPECT_EQ(sent, 255);  // of 16 bytes; 256 would leave no byte free
  EXPECT_TRUE(cpu0.outcome().events.empty());
  std::vector<Event> events;
  map.drain(events);
  EXPECT_EQ(events.size(), 255u);
  EXPECT_EQ(events[254].data, bytes(254));
  EXPECT_EQ(map.query(RingbufMap::kAvailable), 0u);
}

TEST_F(Ringbufs, AReaderThatFallsBehindLosesNothing) {
  RingbufMap& map = ring(1 << 20);
  const Data big = bytes(7, 1 << 19);
  int sent = 0;
  while (map.output(cpu0, big, 0) == 0) ++sent;
  EXPECT_EQ(cpu0.outcome().events.size() + 1, static_cast<std::size_t>(sent));  // one waits in the ring
  EXPECT_LE(cpu0.outcome().event_bytes, Outcome::kMaxEventBytes);
  EXPECT_EQ(map.output(cpu0, big, 0), -kEAGAIN);
  EXPECT_EQ(map.output(cpu1, bytes(1), 0), 0);  // another CPU's reader takes over
  EXPECT_EQ(cpu1.outcome().events.size(), 2u);
}

TEST_F(Ringbufs, WhatARunLeftBehindIsAbandoned) {
  RingbufMap& map = ring(4096);
  map.reserve(cpu0, 8, 0);
  const auto kept = map.reserve(cpu1, 8, 0);
  EXPECT_EQ(map.output(cpu0, bytes(2), 0), 0);
  EXPECT_EQ(cpu0.open_records, 1u);
  map.abandon(cpu0);
  EXPECT_EQ(cpu0.open_records, 0u);
  EXPECT_TRUE(cpu0.outcome().events.empty());
  EXPECT_TRUE(map.submit(cpu1, kept));
  EXPECT_EQ(cpu1.open_records, 0u);
  EXPECT_EQ(cpu1.outcome().events.size(), 2u);
}

TEST_F(Ringbufs, TheNextRunBeginsWithThat) {
  RingbufMap& map = ring(4096);
  ASSERT_NE(map.reserve(cpu0, 4000, 0), 0u);
  const auto how = program("empty", ProgramType::xdp)->executable(test::engine());
  ASSERT_OK(how);
  EXPECT_EQ((*how)->run(cpu0, nullptr, 0, 0, 100).fault, std::nullopt);
  EXPECT_EQ(map.query(RingbufMap::kAvailable), 0u);
  EXPECT_EQ(map.output(cpu0, bytes(1, 4000), 0), 0);
}

TEST_F(Ringbufs, UserSpaceHasNoElements) {
  RingbufMap& map = ring(4096);
  EXPECT_EQ(sys(map.host_lookup(Data{})), -kENOTSUPP);
  EXPECT_EQ(sys(map.host_update(Data{}, Data{}, 0)), -kENOTSUPP);
  EXPECT_EQ(sys(map.host_erase(Data{})), -kENOTSUPP);
  EXPECT_EQ(sys(map.host_lookup(u32(0))), -kEINVAL);
  EXPECT_EQ(map.next_key(std::nullopt), std::nullopt);
}

}  // namespace
}  // namespace skep::vm
