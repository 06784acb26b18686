#include "skep/btf/ext.hpp"

#include <tuple>

#include <gtest/gtest.h>

#include "skep/tests/support/btf_builder.hpp"
#include "skep/tests/support/result.hpp"

namespace skep::btf {
namespace {

using test::BtfBuilder;
using Words = std::vector<std::uint32_t>;

// A .BTF.ext of three tables, each given as its words.
std::vector<std::byte> ext_section(ByteOrder order, std::uint32_t header_size, const Words& funcs, const Words& lines,
                                   const Words& core) {
  ByteWriter out(order);
  out.write(std::uint16_t{0xeb9f});
  out.write(std::uint16_t{order == ByteOrder::little ? std::uint16_t{1} : std::uint16_t{0x100}});
  out.write(header_size);
  std::uint32_t offset = 0;
  for (const auto* table : {&funcs, &lines, &core}) {
    if (table == &core && header_size < 32) break;
    const auto size = static_cast<std::uint32_t>(table->size() * 4);
    out.write(size == 0 ? 0 : offset);
    out.write(size);
    offset += size;
  }
  while (out.size() < header_size) out.write(std::uint8_t{0xaa});
  for (const auto* table : {&funcs, &lines, &core})
    for (const auto word : *table) out.write(word);
  return std::move(out).bytes();
}

class ExtTables : public testing::TestWithParam<ByteOrder> {
 protected:
  BtfBuilder b{GetParam()};
  TypeId word = b.integer("int", 4);
  TypeId func = b.func("prog", b.proto(word, {}));
  std::uint32_t xdp = b.string("xdp"), tc = b.string("tc"), file = b.string("a.bpf.c"), text = b.string("  return 1;"),
                access = b.string("0:1:2");
  Btf btf = *b.parse();

  Words funcs{8, xdp, 2, 0, number(func), 64, number(func), tc, 1, 8, number(func)};
  Words lines{16, xdp, 1, 8, file, text, 12 << 10 | 3};
  Words core{16, tc, 1, 16, number(word), access, 7};

