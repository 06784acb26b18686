#include "skep/harness/packets.hpp"

#include <filesystem>

#include <gtest/gtest.h>
#include <unistd.h>

#include "skep/base/file.hpp"
#include "skep/harness/dissect.hpp"
#include "skep/tests/support/result.hpp"

namespace skep::harness {
namespace {

using test::message;

// A file that is gone after the test.
class Packets : public testing::Test {
 protected:
  std::string path_ = (std::filesystem::temp_directory_path() / fmt::format("skep_packets_{}.pcap", getpid())).string();
  void TearDown() override { std::filesystem::remove(path_); }
  std::string error_of(std::string_view hex) {
    EXPECT_OK(write_file(path_, *from_hex(hex)));
    const auto text = message(read_pcap(path_));
    return text.starts_with(path_ + ": ") ? text.substr(path_.size() + 2) : "no path: " + text;
  }
};

// Little-endian pcap headers: microseconds, version 2.4, snap length 65535, link type last.
constexpr std::string_view kEthernetHeader = "d4c3b2a1 02000400 00000000 00000000 ffff0000 01000000 ";

TEST_F(Packets, WrittenAndReadAgain) {
  PacketList list{LinkType::ethernet, {}};
  list.packets.push_back({*from_hex("00112233445566778899aabb0800"), 1'700'000'000'123'456'789, 14});
  list.packets.push_back({*from_hex("ff"), 5, 1500});  // captured with a short snap length
  ASSERT_OK(write_pcap(path_, list));
  const auto read = read_pcap(path_);
  ASSERT_OK(read);
  EXPECT_EQ(*read, list);

  list.link = LinkType::raw_ip;
  ASSERT_OK(write_pcap(path_, list));
  EXPECT_EQ(read_pcap(path_), list);
}

TEST_F(Packets, BothByteOrdersAndMicroseconds) {
  ASSERT_OK(write_file(path_, *from_hex("a1b2c3d4 00020004 00000000 00000000 0000ffff 00000001"
                                        "00000001 00000002 00000003 00000009 aabbcc")));
  const auto list = read_pcap(path_);
  ASSERT_OK(list);
  ASSERT_EQ(list->packets.size(), 1u);
  EXPECT_EQ(list->packets[0].time_ns, 1'000'002'000u);
  EXPECT_EQ(list->packets[0].length_on_wire, 9u);
  EXPECT_EQ(to_hex(list->packets[0].data), "aabbcc");
}

TEST_F(Packets, Pcapng) {
  ASSERT_OK(
      write_file(path_, *from_hex("0a0d0d0a 1c000000 4d3c2b1a 01000000 ffffffffffffffff 1c000000"  // section header
                                  "01000000 14000000 01000000 00000400 14000000"                   // interface
                                  "06000000 24000000 00000000 00000000 00000000 03000000 03000000 aabbcc00 24000000")));
  const auto list = read_pcap(path_);
  ASSERT_OK(list);
  ASSERT_EQ(list->packets.size(), 1u);
  EXPECT_EQ(to_hex(list->packets[0].data), "aabbcc");
}

TEST_F(Packets, ErrorsNameFileAndPacket) {
  EXPECT_EQ(error_of(""), "the file is empty");
  EXPECT_EQ(error_of("7f454c46 02010100 0000000000000000"), "no capture file: unknown file format");
  EXPECT_EQ(error_of("d4c3b2a1 0200").substr(0, 16), "no capture file:");
  const std::string packet = "01000000 00000000 02000000 02000000 aabb ";
  EXPECT_EQ(error_of(std::string(kEthernetHeader) + packet + "01000000 00000000 04000000 04000000 aabb").substr(0, 10),
            "packet 2: ");
  EXPECT_EQ(error_of(std::string(kEthernetHeader) + packet + packet + "01000000 00").substr(0, 10), "packet 3: ");
  EXPECT_EQ(error_of("d4c3b2a1 02000400 00000000 00000000 ffff0000 69000000"),
            "link type IEEE802_11 (105): only Ethernet and raw IP captures can be run");
  EXPECT_EQ(message(read_pcap("/nonexistent.pcap")), "open /nonexistent.pcap: No such file or directory (errno 2)");
  EXPECT_FALSE(write_pcap("/nonexistent/out.pcap", default_packet()));
}

TEST_F(Packets, CaptureWithoutPackets) {
  ASSERT_OK(write_file(path_, *from_hex(kEthernetHeader)));
  const auto list = read_pcap(path_);
  ASSERT_OK(list);
  EXPECT_TRUE(list->packets.empty());
}

// RFC 1071 over 16-bit words; 0 for bytes that include their own checksum.
std::uint16_t checksum(Bytes bytes, std::uint32_t sum = 0) {
  for (std::size_t i = 0; i + 1 < bytes.size(); i += 2) sum += load<std::uint16_t>(bytes.data() + i, ByteOrder::big);
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >> 16);
  return static_cast<std::uint16_t>(~sum);
}

TEST(DefaultPacket, IsAWholeTcpSyn) {
  const auto list = default_packet();
  const Bytes frame = list.packets.at(0).data;
  EXPECT_EQ(frame.size(), 64u);
  EXPECT_EQ(checksum(frame.subspan(14, 20)), 0);
  EXPECT_EQ(checksum(frame.subspan(26), 6 + 30), 0);  // pseudo header: addresses, protocol, length
  const auto layers = dissect(frame, list.link);
  ASSERT_EQ(layers.size(), 4u);
  EXPECT_EQ(summary(layers[1]), "ipv4(192.0.2.1 → 192.0.2.2, tcp)");
  EXPECT_EQ(summary(layers[2]), "tcp(49152 → 80)");
}

}  // namespace
}  // namespace skep::harness
