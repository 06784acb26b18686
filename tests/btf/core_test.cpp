#include "skep/btf/core.hpp"

#include <gtest/gtest.h>

#include "skep/tests/support/btf_builder.hpp"
#include "skep/tests/support/result.hpp"

namespace skep::btf {
namespace {

using test::BtfBuilder;

Btf built(const BtfBuilder& builder) {
  auto btf = builder.parse();
  EXPECT_OK(btf);
  return btf ? *btf : Btf();
}

Result<CoreFixup> ask(const Btf& local, TypeId type, std::string_view access, CoreKind kind, const Btf& target,
                      ByteOrder order = ByteOrder::little) {
  const CoreQuery query{type, access, static_cast<std::uint32_t>(kind)};
  return relocate(std::span(&query, 1), local, CoreTargets({{"vmlinux", target}}), order).front();
}

TEST(Core, FlavoursFollowTheLastThreeUnderscores) {
  EXPECT_EQ(essential_name("task___v2"), "task");
  EXPECT_EQ(essential_name("task___v2___old"), "task___v2");
  EXPECT_EQ(essential_name("task"), "task");
  EXPECT_EQ(essential_name("task____v2"), "task____v2");
  EXPECT_EQ(essential_name("task___"), "task___");
  EXPECT_EQ(essential_name("___task"), "___task");
  EXPECT_EQ(essential_name("a___b_____c"), "a");
  EXPECT_EQ(essential_name("x___y"), "x");
  EXPECT_EQ(essential_name(""), "");
}

TEST(Core, NamesKindsAsLibbpf) {
  EXPECT_EQ(to_string(CoreKind::field_byte_offset), "byte_off");
  EXPECT_EQ(to_string(CoreKind::type_matches), "type_matches");
  EXPECT_EQ(to_string(static_cast<CoreKind>(13)), "unknown");
}

// The order of the records: libbpf drops candidates as it goes.
TEST(Core, JudgesAllRecordsOfATypeTogether) {
  BtfBuilder ours, theirs;
  const auto integer = ours.integer("int", 4, BtfBuilder::kSigned);
  const auto type = ours.structure("s", 8, {{"a", integer, 0}, {"b", integer, 32}});
  const auto local = built(ours);
  const auto i = theirs.integer("int", 4, BtfBuilder::kSigned);
  theirs.structure("s", 8, {{"b", i, 0}});
  theirs.structure("s___2", 12, {{"a", i, 32}, {"b", i, 64}});
  const auto target = built(theirs);
  const CoreQuery a{type, "0:0", 0}, b{type, "0:1", 0};
  for (const auto& queries : {std::vector{a, b}, std::vector{b, a}, std::vector{b, b, a}}) {
    const auto fixups = relocate(queries, local, CoreTargets({{"vmlinux", target}}), ByteOrder::little);
    for (std::size_t q = 0; q < queries.size(); ++q) {
      ASSERT_OK(fixups[q]);
      EXPECT_EQ(fixups[q]->value, queries[q].access == "0:0" ? 4u : 8u);
    }
  }
  // Alone, b could be either.
  const auto alone = ask(local, type, "0:1", CoreKind::field_byte_offset, target);
  ASSERT_FALSE(alone);
  EXPECT_EQ(alone.error().code(), Errc::rejected);
  EXPECT_NE(alone.error().what().find("ambiguous: type 2 STRUCT \"s\" of vmlinux and type 3 STRUCT \"s___2\""),
            std::string::npos);
}

TEST(Core, TakesTheTypeThatHasMost) {
  BtfBuilder ours, theirs;
  const auto integer = ours.integer("int", 4);
  const auto type = ours.structure("s", 12, {{"a", integer, 0}, {"b", integer, 32}, {"c", integer, 64}});
  const auto local = built(ours);
  const auto i = theirs.integer("int", 4);
  theirs.structure("s", 4, {{"a", i, 0}});
  theirs.structure("s___2", 12, {{"b", i, 32}, {"c", i, 64}});
  const auto target = built(theirs);
  const std::vector<CoreQuery> queries{{type, "0:0", 0}, {type, "0:1", 0}, {type, "0:2", 0}};
  const auto fixups = relocate(queries, local, CoreTargets({{"vmlinux", target}}), ByteOrder::little);
  EXPECT_TRUE(fixups[0]->poison);
  EXPECT_EQ(fixups[1]->value, 4u);
  EXPECT_EQ(fixups[2]->value, 8u);
  EXPECT_FALSE(fixups[1]->poison);
}

TEST(Core, PrefersTheKernelToModules) {
  BtfBuilder ours;
  const auto type = ours.structure("s", 4, {{"a", ours.integer("int", 4), 0}});
  const auto local = built(ours);
  BtfBuilder kernel_types;
  const auto integer = kernel_types.integer("int", 4);
  const auto empty = built(kernel_types);
  kernel_types.structure("s", 8, {{"a", integer, 32}});
  const auto kernel = built(kernel_types);
  BtfBuilder one(empty), other(empty);
  one.structure("s", 12, {{"a", TypeId{1}, 64}});
  other.structure("s", 16, {{"a", TypeId{1}, 96}});
  const auto module = *one.parse(empty), second = *other.parse(empty);
  const CoreQuery query{type, "0:0", 0};
  const auto value = [&](std::vector<NamedBtf> sets) {
    return relocate(std::span(&query, 1), local, CoreTargets(std::move(sets)), ByteOrder::little).front();
  };
  EXPECT_EQ(value({{"vmlinux", kernel}, {"m", module}})->value, 4u);
  const auto found = value({{"vmlinux", empty}, {"m", module}});
  EXPECT_EQ(found->value, 8u);
  EXPECT_EQ(found->target, (CoreCandidate{1, TypeId{2}}));
  EXPECT_NE(test::message(value({{"vmlinux", empty}, {"m", module}, {"n", second}})).find("STRUCT \"s\" of n"),
            std::string::npos);
  EXPECT_TRUE(value({})->poison);
}

// u64 x = *(unsigned *)(p + off) << lshift >> rshift gives the field, whichever way bits are counted.
TEST(Core, ShiftsBitfieldsInBothByteOrders) {
  for (const auto order : {ByteOrder::little, ByteOrder::big}) {
    BtfBuilder ours(order);
    const auto integer = ours.integer("unsigned int", 4);
    const auto type = ours.structure("s", 8, {{"x", integer, 35, 7}}, true);
    const auto local = built(ours);
    const auto value = [&](CoreKind kind) { return ask(local, type, "0:0", kind, local, order)->value; };
    EXPECT_EQ(value(CoreKind::field_byte_offset), 4u);
    EXPECT_EQ(value(CoreKind::field_byte_size), 4u);
    EXPECT_EQ(value(CoreKind::field_rshift_u64), 57u);
    EXPECT_EQ(value(CoreKind::field_lshift_u64), order == ByteOrder::little ? 64u - 10 : 32u + 3);
    EXPECT_EQ(value(CoreKind::field_signed), 0u);
    EXPECT_FALSE(ask(local, type, "0:0", CoreKind::field_lshift_u64, local, order)->check_local);
    EXPECT_TRUE(ask(local, type, "0:0", CoreKind::field_rshift_u64, local, order)->check_local);
  }
}

TEST(Core, EnumeratorsKeepTheir64Bits) {
  BtfBuilder ours;
  const auto small = ours.enumeration("e", 4, true, {{"A", -5}});
  const auto large = ours.enum64("f", 8, false, {{"B", 1}});
  const auto local = built(ours);
  BtfBuilder theirs;
  theirs.enum64("e", 8, true, {{"A___new", -6000000000}});
  theirs.enumeration("f", 4, true, {{"B", -1}});
  const auto target = built(theirs);
  EXPECT_EQ(ask(local, small, "0", CoreKind::enumval_value, target)->value, static_cast<std::uint64_t>(-6000000000));
  EXPECT_EQ(ask(local, small, "0", CoreKind::enumval_value, target)->local_value, static_cast<std::uint64_t>(-5));
  EXPECT_EQ(ask(local, large, "0", CoreKind::enumval_value, target)->value, ~std::uint64_t{0});
  EXPECT_EQ(test::message(ask(local, large, "1", CoreKind::enumval_value, target)),
            "type 2 ENUM64 \"f\" has no enumerator 1");
}

// 2^31 and more in 32 bits: as the target means it.
TEST(Core, LargeEnumeratorsOf32Bits) {
  constexpr std::uint64_t kTop = 0xffffffff;
  const auto value = [](const Btf& local, const Btf& target) {
    return ask(local, TypeId{1}, "0", CoreKind::enumval_value, target)->value;
  };
  const auto types = [](auto method, std::uint32_t size, bool is_signed, std::int64_t value_of_a) {
    BtfBuilder builder;
    (builder.*method)("e", size, is_signed, std::vector<BtfBuilder::Enumerator>{{"A", value_of_a}});
    return built(builder);
  };
  const auto plain = types(&BtfBuilder::enumeration, 4, false, kTop), minus = types(&BtfBuilder::enumeration, 4, true, -1),
             wide = types(&BtfBuilder::enum64, 8, false, kTop), wide_minus = types(&BtfBuilder::enum64, 8, true, -1);
  const auto fixup = ask(plain, TypeId{1}, "0", CoreKind::enumval_value, plain);
  EXPECT_EQ(fixup->value, kTop);
  EXPECT_EQ(fixup->local_value, kTop);
  for (const auto* local : {&plain, &wide}) {
    EXPECT_EQ(value(*local, plain), kTop);
    EXPECT_EQ(value(*local, wide), kTop);
    EXPECT_EQ(value(*local, minus), ~std::uint64_t{0});
    EXPECT_EQ(value(*local, wide_minus), ~std::uint64_t{0});
  }
  for (const auto* local : {&minus, &wide_minus}) {
    EXPECT_EQ(value(*local, minus), ~std::uint64_t{0});
    EXPECT_EQ(value(*local, wide_minus), ~std::uint64_t{0});
    EXPECT_EQ(value(*local, wide), kTop);
    // It may be of a kernel that does not say whether enumerations have a sign.
    EXPECT_EQ(value(*local, plain), ~std::uint64_t{0});
  }
}

TEST(Core, EnumerationsThatAreOnlyDeclared) {
  BtfBuilder one, other;
  const auto declared = one.enumeration("e", 0, false, {});
  const auto type = one.structure("h", 16, {{"e", one.ptr(declared), 0}, {"a", one.integer("int", 4), 64}});
  const auto full = other.enumeration("e", 4, false, {{"A", 1}});
  other.structure("h", 16, {{"a", other.integer("int", 4), 0}, {"e", other.ptr(full), 64}});
  const auto knows = built(other), heard = built(one);
  const auto value = [](const Btf& local, TypeId of, std::string_view access, CoreKind kind, const Btf& target) {
    const auto fixup = ask(local, of, access, kind, target);
    EXPECT_OK(fixup);
    return fixup ? fixup->value : UINT64_MAX;
  };
  EXPECT_EQ(value(heard, type, "0:0", CoreKind::field_byte_offset, knows), 8u);
  EXPECT_EQ(value(heard, type, "0:1", CoreKind::field_byte_offset, knows), 0u);
  EXPECT_EQ(value(heard, type, "0", CoreKind::type_exists, knows), 1u);
  for (const auto& [local, target] : {std::pair(&heard, &knows), {&knows, &heard}, {&heard, &heard}}) {
    const bool is_same = local == target;
    EXPECT_EQ(value(*local, TypeId{1}, "0", CoreKind::type_exists, *target), 1u);
    EXPECT_EQ(value(*local, TypeId{1}, "0", CoreKind::type_matches, *target), is_same ? 1u : 0u);
    EXPECT_EQ(value(*local, TypeId{1}, "0", CoreKind::type_size, *target), target == &knows ? 4u : 0u);
  }
  const auto enumerator = ask(knows, full, "0", CoreKind::enumval_value, heard);
  EXPECT_TRUE(enumerator->poison);
  EXPECT_EQ(enumerator->missing, "A");
}

// A load reads the one, and needs shifts for the other.
TEST(Core, BitfieldsOnOneSide) {
  BtfBuilder ours, theirs;
  const auto type = ours.structure("s", 4, {{"x", ours.integer("unsigned int", 4), 0}});
  theirs.structure("s", 4, {{"x", theirs.integer("unsigned int", 4), 24, 8}}, true);
  const auto plain = built(ours), bits = built(theirs);
  const auto local_type = TypeId{2};
  ASSERT_EQ(type, local_type);
  for (const auto& [local, target] : {std::pair(&plain, &bits), {&bits, &plain}}) {
    const auto fixup = ask(*local, local_type, "0:0", CoreKind::field_byte_offset, *target);
    ASSERT_OK(fixup);
    EXPECT_FALSE(fixup->size_fits);
    EXPECT_FALSE(fixup->poison);
  }
  EXPECT_TRUE(ask(bits, local_type, "0:0", CoreKind::field_byte_offset, bits)->size_fits);
  EXPECT_TRUE(ask(plain, local_type, "0:0", CoreKind::field_byte_size, bits)->size_fits);
}

TEST(Core, ErrorsSayWhoseTypesAreBroken) {
  BtfBuilder good, bad;
  const auto type = good.structure("s", 4, {{"x", good.integer("int", 4), 0}});
  bad.integer("int", 0);
  bad.structure("s", 4, {{"x", TypeId{1}, 0}});
  const auto sound = built(good), broken = built(bad);
  EXPECT_EQ(test::message(ask(sound, type, "0:0", CoreKind::field_exists, broken)),
            "compared with type 2 STRUCT \"s\" of vmlinux: vmlinux: type 1 INT: integer of 0 bytes");
  const auto message = test::message(ask(broken, type, "0", CoreKind::type_matches, sound));
  EXPECT_EQ(message,
            "compared with type 2 STRUCT \"s\" of vmlinux: the program's types: type 1 INT: integer of 0 bytes");
}

TEST(Core, SaysWhichAnonymousMemberIsMissing) {
  BtfBuilder ours, theirs;
  const auto i = ours.integer("int", 4);
  const auto type = ours.structure("s", 8, {{"a", i, 0}, {"", ours.union_("", 4, {{"u", i, 0}}), 32}});
  theirs.structure("s", 8, {{"a", theirs.integer("int", 4), 0}, {"u", TypeId{1}, 32}});
  // The union is type 2, the structure type 3.
  const auto fixup = ask(built(ours), TypeId{3}, "0", CoreKind::type_matches, built(theirs));
  ASSERT_OK(fixup);
  EXPECT_EQ(number(type), 3u);
  EXPECT_EQ(fixup->value, 0u);
  EXPECT_EQ(fixup->missing, "s");
  EXPECT_NE(fixup->reason.find("no anonymous member like member 1"), std::string::npos) << fixup->reason;
}

TEST(Core, SaysWhatIsMissing) {
  BtfBuilder ours;
  const auto integer = ours.integer("int", 4, BtfBuilder::kSigned);
  const auto type = ours.structure("s", 8, {{"a", integer, 0}, {"b", integer, 32}});
  const auto local = built(ours);
  BtfBuilder theirs;
  const auto i = theirs.integer("int", 4, BtfBuilder::kSigned);
  theirs.structure("s", 8, {{"a", theirs.ptr(i), 0}});
  const auto target = built(theirs);
  const auto b = ask(local, type, "0:1", CoreKind::field_exists, target);
  EXPECT_FALSE(b->poison);
  EXPECT_EQ(b->value, 0u);
  EXPECT_EQ(b->local_value, 1u);
  EXPECT_EQ(b->missing, "b");
  EXPECT_EQ(b->reason, "type 3 STRUCT \"s\" of vmlinux: no member \"b\"");
  const auto a = ask(local, type, "0:0", CoreKind::field_byte_offset, target);
  EXPECT_TRUE(a->poison);
  EXPECT_EQ(a->missing, "a");
  EXPECT_NE(a->reason.find("its member \"a\" is type 2 PTR, the program's type 1 INT \"int\""), std::string::npos);
  const auto none = ask(local, type, "0:0", CoreKind::field_byte_offset, Btf());
  EXPECT_EQ(none->missing, "s");
  EXPECT_EQ(none->reason, "no STRUCT \"s\"");
  EXPECT_EQ(describe(local, {type, "0:1", 0}), "byte_off of \"s.b\" (0:1)");
  EXPECT_EQ(describe(local, {type, "3:1", 1}), "byte_sz of \"s[3].b\" (3:1)");
  EXPECT_EQ(describe(local, {TypeId{99}, "x", 77}), "unknown of \"type 99 UNKNOWN\" (x)");
}

TEST(Core, RefusesTypesWithoutAName) {
  BtfBuilder ours;
  const auto type = ours.structure("", 4, {{"a", ours.integer("int", 4), 0}});
  const auto local = built(ours);
  EXPECT_NE(test::message(ask(local, type, "0:0", CoreKind::field_exists, local)).find("no name"), std::string::npos);
  EXPECT_EQ(ask(local, type, "0", CoreKind::type_id_local, local)->value, number(type));
  EXPECT_NE(test::message(ask(local, TypeId{9}, "0", CoreKind::type_id_local, local)).find("type 9"),
            std::string::npos);
}

// Types of a 32-bit kernel: pointers are narrower, and a load of one becomes narrower.
TEST(Core, PointersMayBeNarrower) {
  BtfBuilder ours, theirs;
  const auto type = ours.structure("s", 8, {{"p", ours.ptr(TypeId::none), 0}});
  const auto local = built(ours);
  theirs.integer("long int", 4, BtfBuilder::kSigned);
  theirs.structure("s", 8, {{"p", theirs.ptr(TypeId::none), 32}});
  const auto fixup = ask(local, type, "0:0", CoreKind::field_byte_offset, built(theirs));
  ASSERT_OK(fixup);
  EXPECT_EQ(fixup->local_size, 8u);
  EXPECT_EQ(fixup->size, 4u);
  EXPECT_TRUE(fixup->size_fits);
}

// --- hostile types

TEST(Core, EndsOnTypesThatFanOut) {
  // Each structure has two anonymous members of the next one: 2^60 ways to look for a member.
  BtfBuilder theirs;
  const auto integer = theirs.integer("int", 4);
  for (std::uint32_t level = 0; level < 60; ++level)
    theirs.structure(level == 0 ? "s" : "", 4, {{"", TypeId{level + 3}, 0}, {"", TypeId{level + 3}, 0}});
  theirs.structure("", 4, {{"b", integer, 0}});
  BtfBuilder ours;
  const auto type = ours.structure("s", 4, {{"a", ours.integer("int", 4), 0}});
  EXPECT_NE(test::message(ask(built(ours), type, "0:0", CoreKind::field_exists, built(theirs))).find("too many steps"),
            std::string::npos);
}

TEST(Core, EndsOnCircles) {
  BtfBuilder builder;
  const auto type = builder.structure("s", 4, {{"", TypeId{1}, 0}, {"a", TypeId{1}, 0}});
  builder.typedef_("t", TypeId{2});
  builder.typedef_("p", TypeId{4});
  builder.ptr(TypeId{4});
  const auto btf = built(builder);
  EXPECT_FALSE(ask(btf, type, "0:1", CoreKind::field_exists, btf));
  EXPECT_FALSE(ask(btf, type, "0", CoreKind::type_matches, btf));
  EXPECT_FALSE(ask(btf, TypeId{2}, "0", CoreKind::type_size, btf));
  EXPECT_FALSE(ask(btf, TypeId{3}, "0", CoreKind::type_exists, btf));
}

// Every candidate answers every query.
TEST(Core, RefusesTypesThatAreTooManyForTheirRelocations) {
  BtfBuilder ours, theirs;
  const auto type = ours.structure("s", 4, {{"a", ours.integer("int", 4), 0}});
  for (int i = 0; i < 10'000; ++i) theirs.structure("s", 4, {});
  std::vector<std::string> elements;
  for (int i = 0; i < 300; ++i) elements.push_back(std::to_string(i));
  std::vector<CoreQuery> queries;
  for (const auto& each : elements) queries.push_back({type, each, static_cast<std::uint32_t>(CoreKind::field_exists)});
  const CoreTargets targets({{"vmlinux", built(theirs)}});
  const auto local = built(ours);
  EXPECT_EQ(test::message(relocate(queries, local, targets, ByteOrder::little).back()),
            "10000 types that it could be are too many for 300 relocations");
  queries.resize(1);
  EXPECT_OK(relocate(queries, local, targets, ByteOrder::little).back());
}

// Each of many local types could be each of many others.
TEST(Core, SearchesNoMoreWithoutStepsLeft) {
  BtfBuilder ours, theirs;
  constexpr int kTypes = 3'000;
  const auto integer = ours.integer("int", 4);
  std::vector<CoreQuery> queries;
  for (int i = 0; i < kTypes; ++i)
    queries.push_back({ours.structure("s", 4, {{"a", integer, 0}}), "0", static_cast<std::uint32_t>(CoreKind::type_size)});
  for (int i = 0; i < kTypes; ++i) theirs.structure("s", 4, {});
  const auto fixups = relocate(queries, built(ours), CoreTargets({{"vmlinux", built(theirs)}}), ByteOrder::little);
  EXPECT_OK(fixups.front());
  EXPECT_NE(test::message(fixups.back()).find("too many steps"), std::string::npos);
}

}  // namespace
}  // namespace skep::btf
