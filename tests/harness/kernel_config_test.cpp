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
  EXPECT_EQ(message({}), "no line begins with CONFIG_");
  EXPECT_TRUE(values.empty());
}

}  // namespace
}  // namespace skep::harness
