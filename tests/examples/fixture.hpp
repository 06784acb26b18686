// The fixture of the examples' tests: TEST_P(Firewall, DropsStrangers) runs in the emulated kernel and, where
// bpf(2) is permitted, in the real one.
#pragma once

#include <linux/bpf.h>
#include <linux/pkt_cls.h>

#include <gtest/gtest.h>

#include "skep/tests/examples/emulated.hpp"
#include "skep/tests/examples/kernel.hpp"
#include "skep/tests/support/result.hpp"

namespace skep::test {

enum class Where { emulated, kernel };
inline std::string name_of(const testing::TestParamInfo<Where>& info) {
  return info.param == Where::emulated ? "emulated" : "kernel";
}

class ExampleTest : public testing::TestWithParam<Where> {
 protected:
  // Call it from SetUp: brings the example to life, or skips the test with the reason.
  void start(const WorldOptions& options) {
    if (GetParam() == Where::emulated) {
      auto world = Emulated::create(options);
      ASSERT_OK(world);
      world_ = std::move(*world);
      return;
    }
    auto world = Kernel::create(options);
    if (!world && (world.error().code() == Errc::permission || world.error().code() == Errc::not_supported))
      GTEST_SKIP() << world.error().what();
    ASSERT_OK(world);
    world_ = std::move(*world);
  }

  bool alive() const { return world_ != nullptr; }
  World& world() { return *world_; }

  // The return value, or a failure of the test.
  Verdict run(const Packet& packet) {
    auto verdict = world().run(packet);
    EXPECT_OK(verdict);
    return verdict.value_or(Verdict{~0u, {}});
  }
  template <class K, class V>
  void set(const std::string& map, const K& key, const V& value) {
    EXPECT_OK(world().update(map, bytes_of(key), bytes_of(value)));
  }
  template <class V, class K>
  V get(const std::string& map, const K& key) {
    const auto value = world().lookup(map, bytes_of(key));
    EXPECT_OK(value);
    return value_of<V>(value.value_or(std::vector<std::byte>{}));
  }
  // The sum over all CPUs of a value that is a structure of 64-bit counters.
  template <class V, class K>
  V total(const std::string& map, const K& key) {
    constexpr std::size_t words = sizeof(V) / sizeof(std::uint64_t);
    const auto values = world().lookup(map, bytes_of(key));
    EXPECT_OK(values);
    std::uint64_t sum[words] = {};
    for (std::size_t at = 0; values && at + sizeof(V) <= values->size(); at += sizeof(V))
      for (std::size_t i = 0; i < words; i++) sum[i] += skep::load<std::uint64_t>(values->data() + at + i * 8);
    return value_of<V>(std::as_bytes(std::span(sum)));
  }

 private:
  std::unique_ptr<World> world_;
};

}  // namespace skep::test

#define SKEP_IN_BOTH_WORLDS(Fixture)                                                                 \
  INSTANTIATE_TEST_SUITE_P(, Fixture, testing::Values(::skep::test::Where::emulated, ::skep::test::Where::kernel), \
                           ::skep::test::name_of)
