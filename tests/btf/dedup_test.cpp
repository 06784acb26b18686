// Deduplication: by hand where the rules are, against libbpf over everything that clang wrote.
#include <bpf/btf.h>
#include <unistd.h>

#include <gtest/gtest.h>

#include "skep/btf/build.hpp"
#include "skep/tests/support/btf_builder.hpp"
#include "skep/tests/support/btf_objects.hpp"
#include "skep/tests/support/libbpf.hpp"
#include "skep/tests/support/result.hpp"
#include "skep/tests/support/temporary_file.hpp"

namespace skep::btf {
namespace {

using test::BtfBuilder;

struct FreeBtf {
  void operator()(struct btf* btf) const { SKEP_LIBBPF(btf__free)(btf); }
};
using TheirBtf = std::unique_ptr<struct btf, FreeBtf>;

// What libbpf makes of the same BTF.
Result<Btf> by_libbpf(const Btf& from, const Btf* base = nullptr) {
  const auto read = [](const Btf& btf, struct btf* low) {
    // libbpf 1.1 declares btf__new_split, but does not have it.
    const test::TemporaryFile file(".btf", btf.raw());
    return TheirBtf(low ? SKEP_LIBBPF(btf__parse_raw_split)(file.path().c_str(), low)
                        : SKEP_LIBBPF(btf__parse_raw)(file.path().c_str()));
  };
  const auto low = base ? read(*base, nullptr) : nullptr;
  const auto copy = read(from, low.get());
  if (!copy) return fail(Errc::malformed, "libbpf does not read it");
  if (SKEP_LIBBPF(btf__dedup)(copy.get(), nullptr) != 0) return fail(Errc::malformed, "libbpf refuses it");
  std::uint32_t length = 0;
  const auto* bytes = static_cast<const std::byte*>(SKEP_LIBBPF(btf__raw_data)(copy.get(), &length));
  std::vector<std::byte> out(bytes, bytes + length);
  return base ? Btf::parse(std::move(out), *base) : Btf::parse(std::move(out));
}

// Several BTFs one behind the other.
Builder joined(const std::vector<Btf>& parts) {
  Builder builder;
  for (const auto& part : parts) EXPECT_OK(builder.append(part));
  return builder;
}

// Deduplicates, holds the result against libbpf's, and gives it.
Btf deduplicated(Builder builder) {
  const auto before = builder.build();
  EXPECT_OK(before);
  const auto ids = builder.deduplicate();
  EXPECT_OK(ids);
  const auto after = builder.build();
  EXPECT_OK(after);
  if (!before || !ids || !after) return {};
  EXPECT_EQ(ids->size(), before->type_count());
  for (const auto id : *ids) EXPECT_LT(number(id), after->type_count());
  if (test::Libbpf::get()) {
    const auto theirs = by_libbpf(*before);
    EXPECT_OK(theirs);
    if (theirs) {
      EXPECT_TRUE(test::same_types(*theirs, *after));
    }
  }
  return *after;
}

TEST(Dedup, ObjectsAsClangWroteThem) {
  for (const auto& [path, btf] : test::all_btf()) {
    SCOPED_TRACE(path);
    const auto once = deduplicated(joined({btf}));
    // Twice the same adds only what is never merged.
    std::uint32_t kept = 0;
    for (std::uint32_t id = 1; id < btf.type_count(); ++id) {
      const auto kind = btf.kind(TypeId{id});
      kept += kind == Kind::Var || kind == Kind::Datasec;
      if (kind == Kind::DeclTag && btf.kind(btf.get<DeclTag>(TypeId{id})->type) == Kind::Var) ++kept;
    }
    const auto twice = deduplicated(joined({btf, btf}));
    EXPECT_EQ(twice.type_count(), once.type_count() + kept);
  }
}

TEST(Dedup, AllObjectsTogether) {
  std::vector<Btf> parts;
  std::uint32_t total = 0;
  for (const auto& [path, btf] : test::all_btf()) {
    parts.push_back(btf);
    total += btf.type_count();
    if (parts.size() % 10 == 0) deduplicated(joined(parts));
  }
  EXPECT_LT(deduplicated(joined(parts)).type_count(), total / 3 * 2);
}

TEST(Dedup, TheKernelWithAllObjects) {
  constexpr const char* kPath = "/sys/kernel/btf/vmlinux";
  if (::access(kPath, R_OK) != 0) GTEST_SKIP() << kPath << " cannot be read: no BTF of a running kernel";
  const auto kernel = Btf::open(kPath);
  ASSERT_OK(kernel);
  const auto all = test::all_btf();
  Builder builder;
  ASSERT_OK(builder.append(*kernel));
  const auto before = builder.type_count();
  ASSERT_OK(builder.deduplicate());
  const auto alone = builder.type_count();
  EXPECT_GT(alone, before / 100 * 99);
  for (const auto& [path, btf] : all) ASSERT_OK(builder.append(btf));
  deduplicated(builder);
}

TEST(Dedup, GivesTheNewIds) {
  BtfBuilder source;
  const auto number = source.integer("int", 4);
  const auto same = source.integer("int", 4);
  const auto pointer = source.ptr(same);
  Builder builder = joined({*source.parse()});
  const auto ids = builder.deduplicate();
  ASSERT_OK(ids);
  EXPECT_EQ((*ids), (std::vector{TypeId::none, number, number, TypeId{2}}));
  EXPECT_EQ(builder.build()->get<Ptr>((*ids)[btf::number(pointer)])->type, number);
}

TEST(Dedup, CirclesOfStructures) {
  BtfBuilder unit;
  const auto number = unit.integer("int", 4);
  const auto list = TypeId{3}, tree = TypeId{5};
  const auto to_list = unit.ptr(list);
  unit.structure("list", 24, {{"next", to_list, 0}, {"tree", TypeId{4}, 64}, {"n", number, 128}});
  unit.ptr(tree);
  unit.structure("tree", 16, {{"left", TypeId{4}, 0}, {"all", to_list, 64}});
  const auto btf = *unit.parse();
  EXPECT_EQ(deduplicated(joined({btf, btf, btf})).type_count(), 6u);

  // One that differs far inside of the circle is another.
  BtfBuilder other;
  const auto wide = other.integer("int", 8);
  const auto pointer = other.ptr(list);
  other.structure("list", 24, {{"next", pointer, 0}, {"tree", TypeId{4}, 64}, {"n", wide, 128}});
  other.ptr(tree);
  other.structure("tree", 16, {{"left", TypeId{4}, 0}, {"all", pointer, 64}});
  EXPECT_EQ(deduplicated(joined({btf, *other.parse()})).type_count(), 11u);
}

// Two compilation units: one knows the structure, the other only that there is one.
TEST(Dedup, ForwardDeclarations) {
  BtfBuilder knows;
  const auto number = knows.integer("int", 4);
  const auto full = knows.structure("full", 4, {{"n", number, 0}});
  const auto pointer = knows.ptr(full);
  knows.structure("user", 8, {{"p", pointer, 0}});
  BtfBuilder heard;
  heard.record(7, "full", 0, false, 0);
  heard.ptr(TypeId{1});
  heard.structure("user", 8, {{"p", TypeId{2}, 0}});
  heard.record(7, "full", 0, true, 0);  // of a union: something else
  heard.ptr(TypeId{4});
  heard.record(7, "nowhere", 0, false, 0);
  heard.ptr(TypeId{6});
  for (const auto& order : {std::vector{*knows.parse(), *heard.parse()}, std::vector{*heard.parse(), *knows.parse()}}) {
    const auto btf = deduplicated(joined(order));
    EXPECT_EQ(btf.type_count(), 9u);
    EXPECT_EQ(btf.find_all("full").size(), 2u);
    EXPECT_EQ(btf.find_all("user").size(), 1u);
  }
}

// No structure says which one is meant, but there is only one of that name.
TEST(Dedup, ForwardDeclarationsByNameAlone) {
  BtfBuilder one;
  const auto number = one.integer("int", 4);
  one.structure("a", 4, {{"n", number, 0}});
  one.structure("b", 4, {{"n", number, 0}});
  one.structure("b", 4, {{"m", number, 0}});
  BtfBuilder two;
  two.record(7, "a", 0, false, 0);
  two.ptr(TypeId{1});
  two.record(7, "b", 0, false, 0);
  two.ptr(TypeId{3});
  const auto btf = deduplicated(joined({*one.parse(), *two.parse()}));
  EXPECT_FALSE(btf.find("a", Kind::Fwd));
  EXPECT_TRUE(btf.find("b", Kind::Fwd));
}

TEST(Dedup, EnumerationsByNameAlone) {
  BtfBuilder source;
  source.enumeration("e", 4, false, {});
  source.enumeration("e", 4, false, {{"A", 1}});
  source.enumeration("e", 4, false, {{"A", 1}});
  source.enumeration("e", 4, false, {{"A", 2}});
  source.enum64("e", 8, false, {});
  source.enum64("f", 8, false, {{"B", 1}});
  source.enum64("f", 8, false, {{"B", 1}});
  source.enum64("f", 8, false, {{"B", std::int64_t{1} << 32}});
  source.ptr(TypeId{1});
  EXPECT_EQ(deduplicated(joined({*source.parse()})).type_count(), 6u);
}

// clang writes "enum e;" with no bytes at all.
TEST(Dedup, EnumerationsThatAreOnlyDeclared) {
  BtfBuilder knows;
  const auto full = knows.enumeration("e", 4, false, {{"A", 1}});
  knows.structure("user", 8, {{"p", knows.ptr(full), 0}});
  knows.enum64("wide", 8, false, {{"B", std::int64_t{1} << 40}});
  BtfBuilder heard;
  const auto declared = heard.enumeration("e", 0, false, {});
  heard.structure("user", 8, {{"p", heard.ptr(declared), 0}});
  heard.enumeration("wide", 0, false, {});
  heard.enumeration("never", 0, false, {});
  heard.enumeration("never", 0, false, {});
  for (const auto& order : {std::vector{*knows.parse(), *heard.parse()}, std::vector{*heard.parse(), *knows.parse()}}) {
    const auto btf = deduplicated(joined(order));
    EXPECT_EQ(btf.type_count(), 6u);
    EXPECT_EQ(*btf.size_of(*btf.find("e", Kind::Enum)), 4u);
    EXPECT_FALSE(btf.find("wide", Kind::Enum));
  }
}

TEST(Dedup, EveryKindOfReference) {
  BtfBuilder source;
  for (int i = 0; i < 2; ++i) {
    const auto number = source.integer("int", 4);
    source.floating("float", 4);
    const auto array = source.array(number, 3, number);
    for (const auto kind : {Kind::Const, Kind::Volatile, Kind::Restrict}) source.modifier(kind, array);
    source.typedef_("t", array);
    source.modifier(Kind::TypeTag, number, "user");
    const auto proto = source.proto(number, {{"a", array}, {"", TypeId::none}});
    const auto func = source.func("f", proto);
    source.func("f", proto, 0);
    source.decl_tag("tag", func, 0);
    source.decl_tag("tag", func, 1);
    const auto var = source.var("v", number);
    source.decl_tag("tag", var);
    source.datasec(".data", 4, {{var, 0, 4}});
  }
  // Variables, what is said of them, and their sections are there twice.
  EXPECT_EQ(deduplicated(joined({*source.parse()})).type_count(), 1u + 16 + 3);
}

// Compilers write some types twice in one unit; a structure that uses both is still the one that uses the same twice.
TEST(Dedup, TypesThatACompilerWroteTwice) {
  BtfBuilder once;
  const auto number = once.integer("int", 4);
  const auto array = once.array(number, 2, number);
  once.structure("s", 16, {{"a", array, 0}, {"b", array, 64}});
  BtfBuilder twice;
  const auto again = twice.integer("int", 4);
  twice.array(again, 2, again);
  twice.array(again, 2, again);
  twice.structure("s", 16, {{"a", TypeId{2}, 0}, {"b", TypeId{3}, 64}});
  EXPECT_EQ(deduplicated(joined({*once.parse(), *twice.parse()})).type_count(), 4u);
}

// libbpf 1.1 gives up on it; later ones treat a typedef as they treat structures.
TEST(Dedup, TypedefsThatReferToThemselves) {
  BtfBuilder source;
  const auto number = source.integer("int", 4);
  const auto name = TypeId{4};
  const auto proto = source.proto(number, {{"self", name}});
  const auto pointer = source.ptr(proto);
  source.typedef_("callback", pointer);
  Builder builder = joined({*source.parse(), *source.parse()});
  ASSERT_OK(builder.deduplicate());
  EXPECT_EQ(builder.type_count(), 5u);
}

TEST(Dedup, OnABase) {
  BtfBuilder low;
  const auto number = low.integer("int", 4);
  low.record(7, "later", 0, false, 0);
  low.ptr(TypeId{2});
  low.structure("known", 8, {{"p", TypeId{3}, 0}});
  const auto base = *low.parse();
  BtfBuilder high(base);
  const auto same = high.integer("int", 4);
  high.ptr(same);
  const auto later = high.structure("later", 4, {{"n", same, 0}});
  const auto pointer = high.ptr(later);
  high.structure("known", 8, {{"p", pointer, 0}});
  high.var("v", same);
  const auto split = *high.parse(base);
  Builder builder(base);
  ASSERT_OK(builder.append(split));
  const auto ids = builder.deduplicate();
  ASSERT_OK(ids);
  const auto after = builder.build();
  ASSERT_OK(after);
  EXPECT_EQ((*ids)[btf::number(same)], number);
  EXPECT_EQ((*ids)[btf::number(number)], number);
  EXPECT_FALSE(after->find_all("later").empty());
  if (!test::Libbpf::get()) GTEST_SKIP() << "no libbpf.so.1 to compare with";
  const auto theirs = by_libbpf(split, &base);
  ASSERT_OK(theirs);
  EXPECT_TRUE(test::same_types(*theirs, *after));
}

TEST(Dedup, CirclesWithoutAStructureAreRefused) {
  BtfBuilder source;
  source.ptr(TypeId{2});
  source.modifier(Kind::Const, TypeId{1});
  Builder builder = joined({*source.parse()});
  EXPECT_EQ(test::message(builder.deduplicate()), "type 2 CONST is part of a circle without a structure");
  EXPECT_EQ(builder.type_count(), 3u);
  EXPECT_OK(builder.encode());
}

// Thousands of structures of one shape, each of which differs only at the end of a long chain.
TEST(Dedup, LookAlikesTakeNoForever) {
  BtfBuilder source;
  const auto number = source.integer("int", 4);
  constexpr std::uint32_t kUnits = 1000, kLength = 8;
  for (std::uint32_t unit = 0; unit < kUnits; ++unit) {
    auto inner = source.structure("", unit + 1, {{"n", number, 0}});
    for (std::uint32_t i = 0; i < kLength; ++i) inner = source.structure("s", 8, {{"p", source.ptr(inner), 0}});
  }
  Builder builder = joined({*source.parse()});
  const auto before = builder.type_count();
  const auto ids = builder.deduplicate();
  EXPECT_EQ(builder.type_count(), before) << test::message(ids);
}

// One name for all of them: each is compared with each, until there were enough.
TEST(Dedup, EnumerationsOfOneNameTakeNoForever) {
  BtfBuilder source;
  constexpr std::uint32_t kTypes = 100'000;
  for (std::uint32_t i = 0; i < kTypes; ++i) source.enumeration("e", 4, false, {{"", i}});
  Builder builder = joined({*source.parse()});
  EXPECT_NE(test::message(builder.deduplicate()).find("100001 types look so alike"), std::string::npos);
  EXPECT_EQ(builder.type_count(), kTypes + 1);
}

TEST(Dedup, LongChains) {
  constexpr std::uint32_t kTypes = 100'000;
  BtfBuilder source;
  source.integer("int", 4);
  for (std::uint32_t i = 1; i < kTypes; ++i) source.ptr(i + 1 < kTypes ? TypeId{i + 2} : TypeId{1});
  source.structure("s", 8, {{"p", TypeId{2}, 0}});
  Builder builder = joined({*source.parse(), *source.parse()});
  ASSERT_OK(builder.deduplicate());
  EXPECT_EQ(builder.type_count(), kTypes + 2);
}

}  // namespace
}  // namespace skep::btf
