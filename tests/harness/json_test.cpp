#include "skep/harness/json.hpp"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "skep/tests/support/result.hpp"

namespace skep::harness {
namespace {

using test::message;

TEST(Json, ErrorsSayWhere) {
  EXPECT_NE(message(parse_json("{\"a\": 1,\n \"b\": }")).find("line 2, column 7"), std::string::npos)
      << message(parse_json("{\"a\": 1,\n \"b\": }"));
  EXPECT_NE(message(parse_json("")).find("line 1, column 1"), std::string::npos);
  EXPECT_EQ(message(parse_json(std::string(100000, '['))), "JSON is nested deeper than 200 levels");
  EXPECT_OK(parse_json("\"" + std::string(100000, '[') + "\""));
  EXPECT_NE(message(read_json("/nonexistent.json")).find("/nonexistent.json"), std::string::npos);
}

TEST(Json, KeepsTheOrderOfKeys) {
  const auto json = parse_json(R"({"schema": "x", "b": 1, "a": 2})");
  ASSERT_OK(json);
  EXPECT_EQ(to_text(*json), "{\n  \"schema\": \"x\",\n  \"b\": 1,\n  \"a\": 2\n}\n");
}

TEST(Json, BytesThatAreNoTextArePrintedAnyway) {
  EXPECT_EQ(to_text(Json(std::string("a\xff"))), "\"a\xef\xbf\xbd\"\n");
}

TEST(Json, IntegersThatADoubleCannotHoldAreStrings) {
  EXPECT_EQ(json_integer((std::uint64_t{1} << 53) - 1).dump(), "9007199254740991");
  EXPECT_EQ(json_integer(std::uint64_t{1} << 53).dump(), "\"9007199254740992\"");
  EXPECT_EQ(json_integer(UINT64_MAX).dump(), "\"18446744073709551615\"");
  EXPECT_EQ(json_integer(std::int64_t{-5}).dump(), "-5");
  EXPECT_EQ(json_integer(INT64_MIN).dump(), "\"-9223372036854775808\"");
}

TEST(Json, IntegersFromNumbersAndText) {
  const auto bits = [](const Json& json) {
    const auto value = integer_of(json);
    return value ? fmt::format("{:#x}{}", value->bits, value->negative ? "-" : "") : value.error().what();
  };
  EXPECT_EQ(bits(7), "0x7");
  EXPECT_EQ(bits(-1), "0xffffffffffffffff-");
  EXPECT_EQ(bits("18446744073709551615"), "0xffffffffffffffff");
  EXPECT_EQ(bits("-9223372036854775808"), "0x8000000000000000-");
  EXPECT_EQ(bits("0x1F"), "0x1f");
  EXPECT_EQ(bits("0b101"), "0x5");
  EXPECT_EQ(bits("18446744073709551616"), "\"18446744073709551616\" does not fit in 64 bits");
  EXPECT_EQ(bits("-9223372036854775809"), "\"-9223372036854775809\" does not fit in 64 bits");
  EXPECT_EQ(bits("12x"), "\"12x\" is not an integer (decimal, 0x… or 0b…)");
  EXPECT_EQ(bits(""), "\"\" is not an integer (decimal, 0x… or 0b…)");
  EXPECT_EQ(bits("0x"), "\"0x\" is not an integer (decimal, 0x… or 0b…)");
  EXPECT_EQ(bits(1.5), "expected an integer, got a number with a fraction");
  EXPECT_EQ(bits(nullptr), "expected an integer, got null");
}

}  // namespace
}  // namespace skep::harness
