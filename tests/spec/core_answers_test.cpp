// One object has one answer for one question, whichever of its programs asks.
#include "skep/spec/core_answers.hpp"

#include <gtest/gtest.h>

#include "skep/btf/build.hpp"
#include "skep/spec/link.hpp"
#include "skep/spec/resolve.hpp"
#include "skep/tests/support/objects.hpp"
#include "skep/tests/support/result.hpp"

namespace skep::spec {
namespace {

// Two types that a cfg can be: {long a; int x; int y;} and {char z; int x; int w;}.
Target two_candidates() {
  btf::Builder builder;
  const auto add = [&](const btf::Type& type) {
    const auto id = builder.add(type);
    EXPECT_OK(id);
    return *id;
  };
  const auto number = add(btf::Int{.name = "int", .size = 4, .bits = 32, .is_signed = true});
  const auto wide = add(btf::Int{.name = "long", .size = 8, .bits = 64, .is_signed = true});
  const auto small = add(btf::Int{.name = "char", .size = 1, .bits = 8, .is_signed = true});
  add(btf::Composite{.name = "cfg", .size = 16, .members = {{"a", wide, 0, 0}, {"x", number, 64, 0}, {"y", number, 96, 0}}});
  add(btf::Composite{
      .name = "cfg___b", .size = 12, .members = {{"z", small, 0, 0}, {"x", number, 32, 0}, {"w", number, 64, 0}}});
  const auto built = builder.build();
  EXPECT_OK(built);
  Target target;
  target.types = btf::CoreTargets({{"vmlinux", *built}});
  return target;
}

class Scope : public testing::Test {
 protected:
  // The values that a program got, by what it asked.
  std::map<std::string, std::uint64_t> values(std::string_view name) {
    auto linked = link(spec, name);
    EXPECT_OK(linked);
    const auto resolved = resolver.resolve(std::move(*linked));
    EXPECT_OK(resolved);
    std::map<std::string, std::uint64_t> all;
    if (!resolved) return all;
    for (const auto& one : resolved->core) {
      const btf::CoreQuery query{one.relocation.type, one.relocation.access, one.relocation.kind};
      all[btf::describe(spec.types, query)] = one.poisoned ? 999 : one.fixup.value;
    }
    return all;
  }

  CollectionSpec spec = test::load_fixture("spec/scope.bpf");
  Resolver resolver{spec, two_candidates()};
};

// The first type has most of what the object asks for, so it is the one that is meant; libbpf 1.1 comes to the same,
// for the first record rules the other one out.
TEST_F(Scope, AFunctionIsTheSameInAllPrograms) {
  EXPECT_EQ(values("asks_for_y"), (std::map<std::string, std::uint64_t>{
                                      {"field_exists of \"cfg.y\" (0:1)", 1}, {"byte_off of \"cfg.x\" (0:0)", 8}}));
  EXPECT_EQ(values("asks_for_w"), (std::map<std::string, std::uint64_t>{
                                      {"field_exists of \"cfg.w\" (0:2)", 0}, {"byte_off of \"cfg.x\" (0:0)", 8}}));
}

// What is not loaded has no say, and is answered all the same.
TEST_F(Scope, ProgramsThatAreNotLoadedByDefault) {
  EXPECT_EQ(values("asks_for_z"),
            (std::map<std::string, std::uint64_t>{{"field_exists of \"cfg___other.z\" (0:0)", 1},
                                                  {"byte_off of \"cfg___other.z\" (0:0)", 0}}));
}

// Two types of one name that differ in size: only a sibling's question tells them apart. (vmlinux has two dma_chan.)
TEST_F(Scope, ASiblingRulesACandidateOut) {
  auto alone = spec;
  auto& asks = alone.programs.front();
  asks.core_relocations.resize(1);
  asks.core_relocations[0].kind = static_cast<std::uint32_t>(btf::CoreKind::type_size);
  asks.core_relocations[0].access = "0";
  const btf::CoreQuery size{asks.core_relocations[0].type, "0", asks.core_relocations[0].kind};
  const auto with_siblings = CoreAnswers(alone, two_candidates()).of({{size}});
  ASSERT_OK(with_siblings[0]);
  alone.programs.erase(alone.programs.begin() + 1, alone.programs.end());
  alone.subprograms.clear();
  const auto without = CoreAnswers(alone, two_candidates()).of({{size}});
  ASSERT_FALSE(without[0]);
  EXPECT_EQ(without[0].error().code(), Errc::rejected) << "ambiguous";
}

}  // namespace
}  // namespace skep::spec
