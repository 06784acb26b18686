#include "skep/harness/kernel_config.hpp"

#include <gtest/gtest.h>

#include "skep/tests/support/objects.hpp"
#include "skep/tests/support/result.hpp"
#include "skep/tests/support/temporary_file.hpp"

namespace skep::harness {
namespace {

TEST(KernelConfig, TextAndGzipAreTheSame) {
  spec::Kconfig text, packed;
  ASSERT_OK(add_kconfig_file(test::data("cli/data/config"), text));
  ASSERT_OK(add_kconfig_file(test::data("cli/data/config.gz"), packed));
  EXPECT_EQ(text, packed);
  EXPECT_EQ(text, (spec::Kconfig{{"CONFIG_BPF", "y"}, {"CONFIG_HZ", "250"}}));
}

TEST(KernelConfig, TheFirstFileCounts) {
  spec::Kconfig values{{"CONFIG_HZ", "1000"}};
  ASSERT_OK(add_kconfig_file(test::data("cli/data/config"), values));
  EXPECT_EQ(values["CONFIG_HZ"], "1000");
  EXPECT_EQ(values["CONFIG_BPF"], "y");
}

// As zcat reads them: a file of several parts.
TEST(KernelConfig, EveryPartOfAGzipFile) {
  const auto packed = test::bytes_of(test::data("cli/data/config.gz"));
  auto twice = packed;
  twice.insert(twice.end(), packed.begin(), packed.end());
  const auto lines = [](Bytes bytes) {
    const test::TemporaryFile file(".gz", bytes);
    spec::Kconfig values;
    const auto read = add_kconfig_file(file.path(), values);
    return read ? fmt::format("{}", values.size()) : test::message(read).substr(file.path().size() + 2);
  };
  EXPECT_EQ(lines(twice), "2");
  EXPECT_EQ(lines(Bytes(twice).first(twice.size() - 5)), "gzip: the data ends too early");
  twice = packed;
  twice.push_back(std::byte{'x'});
  EXPECT_EQ(lines(twice), "gzip: 1 bytes of something else behind its end");
  // The second part alone says something (RFC 1952: an empty text, stored).
  const auto empty = from_hex("1f8b08000000000000030300000000000000000000");
  ASSERT_OK(empty);
  std::vector<std::byte> behind(empty->begin(), empty->begin() + 20);
  behind.insert(behind.end(), packed.begin(), packed.end());
  EXPECT_EQ(lines(behind), "2");
}

TEST(KernelConfig, NothingSetIsAConfiguration) {
  spec::Kconfig values;
  const test::TemporaryFile file(".config", as_bytes(std::string_view("# a kernel\n# CONFIG_BPF is not set\n")));
  EXPECT_OK(add_kconfig_file(file.path(), values));
  EXPECT_TRUE(values.empty());
}

TEST(KernelConfig, BrokenFilesAreErrorsThatNameThem) {
  auto packed = test::bytes_of(test::data("cli/data/config.gz"));
  spec::Kconfig values;
  const auto message = [&](Bytes bytes) {
    const test::TemporaryFile file(".gz", bytes);
    const auto read = add_kconfig_file(file.path(), values);
    EXPECT_FALSE(read);
    const auto text = test::message(read);
    EXPECT_EQ(text.find(file.path()), 0u) << text;
    return text.substr(text.find(": ") + 2);
  };
  EXPECT_EQ(message(Bytes(packed).first(packed.size() - 9)), "gzip: the data ends too early");
  EXPECT_EQ(message(Bytes(packed).first(3)), "gzip: the data ends too early");
  packed[packed.size() / 2] ^= std::byte{0xff};
  EXPECT_EQ(message(packed).find("gzip: "), 0u);
  EXPECT_EQ(message({}), "no line names an option (CONFIG_...)");
  EXPECT_TRUE(values.empty());
}

}  // namespace
}  // namespace skep::harness
