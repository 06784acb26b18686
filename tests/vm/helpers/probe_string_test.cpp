#include "skep/tests/vm/helpers/helper_test.hpp"

namespace skep::vm {
namespace {

class Probe : public test::HelperTest {};

TEST_F(Probe, ReadsAndZeroesOnErrors) {
  const auto from = text("abcdefg"), to = text("0123456789");
  for (const std::uint32_t id : {4u, 113u, 112u}) {
    EXPECT_EQ(answer(id, {to, 4, from}), 0);
    EXPECT_EQ(text_at(to, 5), "abcd4");
    EXPECT_EQ(answer(id, {to, 4, 0x100}), id == 112 ? -kEFAULT : -kERANGE);
    EXPECT_EQ(text_at(to, 5), std::string("\0\0\0\0004", 5));
    EXPECT_EQ(answer(id, {to, 4, static_cast<std::uint64_t>(-4)}), -kEFAULT);
  }
}

TEST_F(Probe, StringsEndAndAreCut) {
  const auto from = text("abcdefg");
  for (const std::uint32_t id : {45u, 115u, 114u}) {
    const auto to = text("0123456789");
    EXPECT_EQ(answer(id, {to, 4, from}), 4);
    EXPECT_EQ(text_at(to, 5), std::string("abc\0"
                                          "4",
                                          5));
    EXPECT_EQ(answer(id, {to, 10, from}), 8);
    EXPECT_EQ(answer(id, {to, 10, 0}), id == 114 ? -kEFAULT : -kERANGE);
  }
}

// The source ends at a page that is not there: nothing of it arrives.
TEST_F(Probe, HalfReadableIsNotReadable) {
  const auto from = region(4096), to = text("0123456789");
  EXPECT_EQ(answer(113, {to, 8, from + 4092}), -kERANGE);
  EXPECT_EQ(text_at(to, 9), std::string("\0\0\0\0\0\0\0\0"
                                        "8",
                                        9));
}

TEST_F(Probe, LongStringsGoInPieces) {
  const auto from = text(std::string(1000, 'x')), to = region(2000);
  EXPECT_EQ(answer(115, {to, 2000, from}), 1001);
  EXPECT_EQ(text_at(to, 1001), std::string(1000, 'x') + '\0');
  EXPECT_EQ(answer(115, {to, 512, from}), 512);
  EXPECT_EQ(text_at(to, 513), std::string(511, 'x') + '\0' + 'x');
}

TEST_F(Probe, TheDestinationIsTheProgramsOwn) {
  EXPECT_EQ(fault(113, {0, 8, text("abcdefgh")}), "bad_argument: bpf_probe_read_kernel: 8 unwritable bytes at 0x0");
  EXPECT_EQ(fault(113, {0, 8, 0}), "bad_argument: bpf_probe_read_kernel: 8 unwritable bytes at 0x0");
  EXPECT_EQ(fault(113, {region(8), 0xffffffff, 0}).substr(0, 40), "bad_argument: bpf_probe_read_kernel: 102");
}

TEST_F(Probe, NumbersFromUnreadableText) {
  const auto result = region(8);
  EXPECT_EQ(fault(105, {0x10, 4, 0, result}), "bad_argument: bpf_strtol: 4 unreadable bytes at 0x10");
  EXPECT_EQ(fault(106, {text("12"), 2, 0, 0}), "bad_argument: bpf_strtoul: 8 unwritable bytes at 0x0");
  EXPECT_EQ(answer(106, {text("12"), 2, 0, result}), 2);
  EXPECT_EQ(fault(182, {text("ab"), 2, 0x10}), "bad_argument: bpf_strncmp: an unreadable byte at 0x10");
}

}  // namespace
}  // namespace skep::vm
