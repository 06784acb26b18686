// What helpers charge: that much for each piece of work that a program can make them do, so that a run with little
// fuel ends soon whatever it calls. Bounds are stated in fuel; nothing here is timed.
#include "skep/tests/vm/helpers/helper_test.hpp"
#include "skep/vm/context/skb.hpp"

namespace skep::vm {
namespace {

class Fuel : public test::HelperTest {
 protected:
  // What one call charged, besides its instructions. It must not fault.
  std::uint64_t work(std::uint32_t id, const std::vector<std::uint64_t>& arguments) {
    const auto result = call(id, arguments, 100'000'000);
    EXPECT_FALSE(result.fault) << test::text_of(result);
    return machine->cpu().helper_work;
  }
  std::uint64_t work(std::string_view text) {
    const auto result = run(text, 0, 0, 100'000'000);
    EXPECT_FALSE(result.fault) << test::text_of(result);
    return machine->cpu().helper_work;
  }
  // Guest memory that holds these words.
  GuestAddress words(const std::vector<std::uint64_t>& values) {
    const auto address = region(8 * values.size());
    EXPECT_TRUE(machine->memory().copy_out(address, values.data(), 8 * values.size()));
    return address;
  }
  // An address with nothing at it, which costs a signal to find out.
  static constexpr std::uint64_t kNowhere = 0x7fff'0000, kSignal = 1000;
};

TEST_F(Fuel, TextIsChargedByItsLength) {
  constexpr std::size_t kLong = 60'000;
  const auto to = region(kLong + 8), result = region(8);
  const auto letters = text(std::string(kLong, 'a')), same = text(std::string(kLong, 'a'));
  EXPECT_GE(work(105, {text(std::string(kLong, ' ') + "1"), kLong + 1, 0, result}), kLong / 8);
  EXPECT_GE(work(182, {letters, kLong, same}), kLong / 8);
  EXPECT_GE(work(115, {to, kLong + 1, letters}), kLong / 8);
  EXPECT_GE(work(165, {to, kLong + 1, letters, 0, 0}), kLong);
  EXPECT_GE(work(6, {letters, kLong + 1, 0, 0, 0}), kLong);
  // And what ends at once costs little.
  EXPECT_LE(work(182, {letters, kLong, text("b")}), 16u);
  EXPECT_LE(work(115, {to, kLong, text("b")}), 16u);
}

TEST_F(Fuel, FormatsAreChargedByConversionAndByWhatTheyWrite) {
  const auto to = region(5000), string = text(std::string(500, 's'));
  EXPECT_GE(work(165, {to, 5000, text("%s"), words({string}), 8}), 500u / 4);
  const auto numbers = words(std::vector<std::uint64_t>(12, 7));
  EXPECT_GE(work(165, {to, 5000, text("%d%d%d%d%d%d%d%d%d%d%d%d"), numbers, 96}), 12u * 16);
  EXPECT_GE(work(165, {to, 5000, text("%4000d"), numbers, 8}), 4000u / 4);
  // Refused at its end, after the work.
  EXPECT_GE(work(165, {to, 5000, text("%4000d%!"), numbers, 8}), 4000u / 4);
  EXPECT_GE(work(6, {text("%s %s %s"), 9, string, 0, 0}), 500u / 4);
}

TEST_F(Fuel, UnreadableMemoryIsDear) {
  const auto to = region(64);
  for (const std::uint32_t id : {4u, 45u, 112u, 113u, 114u, 115u})
    EXPECT_GE(work(id, {to, 8, kNowhere}), kSignal) << id;
  EXPECT_GE(work(165, {to, 64, text("%s%pI4%pi6"), words({kNowhere, kNowhere, kNowhere}), 24}), 3 * kSignal);
  EXPECT_GE(work(6, {text("%s"), 3, kNowhere, 0, 0}), kSignal);
}

TEST_F(Fuel, CallbacksAreChargedEach) {
  EXPECT_GE(work("r1 = 1000\nr2 = f ll\nr3 = 0\nr4 = 0\ncall 181\nexit\n<f>: r0 = 0\nexit"), 1000 * 10u);
  auto* const values = map(MapType::array, 4, 8, 1000);
  EXPECT_GE(work(fmt::format("r1 = {} ll\nr2 = f ll\nr3 = 0\nr4 = 0\ncall 164\nexit\n<f>: r0 = 0\nexit",
                             values->handle())),
            1000 * 10u);
}

TEST_F(Fuel, IndexesOfMaps) {
  const auto key = region(264), value = region(8);
  for (const auto type : {MapType::hash, MapType::lru_hash, MapType::percpu_hash}) {
    auto* const any = map(type, 8, 8, 16);
    EXPECT_GE(work(1, {any->handle(), key}), 32u);
    EXPECT_GE(work(2, {any->handle(), key, value, 0}), 64u);
    EXPECT_GE(work(3, {any->handle(), key}), 64u);
  }
  MapSpec spec;
  spec.name = "routes", spec.type = MapType::lpm_trie, spec.key_size = 260, spec.value_size = 8;
  spec.max_entries = 16, spec.flags = 1;  // BPF_F_NO_PREALLOC
  const auto trie = machine->create_map(spec);
  ASSERT_OK(trie);
  EXPECT_GE(work(1, {(*trie)->handle(), key}), 2048u);  // a node a bit, at worst
}

TEST_F(Fuel, Records) {
  auto* const ring = map(MapType::ringbuf, 0, 0, 65536);
  const auto bytes = region(40'000);
  EXPECT_GE(work(130, {ring->handle(), bytes, 0, 0}), 24u);
  EXPECT_GE(work(130, {ring->handle(), bytes, 40'000, 0}), 3 * 40'000u / 8);
  EXPECT_GE(work(fmt::format("r1 = {} ll\nr2 = 8\nr3 = 0\ncall 131\nr1 = r0\nr2 = 0\ncall 132\nexit", ring->handle())),
            2 * 24u);
  EXPECT_GE(work(fmt::format("r1 = {} ll\nr2 = 8\nr3 = 0\ncall 131\nr1 = r0\nr2 = 0\ncall 133\nexit", ring->handle())),
            2 * 24u);
  auto* const events = map(MapType::perf_event_array, 4, 4, 1);
  use_context(ProgramType::sched_cls, test::kFrame);
  ASSERT_OK(context->reset(std::vector<std::byte>(60'000)));
  EXPECT_GE(work(25, {context->address(), events->handle(), 0xffffffff | 50'000ull << 32, bytes, 8}), 50'000u / 4);
}

TEST_F(Fuel, Packets) {
  use_context(ProgramType::sched_cls, test::kFrame);
  const std::uint64_t skb = context->address();
  EXPECT_GE(work(34, {skb}), 8u);             // get_hash_recalc
  EXPECT_GE(work(41, {skb}), 4u);             // set_hash_invalid
  EXPECT_GE(work(13, {skb, 1, 0}), 48u);      // clone_redirect
  EXPECT_GE(work(50, {skb, 8, 1, 0}), 16u);   // adjust_room, in the room that there is
  EXPECT_GE(work(38, {skb, 8000, 0}), 800u);  // change_tail: zeroes, and a larger buffer
  // Then there is no room in front: all of it moves.
  EXPECT_GE(work(50, {skb, 4000, 1, 0}), 128u * 1024 / 64 + 8000 / 4);
  EXPECT_GE(work(43, {skb, 1000, 0}), 128u * 1024 / 64 + 8000 / 4);
  EXPECT_GE(work(18, {skb, 0, 5}), 16u);
  EXPECT_GE(work(19, {skb}), 16u);
}

TEST_F(Fuel, Locks) {
  auto* const values = map(MapType::array, 4, 8, 1);
  EXPECT_GE(work(fmt::format("r6 = {} ll\nr1 = r6\ncall 93\nr1 = r6\ncall 94\nexit", values->values())), 16u);
}

}  // namespace
}  // namespace skep::vm
