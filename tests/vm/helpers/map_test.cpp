#include "skep/tests/vm/helpers/helper_test.hpp"

namespace skep::vm {
namespace {

using test::HelperTest;

class MapHelpers : public HelperTest {};

constexpr std::uint32_t kLookup = 1, kUpdate = 2, kDelete = 3, kPush = 87, kForEach = 164, kLookupPercpu = 195;

TEST_F(MapHelpers, UpdateThenLookup) {
  Map* const hash = map(MapType::hash, 4, 8, 4);
  const auto memory = region(16);
  EXPECT_EQ(answer(kLookup, {hash->handle(), memory}), 0);
  const std::uint64_t value = 77;
  ASSERT_TRUE(machine->memory().copy_out(memory + 8, &value, 8));
  EXPECT_EQ(answer(kUpdate, {hash->handle(), memory, memory + 8, 0}), 0);
  EXPECT_EQ(answer(kUpdate, {hash->handle(), memory, memory + 8, kNoExist}), -kEEXIST);
  const auto found = answer(kLookup, {hash->handle(), memory});
  std::uint64_t read = 0;
  ASSERT_TRUE(machine->memory().copy_in(&read, static_cast<std::uint64_t>(found), 8));
  EXPECT_EQ(read, 77u);
  EXPECT_EQ(answer(kDelete, {hash->handle(), memory}), 0);
  EXPECT_EQ(answer(kDelete, {hash->handle(), memory}), -kENOENT);
}

TEST_F(MapHelpers, WhatIsNoMapIsAFault) {
  EXPECT_EQ(fault(kLookup, {0, 0}), "bad_argument: bpf_map_lookup_elem: no map at 0x0");
  Map* const hash = map(MapType::hash, 4, 8, 4);
  EXPECT_EQ(fault(kLookup, {hash->handle() + 1, 0}),
            fmt::format("bad_argument: bpf_map_lookup_elem: no map at {:#x}", hash->handle() + 1));
  EXPECT_EQ(fault(kPush, {std::uint64_t{1} << 32 | hash->handle(), 0}),
            fmt::format("bad_argument: bpf_map_push_elem: no map at {:#x}", std::uint64_t{1} << 32 | hash->handle()));
}

TEST_F(MapHelpers, KeysAndValuesMustBeReadable) {
  Map* const hash = map(MapType::hash, 4, 8, 4);
  const auto memory = region(4096);
  EXPECT_EQ(fault(kLookup, {hash->handle(), 0}), "bad_argument: bpf_map_lookup_elem: 4 unreadable bytes at 0x0");
  EXPECT_EQ(fault(kUpdate, {hash->handle(), memory, memory + 4092, 0}),
            fmt::format("bad_argument: bpf_map_update_elem: 8 unreadable bytes at {:#x}", memory + 4092));
  const auto result = call(kDelete, {hash->handle(), 0x123});
  ASSERT_TRUE(result.fault);
  EXPECT_EQ(result.fault->address, 0x123u);
  EXPECT_EQ(result.fault->region, "null page");
}

TEST_F(MapHelpers, BigValuesDoNotLieOnTheHostStack) {
  Map* const array = map(MapType::array, 4, 1 << 20, 1);
  const auto memory = region((1 << 20) + 8);
  EXPECT_EQ(answer(kUpdate, {array->handle(), memory, memory, 0}), 0);
}

TEST_F(MapHelpers, PushOnAMapThatIsNoQueue) {
  Map* const hash = map(MapType::hash, 4, 8, 4);
  EXPECT_EQ(answer(kPush, {hash->handle(), region(8), 0}), -kEOPNOTSUPP);
}

TEST_F(MapHelpers, OtherCpusValues) {
  MachineOptions options;
  options.cpus = 2;
  auto created = Machine::create(options);
  ASSERT_OK(created);
  machine = std::move(*created);
  Map* const each = map(MapType::percpu_array, 4, 8, 1);
  const auto key = region(4);
  const auto first = answer(kLookupPercpu, {each->handle(), key, 0}),
             second = answer(kLookupPercpu, {each->handle(), key, 1});
  EXPECT_NE(first, 0);
  EXPECT_NE(second, 0);
  EXPECT_NE(first, second);
  EXPECT_EQ(answer(kLookupPercpu, {each->handle(), key, 2}), 0);
  EXPECT_EQ(answer(kLookupPercpu, {each->handle(), key, UINT64_MAX}), 0);
}

TEST_F(MapHelpers, ACallbackThatIsNoFunction) {
  Map* const array = map(MapType::array, 4, 8, 3);
  EXPECT_EQ(fault(kForEach, {array->handle(), 0x123, 0, 0}), "bad_jump: callback 0x123 is no function of this program");
  EXPECT_EQ(answer(kForEach, {array->handle(), 0x123, 0, 1}), -kEINVAL);
}

}  // namespace
}  // namespace skep::vm
