// Helpers on packets, where the kernel cannot be asked: wrong contexts, wild pointers, packets that it would
// not run, limits of the buffers here. What it answers is in kernel_diff_test.cpp.
#include "skep/tests/vm/helpers/helper_test.hpp"
#include "skep/vm/context/skb.hpp"

namespace skep::vm {
namespace {

class PacketHelpers : public test::HelperTest {
 protected:
  std::string packet() const { return to_hex(context->data_out()); }
};

TEST_F(PacketHelpers, NeedTheirOwnContext) {
  EXPECT_EQ(fault(44, {0, 0}), "bad_argument: bpf_xdp_adjust_head: no context at 0x0");
  use_context(ProgramType::xdp, test::kFrame);
  EXPECT_EQ(fault(44, {context->address() + 8, 0}),
            fmt::format("bad_argument: bpf_xdp_adjust_head: no context at {:#x}", context->address() + 8));
  EXPECT_EQ(fault(26, {context->address(), 0, 0, 0}),
            fmt::format("bad_argument: bpf_skb_load_bytes: no __sk_buff at {:#x}", context->address()));
  use_context(ProgramType::sched_cls, test::kFrame);
  EXPECT_EQ(fault(44, {context->address(), 0}),
            fmt::format("bad_argument: bpf_xdp_adjust_head: no xdp_md at {:#x}", context->address()));
}

TEST_F(PacketHelpers, RuntsKeepTheKernelsLimits) {
  use_context(ProgramType::xdp, "0102");
  EXPECT_EQ(answer(44, {context->address(), 0}), -kEINVAL);
  EXPECT_EQ(answer(44, {context->address(), static_cast<std::uint64_t>(-12)}), 0);
  EXPECT_EQ(packet(), "0000000000000000000000000102");
  EXPECT_EQ(answer(65, {context->address(), 2}), 0);
  EXPECT_EQ(packet(), "00000000000000000000000001020000");
  use_context(ProgramType::xdp, "");
  EXPECT_EQ(answer(188, {context->address()}), 0);
  EXPECT_EQ(answer(65, {context->address(), 13}), -kEINVAL);
  EXPECT_EQ(answer(65, {context->address(), 14}), 0);
}

TEST_F(PacketHelpers, LargeXdpPackets) {
  use_context(ProgramType::xdp);
  ASSERT_OK(context->reset(std::vector<std::byte>(9000, std::byte{7})));
  EXPECT_EQ(answer(188, {context->address()}), 9000);
  // The frame is as many pages as it takes: 12288 - 256 - 320.
  EXPECT_EQ(answer(65, {context->address(), 11712 - 9000 + 1}), -kEINVAL);
  EXPECT_EQ(answer(65, {context->address(), 11712 - 9000}), 0);
  EXPECT_EQ(context->data_out().size(), 11712u);
}

TEST_F(PacketHelpers, UnreadableAndUnwritableMemory) {
  use_context(ProgramType::xdp, test::kFrame);
  EXPECT_EQ(fault(189, {context->address(), 0, 0, 8}), "bad_argument: bpf_xdp_load_bytes: 8 unwritable bytes at 0x0");
  EXPECT_EQ(fault(190, {context->address(), 0, 0, 8}), "bad_argument: bpf_xdp_store_bytes: 8 unreadable bytes at 0x0");
  use_context(ProgramType::sched_cls, test::kFrame);
  EXPECT_EQ(fault(26, {context->address(), 0, 0, 8}), "bad_argument: bpf_skb_load_bytes: 8 unwritable bytes at 0x0");
  EXPECT_EQ(fault(26, {context->address(), 100, 0, 8}), "bad_argument: bpf_skb_load_bytes: 8 unwritable bytes at 0x0");
  EXPECT_EQ(fault(9, {context->address(), 0, 0, 8, 0}), "bad_argument: bpf_skb_store_bytes: 8 unreadable bytes at 0x0");
  EXPECT_EQ(answer(9, {context->address(), 0, 0, 0xffffffff, 0}), -kEFAULT);
}

TEST_F(PacketHelpers, ChecksumOfUnreadableMemory) {
  EXPECT_EQ(fault(28, {0x10, 4, 0, 0, 0}), "bad_argument: bpf_csum_diff: 4 unreadable bytes at 0x10");
  EXPECT_EQ(fault(28, {region(8), 0xffffffff, 0, 0, 0}).substr(0, 50),
            "bad_argument: bpf_csum_diff: 4294967295 unreadable");
  EXPECT_EQ(answer(28, {0, 0, 0, 0, 0}), 0);
}

// Pieces of 1024 bytes add up to the same as one.
TEST_F(PacketHelpers, ChecksumsOfLongBuffers) {
  const auto memory = region(5003);
  std::uint32_t sum = 0;
  for (std::uint32_t i = 0; i < 5003; ++i) {
    const auto byte = static_cast<std::uint8_t>(i * 7);
    ASSERT_TRUE(machine->memory().copy_out(memory + i, &byte, 1));
    sum += std::uint32_t{byte} << (i % 2 == 0 ? 0 : 8);
    sum = (sum & 0xffff) + (sum >> 16);
  }
  EXPECT_EQ(answer(28, {0, 0, memory, 5003, 0}), sum);
}

// A packet that outgrows its page moves to the larger buffer, with the header that was pulled before it.
TEST_F(PacketHelpers, GrowingMovesThePacket) {
  use_context(ProgramType::lwt_xmit, test::kFrame);
  const std::string before = packet();
  EXPECT_EQ(answer(38, {context->address(), 10000, 0}), 0);
  EXPECT_EQ(packet().substr(0, before.size()), before);
  EXPECT_EQ(packet().size(), 2 * 10014u);
  const auto buffer = region(16);
  EXPECT_EQ(answer(26, {context->address(), 0, buffer, 4}), 0);
  EXPECT_EQ(text_at(buffer, 2), "\x45" + std::string(1, '\0'));
  EXPECT_EQ(answer(43, {context->address(), 300, 0}), 0);
  EXPECT_EQ(packet().size(), 2 * 10314u);
  EXPECT_EQ(packet().substr(2 * 314, 8), "45000028");
  // The next run starts on the page again.
  const auto data = from_hex(test::kFrame);
  ASSERT_OK(context->reset(*data));
  EXPECT_EQ(packet(), before);
}

TEST_F(PacketHelpers, TagsUntilThereIsNoMemory) {
  use_context(ProgramType::sched_cls, test::kFrame);
  ASSERT_OK(context->reset(std::vector<std::byte>(65536)));
  auto* const skb = static_cast<SkbContext*>(context.get());
  int pushes = 0;
  while (skb->push(4) && pushes < 40000) ++pushes;
  EXPECT_LT(pushes, 40000);
  EXPECT_EQ(answer(18, {context->address(), 0x81, 5}), 0);
  EXPECT_EQ(answer(18, {context->address(), 0x81, 5}), -kENOMEM);
}

// Both directions of a flow hash alike, other flows otherwise.
TEST_F(PacketHelpers, HashesOfFlows) {
  use_context(ProgramType::sched_cls, test::kFrame);
  const auto hash = answer(34, {context->address()});
  EXPECT_NE(hash, 0);
  EXPECT_EQ(answer(34, {context->address()}), hash);
  std::string back(test::kFrame);
  for (const auto& [from, to] : {std::pair{"0a0000010a000002", ""}, std::pair{"0a000001 0a000002", "0a000002 0a000001"},
                                 std::pair{"04d20050", "005004d2"}})
    if (const auto at = back.find(from); at != std::string::npos) back.replace(at, std::string_view(from).size(), to);
  use_context(ProgramType::sched_cls, back);
  EXPECT_EQ(answer(34, {context->address()}), hash);
  back.replace(back.find("0050"), 4, "0051");
  use_context(ProgramType::sched_cls, back);
  EXPECT_NE(answer(34, {context->address()}), hash);
}

}  // namespace
}  // namespace skep::vm
