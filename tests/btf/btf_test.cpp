// Looking things up: by id and name, over a base, from several threads.
#include "skep/btf/btf.hpp"

#include <filesystem>
#include <thread>

#include <gtest/gtest.h>

#include "skep/base/file.hpp"
#include "skep/tests/support/btf_builder.hpp"
#include "skep/tests/support/result.hpp"

namespace skep::btf {
namespace {

using test::BtfBuilder;

TEST(Btf, EmptyHasNothing) {
  const Btf none;
  EXPECT_EQ(none.type_count(), 1u);
  EXPECT_EQ(none.first_id(), 1u);
  EXPECT_TRUE(none.raw().empty());
  EXPECT_FALSE(none.find("int"));
  EXPECT_FALSE(none.find("void"));
  EXPECT_TRUE(none.find_all("").empty());
  EXPECT_TRUE(none.tags_of(TypeId{1}).empty());
  EXPECT_EQ(none.string(0), "");
  EXPECT_OK(none.type(TypeId::none));
  EXPECT_FALSE(none.type(TypeId{1}));
  EXPECT_EQ(*none.strip(TypeId::none), TypeId::none);
  EXPECT_EQ(none.pointer_size(), 8u);
  EXPECT_TRUE(none == Btf());
}

TEST(Btf, FindsByNameAndKind) {
  BtfBuilder b;
  const auto word = b.integer("int", 4);
  const auto tag = b.structure("same", 4, {});
  const auto alias = b.typedef_("same", tag);
  const auto func = b.func("same", b.proto(word, {}));
  b.structure("", 4, {});
  const auto btf = *b.parse();
  EXPECT_EQ(btf.find("int"), word);
  EXPECT_EQ(btf.find("same"), tag);
  EXPECT_EQ(btf.find("same", Kind::Typedef), alias);
  EXPECT_EQ(btf.find("same", Kind::Func), func);
  EXPECT_EQ(btf.find("same", Kind::Union), std::nullopt);
  EXPECT_EQ(btf.find_all("same"), (std::vector{tag, alias, func}));
  EXPECT_FALSE(btf.find("sam"));
  EXPECT_FALSE(btf.find("same2"));
  // What has no name is not found by it, and neither is void.
  EXPECT_FALSE(btf.find(""));
  EXPECT_FALSE(btf.find("void"));
}

TEST(Btf, CopiesShareTheirBytesAndOutliveEachOther) {
  BtfBuilder b;
  b.integer("int", 4);
  std::string_view name;
  Btf copy;
  {
    const auto original = *b.parse();
    copy = original;
    name = original.name(TypeId{1});
    EXPECT_EQ(copy.raw().data(), original.raw().data());
  }
  EXPECT_EQ(name, "int");
  EXPECT_TRUE(copy == *b.parse());
  b.integer("long", 8);
  EXPECT_FALSE(copy == *b.parse());
}

class Split : public testing::TestWithParam<ByteOrder> {};
INSTANTIATE_TEST_SUITE_P(Orders, Split, testing::Values(ByteOrder::little, ByteOrder::big),
                         [](const auto& param) { return std::string(to_string(param.param)); });

TEST_P(Split, GoesOnFromItsBase) {
  BtfBuilder b(GetParam());
  const auto word = b.integer("int", 4);
  const auto thing = b.structure("thing", 4, {{"x", word, 0}});
  b.decl_tag("base tag", thing);
  const auto base = *b.parse();

  BtfBuilder m(base);
  const auto pointer = m.ptr(thing);
  const auto own = m.structure("thing", 8, {{"p", pointer, 0}});
  const auto alias = m.typedef_("module_thing", own);
  const auto tag = m.decl_tag("module tag", thing);
  const auto parsed = m.parse(base);
  ASSERT_OK(parsed);
  const auto& btf = *parsed;

  EXPECT_EQ(btf.first_id(), base.type_count());
  EXPECT_EQ(btf.type_count(), base.type_count() + 4);
  EXPECT_EQ(number(pointer), base.type_count());
  EXPECT_EQ(btf.name(word), "int");
  EXPECT_EQ(btf.name(alias), "module_thing");
  EXPECT_EQ(btf.get<Ptr>(pointer)->type, thing);
  EXPECT_EQ(btf.get<Composite>(own)->members.at(0).name, "p");
  EXPECT_EQ(btf.find("int"), word);
  // Own types come first, yet all are found in order.
  EXPECT_EQ(btf.find("thing"), own);
  EXPECT_EQ(btf.find("thing", Kind::Struct), own);
  EXPECT_EQ(btf.find_all("thing"), (std::vector{thing, own}));
  EXPECT_EQ(btf.tags_of(thing).size(), 2u);
  EXPECT_EQ(btf.tags_of(thing).back(), tag);
  EXPECT_EQ(*btf.size_of(own), 8u);
  EXPECT_EQ(*btf.size_of(thing), 4u);
  // A type of the base means the base's types only.
  EXPECT_FALSE(base.type(pointer));
  EXPECT_TRUE(btf == *m.parse(base));
  EXPECT_FALSE(btf == base);
  EXPECT_FALSE(base == btf);
}

TEST(SplitBtf, MayHaveNoStringsOfItsOwn) {
  BtfBuilder b;
  const auto word = b.integer("int", 4);
  const auto base = *b.parse();
  BtfBuilder m(base);
  m.ptr(word);
  EXPECT_OK(m.parse(base));
  // Without the base the same bytes are refused.
  EXPECT_EQ(test::message(m.parse()), "no strings");
}

// Some tools begin the strings of split BTF with NUL, as those of a whole one do: the base alone makes it split.
TEST(SplitBtf, MayBeginItsStringsWithNul) {
  test::BtfBuilder low;
  low.integer("int", 4);
  const auto base = *low.parse();
  test::BtfBuilder high(base);
  high.string(std::string_view("\0", 1));
  high.ptr(TypeId{1});
  high.structure("mine", 8, {{"p", TypeId{2}, 0}});
  const auto split = high.parse(base);
  ASSERT_OK(split);
  EXPECT_EQ(split->first_id(), 2u);
  EXPECT_EQ(split->name(TypeId{3}), "mine");
  EXPECT_EQ(split->name(TypeId{1}), "int");
}

TEST(SplitBtf, HasTheByteOrderOfItsBase) {
  BtfBuilder b(ByteOrder::big);
  b.integer("int", 4);
  const auto base = *b.parse();
  EXPECT_EQ(test::message(BtfBuilder(ByteOrder::little).parse(base)), "little-endian BTF on a big-endian base");
}

TEST(Btf, ThreadsMayAskForTheFirstTimeTogether) {
  BtfBuilder b;
  const auto word = b.integer("int", 4);
  for (int i = 0; i < 1000; ++i) b.typedef_(fmt::format("t{}", i), word);
  b.decl_tag("tag", word);
  const auto btf = *b.parse();
  std::vector<std::thread> threads;
  std::atomic<int> found = 0;
  for (int i = 0; i < 8; ++i) {
    threads.emplace_back([&, copy = btf] {
      for (int k = 0; k < 1000; ++k) found += copy.find(fmt::format("t{}", k)) == TypeId(k + 2);
      found += static_cast<int>(copy.tags_of(word).size()) + static_cast<int>(copy.pointer_size());
    });
  }
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(found, 8 * (1000 + 1 + 8));
}

TEST(Btf, OpensFiles) {
  const auto path = (std::filesystem::temp_directory_path() / fmt::format("skep-btf-{}", ::getpid())).string();
  BtfBuilder b;
  b.integer("int", 4);
  ASSERT_OK(write_file(path, b.build()));
  const auto btf = Btf::open(path);
  EXPECT_OK(btf);
  BtfBuilder m(*btf);
  m.ptr(TypeId{1});
  ASSERT_OK(write_file(path, m.build()));
  EXPECT_OK(Btf::open(path, *btf));
  ASSERT_OK(write_file(path, as_bytes("no BTF, but long enough to be it")));
  EXPECT_EQ(test::message(Btf::open(path)), path + ": offset 0: not BTF (no magic 0xeb9f)");
  std::filesystem::remove(path);
  EXPECT_EQ(test::message(Btf::open(path)), "open " + path + ": No such file or directory (errno 2)");
}

}  // namespace
}  // namespace skep::btf
