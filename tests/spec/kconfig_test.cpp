#include "skep/spec/kconfig.hpp"

#include <cstring>

#include <gtest/gtest.h>

#include "skep/base/file.hpp"
#include "skep/elf/load.hpp"
#include "skep/tests/support/libbpf.hpp"
#include "skep/tests/support/paths.hpp"
#include "skep/tests/support/result.hpp"

namespace skep::spec {
namespace {

constexpr std::string_view kTypes[] = {"BOOL", "TRISTATE", "CHAR", "S8",  "U8",  "S16",
                                       "U16",  "S32",      "U32",  "S64", "U64", "TEXT"};
// What each of them can be, so that libbpf does not go and look for a file.
constexpr std::string_view kOrdinary =
    "CONFIG_T_BOOL=y\nCONFIG_T_TRISTATE=m\nCONFIG_T_CHAR=y\nCONFIG_T_S8=1\nCONFIG_T_U8=1\nCONFIG_T_S16=1\n"
    "CONFIG_T_U16=1\nCONFIG_T_S32=1\nCONFIG_T_U32=1\nCONFIG_T_S64=1\nCONFIG_T_U64=1\nCONFIG_T_TEXT=\"abc\"\n";

constexpr std::string_view kTexts[] = {
    "y", "n", "m", "yes", "nope", "x", "Y", "\"\"", "\"y\"", "\"abc\"", "\"seven..\"", "\"eight...\"",
    "\"more than eight\"",
    "\"open", "\"a\"b\"", "0", "1", "2", "-1", "+1", "127", "128", "255", "256", "-128", "-129", "32767", "32768",
    "65535", "65536", "-32768", "-32769", "2147483647", "2147483648", "-2147483648", "-2147483649", "4294967295",
    "4294967296", "9223372036854775807", "9223372036854775808", "-9223372036854775808", "18446744073709551615",
    "18446744073709551616", "0x7f", "0xff", "0XFFFF", "017", "08", "0x", "0xg", "1 ", " 1", "1x", "--1", "0b1", "1.5", "a"};

Result<CollectionSpec> fixture() { return elf::load(SKEP_TRY(read_file(test::fixture("spec/kconfig.bpf")))); }

// What libbpf puts into the map: hex, or "refused".
std::string libbpf_says(std::string_view type, std::string_view text) {
  const std::string config = fmt::format("CONFIG_T_{}={}\n{}", type, text, kOrdinary);
  bpf_object_open_opts options{};
  options.sz = sizeof options;
  options.kconfig = config.c_str();
  const test::BpfObject object(SKEP_LIBBPF(bpf_object__open_file)(test::fixture("spec/kconfig.bpf").c_str(), &options));
  if (!object || SKEP_LIBBPF(bpf_object__load)(object.get()) != 0) return "refused";
  const auto* map = SKEP_LIBBPF(bpf_object__find_map_by_name)(object.get(), ".kconfig");
  std::size_t size = 0;
  const auto* value = SKEP_LIBBPF(bpf_map__initial_value)(const_cast<bpf_map*>(map), &size);
  return to_hex(Bytes(static_cast<const std::byte*>(value), size));
}

std::string we_say(const CollectionSpec& spec, std::string_view type, std::string_view text) {
  Kconfig values;
  if (!read_kconfig(fmt::format("CONFIG_T_{}={}\n{}", type, text, kOrdinary), values)) return "refused";
  auto copy = spec;
  for (const auto& variable : spec.variables) {
    const auto bytes =
        kconfig_bytes(spec.types, variable.type, variable.size, values.at(variable.name), ByteOrder::little);
    if (!bytes || !copy.set_variable(variable.name, *bytes)) return "refused";
  }
  return to_hex(copy.map(".kconfig")->contents);
}

TEST(Kconfig, EveryTextForEveryTypeAsLibbpf) {
  if (test::Libbpf::get() == nullptr) GTEST_SKIP() << "there is no libbpf.so.1";
  if (libbpf_says("BOOL", "y") == "refused") GTEST_SKIP() << "bpf(2) does not load programs here (it needs CAP_BPF)";
  const auto spec = fixture();
  ASSERT_OK(spec);
  for (const auto type : kTypes)
    for (const auto text : kTexts) EXPECT_EQ(we_say(*spec, type, text), libbpf_says(type, text)) << type << "=" << text;
}

// libbpf takes a lone quote for both ends of a text, and copies what lies behind it in memory.
TEST(Kconfig, ALoneQuoteIsNoText) {
  const auto spec = fixture();
  ASSERT_OK(spec);
  EXPECT_EQ(we_say(*spec, "TEXT", "\""), "refused");
}

TEST(Kconfig, ReadsConfigurationFiles) {
  Kconfig values;
  ASSERT_OK(read_kconfig("# a comment\n\nCONFIG_A=y\nOTHER=1\n# CONFIG_B is not set\nCONFIG_A=n\nCONFIG_C=\"a=b\"",
                         values));
  EXPECT_EQ(values, (Kconfig{{"CONFIG_A", "y"}, {"CONFIG_C", "\"a=b\""}}));
  ASSERT_OK(read_kconfig("CONFIG_A=m\nCONFIG_D=0x10\n", values));
  EXPECT_EQ(values["CONFIG_A"], "y");
  EXPECT_EQ(values["CONFIG_D"], "0x10");
  EXPECT_EQ(test::message(read_kconfig("CONFIG_A=y\nCONFIG_E\n", values)), "line 2: \"CONFIG_E\" has no \"=\"");
  EXPECT_EQ(test::message(read_kconfig("CONFIG_F=\n", values)), "line 1: \"CONFIG_F=\" has no value");
}

TEST(Kconfig, NumbersThatAreNoOptions) {
  const auto spec = fixture();
  ASSERT_OK(spec);
  const auto bytes = [&](std::string_view type, std::uint64_t value) {
    const auto* variable = spec->variable(fmt::format("CONFIG_T_{}", type));
    const auto made = kconfig_bytes(spec->types, variable->type, variable->size, value, ByteOrder::big);
    return made ? to_hex(*made) : made.error().what();
  };
  EXPECT_EQ(bytes("U32", 0x61200), "00061200");
  EXPECT_EQ(bytes("BOOL", 1), "01");
  EXPECT_EQ(bytes("BOOL", 2), "a bool cannot be 2");
  EXPECT_EQ(bytes("U16", 0x61200), "397824 does not fit an integer of 2 bytes");
  EXPECT_EQ(bytes("TEXT", 1), "an array of char cannot be 1");
}

}  // namespace
}  // namespace skep::spec