  Result<Ext> parse(std::uint32_t header_size = 32) const {
    return Ext::parse(ext_section(GetParam(), header_size, funcs, lines, core), btf);
  }
};
INSTANTIATE_TEST_SUITE_P(Orders, ExtTables, testing::Values(ByteOrder::little, ByteOrder::big),
                         [](const auto& param) { return std::string(to_string(param.param)); });

TEST_P(ExtTables, AreRead) {
  const auto ext = parse();
  ASSERT_OK(ext);
  ASSERT_EQ(ext->funcs.size(), 2u);
  EXPECT_EQ(ext->funcs[0].section, "xdp");
  EXPECT_EQ(ext->funcs[0].records, (std::vector<FuncRecord>{{0, func}, {64, func}}));
  EXPECT_EQ(ext->funcs[1].section, "tc");
  EXPECT_EQ(ext->funcs[1].records, (std::vector<FuncRecord>{{8, func}}));
  ASSERT_EQ(ext->lines.size(), 1u);
  EXPECT_EQ(ext->lines[0].records, (std::vector<LineRecord>{{8, "a.bpf.c", "  return 1;", 12, 3}}));
  ASSERT_EQ(ext->core.size(), 1u);
  EXPECT_EQ(ext->core[0].section, "tc");
  EXPECT_EQ(ext->core[0].records, (std::vector<CoreRecord>{{16, word, "0:1:2", 7}}));
}

TEST_P(ExtTables, HeadersOfOtherLengths) {
  const auto longer = parse(48);
  ASSERT_OK(longer);
  EXPECT_EQ(longer->core.size(), 1u);
  core.clear();
  const auto shorter = parse(24);
  ASSERT_OK(shorter);
  EXPECT_EQ(shorter->lines.size(), 1u);
  EXPECT_TRUE(shorter->core.empty());
}

TEST_P(ExtTables, LongerRecordsAreReadAsFarAsKnown) {
  funcs = {16, xdp, 2, 0, number(func), 0xffff, 0xffff, 8, number(func), 0xffff, 0xffff};
  const auto ext = parse();
  ASSERT_OK(ext);
  EXPECT_EQ(ext->funcs[0].records, (std::vector<FuncRecord>{{0, func}, {8, func}}));
}

TEST_P(ExtTables, MayBeEmpty) {
  funcs = {};
  lines = {16};
  core = {};
  const auto ext = parse();
  ASSERT_OK(ext);
  EXPECT_TRUE(ext->funcs.empty() && ext->lines.empty() && ext->core.empty());
}

TEST_P(ExtTables, ErrorsNameTableSectionAndOffset) {
  const auto error = [this, good = std::tuple(funcs, lines, core)](auto spoil) {
    std::tie(funcs, lines, core) = good;
    spoil();
    const auto ext = parse();
    EXPECT_TRUE(ext || ext.error().code() == Errc::malformed);
    return test::message(ext);
  };
  const auto end = btf.string_end();
  EXPECT_EQ(error([&] { funcs[0] = 4; }),
            "func_info: offset 32: records of 4 bytes, at least 8 and a multiple of 4 expected");
  EXPECT_EQ(error([&] { lines[0] = 8; }),
            "line_info: offset 76: records of 8 bytes, at least 16 and a multiple of 4 expected");
  EXPECT_EQ(error([&] { core[0] = 18; }),
            "core_relo: offset 104: records of 18 bytes, at least 16 and a multiple of 4 expected");
  EXPECT_EQ(
      error([&] { funcs[1] = 9999; }),
      fmt::format("func_info: group at offset 36: section name: string offset 9999 lies outside of {} bytes", end));
  EXPECT_EQ(error([&] { funcs[1] = 0; }), "func_info: group at offset 36: the section has no name");
  EXPECT_EQ(error([&] { lines[2] = 0; }), "line_info: section \"xdp\" at offset 80: no records");
  EXPECT_EQ(error([&] { core[2] = 0xffffffff; }),
            "core_relo: section \"tc\" at offset 108: 4294967295 records of 16 bytes, 16 bytes left");
  EXPECT_EQ(error([&] {
              funcs[7] = xdp;
              funcs.resize(8);
            }),
            "func_info: group at offset 60: truncated at offset 28: 8 bytes wanted, 4 left");
  EXPECT_EQ(error([&] { funcs[5] = 12; }),
            "func_info: section \"xdp\": record 1 at offset 52: instruction offset 12 is not a multiple of 8");
  EXPECT_EQ(error([&] { funcs[4] = 77; }),
            "func_info: section \"xdp\": record 0 at offset 44: refers to type 77, there are 4");
  EXPECT_EQ(error([&] { funcs[4] = number(word); }),
            "func_info: section \"xdp\": record 0 at offset 44: type 1 INT \"int\" is no FUNC");
  EXPECT_EQ(
      error([&] { lines[4] = 9999; }),
      fmt::format(
          "line_info: section \"xdp\": record 0 at offset 88: file: string offset 9999 lies outside of {} bytes", end));
  EXPECT_EQ(
      error([&] { lines[5] = 9999; }),
      fmt::format(
          "line_info: section \"xdp\": record 0 at offset 88: line: string offset 9999 lies outside of {} bytes", end));
  EXPECT_EQ(error([&] { core[4] = 77; }),
            "core_relo: section \"tc\": record 0 at offset 116: refers to type 77, there are 4");
  EXPECT_EQ(error([&] { core[5] = 9999; }), fmt::format("core_relo: section \"tc\": record 0 at offset 116: access "
                                                        "string: string offset 9999 lies outside of {} bytes",
                                                        end));
}

TEST_P(ExtTables, HeaderErrors) {
  const auto error = [&](auto spoil) {
    auto raw = ext_section(GetParam(), 32, funcs, lines, core);
    spoil(raw);
    return test::message(Ext::parse(raw, btf));
  };
  const auto poke = [&](auto& raw, std::size_t at, std::uint32_t value) { store(raw.data() + at, value, GetParam()); };
  EXPECT_EQ(error([](auto& raw) { raw.resize(23); }), "23 bytes are too few for a .BTF.ext header of 24");
  EXPECT_EQ(error([](auto& raw) { raw[1] = std::byte{0}; }), "offset 0: not .BTF.ext (no magic 0xeb9f)");
  EXPECT_EQ(error([](auto& raw) { raw[2] = std::byte{9}; }), "offset 2: .BTF.ext version 9, only 1 is known");
  EXPECT_EQ(error([&](auto& raw) { poke(raw, 4, 133); }), "offset 4: header size 133 is not within 24..132");
  EXPECT_EQ(error([&](auto& raw) { poke(raw, 4, 16); }), "offset 4: header size 16 is not within 24..132");
  EXPECT_EQ(error([&](auto& raw) { poke(raw, 8, 2); }), "func_info: offset 2 is not a multiple of 4");
  EXPECT_EQ(error([&](auto& raw) { poke(raw, 20, 1000); }),
            "line_info: offset 44 with 1000 bytes exceeds the 100 bytes after the header");
  EXPECT_EQ(error([&](auto& raw) { poke(raw, 24, 0xfffffffc); }),
            "core_relo: offset 4294967292 with 28 bytes exceeds the 100 bytes after the header");
  // The magic of the other byte order.
  EXPECT_EQ(error([](auto& raw) { std::swap(raw[0], raw[1]); }), GetParam() == ByteOrder::little
                                                                     ? ".BTF.ext is big-endian, .BTF is little-endian"
                                                                     : ".BTF.ext is little-endian, .BTF is big-endian");
}

}  // namespace
}  // namespace skep::btf
