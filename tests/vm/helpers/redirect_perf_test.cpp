#include "skep/tests/vm/helpers/helper_test.hpp"

namespace skep::vm {
namespace {

class Outcomes : public test::HelperTest {
 protected:
  const Outcome& outcome() { return machine->cpu().outcome(); }
};

constexpr std::uint32_t kRedirect = 23, kPerf = 25, kRedirectMap = 51, kClone = 13;

TEST_F(Outcomes, RedirectIsRecorded) {
  use_context(ProgramType::xdp, test::kFrame);
  EXPECT_EQ(answer(kRedirect, {7, 0}), 4);
  EXPECT_EQ(outcome().redirect, (Redirect{.helper = "redirect", .map = {}, .ifindex = 7, .key = {}, .flags = 0}));
  EXPECT_EQ(answer(kRedirect, {7, 1}), 0);
  EXPECT_FALSE(outcome().redirect);
  use_context(ProgramType::sched_cls, test::kFrame);
  EXPECT_EQ(answer(kRedirect, {9, 1}), 7);
  EXPECT_EQ(outcome().redirect->flags, 1u);
  EXPECT_EQ(answer(152, {9, 0, 0, 0}), 7);
  EXPECT_EQ(outcome().redirect->helper, "redirect_neigh");
  EXPECT_EQ(answer(155, {9, 0}), 7);
  EXPECT_EQ(outcome().redirect->helper, "redirect_peer");
  EXPECT_EQ(fault(152, {9, 0x10, 20, 0}), "bad_argument: bpf_redirect_neigh: 20 unreadable bytes at 0x10");
}

TEST_F(Outcomes, RedirectThroughAMap) {
  use_context(ProgramType::xdp, test::kFrame);
  Map* const devices = map(MapType::devmap, 4, 4, 4);
  const std::uint32_t key = 2, ifindex = 12;
  ASSERT_OK(devices->host_update(std::as_bytes(std::span(&key, 1)), std::as_bytes(std::span(&ifindex, 1)), 0));
  EXPECT_EQ(answer(kRedirectMap, {devices->handle(), 2, 0}), 4);
  EXPECT_EQ(outcome().redirect,
            (Redirect{.helper = "redirect_map", .map = devices->name(), .ifindex = 12, .key = 2, .flags = 0}));
  EXPECT_EQ(answer(kRedirectMap, {devices->handle(), 1, 2}), 2);
  EXPECT_FALSE(outcome().redirect);
  EXPECT_EQ(answer(kRedirectMap, {devices->handle(), 9, 8}), 4);
  EXPECT_EQ(outcome().redirect->ifindex, std::nullopt);
  EXPECT_EQ(fault(kRedirectMap, {map(MapType::array, 4, 4, 4)->handle(), 0, 0}).substr(0, 61),
            "bad_argument: bpf_redirect_map: no map to redirect through at");
}

TEST_F(Outcomes, ClonesKeepThePacketAsItWas) {
  use_context(ProgramType::sched_cls, test::kFrame);
  EXPECT_EQ(answer(kClone, {context->address(), 5, 0}), 0);
  ASSERT_EQ(outcome().clones.size(), 1u);
  EXPECT_EQ(outcome().clones[0].to.ifindex, 5u);
  EXPECT_EQ(outcome().clones[0].data, context->data_out());
  EXPECT_EQ(answer(kClone, {context->address(), 5, 2}), -kEINVAL);
  EXPECT_EQ(answer(kClone, {context->address(), 0, 0}), -kEINVAL);
  // A program that does not see the link layer header sends it all the same.
  use_context(ProgramType::lwt_xmit, test::kFrame);
  EXPECT_EQ(answer(kClone, {context->address(), 5, 0}), 0);
  ASSERT_EQ(outcome().clones.size(), 1u);
  EXPECT_EQ(outcome().clones[0].data, *from_hex(test::kFrame));
}

TEST_F(Outcomes, PerfEventsCarryThePacket) {
  Map* const events = map(MapType::perf_event_array, 4, 4, 2);
  use_context(ProgramType::xdp, test::kFrame);
  const auto data = text("abcd");
  const auto output = [&](std::uint64_t flags, std::uint64_t size = 4) {
    return answer(kPerf, {context->address(), events->handle(), flags, data, size});
  };
  EXPECT_EQ(output(0xffffffff | 6ull << 32), 0);
  ASSERT_EQ(outcome().events.size(), 1u);
  EXPECT_EQ(to_hex(outcome().events[0].data), "61626364000000000000");
  EXPECT_EQ(output(0), 0);
  EXPECT_EQ(output(1), -kENOENT);  // no CPU 1
  EXPECT_EQ(output(2), -kE2BIG);
  EXPECT_EQ(output(1ull << 60), -kEINVAL);
  EXPECT_EQ(output(1ull << 52), -kEINVAL);
  EXPECT_EQ(output(55ull << 32), -kEFAULT);  // the packet has 54
  EXPECT_EQ(output(54ull << 32), 0);
  EXPECT_EQ(output(0, 0), 0);
  EXPECT_EQ(output(0, 0x10000), -kE2BIG);
  EXPECT_EQ(fault(kPerf, {context->address(), events->handle(), 0, 0x10, 4}),
            "bad_argument: bpf_perf_event_output: 4 unreadable bytes at 0x10");
  EXPECT_EQ(fault(kPerf, {0, events->handle(), 0, data, 4}), "bad_argument: bpf_perf_event_output: no context at 0x0");
}

TEST_F(Outcomes, RingBufferRecordsAreChecked) {
  Map* const ring = map(MapType::ringbuf, 0, 0, 4096);
  const auto data = text("abcd");
  EXPECT_EQ(answer(130, {ring->handle(), data, 4, 0}), 0);
  ASSERT_EQ(outcome().events.size(), 1u);
  EXPECT_EQ(to_hex(outcome().events[0].data), "61626364");
  EXPECT_EQ(answer(130, {ring->handle(), data, 4, 4}), -kEINVAL);
  EXPECT_EQ(answer(130, {ring->handle(), 0x10, 1ull << 40, 0}), -kEAGAIN);
  EXPECT_EQ(fault(130, {ring->handle(), 0x10, 4, 0}), "bad_argument: bpf_ringbuf_output: 4 unreadable bytes at 0x10");
  EXPECT_EQ(fault(132, {data, 0}), fmt::format("bad_argument: bpf_ringbuf_submit: no reserved record at {:#x}", data));
  EXPECT_EQ(answer(131, {ring->handle(), UINT64_MAX, 0}), 0);
  EXPECT_EQ(fault(131, {map(MapType::array, 4, 4, 1)->handle(), 8, 0}).substr(0, 55),
            "bad_argument: bpf_ringbuf_reserve: no ring buffer at 0x");
}

}  // namespace
}  // namespace skep::vm
