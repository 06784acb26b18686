// Structures of functions.
#include <gtest/gtest.h>

#include "skep/tests/support/objects.hpp"
#include "skep/tests/support/result.hpp"

namespace skep {
namespace {

TEST(LoadStructOps, EachVariableIsAMap) {
  const auto spec = test::load_fixture("elf/struct_ops.bpf");
  ASSERT_EQ(spec.maps.size(), 3u);
  const auto& demo = spec.maps[0];
  EXPECT_EQ(demo.name, "demo");
  EXPECT_EQ(demo.kind, MapKind::struct_ops);
  EXPECT_EQ(demo.type, MapType::struct_ops);
  EXPECT_EQ(demo.value_size, 48u);
  EXPECT_EQ(spec.types.name(demo.value_type), "demo_ops");
  EXPECT_EQ(load<std::uint32_t>(demo.contents.data() + 16), 5u);
}

TEST(LoadStructOps, ProgramsAreSlotsByMember) {
  const auto spec = test::load_fixture("elf/struct_ops.bpf");
  EXPECT_EQ(spec.map("demo")->slots, (std::vector<SlotInit>{{0, "demo_init"}, {1, "demo_release"}}));
  EXPECT_EQ(spec.map("linked")->slots, (std::vector<SlotInit>{{3, "demo_init"}}));
}

TEST(LoadStructOps, SectionSaysLinkAndAutocreate) {
  const auto spec = test::load_fixture("elf/struct_ops.bpf");
  EXPECT_EQ(spec.map("demo")->flags, 0u);
  EXPECT_EQ(spec.map("linked")->flags, 1u << 13);
  EXPECT_TRUE(spec.map("linked")->autocreate);
  EXPECT_FALSE(spec.map("not_created")->autocreate);
  EXPECT_EQ(spec.map("not_created")->section, ".struct_ops.link");
}

TEST(LoadStructOps, SleepableSectionsAreSleepable) {
  const auto spec = test::load_fixture("elf/struct_ops.bpf");
  EXPECT_TRUE(spec.program("demo_release")->sleepable);
  EXPECT_EQ(spec.program("demo_release")->attach_type, std::nullopt);
}

}  // namespace
}  // namespace skep
