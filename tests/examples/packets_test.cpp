// The packet builder against bytes and checksums that others computed.
#include "skep/examples/packets/packets.hpp"

#include <gtest/gtest.h>

#include "skep/base/bytes.hpp"
#include "skep/examples/packets/demo.hpp"

namespace {

using namespace examples;

std::string hex(std::span<const std::byte> bytes) { return skep::to_hex(bytes); }

// An IPv4 header that textbooks compute by hand: its checksum is b861.
TEST(Packets, Ipv4HeaderChecksum) {
  const auto header = skep::from_hex("45000073000040004011 0000 c0a80001c0a800c7");
  ASSERT_TRUE(header);
  EXPECT_EQ(checksum(*header), 0xb861);
  const auto built = ipv4("192.168.0.1", "192.168.0.199", udp(1, 2, std::string(87, 'x')), {.id = 0});
  EXPECT_EQ(hex(std::span(built.bytes).first(20)), "4500007300004000" "4011b861c0a80001c0a800c7");
}

// The example of RFC 1071, 3: the sum of these bytes is ddf2.
TEST(Packets, ChecksumOfTheRfc) {
  const auto bytes = skep::from_hex("0001f203f4f5f6f7");
  ASSERT_TRUE(bytes);
  EXPECT_EQ(checksum(*bytes), 0xffff & ~0xddf2);
}

TEST(Packets, ChecksumOfOddLength) {
  const auto bytes = skep::from_hex("000102");
  ASSERT_TRUE(bytes);
  EXPECT_EQ(checksum(*bytes), 0xffff & ~0x0201);
}

// A receiver sums the pseudo header and the segment and expects 0 after complementing.
TEST(Packets, TransportChecksumsVerify) {
  const Packet from = address("2001:db8::7"), to = address("2001:db8::10");
  for (const auto& segment : {tcp(1, 2, kSyn, "odd"), udp(1, 2, "even"), icmp6(128, 0, "ping")}) {
    const auto datagram = ipv6("2001:db8::7", "2001:db8::10", segment);
    Packet pseudo;
    put(pseudo, from);
    put(pseudo, to);
    put32(pseudo, segment.bytes.size());
    put32(pseudo, segment.protocol);
    put(pseudo, std::span(datagram.bytes).subspan(40));
    EXPECT_EQ(checksum(pseudo), 0) << int(segment.protocol);
  }
}

TEST(Packets, FragmentsJoinToTheWhole) {
  const auto whole = ipv4("10.0.0.1", "10.0.0.2", udp(1, 2, std::string(100, 'x')));
  const auto parts = ipv4_fragments("10.0.0.1", "10.0.0.2", udp(1, 2, std::string(100, 'x')), 48);
  ASSERT_EQ(parts.size(), 3u);
  Packet joined;
  for (const auto& part : parts) {
    EXPECT_EQ(checksum(std::span(part.bytes).first(20)), 0);
    put(joined, std::span(part.bytes).subspan(20));
  }
  EXPECT_EQ(hex(joined), hex(std::span(whole.bytes).subspan(20)));
  EXPECT_EQ(get16(parts[0].bytes, 6), 0x2000);
  EXPECT_EQ(get16(parts[1].bytes, 6), 0x2000 | 48 / 8);
  EXPECT_EQ(get16(parts[2].bytes, 6), 96 / 8);
}

TEST(Packets, VlanTags) {
  const auto packet = ethernet(arp_request("10.0.0.1", "10.0.0.2"), {7, 100});
  EXPECT_EQ(hex(std::span(packet).subspan(12, 10)), "88a80007" "81000064" "0806");
}

TEST(Packets, DnsQuery) {
  EXPECT_EQ(hex(skep::as_bytes(dns_query("ab.c", 1))), "000101000001000000000000" "026162" "0163" "00" "00010001");
}

TEST(Packets, DemoIsTheSameEverywhere) {
  const auto once = demo_packets(), again = demo_packets();
  ASSERT_EQ(once.size(), again.size());
  std::uint32_t sum = 0;
  for (std::size_t i = 0; i < once.size(); i++) {
    EXPECT_EQ(hex(once[i].packet), hex(again[i].packet)) << once[i].name;
    for (const auto byte : once[i].packet) sum = sum * 31 + std::to_integer<std::uint32_t>(byte);
  }
  EXPECT_EQ(sum, 0x6274b04bu) << "the demo's packets changed: was that meant?";
}

}  // namespace
