// Looking things up, and setting variables before use.
#include "skep/spec/collection.hpp"

#include <gtest/gtest.h>

#include "skep/tests/support/objects.hpp"
#include "skep/tests/support/result.hpp"

namespace skep {
namespace {

TEST(Collection, FindsByName) {
  auto spec = test::load_fixture("elf/data.bpf");
  EXPECT_NE(spec.program("use_data"), nullptr);
  EXPECT_NE(spec.map(".rodata"), nullptr);
  EXPECT_NE(spec.variable("counter"), nullptr);
  EXPECT_EQ(spec.program("nobody"), nullptr);
  EXPECT_EQ(spec.map("nobody"), nullptr);
  EXPECT_EQ(spec.variable("nobody"), nullptr);
  EXPECT_EQ(spec.extern_("nobody"), nullptr);
}

TEST(Collection, SetsAVariableAndNothingElse) {
  auto spec = test::load_fixture("elf/data.bpf");
  const auto before = spec;
  ASSERT_OK(spec.set_variable("limit", test::code("44332211")));
  EXPECT_EQ(to_hex(*spec.get_variable("limit")), "44332211");
  const auto offset = spec.variable("limit")->offset;
  for (std::size_t i = 0; i < spec.map(".rodata")->contents.size(); ++i)
    if (i < offset || i >= offset + 4) {
      EXPECT_EQ(spec.map(".rodata")->contents[i], before.map(".rodata")->contents[i]);
    }
  EXPECT_NE(spec, before);
  ASSERT_OK(spec.set_variable("limit", *before.get_variable("limit")));
  EXPECT_EQ(spec, before);
}

TEST(Collection, SettingAZeroVariableFillsItsSection) {
  auto spec = test::load_fixture("elf/data.bpf");
  EXPECT_TRUE(spec.map(".bss")->contents.empty());
  EXPECT_EQ(to_hex(*spec.get_variable("weak_zero")), "00");
  ASSERT_OK(spec.set_variable("weak_zero", test::code("07")));
  EXPECT_EQ(spec.map(".bss")->contents.size(), spec.map(".bss")->value_size);
  EXPECT_EQ(to_hex(*spec.get_variable("weak_zero")), "07");
}

TEST(Collection, RefusesWhatIsNotThereAndOtherSizes) {
  auto spec = test::load_fixture("elf/data.bpf");
  EXPECT_EQ(spec.set_variable("nobody", {}).error().code(), Errc::not_found);
  EXPECT_EQ(spec.get_variable("nobody").error().code(), Errc::not_found);
  EXPECT_EQ(test::message(spec.set_variable("counter", test::code("01"))), "variable \"counter\" has 4 bytes, not 1");
  spec.variables.push_back({"outside", ".data", 0xfffffff0, 0x20, {}, false});
  EXPECT_NE(test::message(spec.get_variable("outside")).find("is outside of .data"), std::string::npos);
}

}  // namespace
}  // namespace skep
