// Every kind, in both byte orders: what is written is what is decoded.
#include <gtest/gtest.h>

#include "skep/btf/btf.hpp"
#include "skep/tests/support/btf_builder.hpp"
#include "skep/tests/support/result.hpp"

namespace skep::btf {
namespace {

using test::BtfBuilder;

class Kinds : public testing::TestWithParam<ByteOrder> {
 protected:
  BtfBuilder b{GetParam()};
  Btf btf;
  void open() {
    auto parsed = b.parse();
    ASSERT_OK(parsed);
    btf = *parsed;
    EXPECT_EQ(btf.byte_order(), GetParam());
  }
  template <class T>
  void expect(TypeId id, const T& wanted) {
    const auto got = btf.get<T>(id);
    ASSERT_OK(got);
    EXPECT_TRUE(*got == wanted) << number(id);
  }
};

INSTANTIATE_TEST_SUITE_P(Orders, Kinds, testing::Values(ByteOrder::little, ByteOrder::big),
                         [](const auto& param) { return std::string(to_string(param.param)); });

TEST_P(Kinds, Scalars) {
  const auto plain = b.integer("int", 4, BtfBuilder::kSigned);
  const auto flag = b.integer("bool", 1, BtfBuilder::kBool);
  const auto letter = b.integer("char", 1, BtfBuilder::kChar);
  const auto legacy = b.integer("int", 4, 0, 3, 5);
  const auto real = b.floating("double", 8);
  const auto pointer = b.ptr(plain);
  const auto nothing = b.ptr(TypeId::none);
  open();
  expect(plain, Int{.name = "int", .size = 4, .bits = 32, .is_signed = true});
  expect(flag, Int{.name = "bool", .size = 1, .bits = 8, .is_bool = true});
  expect(letter, Int{.name = "char", .size = 1, .bits = 8, .is_char = true});
  expect(legacy, Int{.name = "int", .size = 4, .bits = 3, .bit_offset = 5});
  expect(real, Float{.name = "double", .size = 8});
  expect(pointer, Ptr{plain});
  expect(nothing, Ptr{TypeId::none});
  expect(TypeId::none, Void{});
  EXPECT_EQ(btf.type_count(), 8u);
  EXPECT_EQ(btf.first_id(), 1u);
}

TEST_P(Kinds, ArraysAndComposites) {
  const auto word = b.integer("int", 4, BtfBuilder::kSigned);
  const auto row = b.array(word, 7);
  const auto plain = b.structure("plain", 32, {{"a", word, 0}, {"b", row, 32}});
  const auto packed = b.structure("packed", 4, {{"x", word, 0, 3}, {"y", word, 3, 29}, {"z", word, 0, 0}}, true);
  const auto either = b.union_("either", 28, {{"w", word, 0}, {"", row, 0}});
  const auto late = b.record(7, "late", 0, false, 0);
  const auto late_union = b.record(7, "late_union", 0, true, 0);
  open();
  expect(row, Array{.element = word, .index = TypeId{1}, .count = 7});
  expect(plain, Composite{.name = "plain", .size = 32, .members = {{"a", word, 0, 0}, {"b", row, 32, 0}}});
  expect(packed,
         Composite{.name = "packed", .size = 4, .members = {{"x", word, 0, 3}, {"y", word, 3, 29}, {"z", word, 0, 0}}});
  expect(either,
         Composite{.name = "either", .is_union = true, .size = 28, .members = {{"w", word, 0, 0}, {"", row, 0, 0}}});
  expect(late, Fwd{.name = "late", .is_union = false});
  expect(late_union, Fwd{.name = "late_union", .is_union = true});
}

TEST_P(Kinds, Enumerations) {
  const auto plain = b.enumeration("plain", 4, false, {{"A", 0}, {"TOP", 0xffffffff}});
  const auto negative = b.enumeration("negative", 4, true, {{"MINUS", -1}});
  const auto wide = b.enum64("wide", 8, false, {{"BIG", static_cast<std::int64_t>(0xfedcba9876543210)}});
  const auto wide_negative = b.enum64("wide_negative", 8, true, {{"LOW", -5'000'000'000}});
  open();
  expect(plain, Enum{.name = "plain", .size = 4, .values = {{"A", 0}, {"TOP", 0xffffffff}}});
  expect(negative, Enum{.name = "negative", .size = 4, .is_signed = true, .values = {{"MINUS", -1}}});
  expect(wide, Enum{.name = "wide",
                    .size = 8,
                    .is_64 = true,
                    .values = {{"BIG", static_cast<std::int64_t>(0xfedcba9876543210)}}});
  expect(
      wide_negative,
      Enum{.name = "wide_negative", .size = 8, .is_signed = true, .is_64 = true, .values = {{"LOW", -5'000'000'000}}});
}

// As clang writes "enum x;".
TEST_P(Kinds, EnumerationsThatAreOnlyDeclared) {
  const auto declared = b.enumeration("declared", 0, false, {});
  const auto wide = b.enum64("wide", 0, true, {});
  const auto array = b.array(b.typedef_("t", declared), 2);
  const auto spoilt = b.enumeration("spoilt", 0, false, {{"A", 1}});
  open();
  expect(declared, Enum{.name = "declared", .size = 0, .values = {}});
  expect(wide, Enum{.name = "wide", .size = 0, .is_signed = true, .is_64 = true, .values = {}});
  EXPECT_EQ(test::message(btf.size_of(array)), "type 1 ENUM \"declared\" has no size");
  EXPECT_EQ(test::message(btf.type(spoilt)), "type 5 ENUM: enumeration of 0 bytes");
}

TEST_P(Kinds, Modifiers) {
  const auto word = b.integer("int", 4);
  const auto alias = b.typedef_("u32", word);
  const auto fixed = b.modifier(Kind::Const, alias);
  const auto moving = b.modifier(Kind::Volatile, fixed);
  const auto alone = b.modifier(Kind::Restrict, moving);
  const auto tagged = b.modifier(Kind::TypeTag, alone, "user");
  open();
  expect(alias, Modifier{.kind = Kind::Typedef, .name = "u32", .type = word});
  expect(fixed, Modifier{.kind = Kind::Const, .name = "", .type = alias});
  expect(moving, Modifier{.kind = Kind::Volatile, .name = "", .type = fixed});
  expect(alone, Modifier{.kind = Kind::Restrict, .name = "", .type = moving});
  expect(tagged, Modifier{.kind = Kind::TypeTag, .name = "user", .type = alone});
  EXPECT_EQ(*btf.strip(tagged), word);
  EXPECT_EQ(*btf.strip(word), word);
}

TEST_P(Kinds, FunctionsAndData) {
  const auto word = b.integer("int", 4);
  const auto proto = b.proto(word, {{"a", word}, {"", TypeId::none}});
  const auto local = b.func("local", proto, 0);
  const auto global = b.func("global", proto, 1);
  const auto missing = b.func("missing", proto, 2);
  const auto variable = b.var("counter", word, 1);
  const auto section = b.datasec(".data", 8, {{variable, 4, 4}});
  const auto tag = b.decl_tag("on the type", variable);
  const auto tag2 = b.decl_tag("on a parameter", global, 1);
  open();
  expect(proto, FuncProto{.result = word, .params = {{"a", word}, {"", TypeId::none}}});
  expect(local, Func{.name = "local", .proto = proto, .linkage = Linkage::static_});
  expect(global, Func{.name = "global", .proto = proto, .linkage = Linkage::global});
  expect(missing, Func{.name = "missing", .proto = proto, .linkage = Linkage::extern_});
  expect(variable, Var{.name = "counter", .type = word, .linkage = Linkage::global});
  expect(section, Datasec{.name = ".data", .size = 8, .vars = {{variable, 4, 4}}});
  expect(tag, DeclTag{.value = "on the type", .type = variable, .component = -1});
  expect(tag2, DeclTag{.value = "on a parameter", .type = global, .component = 1});
  EXPECT_EQ(btf.tags_of(variable), std::vector{tag});
  EXPECT_EQ(btf.tags_of(global), std::vector{tag2});
  EXPECT_TRUE(btf.tags_of(word).empty());
}

// A newer kernel writes a kind that nobody here has heard of, and how long its records are.
TEST_P(Kinds, UnknownKindWithLayout) {
  b.header_size = 32;
  b.layout.resize(26);
  b.layout[1] = {4, 0};
  b.layout[4] = {0, 12};
  for (const auto& [kind, shape] : {std::pair{3, BtfBuilder::Layout{12, 0}},
                                    {5, {0, 12}},
                                    {6, {0, 8}},
                                    {13, {0, 8}},
                                    {14, {4, 0}},
                                    {15, {0, 12}},
                                    {17, {4, 0}},
                                    {19, {0, 12}}})
    b.layout[static_cast<std::size_t>(kind)] = shape;
  b.layout[25] = {4, 8};
  const auto word = b.integer("int", 4);
  const auto opaque = b.record(25, "future", 2, true, 77, {1, 2, 3, 4, 5});
  const auto after = b.ptr(word);
  open();
  expect(after, Ptr{word});
  EXPECT_EQ(static_cast<int>(btf.kind(opaque)), 25);
  EXPECT_EQ(btf.name(opaque), "future");
  EXPECT_EQ(btf.find("future"), opaque);
  const auto got = btf.get<Opaque>(opaque);
  ASSERT_OK(got);
  EXPECT_EQ(got->size_or_type, 77u);
  EXPECT_TRUE(got->kind_flag);
  ASSERT_EQ(got->data.size(), 20u);
  EXPECT_EQ(load<std::uint32_t>(got->data.data() + 16, GetParam()), 5u);
  EXPECT_EQ(test::message(btf.size_of(opaque)), "type 2 UNKNOWN \"future\" has no size");
}

// 24 bits count members, not 16 as in the headers of older kernels.
TEST_P(Kinds, MoreThan65535Enumerators) {
  std::vector<BtfBuilder::Enumerator> many;
  for (std::int64_t i = 0; i < 70'000; ++i) many.push_back({"x", i});
  const auto large = b.enumeration("large", 4, false, many);
  const auto after = b.integer("int", 4);
  open();
  const auto got = btf.get<Enum>(large);
  ASSERT_OK(got);
  ASSERT_EQ(got->values.size(), 70'000u);
  EXPECT_EQ(got->values.back().value, 69'999);
  EXPECT_EQ(btf.name(after), "int");
}

struct Broken {
  const char* message;
  TypeId (*make)(BtfBuilder&);
};

TEST(Decode, WhatARecordRefersToIsChecked) {
  const Broken cases[] = {
      {"type 1 PTR: refers to type 99, there are 2", [](BtfBuilder& b) { return b.ptr(TypeId{99}); }},
      {"type 1 INT: integer of 0 bytes", [](BtfBuilder& b) { return b.integer("x", 0); }},
      {"type 1 INT: integer of 17 bytes", [](BtfBuilder& b) { return b.integer("x", 17); }},
      {"type 1 INT: bits 8 to 40 of an integer of 4 bytes", [](BtfBuilder& b) { return b.integer("x", 4, 0, 32, 8); }},
      {"type 1 FLOAT: floating-point number of 3 bytes", [](BtfBuilder& b) { return b.floating("x", 3); }},
      {"type 1 ENUM: enumeration of 3 bytes", [](BtfBuilder& b) { return b.enumeration("x", 3, false, {}); }},
      {"type 1 ENUM64: enumeration of 16 bytes", [](BtfBuilder& b) { return b.enum64("x", 16, false, {}); }},
      {"type 1 ARRAY: element: refers to type 7, there are 2", [](BtfBuilder& b) { return b.array(TypeId{7}, 1); }},
      {"type 1 ARRAY: index: refers to type 8, there are 2",
       [](BtfBuilder& b) { return b.array(TypeId::none, 1, TypeId{8}); }},
      {"type 1 STRUCT: member 1: refers to type 5, there are 2",
       [](BtfBuilder& b) {
         return b.structure("x", 4, {{"a", TypeId::none, 0}, {"b", TypeId{5}, 0}});
       }},
      {"type 1 UNION: member 0: string offset 1000 lies outside of 3 bytes",
       [](BtfBuilder& b) {
         return b.record(5, "x", 1, false, 4, {1000, 0, 0});
       }},
      {"type 1 ENUM: enumerator 0: string offset 1000 lies outside of 3 bytes",
       [](BtfBuilder& b) {
         return b.record(6, "x", 1, false, 4, {1000, 0});
       }},
      {"type 1 FUNC_PROTO: result: refers to type 9, there are 2",
       [](BtfBuilder& b) { return b.proto(TypeId{9}, {}); }},
      {"type 1 FUNC_PROTO: parameter 0: refers to type 9, there are 2",
       [](BtfBuilder& b) {
         return b.proto(TypeId::none, {{"a", TypeId{9}}});
       }},
      {"type 1 FUNC: linkage 3", [](BtfBuilder& b) { return b.func("f", TypeId::none, 3); }},
      {"type 1 VAR: linkage 4", [](BtfBuilder& b) { return b.var("v", TypeId::none, 4); }},
      {"type 1 DATASEC: variable 0: refers to type 6, there are 2",
       [](BtfBuilder& b) {
         return b.datasec(".x", 4, {{TypeId{6}, 0, 4}});
       }},
      {"type 1 DECL_TAG: component -2", [](BtfBuilder& b) { return b.decl_tag("t", TypeId::none, -2); }},
  };
  for (const auto& wrong : cases) {
    BtfBuilder b;
    const auto id = wrong.make(b);
    const auto btf = b.parse();
    ASSERT_OK(btf);
    const auto type = btf->type(id);
    EXPECT_EQ(test::message(type), wrong.message);
    EXPECT_EQ(type.error().code(), Errc::malformed);
  }
}

TEST(Decode, IdsAndKindsThatAreNotThere) {
  BtfBuilder b;
  const auto word = b.integer("int", 4);
  const auto btf = *b.parse();
  EXPECT_EQ(test::message(btf.type(TypeId{2})), "type 2 of a BTF of 2 types");
  EXPECT_EQ(btf.type(TypeId{2}).error().code(), Errc::not_found);
  EXPECT_EQ(test::message(btf.get<Ptr>(word)), "type 1 INT \"int\" is no PTR");
  EXPECT_EQ(btf.get<Ptr>(word).error().code(), Errc::not_found);
  EXPECT_EQ(btf.kind(TypeId{2}), Kind::Void);
  EXPECT_EQ(btf.name(TypeId{0xffffffff}), "");
  EXPECT_EQ(btf.string(1000), "");
}

// Any number of names may be one long string.
TEST(Decode, NamesHaveALimit) {
  BtfBuilder builder;
  const std::string longest(kMaxName, 'a'), longer(kMaxName + 1, 'b');
  const auto good = builder.structure(longest, 0, {});
  const auto bad = builder.structure(longer, 0, {});
  const auto member = builder.structure("s", 4, {{longer, good, 0}});
  const auto tag = builder.decl_tag(longer + longer, good);
  const auto btf = builder.parse();
  ASSERT_OK(btf);
  ASSERT_OK(btf->type(good));
  EXPECT_EQ(btf->find(longest), good);
  EXPECT_EQ(btf->find(longer), std::nullopt);
  const auto why = "name \"" + std::string(40, 'b') + "…\" of more than 16383 bytes";
  EXPECT_EQ(test::message(btf->type(bad)), "type 2 STRUCT: " + why);
  EXPECT_EQ(test::message(btf->type(member)), "type 3 STRUCT: member 0: " + why);
  EXPECT_EQ(btf->name(bad).size(), kMaxName + 1);
  EXPECT_EQ(btf->name(tag), longer + longer);
  EXPECT_EQ(btf->get<DeclTag>(tag)->value, longer + longer);
  EXPECT_EQ(btf->describe(good), "type 1 STRUCT \"" + longest.substr(0, kShownName) + "\"");
}

TEST(Decode, ManyNamesMayBeOneString) {
  constexpr std::uint32_t kTypes = 50'000;
  std::vector<std::byte> raw;
  {
    BtfBuilder builder;
    builder.structure(std::string(4'000'000, 'a'), 0, {});
    raw = builder.build();
  }
  // The one record again and again: header of 24 bytes, record of 12.
  std::vector<std::byte> more(raw.begin(), raw.begin() + 24);
  for (std::uint32_t i = 0; i < kTypes; ++i) more.insert(more.end(), raw.begin() + 24, raw.begin() + 36);
  more.insert(more.end(), raw.begin() + 36, raw.end());
  store(more.data() + 12, kTypes * 12, ByteOrder::little);
  store(more.data() + 16, kTypes * 12, ByteOrder::little);
  const auto btf = Btf::parse(more);
  ASSERT_OK(btf);
  EXPECT_EQ(btf->type_count(), kTypes + 1);
  EXPECT_TRUE(btf->find_all("x").empty());
}

}  // namespace
}  // namespace skep::btf
