// Equal specs print equal, and what differs between two byte orders is what must.
#include "skep/spec/print.hpp"

#include <sstream>

#include <gtest/gtest.h>

#include "skep/spec/quote.hpp"
#include "skep/tests/support/objects.hpp"
#include "skep/tests/support/result.hpp"

namespace skep {
namespace {

std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> lines;
  std::istringstream in(text);
  for (std::string line; std::getline(in, line);) lines.push_back(line);
  return lines;
}

TEST(Print, TheSameBytesGiveTheSameSpecAndText) {
  for (const auto& path : test::built_objects(".o")) {
    const auto object = test::bytes_of(path);
    const auto first = elf::load(object), second = elf::load(object);
    EXPECT_EQ(first, second) << path;
    if (first) {
      EXPECT_EQ(print(*first), print(*second)) << path;
    }
  }
}

TEST(Print, TheTwinOfTheOtherByteOrderDiffersInDataAlone) {
  for (const std::string name : {"maps", "data", "calls", "externs"}) {
    const auto little = lines_of(print(test::load_fixture("elf/" + name + ".bpf")));
    const auto big = lines_of(print(test::load_fixture("elf/" + name + ".bpfeb")));
    ASSERT_EQ(little.size(), big.size()) << name;
    EXPECT_EQ(little[0], "byte_order little");
    EXPECT_EQ(big[0], "byte_order big");
    for (std::size_t i = 1; i < little.size(); ++i)
      if (!little[i].starts_with("  contents ")) {
        EXPECT_EQ(little[i], big[i]) << name;
      }
  }
}

TEST(Print, EveryFieldOfAMapIsThere) {
  const auto text = print(test::load_fixture("elf/maps.bpf"));
  EXPECT_NE(
      text.find("map \"flows\" section \".maps\" kind user type hash\n"
                "  key_size 8 value_size 16 max_entries 1024 flags 0x5 map_extra 0x0 numa_node 1 pinning by_name\n"),
      std::string::npos);
  EXPECT_NE(text.find("  slot 3 \"first_program\"\n"), std::string::npos);
  EXPECT_NE(text.find("  map \"outer.inner\""), std::string::npos);
}

TEST(Print, TypesOutsideOfTheTableHaveTheirNumbers) {
  CollectionSpec spec;
  spec.maps.emplace_back().type = MapType{77};
  EXPECT_NE(print(spec).find("type unknown(77)"), std::string::npos);
}

TEST(Print, TextIsQuotedAndBounded) {
  EXPECT_EQ(quote("a\"b\\c\n\xff"), "\"a\\\"b\\\\c\\x0a\\xff\"");
  EXPECT_EQ(quote(std::string(2000, 'x')), "\"" + std::string(1024, 'x') + "\"... (2000 bytes)");
}

}  // namespace
}  // namespace skep
