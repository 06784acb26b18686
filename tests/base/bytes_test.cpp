#include "skep/base/bytes.hpp"

#include <gtest/gtest.h>

#include "skep/tests/support/result.hpp"

namespace skep {
namespace {

TEST(ByteReader, ReadsBothOrders) {
  const std::byte raw[] = {std::byte{1}, std::byte{2}, std::byte{3}, std::byte{4}};
  EXPECT_EQ(*ByteReader(raw).read<std::uint32_t>(), 0x04030201u);
  EXPECT_EQ(*ByteReader(raw, ByteOrder::big).read<std::uint32_t>(), 0x01020304u);
  EXPECT_EQ(*ByteReader(raw, ByteOrder::big).read<std::uint16_t>(), 0x0102u);
}

TEST(ByteReader, TruncationNamesTheOffset) {
  const std::byte raw[3] = {};
  ByteReader reader(raw);
  ASSERT_OK(reader.read<std::uint16_t>());
  EXPECT_EQ(test::message(reader.read<std::uint32_t>()), "truncated at offset 2: 4 bytes wanted, 1 left");
  // A failed read does not move the cursor.
  ASSERT_OK(reader.read<std::uint8_t>());
  EXPECT_FALSE(reader.skip(1));
  EXPECT_FALSE(reader.seek(4));
  ASSERT_OK(reader.seek(3));
}

TEST(ByteWriter, RoundTrip) {
  ByteWriter writer(ByteOrder::big);
  writer.write<std::uint16_t>(0x1234);
  writer.write<std::int64_t>(-2);
  ByteReader reader(writer.bytes(), ByteOrder::big);
  EXPECT_EQ(*reader.read<std::uint16_t>(), 0x1234);
  EXPECT_EQ(*reader.read<std::int64_t>(), -2);
}

TEST(Hex, RoundTripAndErrors) {
  EXPECT_EQ(to_hex(*from_hex("0x00Ff 1a\n")), "00ff1a");
  EXPECT_EQ(test::message(from_hex("0g")), "column 2: 'g' is not a hex digit");
  EXPECT_EQ(test::message(from_hex("00 1")), "column 4: odd number of hex digits");
  EXPECT_TRUE(from_hex("")->empty());
}

}  // namespace
}  // namespace skep
