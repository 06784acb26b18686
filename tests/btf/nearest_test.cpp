#include "skep/btf/nearest.hpp"

#include <unistd.h>

#include <gtest/gtest.h>

#include "skep/tests/support/btf_builder.hpp"
#include "skep/tests/support/result.hpp"

namespace skep::btf {
namespace {

using test::BtfBuilder;

TEST(Nearest, TheSameWordsAreNearest) {
  EXPECT_EQ(name_distance("state", "__state"), 0u);
  EXPECT_EQ(name_distance("__i_ctime", "i_ctime"), 0u);
  EXPECT_EQ(name_distance("State", "state_"), 0u);
}

TEST(Nearest, OrderOfLikeness) {
  const auto spelling = name_distance("nr_runing", "nr_running"), word = name_distance("cpu", "wake_cpu"),
             words = name_distance("cpu", "recent_used_cpu"), part = name_distance("count", "refcount");
  ASSERT_TRUE(spelling && word && words && part);
  EXPECT_LT(*spelling, *word);
  EXPECT_LT(*word, *part);
  EXPECT_LE(*words, *part);
  EXPECT_EQ(name_distance("i_ctime_sec", "i_ctime"), word);
  EXPECT_EQ(name_distance("queud", "queued"), spelling);
  EXPECT_EQ(name_distance("pid", "pids"), spelling);
  EXPECT_EQ(name_distance("lenght", "length"), spelling) << "two letters swapped are one mistake";
}

TEST(Nearest, NothingIsBetterThanNonsense) {
  for (const auto& [name, other] : std::initializer_list<std::pair<std::string, std::string>>{
           {"BPF_MAP_TYPE_ARENA", "BPF_MAP_TYPE_ARRAY"},     // the equal words say nothing
           {"BPF_MAP_TYPE_HASH_OF_MAPS", "BPF_MAP_TYPE_HASH"},
           {"bi_disk", "bi_bdev"},
           {"v4", "v6"},
           {"gone", "zone"},
           {"a", "b"},
           {"a", "any_a"},
           {"no_such_field", "field"},
           {"pid", "comm"},
           {"", "x"},
           {"x", ""},
           {"___", "__"},
           {std::string(200, 'a'), std::string(200, 'a')},
       }) {
    EXPECT_EQ(name_distance(name, other), std::nullopt) << name << " " << other;
  }
}

// A target with one structure: the answer for a missing member.
CoreFixup lacks(std::string name, std::optional<CoreCandidate> searched, CoreLack lack = CoreLack::name) {
  CoreFixup fixup{.target = {}, .missing = {}, .searched = {}, .reason = {}};
  fixup.missing = std::move(name);
  fixup.lack = lack;
  fixup.searched = searched;
  return fixup;
}

CoreTargets targets_of(const BtfBuilder& builder) {
  const auto btf = builder.parse();
  EXPECT_OK(btf);
  return CoreTargets({{"vmlinux", btf ? *btf : Btf()}});
}

TEST(Nearest, MembersWithThoseOfAnonymousMembers) {
  BtfBuilder builder;
  const auto integer = builder.integer("int", 4);
  const auto inner = builder.structure("", 4, {{"__state", integer, 0}});
  const auto constant = builder.modifier(Kind::Const, inner);
  const auto named = builder.structure("thread_info", 4, {{"cpu", integer, 0}});
  const auto outer = builder.structure("task", 16, {{"", constant, 0}, {"info", named, 32}, {"on_cpu", integer, 64},
                                                    {"wake_cpu", integer, 96}});
  NearestNames names(targets_of(builder));
  const CoreCandidate task{0, outer};
  EXPECT_EQ(names.find(lacks("state", task), Kind::Struct), "__state");
  EXPECT_EQ(names.find(lacks("cpu", task), Kind::Struct), "on_cpu") << "of equals the shortest";
  EXPECT_EQ(names.find(lacks("waked_cpu", task), Kind::Struct), "wake_cpu");
  EXPECT_EQ(names.find(lacks("comm", task), Kind::Struct), "");
  EXPECT_EQ(names.find(lacks("state", {}, CoreLack::form), Kind::Struct), "");
  EXPECT_EQ(names.find(lacks("", {}, CoreLack::nothing), Kind::Struct), "");
}

TEST(Nearest, EnumeratorsAndTypesOfTheKind) {
  BtfBuilder builder;
  const auto integer = builder.integer("int", 4);
  const auto modes = builder.enumeration("mode", 4, false, {{"MODE_SLOW", 0}, {"MODE_FAST___v2", 1}});
  builder.structure("request___old", 4, {{"a", integer, 0}});
  builder.typedef_("request_t", integer);
  builder.enum64("modes", 8, false, {{"X", 1}});
  NearestNames names(targets_of(builder));
  EXPECT_EQ(names.find(lacks("MODE_FASTER", CoreCandidate{0, modes}), Kind::Enum), "MODE_FAST");
  EXPECT_EQ(names.find(lacks("requests", {}, CoreLack::type), Kind::Struct), "request");
  EXPECT_EQ(names.find(lacks("request", {}, CoreLack::type), Kind::Typedef), "request_t");
  EXPECT_EQ(names.find(lacks("request", {}, CoreLack::type), Kind::Union), "");
  EXPECT_EQ(names.find(lacks("modesx", {}, CoreLack::type), Kind::Enum), "modes");
  EXPECT_EQ(names.find(lacks("modesx", {}, CoreLack::type), Kind::Enum64), "modes");
}

TEST(Nearest, TiesAreDecided) {
  BtfBuilder builder;
  const auto integer = builder.integer("int", 4);
  const auto type = builder.structure("s", 8, {{"countb", integer, 0}, {"counta", integer, 32}});
  NearestNames names(targets_of(builder));
  EXPECT_EQ(names.find(lacks("counts", CoreCandidate{0, type}), Kind::Struct), "counta");
}

// An anonymous structure that contains itself, and thousands of questions.
TEST(Nearest, HostileTypesEnd) {
  BtfBuilder builder;
  builder.integer("int", 4);
  const TypeId self{2};
  std::vector<BtfBuilder::Member> members(30, {"", self, 0});
  builder.structure("", 4, members);
  const std::string name(126, 'a');
  std::vector<BtfBuilder::Member> many;
  for (int i = 0; i < 2000; ++i) many.push_back({name, TypeId{1}, 0});
  const auto wide = builder.structure("wide", 4, many);
  EXPECT_EQ(NearestNames(targets_of(builder)).find(lacks("x", CoreCandidate{0, self}), Kind::Struct), "");
  NearestNames names(targets_of(builder));
  EXPECT_EQ(names.find(lacks(std::string(127, 'a'), CoreCandidate{0, wide}), Kind::Struct), name);
  for (int i = 0; i < 5000; ++i)
    names.find(lacks(std::to_string(i) + std::string(100, 'b'), CoreCandidate{0, wide}), Kind::Struct);
}

TEST(Nearest, RelocationTellsWhereItLooked) {
  BtfBuilder ours, theirs;
  const auto integer = ours.integer("int", 4);
  const auto inner = ours.structure("inner", 4, {{"x", integer, 0}});
  const auto type = ours.structure("s", 12, {{"a", integer, 0}, {"in", inner, 32}, {"form", integer, 64}});
  const auto mode = ours.enumeration("mode", 4, false, {{"A", 0}, {"B", 1}});
  const auto gone = ours.structure("gone", 4, {{"a", integer, 0}});
  const auto local = ours.parse();
  const auto i = theirs.integer("int", 4);
  const auto their_inner = theirs.structure("inner", 4, {{"y", i, 0}});
  const auto their_type = theirs.structure("s", 12, {{"__a", i, 0}, {"in", their_inner, 32},
                                                     {"form", theirs.ptr(i), 64}});
  const auto their_mode = theirs.enumeration("mode", 4, false, {{"A", 0}});
  const auto targets = targets_of(theirs);
  const auto ask = [&](TypeId id, std::string_view access, CoreKind kind) {
    const CoreQuery query{id, access, static_cast<std::uint32_t>(kind)};
    auto answer = relocate(std::span(&query, 1), *local, targets, ByteOrder::little).front();
    EXPECT_OK(answer);
    return answer ? *answer : CoreFixup{};
  };
  const auto expect = [&](const CoreFixup& fixup, CoreLack lack, std::string_view missing, TypeId searched) {
    EXPECT_EQ(fixup.lack, lack) << fixup.reason;
    EXPECT_EQ(fixup.missing, missing);
    EXPECT_EQ(fixup.searched, searched == TypeId{} ? std::nullopt : std::optional(CoreCandidate{0, searched}));
  };
  using enum CoreKind;
  expect(ask(type, "0:0", field_byte_offset), CoreLack::name, "a", their_type);
  expect(ask(type, "0:1:0", field_exists), CoreLack::name, "x", their_inner);
  expect(ask(type, "0:1", field_byte_offset), CoreLack::nothing, "", {});
  expect(ask(type, "0:2", field_byte_offset), CoreLack::form, "form", {});
  expect(ask(mode, "1", enumval_value), CoreLack::name, "B", their_mode);
  expect(ask(mode, "0", enumval_value), CoreLack::nothing, "", {});
  expect(ask(gone, "0:0", field_byte_offset), CoreLack::type, "gone", {});
  expect(ask(gone, "0", type_exists), CoreLack::type, "gone", {});
  expect(ask(type, "0", type_matches), CoreLack::name, "a", their_type);
  expect(ask(mode, "0", type_matches), CoreLack::form, "mode", {});
}

TEST(Nearest, TheRunningKernel) {
  if (::access("/sys/kernel/btf/vmlinux", R_OK) != 0) GTEST_SKIP() << "no BTF of a running kernel";
  const auto kernel = Btf::open("/sys/kernel/btf/vmlinux");
  ASSERT_OK(kernel);
  const CoreTargets targets({{"vmlinux", *kernel}});
  NearestNames names(targets);
  const auto task = targets.find("task_struct", Kind::Struct);
  ASSERT_FALSE(task.empty());
  EXPECT_EQ(names.find(lacks("state", task.front()), Kind::Struct), "__state");
  EXPECT_EQ(names.find(lacks("nr_threds", task.front()), Kind::Struct), "");
  EXPECT_EQ(names.find(lacks("task_strukt", {}, CoreLack::type), Kind::Struct), "task_struct");
}

}  // namespace
}  // namespace skep::btf
