#include "skep/tests/vm/helpers/helper_test.hpp"

namespace skep::vm {
namespace {

class Printk : public test::HelperTest {
 protected:
  std::int64_t print(std::string_view format, std::uint64_t a = 0, std::uint64_t b = 0, std::uint64_t c = 0) {
    return answer(6, {text(format), format.size() + 1, a, b, c});
  }
  std::vector<std::string>& lines() { return machine->cpu().outcome().printk; }
};

TEST_F(Printk, LinesAreTheOutcome) {
  EXPECT_EQ(print("plain\n"), 6);
  EXPECT_EQ(lines(), std::vector<std::string>{"plain"});
  EXPECT_EQ(print("%d %x %s", static_cast<std::uint64_t>(-5), 255, text("word")), 10);
  EXPECT_EQ(lines(), std::vector<std::string>{"-5 ff word"});
  EXPECT_EQ(print("two\nlines\n"), 10);
  EXPECT_EQ(lines(), std::vector<std::string>{"two\nlines"});
}

TEST_F(Printk, ErrorsPrintNothing) {
  for (const auto* format :
       {"%d %d %d %d", "%", "%q", "%.3d", "%#x", "%llld", "%ls", "%sx", "%pz", "%\xff", "bell \a"}) {
    EXPECT_EQ(print(format), -kEINVAL) << format;
    EXPECT_TRUE(lines().empty()) << format;
  }
}

TEST_F(Printk, LongLinesAreCut) {
  EXPECT_EQ(print("%8000000d", 1), 8000000);
  EXPECT_EQ(lines(), std::vector<std::string>{std::string(1023, ' ')});
  EXPECT_EQ(print("%99999999999999999999d|", 1), (1 << 23) - 1 + 1);
}

TEST_F(Printk, PointersAreTheGuests) {
  EXPECT_EQ(print("%p %px %ps", 0x1234, 0x5678, 0x9abc), 40);
  EXPECT_EQ(lines(), std::vector<std::string>{"0000000000001234 0000000000005678 0x9abc"});
}

TEST_F(Printk, UnreadableArgumentsPrintNothingUnreadableFormatsFault) {
  EXPECT_EQ(print("[%s] [%pI4]", 0x10, 0x20), 12);
  EXPECT_EQ(lines(), std::vector<std::string>{"[] [0.0.0.0]"});
  EXPECT_EQ(fault(6, {0, 16}), "bad_argument: bpf_trace_printk: 16 unreadable bytes at 0x0");
  EXPECT_EQ(fault(6, {text("x"), 0xffffffff}).substr(0, 62),
            "bad_argument: bpf_trace_printk: an argument of 4294967295 byte");
}

TEST_F(Printk, FormatsNeedTheirEnd) {
  const auto format = region(4096 + 8);
  EXPECT_EQ(answer(6, {text("abc"), 3}), -kEINVAL);
  EXPECT_EQ(answer(177, {text("abc"), 4, 0, 0}), 3);
  EXPECT_EQ(answer(177, {text("abc"), 4, format, 12}), -kEINVAL);
  EXPECT_EQ(answer(177, {text("abc"), 4, format, 104}), -kEINVAL);
  EXPECT_EQ(answer(177, {text("abc"), 4, 0, 8}), -kEINVAL);
}

TEST_F(Printk, SnprintfWritesWhatFits) {
  const auto buffer = region(4096), data = region(16);
  EXPECT_EQ(answer(165, {buffer, 4, text("value %d"), data, 8}), 8);
  EXPECT_EQ(text_at(buffer, 5), std::string("val\0\0", 5));
  EXPECT_EQ(fault(165, {0, 4, text("value %d"), data, 8}), "bad_argument: bpf_snprintf: 4 unwritable bytes at 0x0");
  EXPECT_EQ(fault(165, {buffer, 4, 0x10, data, 8}), "bad_argument: bpf_snprintf: no string with an end at 0x10");
}

}  // namespace
}  // namespace skep::vm
