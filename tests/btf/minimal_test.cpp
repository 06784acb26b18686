#include "skep/btf/minimal.hpp"

#include <algorithm>

#include <gtest/gtest.h>

#include "skep/btf/raw_format.hpp"
#include "skep/tests/support/btf_builder.hpp"
#include "skep/tests/support/result.hpp"

namespace skep::btf {
namespace {

using test::BtfBuilder;

constexpr std::uint32_t kOffset = 0, kExists = 2, kTypeId = 7, kTypeExists = 8, kSize = 9, kEnumExists = 10,
                        kEnumValue = 11, kMatches = 12;

Btf built(const BtfBuilder& builder) {
  auto btf = builder.parse();
  EXPECT_OK(btf);
  return btf ? *btf : Btf();
}

std::string raw_text(const Btf& btf) {
  std::string text;
  for (auto id = btf.first_id(); id < btf.type_count(); ++id) EXPECT_OK(append_raw(btf, TypeId{id}, text));
  return text;
}

// Answers without what says ids.
struct Answer {
  std::optional<Errc> error;
  std::uint64_t value = 0;
  bool poison = false, found = false;
  std::string missing;
  bool operator==(const Answer&) const = default;
};
std::vector<Answer> answers(std::span<const CoreQuery> queries, const Btf& local, const Btf& target) {
  std::vector<Answer> all;
  const auto fixups = relocate(queries, local, CoreTargets({{"target", target}}), target.byte_order());
  for (std::size_t i = 0; i < queries.size(); ++i) {
    const auto& fixup = fixups[i];
    if (!fixup)
      all.push_back({fixup.error().code(), 0, false, false, {}});
    else
      all.push_back({{}, queries[i].kind == kTypeId ? fixup->value != 0 : fixup->value, fixup->poison,
                     fixup->target.has_value(), fixup->missing});
  }
  return all;
}

// The minimal BTF for these queries, in which they get the answers that they get in the whole, together and alone; and
// so does each in one of its own.
Btf minimal_of(const Btf& whole, const Btf& local, const std::vector<CoreQuery>& queries) {
  MinimalBtf minimal(whole);
  const auto fixups = minimal.add(queries, local);
  EXPECT_EQ(fixups, relocate(queries, local, CoreTargets({{"target", whole}}), whole.byte_order()));
  const auto made = minimal.build();
  EXPECT_OK(made);
  if (!made) return Btf();
  EXPECT_EQ(made->byte_order(), whole.byte_order());
  EXPECT_EQ(made->pointer_size(), whole.pointer_size());
  EXPECT_EQ(answers(queries, local, *made), answers(queries, local, whole)) << raw_text(*made);
  for (const auto& query : queries)
    EXPECT_EQ(answers(std::span(&query, 1), local, *made), answers(std::span(&query, 1), local, whole));
  if (queries.size() > 1)
    for (const auto& query : queries) minimal_of(whole, local, {query});
  return *made;
}

TEST(MinimalBtf, OfNothingIsEmpty) {
  MinimalBtf minimal{Btf()};
  const auto made = minimal.build();
  ASSERT_OK(made);
  EXPECT_EQ(made->type_count(), 1u);
  EXPECT_EQ(made->raw().size(), 25u);
}

TEST(MinimalBtf, KeepsMembersOnTheWay) {
  for (const auto order : {ByteOrder::little, ByteOrder::big}) {
    BtfBuilder theirs(order);
    const auto integer = theirs.integer("int", 4, BtfBuilder::kSigned);
    const auto unused = theirs.integer("char", 1);
    const auto number = theirs.typedef_("number_t", theirs.modifier(Kind::Const, integer));
    const auto other = theirs.structure("other", 64, {{"x", integer, 0}});
    const auto pointer = theirs.ptr(other);
    const auto inner = theirs.structure("", 12, {{"fill", integer, 0}, {"wanted", number, 32}, {"next", pointer, 64}});
    const auto array = theirs.array(inner, 4, unused);
    theirs.structure("s", 100, {{"begin", unused, 0}, {"", inner, 32}, {"list", array, 128}, {"bits", integer, 515, 3}},
                     true);
    const auto whole = built(theirs);

    BtfBuilder ours(order);
    const auto i = ours.integer("int", 4, BtfBuilder::kSigned);
    const auto element = ours.structure("e", 8, {{"next", ours.ptr(TypeId::none), 0}});
    const auto list = ours.array(element, 4);
    const auto s = ours.structure("s___mine", 100, {{"wanted", i, 0}, {"list", list, 64}, {"bits", i, 500, 3}}, true);
    const auto local = built(ours);
    EXPECT_EQ(raw_text(minimal_of(whole, local, {{s, "0:0", kOffset}})),
              "[1] INT 'int' size=4 bits_offset=0 nr_bits=32 encoding=SIGNED\n"
              "[2] CONST '(anon)' type_id=1\n"
              "[3] TYPEDEF 'number_t' type_id=2\n"
              "[4] STRUCT '(anon)' size=12 vlen=1\n"
              "\t'wanted' type_id=3 bits_offset=32\n"
              "[5] STRUCT 's' size=100 vlen=1\n"
              "\t'(anon)' type_id=4 bits_offset=32\n");
    EXPECT_EQ(raw_text(minimal_of(whole, local, {{s, "0:1:3:0", kOffset}, {s, "0:2", 4}, {s, "0:2", 5}})),
              "[1] INT 'int' size=4 bits_offset=0 nr_bits=32 encoding=SIGNED\n"
              "[2] INT 'char' size=1 bits_offset=0 nr_bits=8 encoding=(none)\n"
              "[3] PTR '(anon)' type_id=0\n"
              "[4] STRUCT '(anon)' size=12 vlen=1\n"
              "\t'next' type_id=3 bits_offset=64\n"
              "[5] ARRAY '(anon)' type_id=4 index_type_id=2 nr_elems=4\n"
              "[6] STRUCT 's' size=100 vlen=2\n"
              "\t'list' type_id=5 bits_offset=128\n"
              "\t'bits' type_id=1 bits_offset=515 bitfield_size=3\n");
  }
}

TEST(MinimalBtf, PointersLeadToWhatIsAskedFor) {
  BtfBuilder theirs;
  const auto integer = theirs.integer("int", 4);
  theirs.structure("task", 16, {{"parent", TypeId{3}, 0}, {"file", TypeId{5}, 64}});
  theirs.ptr(TypeId{2});
  const auto file = theirs.structure("file", 8, {{"x", integer, 0}});
  theirs.ptr(file);
  const auto whole = built(theirs);
  BtfBuilder ours;
  const auto pointer = ours.ptr(TypeId::none);
  const auto task = ours.structure("task", 16, {{"parent", pointer, 0}, {"file", pointer, 64}});
  EXPECT_EQ(raw_text(minimal_of(whole, built(ours), {{task, "0:0", kOffset}, {task, "0:1", kOffset}})),
            "[1] STRUCT 'task' size=16 vlen=2\n"
            "\t'parent' type_id=2 bits_offset=0\n"
            "\t'file' type_id=3 bits_offset=64\n"
            "[2] PTR '(anon)' type_id=1\n"
            "[3] PTR '(anon)' type_id=0\n");
}

TEST(MinimalBtf, KeepsEnumeratorsThatAreAskedFor) {
  BtfBuilder theirs;
  theirs.enumeration("e", 4, true, {{"A", -1}, {"B", 1}, {"C", 2}});
  theirs.enum64("wide", 8, false, {{"D", 1}, {"E", 1ll << 40}});
  theirs.enumeration("other", 4, false, {{"F", 0}});
  const auto whole = built(theirs);
  BtfBuilder ours;
  const auto e = ours.enumeration("e___x", 4, true, {{"C", 7}, {"none", 8}});
  const auto wide = ours.enumeration("wide", 4, false, {{"E", 7}});
  const auto local = built(ours);
  EXPECT_EQ(raw_text(minimal_of(whole, local,
                                {{e, "0", kEnumValue}, {e, "1", kEnumExists}, {wide, "0", kEnumValue}})),
            "[1] ENUM 'e' encoding=SIGNED size=4 vlen=1\n"
            "\t'C' val=2\n"
            "[2] ENUM64 'wide' encoding=UNSIGNED size=8 vlen=1\n"
            "\t'E' val=1099511627776ULL\n");
}

TEST(MinimalBtf, WhatIsNotThereStaysSo) {
  BtfBuilder theirs;
  const auto integer = theirs.integer("int", 4);
  theirs.structure("s", 8, {{"a", integer, 0}, {"b", integer, 32}});
  theirs.typedef_("number_t", integer);
  const auto whole = built(theirs);
  BtfBuilder ours;
  const auto i = ours.integer("int", 4);
  const auto pointer = ours.ptr(TypeId::none);
  const auto s = ours.structure("s", 24, {{"gone", i, 0}, {"a", pointer, 64}, {"b", i, 128}});
  const auto gone = ours.structure("gone", 4, {{"x", i, 0}});
  const auto number = ours.typedef_("number_t", pointer);
  const auto local = built(ours);
  const auto made = minimal_of(whole, local,
                               {{s, "0:0", kExists},
                                {s, "0:1", kExists},
                                {s, "0:0", kOffset},
                                {gone, "0:0", kExists},
                                {gone, "0", kTypeExists},
                                {gone, "0", kSize},
                                {number, "0", kTypeExists},
                                {s, "0", kMatches}});
  EXPECT_FALSE(made.find("b"));
  EXPECT_TRUE(made.find("s", Kind::Struct));  // as a structure that lacks the member, so that messages stay true
}

// Whoever reads the first `x` finds that it is of another kind; without it the second would be found.
TEST(MinimalBtf, TheFirstOfANameStaysTheFirst) {
  BtfBuilder theirs;
  const auto integer = theirs.integer("int", 4);
  const auto pointer = theirs.ptr(TypeId::none);
  const auto a = theirs.structure("a", 16, {{"x", pointer, 0}, {"only_a", integer, 64}});
  const auto b = theirs.structure("b", 16, {{"x", integer, 0}, {"only_b", integer, 64}});
  theirs.structure("s", 32, {{"", a, 0}, {"", b, 128}});
  const auto whole = built(theirs);
  BtfBuilder ours;
  const auto i = ours.integer("int", 4);
  const auto s = ours.structure("s", 16, {{"x", i, 0}, {"only_a", i, 32}, {"only_b", i, 64}});
  const auto other = ours.structure("b", 4, {{"x", i, 0}});
  minimal_of(whole, built(ours),
             {{s, "0:0", kOffset}, {s, "0:1", kOffset}, {s, "0:2", kOffset}, {other, "0:0", kOffset}});
}

TEST(MinimalBtf, AnArrayOfNoElementsBecomesNoFlexibleOne) {
  for (const bool last : {false, true}) {
    BtfBuilder theirs;
    const auto integer = theirs.integer("int", 4);
    const auto array = theirs.array(integer, 0);
    std::vector<BtfBuilder::Member> members{{"begin", integer, 0}, {"list", array, 32}};
    if (!last) members.insert(members.end(), {{"middle", integer, 32}, {"end", integer, 64}});
    theirs.structure("s", 12, members);
    const auto whole = built(theirs);
    BtfBuilder ours;
    const auto list = ours.array(ours.integer("int", 4), 4);
    const auto s = ours.structure("s", 16, {{"list", list, 0}});
    const auto made = minimal_of(whole, built(ours), {{s, "0:0:2", kOffset}});
    const auto kept = made.get<Composite>(*made.find("s"));
    ASSERT_OK(kept);
    EXPECT_EQ(kept->members.size(), last ? 1u : 2u);
  }
}

TEST(MinimalBtf, TypesAreComparedAsBefore) {
  BtfBuilder theirs;
  const auto integer = theirs.integer("int", 4);
  const auto task = theirs.structure("task", 8, {{"a", integer, 0}, {"b", integer, 32}});
  const auto pointer = theirs.ptr(task);
  const auto function = theirs.proto(integer, {{"t", pointer}, {"n", integer}});
  theirs.typedef_("call_t", theirs.ptr(function));
  const auto inner = theirs.structure("", 8, {{"x", integer, 0}, {"y", integer, 32}});
  theirs.structure("outer", 32, {{"u", integer, 0}, {"", inner, 64}, {"t", pointer, 128}, {"v", integer, 192}});
  const auto whole = built(theirs);
  BtfBuilder ours;
  const auto i = ours.integer("int", 4);
  const auto t = ours.structure("task", 0, {});
  const auto p = ours.ptr(t);
  const auto call = ours.typedef_("call_t", ours.ptr(ours.proto(i, {{"", p}, {"", i}})));
  const auto wrong = ours.typedef_("call_t", ours.ptr(ours.proto(i, {{"", i}, {"", i}})));
  // Two that both match the one nameless member of the target.
  const auto x = ours.structure("", 4, {{"x", i, 0}}), y = ours.structure("", 4, {{"y", i, 0}});
  const auto outer = ours.structure("outer", 24, {{"", x, 0}, {"", y, 32}, {"t", p, 64}});
  const auto local = built(ours);
  const auto made = minimal_of(whole, local,
                               {{call, "0", kTypeExists},
                                {call, "0", kMatches},
                                {wrong, "0", kTypeExists},
                                {wrong, "0", kMatches},
                                {outer, "0", kMatches},
                                {outer, "0", kSize},
                                {outer, "0", kTypeId}});
  const auto kept = made.get<Composite>(*made.find("outer"));
  ASSERT_OK(kept);
  EXPECT_EQ(kept->size, 32u);
  EXPECT_EQ(kept->members.size(), 3u);  // as many as the local type has; "v" is not one of them
  EXPECT_EQ(made.get<Composite>(*made.find("task"))->members.size(), 0u);
}

// Which candidate counts depends on what is asked together; what is ambiguous stays it.
TEST(MinimalBtf, KeepsAllCandidates) {
  BtfBuilder theirs;
  const auto integer = theirs.integer("int", 4);
  theirs.structure("s", 8, {{"a", integer, 0}});
  theirs.structure("s___2", 12, {{"a", integer, 32}, {"b", integer, 64}});
  theirs.structure("s___3", 12, {{"b", integer, 64}});
  const auto whole = built(theirs);
  BtfBuilder ours;
  const auto i = ours.integer("int", 4);
  const auto s = ours.structure("s", 12, {{"a", i, 0}, {"b", i, 32}, {"c", i, 64}});
  minimal_of(whole, built(ours), {{s, "0:0", kOffset}, {s, "0:1", kOffset}, {s, "0:2", kOffset}});
}

TEST(MinimalBtf, PointersOf32BitKernelsKeepTheirSize) {
  BtfBuilder theirs;
  theirs.integer("long int", 4, BtfBuilder::kSigned);
  const auto array = theirs.array(theirs.ptr(TypeId::none), 8, theirs.integer("unsigned int", 4));
  theirs.structure("s", 32, {{"list", array, 0}});
  const auto whole = built(theirs);
  ASSERT_EQ(whole.pointer_size(), 4u);
  BtfBuilder ours;
  const auto list = ours.array(ours.ptr(TypeId::none), 8);
  const auto s = ours.structure("s", 64, {{"list", list, 0}});
  minimal_of(whole, built(ours), {{s, "0:0:3", kOffset}, {s, "0:0", 1}});
}

TEST(MinimalBtf, ErrorsStayErrors) {
  BtfBuilder theirs;
  const auto integer = theirs.integer("int", 4);
  auto deep = theirs.structure("", 4, {{"a", integer, 0}});
  for (int i = 0; i < 70; ++i) deep = theirs.structure("", 4, {{"", deep, 0}});
  theirs.structure("s", 4, {{"", deep, 0}});
  theirs.structure("wide", 1024, {{"bits", theirs.array(integer, 3), 0, 3}}, true);
  const auto whole = built(theirs);
  BtfBuilder ours;
  const auto i = ours.integer("int", 4);
  const auto s = ours.structure("s", 4, {{"a", i, 0}});
  const auto wide = ours.structure("wide", 1024, {{"bits", ours.array(i, 3), 0}});
  const auto nameless = ours.structure("", 4, {{"a", i, 0}});
  const auto local = built(ours);
  const std::vector<CoreQuery> queries{{s, "0:0", kOffset}, {wide, "0:0", kOffset}, {nameless, "0:0", kOffset},
                                       {s, "0:7", kOffset}, {s, "0:0", 99}};
  for (const auto& answer : answers(queries, local, whole)) EXPECT_TRUE(answer.error);
  minimal_of(whole, local, queries);
}

TEST(MinimalBtf, DependsOnNoOrder) {
  BtfBuilder theirs;
  const auto integer = theirs.integer("int", 4);
  for (const char* name : {"s", "s___2", "t", "u"})
    theirs.structure(name, 12, {{"a", integer, 0}, {"b", integer, 32}, {"c", integer, 64}});
  const auto whole = built(theirs);
  BtfBuilder ours;
  const auto i = ours.integer("int", 4);
  std::vector<CoreQuery> queries;
  for (const char* name : {"s", "t", "u"}) {
    const auto type = ours.structure(name, 12, {{"c", i, 0}, {"a", i, 32}});
    queries.insert(queries.end(), {{type, "0:0", kOffset}, {type, "0:1", kExists}});
  }
  const auto local = built(ours);
  MinimalBtf together(whole), apart(whole);
  (void)together.add(queries, local);
  std::reverse(queries.begin(), queries.end());
  for (const auto& query : queries) (void)apart.add(std::span(&query, 1), local);
  EXPECT_EQ(*together.build(), *apart.build());
}

TEST(MinimalBtf, RefusesSplitBtf) {
  BtfBuilder base;
  base.integer("int", 4);
  const auto kernel = built(base);
  BtfBuilder module(kernel);
  module.structure("s", 4, {{"a", TypeId{1}, 0}});
  const auto split = module.parse(kernel);
  ASSERT_OK(split);
  EXPECT_EQ(test::message(MinimalBtf(*split).build()), "split BTF; its base is needed as well");
}

}  // namespace
}  // namespace skep::btf
