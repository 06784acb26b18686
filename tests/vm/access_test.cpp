#include "skep/vm/access.hpp"

#include <csignal>
#include <cstring>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include "skep/tests/support/result.hpp"
#include "skep/vm/fault.hpp"
#include "skep/vm/memory.hpp"

namespace skep::vm {
namespace {

class Access : public testing::Test {
 protected:
  void SetUp() override {
    ASSERT_OK(FaultHandler::install());
    ASSERT_OK(FaultHandler::install());  // idempotent
    auto reserved = Memory::reserve();
    ASSERT_OK(reserved);
    memory = std::make_unique<Memory>(std::move(*reserved));
    place = memory->base() + *memory->allocate(kPageSize, "page");
    behind = place + kPageSize;
  }
  std::unique_ptr<Memory> memory;
  std::byte *place = nullptr, *behind = nullptr;
};

template <class T>
std::uint64_t loaded(std::byte* at) {
  std::uint64_t value = 0;
  EXPECT_TRUE(access::load<T>(at, value));
  return value;
}

TEST_F(Access, LoadsExtendAsTheTypeSays) {
  skep::store<std::uint64_t>(place, 0x8182'8384'8586'8788);
  EXPECT_EQ(loaded<std::uint8_t>(place), 0x88u);
  EXPECT_EQ(loaded<std::uint16_t>(place), 0x8788u);
  EXPECT_EQ(loaded<std::uint32_t>(place), 0x8586'8788u);
  EXPECT_EQ(loaded<std::uint64_t>(place), 0x8182'8384'8586'8788u);
  EXPECT_EQ(loaded<std::int8_t>(place), 0xffff'ffff'ffff'ff88u);
  EXPECT_EQ(loaded<std::int16_t>(place), 0xffff'ffff'ffff'8788u);
  EXPECT_EQ(loaded<std::int32_t>(place), 0xffff'ffff'8586'8788u);
  EXPECT_EQ(loaded<std::uint64_t>(place + 3), 0x81'8283'8485u);  // any alignment
}

template <class T>
void expect_operations(std::byte* at, std::byte* unmapped) {
  std::uint64_t seen = 0;
  const auto now = [&] { return static_cast<T>(loaded<T>(at)); };
  EXPECT_TRUE(access::store<T>(at, 0x5a));
  EXPECT_EQ(now(), 0x5a);
  EXPECT_TRUE(access::atomic_add<T>(at, 2));
  EXPECT_EQ(now(), 0x5c);
  EXPECT_TRUE(access::atomic_or<T>(at, 1));
  EXPECT_EQ(now(), 0x5d);
  EXPECT_TRUE(access::atomic_and<T>(at, 0xf));
  EXPECT_EQ(now(), 0xd);
  EXPECT_TRUE(access::atomic_xor<T>(at, 1));
  EXPECT_EQ(now(), 0xc);
  T value = 3;
  EXPECT_TRUE(access::atomic_fetch_add<T>(at, value));
  EXPECT_EQ(value, 0xc);
  EXPECT_EQ(now(), 0xf);
  value = 9;
  EXPECT_TRUE(access::atomic_exchange<T>(at, value));
  EXPECT_EQ(value, 0xf);
  EXPECT_EQ(now(), 9);
  value = 8;
  EXPECT_TRUE(access::atomic_compare_exchange<T>(at, value, T{1}));
  EXPECT_EQ(value, 9);
  EXPECT_EQ(now(), 9);
  EXPECT_TRUE(access::atomic_compare_exchange<T>(at, value, T{1}));
  EXPECT_EQ(value, 9);
  EXPECT_EQ(now(), 1);
  const auto times_three = [](T old) { return static_cast<T>(old * 3); };
  EXPECT_TRUE(access::atomic_update<T>(at, value, times_three));
  EXPECT_EQ(value, 1);
  EXPECT_EQ(now(), 3);

  EXPECT_FALSE(access::load<T>(unmapped, seen));
  EXPECT_FALSE(access::store<T>(unmapped, 1));
  EXPECT_FALSE(access::atomic_add<T>(unmapped, 1));
  EXPECT_FALSE(access::atomic_or<T>(unmapped, 1));
  EXPECT_FALSE(access::atomic_and<T>(unmapped, 1));
  EXPECT_FALSE(access::atomic_xor<T>(unmapped, 1));
  EXPECT_FALSE(access::atomic_fetch_add<T>(unmapped, value));
  EXPECT_FALSE(access::atomic_exchange<T>(unmapped, value));
  EXPECT_FALSE(access::atomic_compare_exchange<T>(unmapped, value, T{1}));
  EXPECT_FALSE(access::atomic_update<T>(unmapped, value, times_three));
}

TEST_F(Access, EveryOperationOfEveryWidthOrFalse) {
  expect_operations<std::uint8_t>(place, behind);
  expect_operations<std::uint16_t>(place + 16, behind);
  expect_operations<std::uint32_t>(place + 32, behind);
  expect_operations<std::uint64_t>(place + 64, behind);
}

TEST_F(Access, FaultsAtBothEndsOfTheReservationAreAnswers) {
  std::uint64_t value = 0;
  EXPECT_FALSE(access::load<std::uint64_t>(memory->base(), value));
  EXPECT_FALSE(access::load<std::uint64_t>(memory->base() + 0xffff'ffff, value));  // reaches into the guard
  EXPECT_FALSE(access::store<std::uint64_t>(memory->base() + 0xffff'ffff, 1));
  EXPECT_FALSE(access::store<std::uint64_t>(behind - 4, 1));  // half of it mapped
}

TEST_F(Access, CopiesStopAtTheFault) {
  std::byte host[32];
  std::memset(host, 1, sizeof host);
  EXPECT_TRUE(access::copy(behind - 32, host, 32));
  EXPECT_FALSE(access::copy(behind - 16, host, 32));
  EXPECT_FALSE(access::copy(host, behind - 16, 32));
}

TEST_F(Access, EveryThreadMayFault) {
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i)
    threads.emplace_back([this] {
      std::uint64_t value = 0;
      for (int j = 0; j < 1000; ++j) EXPECT_FALSE(access::load<std::uint32_t>(behind, value));
    });
  for (auto& thread : threads) thread.join();
}

// Death tests: a fault that is not a guest's ends the process as it would without the handler.
using AccessDeath = Access;

TEST_F(AccessDeath, OtherFaultsGoToWhoeverHandledThemBefore) {
  GTEST_FLAG_SET(death_test_style, "fast");
  // A host pointer in the same primitive: its pc is in the table, its address is not a guest's.
  std::uint64_t value = 0;
  EXPECT_DEATH({ [[maybe_unused]] const bool ok = access::load<std::uint64_t>(nullptr, value); }, "");
  EXPECT_DEATH(std::raise(SIGSEGV), "");
  // Guest memory touched by plain code.
  EXPECT_DEATH({ *static_cast<volatile std::byte*>(behind) = std::byte{1}; }, "");
}

}  // namespace
}  // namespace skep::vm
