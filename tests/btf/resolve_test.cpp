// strip() and size_of(), and that neither follows circles.
#include <gtest/gtest.h>

#include "skep/btf/btf.hpp"
#include "skep/tests/support/btf_builder.hpp"
#include "skep/tests/support/result.hpp"

namespace skep::btf {
namespace {

using test::BtfBuilder;

TEST(Resolve, Sizes) {
  BtfBuilder b;
  const auto word = b.integer("int", 4);
  const auto row = b.array(word, 6);
  const auto grid = b.array(b.typedef_("row", row), 3);
  const auto section = b.datasec(".data", 72, {});
  const std::pair<TypeId, std::uint64_t> sized[] = {
      {word, 4},
      {b.ptr(TypeId::none), 8},
      {row, 24},
      {grid, 72},
      {b.array(word, 0), 0},
      {b.array(b.array(word, 0x10000), 0x10000), 0x400000000},
      {b.structure("s", 100, {}), 100},
      {b.enumeration("e", 1, false, {}), 1},
      {b.enum64("e64", 8, false, {}), 8},
      {b.floating("float", 4), 4},
      {b.modifier(Kind::Const, b.modifier(Kind::Volatile, grid)), 72},
      {b.var("v", grid), 72},
      {section, 72},
  };
  const auto proto = b.proto(word, {});
  const auto function = b.func("f", proto);
  const auto forward = b.record(7, "later", 0, false, 0);
  const auto alias = b.typedef_("later_t", forward);
  const auto tag = b.decl_tag("tag", word);
  const auto btf = *b.parse();
  for (const auto& [id, size] : sized) {
    const auto got = btf.size_of(id);
    ASSERT_OK(got);
    EXPECT_EQ(*got, size) << number(id);
  }
  for (const auto id : {TypeId::none, proto, function, forward, alias, tag}) {
    const auto got = btf.size_of(id);
    ASSERT_FALSE(got);
    EXPECT_EQ(got.error().code(), Errc::invalid);
  }
  EXPECT_EQ(test::message(btf.size_of(alias)), fmt::format("type {} FWD \"later\" has no size", number(forward)));
  EXPECT_EQ(test::message(btf.size_of(TypeId::none)), "void has no size");
  EXPECT_EQ(btf.size_of(TypeId{1000}).error().code(), Errc::not_found);
  EXPECT_EQ(btf.strip(TypeId{1000}).error().code(), Errc::not_found);
}

TEST(Resolve, ArraysThatOverflow) {
  BtfBuilder b;
  const auto word = b.integer("int", 4);
  auto nested = word;
  for (int i = 0; i < 2; ++i) nested = b.array(nested, 0x80000000);
  const auto bytes = nested;
  const auto count = b.array(nested, 0x80000000);
  const auto btf = *b.parse();
  EXPECT_EQ(test::message(btf.size_of(bytes)), "type 3: array of more than 2^64 bytes");
  EXPECT_EQ(test::message(btf.size_of(count)), "type 4: array of more than 2^64 elements");
}

TEST(Resolve, Circles) {
  BtfBuilder b;
  const auto self = b.typedef_("self", TypeId{1});
  const auto tick = b.modifier(Kind::Const, TypeId{3});
  const auto tock = b.modifier(Kind::Volatile, tick);
  const auto array = b.array(TypeId{4}, 1);
  const auto variable = b.var("v", TypeId{5});
  const auto btf = *b.parse();
  for (const auto id : {self, tick, tock, array, variable})
    EXPECT_EQ(test::message(btf.size_of(id)), fmt::format("type {}: more than 32 levels, or a cycle", number(id)));
  for (const auto id : {self, tick, tock})
    EXPECT_EQ(test::message(btf.strip(id)), fmt::format("type {}: more than 32 levels, or a cycle", number(id)));
  EXPECT_EQ(*btf.strip(array), array);
}

TEST(Resolve, DepthHasAnEnd) {
  BtfBuilder b;
  auto id = b.integer("int", 4);
  for (int i = 0; i < kMaxDepth; ++i) id = b.typedef_(fmt::format("t{}", i), id);
  const auto deeper = b.typedef_("too_deep", id);
  const auto btf = *b.parse();
  EXPECT_EQ(*btf.strip(id), TypeId{1});
  EXPECT_EQ(*btf.size_of(id), 4u);
  EXPECT_FALSE(btf.strip(deeper));
  EXPECT_FALSE(btf.size_of(deeper));
}

TEST(Resolve, AModifierOfABadTypeIsAnError) {
  BtfBuilder b;
  const auto id = b.typedef_("t", TypeId{50});
  const auto btf = *b.parse();
  EXPECT_EQ(test::message(btf.strip(id)), "type 1 TYPEDEF: refers to type 50, there are 2");
  EXPECT_EQ(test::message(btf.size_of(id)), "type 1 TYPEDEF: refers to type 50, there are 2");
}

TEST(Resolve, PointersAreAsWideAsALong) {
  for (const auto* name : {"long int", "long unsigned int", "long", "unsigned long"}) {
    BtfBuilder b;
    b.integer("long long int", 8);
    b.integer(name, 4);
    const auto pointer = b.ptr(TypeId::none);
    const auto btf = *b.parse();
    EXPECT_EQ(btf.pointer_size(), 4u);
    EXPECT_EQ(*btf.size_of(pointer), 4u);
    BtfBuilder m(btf);
    m.ptr(TypeId::none);
    EXPECT_EQ(m.parse(btf)->pointer_size(), 4u);
  }
  BtfBuilder b;
  b.integer("long int", 8);
  EXPECT_EQ(b.parse()->pointer_size(), 8u);
}

}  // namespace
}  // namespace skep::btf
