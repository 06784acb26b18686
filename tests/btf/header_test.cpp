// Headers of every length and every way in which one can be wrong.
#include "skep/btf/header.hpp"

#include <gtest/gtest.h>

#include "skep/tests/support/btf_builder.hpp"
#include "skep/tests/support/result.hpp"

namespace skep::btf {
namespace {

using test::BtfBuilder;

std::vector<std::byte> sample(std::uint32_t header_size, ByteOrder order = ByteOrder::little) {
  BtfBuilder b(order);
  b.header_size = header_size;
  b.integer("int", 4);
  return b.build();
}

void poke(std::vector<std::byte>& raw, std::size_t at, std::uint32_t value) { store(raw.data() + at, value); }

TEST(Header, EveryLengthInBothOrders) {
  for (const auto order : {ByteOrder::little, ByteOrder::big}) {
    for (const std::uint32_t size : {24u, 28u, 32u, 40u, 400u}) {
      const auto btf = Btf::parse(sample(size, order));
      ASSERT_OK(btf) << size;
      EXPECT_EQ(btf->byte_order(), order);
      EXPECT_EQ(btf->type_count(), 2u);
      EXPECT_EQ(btf->name(TypeId{1}), "int");
    }
  }
}

TEST(Header, UnknownTailMustBeZero) {
  for (const auto& [size, last] : {std::pair{28u, 24u}, {31u, 30u}, {40u, 32u}, {40u, 39u}}) {
    auto raw = sample(size);
    raw[last] = std::byte{1};
    EXPECT_EQ(test::message(Btf::parse(raw)),
              fmt::format("header of {} bytes has something unknown after the first {}", size, size < 32 ? 24 : 32));
  }
}

struct Broken {
  const char* message;
  void (*spoil)(std::vector<std::byte>&);
};

TEST(Header, ErrorsSayWhatAndWhere) {
  // The sample: 24 bytes of header, types of 16 bytes, strings of 5 ("\0int\0").
  const Broken cases[] = {
      {"23 bytes are too few for a BTF header of 24", [](auto& raw) { raw.resize(23); }},
      {"0 bytes are too few for a BTF header of 24", [](auto& raw) { raw.clear(); }},
      {"offset 0: not BTF (no magic 0xeb9f)", [](auto& raw) { raw[0] = std::byte{0x7f}; }},
      {"offset 2: BTF version 2, only 1 is known", [](auto& raw) { raw[2] = std::byte{2}; }},
      {"offset 4: header size 23 is not within 24..45", [](auto& raw) { poke(raw, 4, 23); }},
      {"offset 4: header size 46 is not within 24..45", [](auto& raw) { poke(raw, 4, 46); }},
      {"types at offset 2 with 16 bytes are not 4-byte aligned", [](auto& raw) { poke(raw, 8, 2); }},
      {"types at offset 0 with 15 bytes are not 4-byte aligned", [](auto& raw) { poke(raw, 12, 15); }},
      {"types at offset 0 with 24 bytes exceed the 21 bytes after the header", [](auto& raw) { poke(raw, 12, 24); }},
      {"types at offset 4294967292 with 16 bytes exceed the 21 bytes after the header",
       [](auto& raw) { poke(raw, 8, 0xfffffffc); }},
      {"strings at offset 16 with 6 bytes exceed the 21 bytes after the header", [](auto& raw) { poke(raw, 20, 6); }},
      {"types end at offset 16, after the strings begin at 12", [](auto& raw) { poke(raw, 16, 12); }},
      {"no strings", [](auto& raw) { poke(raw, 20, 0); }},
      {"strings do not begin with NUL", [](auto& raw) { raw[40] = std::byte{'x'}; }},
      {"strings do not end with NUL", [](auto& raw) { raw[44] = std::byte{'x'}; }},
      {"type 1 at offset 24: INT record of 16 bytes, 12 left", [](auto& raw) { poke(raw, 12, 12); }},
      {"type 1 at offset 24: 8 bytes left, 12 wanted", [](auto& raw) { poke(raw, 12, 8); }},
      {"type 1 at offset 24: unknown kind 0, and no layout that tells its size", [](auto& raw) { poke(raw, 28, 0); }},
      {"type 1 at offset 24: unknown kind 20, and no layout that tells its size",
       [](auto& raw) { poke(raw, 28, 20u << 24); }},
      {"type 1 at offset 24: STRUCT record of 201326592 bytes, 16 left",
       [](auto& raw) { poke(raw, 28, 4u << 24 | 0xffffff); }},
  };
  for (const auto& wrong : cases) {
    auto raw = sample(24);
    wrong.spoil(raw);
    const auto btf = Btf::parse(raw);
    EXPECT_EQ(test::message(btf), wrong.message);
    ASSERT_FALSE(btf);
    EXPECT_EQ(btf.error().code(), Errc::malformed);
  }
}

TEST(Header, LayoutIsChecked) {
  BtfBuilder b;
  b.header_size = 32;
  b.integer("int", 4);
  b.layout = {{0, 0}, {8, 0}};
  EXPECT_EQ(test::message(b.parse()), "layout: kind 1 INT has 4 + n * 0 bytes, not 8 + n * 0");
  b.layout = {{0, 0}, {4, 0}, {0, 0}};
  auto raw = b.build();
  EXPECT_OK(Btf::parse(raw));
  poke(raw, 24, 22);
  EXPECT_EQ(test::message(Btf::parse(raw)), "layout at offset 22 with 12 bytes are not 4-byte aligned");
  poke(raw, 24, 1000);
  EXPECT_EQ(test::message(Btf::parse(raw)), "layout at offset 1000 with 12 bytes exceed the 36 bytes after the header");
  poke(raw, 24, 12);
  EXPECT_EQ(test::message(Btf::parse(raw)), "layout and types overlap");
  poke(raw, 24, 16);
  EXPECT_EQ(test::message(Btf::parse(raw)), "layout and strings overlap");
}

// The number of a kind with 7 bits, more entries than that, and a kind whose size only the layout knows.
TEST(Header, LayoutMayKnowMore) {
  BtfBuilder b;
  b.header_size = 32;
  b.layout.resize(200, {0, 0});
  for (const auto& [kind, shape] : {std::pair{1, BtfBuilder::Layout{4, 0}},
                                    {3, {12, 0}},
                                    {4, {0, 12}},
                                    {5, {0, 12}},
                                    {6, {0, 8}},
                                    {13, {0, 8}},
                                    {14, {4, 0}},
                                    {15, {0, 12}},
                                    {17, {4, 0}},
                                    {19, {0, 12}}})
    b.layout[static_cast<std::size_t>(kind)] = shape;
  b.record(127, "last", 0, false, 0);
  const auto btf = b.parse();
  ASSERT_OK(btf);
  EXPECT_EQ(static_cast<int>(btf->kind(TypeId{1})), 127);

  BtfBuilder cut;
  cut.header_size = 32;
  cut.layout.resize(21, {0, 0});
  for (std::size_t kind = 0; kind < 20; ++kind) cut.layout[kind] = b.layout[kind];
  cut.layout[20] = {0, 255};
  cut.record(20, "large", 0xffffff, false, 0);
  EXPECT_EQ(test::message(cut.parse()), "type 1 at offset 32: UNKNOWN record of 4278189837 bytes, 12 left");
}

}  // namespace
}  // namespace skep::btf
