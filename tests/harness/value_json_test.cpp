// Through the types of a real object: tests/cli/packets.bpf.c.
#include "skep/harness/value_json.hpp"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "skep/base/file.hpp"
#include "skep/elf/load.hpp"
#include "skep/harness/variables.hpp"
#include "skep/tests/support/paths.hpp"
#include "skep/tests/support/result.hpp"

namespace skep::harness {
namespace {

using test::message;

CollectionSpec object() {
  auto spec = elf::load(*read_file(test::fixture("cli/packets.bpf")));
  EXPECT_OK(spec);
  return spec ? *spec : CollectionSpec();
}

class Values : public testing::Test {
 protected:
  CollectionSpec spec_ = object();
  std::string value(std::string_view variable) {
    const auto* found = spec_.variable(variable);
    return bytes_to_json(spec_.types, found->type, *spec_.get_variable(variable), ByteOrder::little).dump();
  }
  std::string set(std::string_view assignment) { return message(set_variable(spec_, assignment)); }
};

TEST_F(Values, OutAndInAgain) {
  const auto* config = spec_.variable("config");
  const auto bytes = *spec_.get_variable("config");
  const auto json = bytes_to_json(spec_.types, config->type, bytes, ByteOrder::little);
  EXPECT_EQ(json.dump(), R"({"mtu":1500,"verdict":"PASS_ALL","mac":[2,0,0,0,0,9],"debug":false,)"
                         R"("range":[{"low":0,"high":0},{"low":0,"high":0}]})");
  EXPECT_EQ(bytes_from_json(spec_.types, config->type, bytes.size(), json, ByteOrder::little), bytes);
  EXPECT_EQ(value("large"), "\"1152921504606846976\"");
  EXPECT_EQ(value("threshold"), "-5");
  EXPECT_EQ(value("label"), "\"skep\"");
}

TEST_F(Values, WithoutTypesTheyAreHex) {
  EXPECT_EQ(bytes_to_json(spec_.types, btf::TypeId::none, *from_hex("0a0b"), ByteOrder::little), "0a0b");
  const auto raw = [](std::size_t size, const Json& json, ByteOrder order = ByteOrder::little) {
    const auto bytes = raw_from_json(size, json, order);
    return bytes ? to_hex(*bytes) : bytes.error().what();
  };
  EXPECT_EQ(raw(2, "0a0B"), "0a0b");
  EXPECT_EQ(raw(2, Json::array({"0x0a", 11})), "0a0b");
  EXPECT_EQ(raw(4, 258), "02010000");
  EXPECT_EQ(raw(4, 258, ByteOrder::big), "00000102");
  EXPECT_EQ(raw(2, -2), "feff");
  EXPECT_EQ(raw(2, 65536), "65536 does not fit in 2 bytes");
  EXPECT_EQ(raw(1, -129), "-129 does not fit in 1 byte");
  EXPECT_EQ(raw(3, 1), "expected hex text of 3 bytes, got an integer");
  EXPECT_EQ(raw(2, "0a"), "expected 2 bytes, got 1");
  EXPECT_EQ(raw(1, Json::array({256})), "byte 0: 256 is no byte");
  EXPECT_EQ(raw(1, nullptr), "expected hex text of 1 bytes, got null");
}

TEST_F(Values, NullIsNoValue) {
  EXPECT_EQ(message(to_value(Json{{"a", Json::array({1, nullptr})}})), "a: [1]: null is no value");
}

TEST_F(Values, VariablesAreSetByPath) {
  EXPECT_EQ(set("threshold=0x10"), "");
  EXPECT_EQ(value("threshold"), "16");
  EXPECT_EQ(set("threshold=-7"), "");
  EXPECT_EQ(value("threshold"), "-7");
  EXPECT_EQ(set("label=abc"), "");
  EXPECT_EQ(value("label"), "\"abc\"");
  EXPECT_EQ(set("config.range[1].high=-1"), "");
  EXPECT_EQ(set("config.debug=true"), "");
  EXPECT_EQ(set("config.verdict=DROP_SOME"), "");
  EXPECT_EQ(set("config.mac=0x0a0b0c0d0e0f"), "");
  EXPECT_EQ(set("config.mac[0]=255"), "");
  EXPECT_EQ(value("config"), R"({"mtu":1500,"verdict":"DROP_SOME","mac":[255,11,12,13,14,15],"debug":true,)"
                             R"("range":[{"low":0,"high":0},{"low":0,"high":-1}]})");
  EXPECT_EQ(set(R"(config={"mtu": "9000"})"), "");
  EXPECT_EQ(value("config").substr(0, 29), R"({"mtu":9000,"verdict":"PASS_A)");
  EXPECT_EQ(set("config.range=[{\"low\":1}]"), "");
}

TEST_F(Values, WrongPathsAreErrors) {
  EXPECT_EQ(set("config.range[x].low=1"), "config.range[x].low: \"x\" is not an integer (decimal, 0x… or 0b…)");
  EXPECT_EQ(set("config.range[1=1"), "config.range[1: \"[1\" is no path (.field or [index])");
  EXPECT_EQ(set("config.=1").find("config.: no field \"\""), 0u);
  EXPECT_NE(set("config.mtu=-1"), "");
  EXPECT_EQ(set("config.debug=2"), "config.debug: 2 is no truth value: true, false, 0 or 1");
  EXPECT_NE(set("config.debug=256"), "");
  EXPECT_NE(set("=1"), "");
}

}  // namespace
}  // namespace skep::harness
