// tc_rate_limiter: who pays, from which bucket, and how it fills again.
#include <array>

#include "skep/tests/examples/fixture.hpp"

namespace skep::test {
namespace {

using namespace examples;

// As tc_rate_limiter.bpf.c declares them.
enum Outcome : std::uint32_t { kPassed, kDropped, kUnlimited };
struct Flow {
  std::array<std::byte, 16> source, destination;
  std::uint16_t source_port, destination_port, protocol, fragment;
};
struct Bucket {
  std::uint64_t level, updated, passed, dropped;
};
struct Counter {
  std::uint64_t packets, bytes;
};

constexpr auto kClient = "198.51.100.7", kServer = "192.0.2.10";
constexpr std::uint32_t kPass = TC_ACT_OK, kShot = TC_ACT_SHOT;

std::array<std::byte, 16> mapped(const char* text) {
  std::array<std::byte, 16> result{};
  const auto bytes = address(text);
  if (bytes.size() == 4) result[10] = result[11] = std::byte{0xff};
  std::copy(bytes.rbegin(), bytes.rend(), result.rbegin());
  return result;
}

WorldOptions with(std::uint64_t rate, std::uint32_t burst) {
  return {"tc_rate_limiter", "tc_rate_limiter", {{"rate", vector_of(rate)}, {"burst", vector_of(burst)}}};
}
// A frame of 100 bytes, and the flow that it belongs to.
Packet frame(std::uint16_t port) { return ethernet(ipv4(kClient, kServer, udp(port, 9, std::string(58, 'x')))); }
Flow flow(std::uint16_t port) { return {mapped(kClient), mapped(kServer), port, 9, kUdp, 0}; }

// At a byte a second nothing noticeable flows in while a test runs, so both worlds agree.
class RateLimiter : public ExampleTest {
 protected:
  void SetUp() override { start(with(1, 300)); }
};
SKEP_IN_BOTH_WORLDS(RateLimiter);

TEST_P(RateLimiter, BurstThenNothing) {
  ASSERT_EQ(frame(1).size(), 100u);
  for (const auto expected : {kPass, kPass, kPass, kShot, kShot}) EXPECT_EQ(run(frame(1)).value, expected);
  const auto bucket = get<Bucket>("buckets", flow(1));
  EXPECT_EQ(bucket.passed, 3u);
  EXPECT_EQ(bucket.dropped, 2u);
  EXPECT_LT(bucket.level, 100'000'000'000u);
  EXPECT_EQ(total<Counter>("totals", std::uint32_t{kPassed}).bytes, 300u);
  EXPECT_EQ(total<Counter>("totals", std::uint32_t{kDropped}).packets, 2u);
}

TEST_P(RateLimiter, ASmallerPacketMayStillPass) {
  EXPECT_EQ(run(frame(1)).value, kPass);
  EXPECT_EQ(run(ethernet(ipv4(kClient, kServer, udp(1, 9, std::string(108, 'x'))))).value, kPass);  // 150: 50 left
  EXPECT_EQ(run(frame(1)).value, kShot);
  EXPECT_EQ(run(ethernet(ipv4(kClient, kServer, udp(1, 9)))).value, kPass);  // 42
}

TEST_P(RateLimiter, EachFlowHasItsOwn) {
  for (std::uint16_t port = 1; port <= 20; port++)
    for (const auto expected : {kPass, kPass, kPass, kShot}) EXPECT_EQ(run(frame(port)).value, expected);
  EXPECT_EQ(total<Counter>("totals", std::uint32_t{kPassed}).packets, 60u);
}

TEST_P(RateLimiter, Ipv6) {
  const auto packet = ethernet(ipv6("2001:db8::7", "2001:db8::10", tcp(40000, 80, kAck, std::string(76, 'x'))));
  ASSERT_EQ(packet.size(), 150u);
  for (const auto expected : {kPass, kPass, kShot}) EXPECT_EQ(run(packet).value, expected);
  const Flow its{mapped("2001:db8::7"), mapped("2001:db8::10"), 40000, 80, kTcp, 0};
  EXPECT_EQ(get<Bucket>("buckets", its).dropped, 1u);
}

TEST_P(RateLimiter, FragmentsShareABucket) {
  const auto parts = ipv4_fragments(kClient, kServer, udp(1, 9, std::string(400, 'x')), 136);  // frames of 170 bytes
  ASSERT_EQ(parts.size(), 3u);
  EXPECT_EQ(run(ethernet(parts[0])).value, kPass);
  EXPECT_EQ(run(ethernet(parts[1])).value, kShot);
  EXPECT_EQ(get<Bucket>("buckets", Flow{mapped(kClient), mapped(kServer), 0, 0, kUdp, 1}).passed, 1u);
}

TEST_P(RateLimiter, WhatIsNotIpIsNotLimited) {
  for (int i = 0; i < 20; i++) EXPECT_EQ(run(ethernet(arp_request("192.0.2.1", kServer))).value, kPass);
  EXPECT_EQ(total<Counter>("totals", std::uint32_t{kUnlimited}).packets, 20u);
  EXPECT_EQ(total<Counter>("totals", std::uint32_t{kPassed}).packets, 0u);
}

class RateLimiterOff : public ExampleTest {
 protected:
  void SetUp() override { start(with(0, 300)); }
};
SKEP_IN_BOTH_WORLDS(RateLimiterOff);

TEST_P(RateLimiterOff, RateZeroIsNoLimit) {
  for (int i = 0; i < 20; i++) EXPECT_EQ(run(frame(1)).value, kPass);
  EXPECT_EQ(total<Counter>("totals", std::uint32_t{kUnlimited}).bytes, 2000u);
}

// Only the emulated kernel has a clock that can be told the time.
class RateLimiterClock : public testing::Test {
 protected:
  static constexpr std::uint64_t kMilli = 1'000'000, kSecond = 1000 * kMilli;

  // 1000 bytes a second: a frame of 100 bytes every 100 ms.
  void SetUp() override {
    auto world = Emulated::create(with(1000, 300));
    ASSERT_OK(world);
    world_ = std::move(*world);
  }

  // The verdict on a frame that comes `ns` later than the one before.
  std::uint32_t after(std::uint64_t ns) {
    world_->machine().set_clock(now_ += ns);
    const auto verdict = world_->run(frame(1));
    EXPECT_OK(verdict);
    return verdict ? verdict->value : ~0u;
  }
  Bucket bucket() {
    const auto value = world_->lookup("buckets", bytes_of(flow(1)));
    EXPECT_OK(value);
    return value_of<Bucket>(value.value_or(std::vector<std::byte>{}));
  }

  std::unique_ptr<Emulated> world_;
  std::uint64_t now_ = 5 * kSecond;
};

TEST_F(RateLimiterClock, FillsAtTheRate) {
  for (int i = 0; i < 3; i++) EXPECT_EQ(after(0), kPass);
  EXPECT_EQ(after(0), kShot);
  EXPECT_EQ(after(100 * kMilli - 1), kShot);
  EXPECT_EQ(after(1), kPass);
  EXPECT_EQ(after(99 * kMilli), kShot);
  EXPECT_EQ(after(1 * kMilli), kPass);
}

// A flow that asks all the time is not cheated by rounding.
TEST_F(RateLimiterClock, LosesNothingToRounding) {
  for (int i = 0; i < 3; i++) EXPECT_EQ(after(0), kPass);
  int passed = 0;
  for (int i = 0; i < 10'000; i++) passed += after(kSecond / 10'000) == kPass;
  EXPECT_EQ(passed, 10);
}

TEST_F(RateLimiterClock, NeverHoldsMoreThanTheBurst) {
  EXPECT_EQ(after(0), kPass);
  EXPECT_EQ(after(1'000'000 * kSecond), kPass);
  EXPECT_EQ(bucket().level, 200 * kSecond);
  for (const auto expected : {kPass, kPass, kShot}) EXPECT_EQ(after(0), expected);
  EXPECT_EQ(bucket().updated, now_);
}

TEST_F(RateLimiterClock, AClockThatWentBackGivesNothing) {
  for (int i = 0; i < 3; i++) EXPECT_EQ(after(0), kPass);
  now_ -= kSecond;
  EXPECT_EQ(after(0), kShot);
  EXPECT_EQ(after(kSecond + 50 * kMilli), kShot);
  EXPECT_EQ(after(50 * kMilli), kPass);
}

// At 100 Gbit/s and the largest burst nothing overflows.
TEST(RateLimiterExtremes, FastAndLarge) {
  auto world = Emulated::create(with(12'500'000'000, 0xffff'ffff));
  ASSERT_OK(world);
  for (const std::uint64_t now : {std::uint64_t{0}, std::uint64_t{1}, std::uint64_t{1} << 40, ~std::uint64_t{0}}) {
    (*world)->machine().set_clock(now);
    const auto verdict = (*world)->run(frame(1));
    ASSERT_OK(verdict);
    EXPECT_EQ(verdict->value, kPass);
  }
  const auto value = (*world)->lookup("buckets", bytes_of(flow(1)));
  ASSERT_OK(value);
  EXPECT_EQ(value_of<Bucket>(*value).level, (0xffff'ffffull - 100) * 1'000'000'000);
}

}  // namespace
}  // namespace skep::test
