// Building BTF: by value, by the whole, by single types, on a base.
#include <unistd.h>

#include <gtest/gtest.h>

#include "skep/btf/build.hpp"
#include "skep/tests/support/btf_builder.hpp"
#include "skep/tests/support/btf_objects.hpp"
#include "skep/tests/support/result.hpp"

namespace skep::btf {
namespace {

TypeId added(Builder& builder, const Type& type) {
  const auto id = builder.add(type);
  EXPECT_OK(id);
  return id ? *id : TypeId::none;
}

// One type of every kind, with every field that it has.
std::vector<Type> every_kind() {
  return {
      Int{.name = "int", .size = 4, .bits = 32, .is_signed = true},
      Int{.name = "_Bool", .size = 1, .bits = 8, .is_bool = true},
      Int{.name = "old", .size = 4, .bits = 3, .bit_offset = 5, .is_signed = true, .is_char = true},
      Ptr{TypeId{5}},
      Composite{.name = "node", .size = 16, .members = {{"next", TypeId{4}, 0}, {"", TypeId{6}, 64}}},
      Composite{.name = "", .is_union = true, .size = 4, .members = {{"a", TypeId{1}, 0, 3}, {"b", TypeId{1}, 3, 29}}},
      Array{.element = TypeId{1}, .index = TypeId{1}, .count = 7},
      Enum{.name = "sign", .size = 4, .is_signed = true, .values = {{"MINUS", -1}, {"LEAST", INT32_MIN}}},
      Enum{.name = "flags", .size = 1, .values = {{"TOP", UINT32_MAX}}},
      Enum{.name = "wide", .size = 8, .is_64 = true, .values = {{"HIGH", std::int64_t{1} << 40}, {"ALL", -1}}},
      Enum{.name = "wide_sign", .size = 8, .is_signed = true, .is_64 = true, .values = {{"LEAST", INT64_MIN}}},
      Fwd{.name = "hidden"},
      Fwd{.name = "hidden_union", .is_union = true},
      Modifier{.kind = Kind::Typedef, .name = "u32", .type = TypeId{1}},
      Modifier{.kind = Kind::Volatile, .name = "", .type = TypeId{1}},
      Modifier{.kind = Kind::Const, .name = "", .type = TypeId::none},
      Modifier{.kind = Kind::Restrict, .name = "", .type = TypeId{4}},
      Modifier{.kind = Kind::TypeTag, .name = "user", .type = TypeId{1}},
      Modifier{.kind = Kind::TypeTag, .name = "address_space(1)", .type = TypeId{1}, .is_attribute = true},
      FuncProto{.result = TypeId{1}, .params = {{"ctx", TypeId{4}}, {"", TypeId::none}}},
      Func{.name = "main", .proto = TypeId{20}, .linkage = Linkage::global},
      Func{.name = "other", .proto = TypeId{20}, .linkage = Linkage::extern_},
      Var{.name = "counter", .type = TypeId{1}, .linkage = Linkage::global},
      Datasec{.name = ".data", .size = 8, .vars = {{TypeId{23}, 4, 4}}},
      Float{.name = "double", .size = 8},
      DeclTag{.value = "arg:ctx", .type = TypeId{21}, .component = 0},
      DeclTag{.value = "kfunc", .type = TypeId{22}, .is_attribute = true},
  };
}

TEST(Builder, EveryKindComesBackInBothByteOrders) {
  for (const auto order : {ByteOrder::little, ByteOrder::big}) {
    Builder builder(order);
    const auto types = every_kind();
    for (const auto& type : types) added(builder, type);
    const auto btf = builder.build();
    ASSERT_OK(btf);
    EXPECT_EQ(btf->byte_order(), order);
    ASSERT_EQ(btf->type_count(), types.size() + 1);
    for (std::uint32_t i = 0; i < types.size(); ++i) {
      const auto type = btf->type(TypeId{i + 1});
      ASSERT_OK(type);
      EXPECT_TRUE(*type == types[i]) << btf->describe(TypeId{i + 1});
    }
    EXPECT_EQ(btf->raw().size(), builder.encode()->size());
  }
}

TEST(Builder, NothingIsAnEmptyBtf) {
  const auto btf = Builder().build();
  ASSERT_OK(btf);
  EXPECT_EQ(btf->type_count(), 1u);
  EXPECT_EQ(btf->raw().size(), 25u);  // the header and the empty string
}

TEST(Builder, EachStringOnce) {
  Builder builder;
  for (int i = 0; i < 1000; ++i) added(builder, Int{.name = "int", .size = 4, .bits = 32});
  added(builder, Composite{.name = "int", .size = 4, .members = {{"int", TypeId{1}, 0}}});
  const auto btf = builder.build();
  ASSERT_OK(btf);
  EXPECT_EQ(btf->string_end(), 5u);
  EXPECT_EQ(builder.string("int"), 1u);
  EXPECT_EQ(builder.string("new"), 5u);
  EXPECT_EQ(builder.string(""), 0u);
}

TEST(Builder, RefusesWhatARecordCannotHold) {
  Builder builder;
  const auto refused = [&](const Type& type) {
    const auto added = builder.add(type);
    EXPECT_FALSE(added);
    return test::message(added);
  };
  EXPECT_EQ(refused(Void{}), "void has no record");
  EXPECT_EQ(refused(Enum{.name = "e", .size = 4, .values = {{"A", -1}}}),
            "ENUM \"e\": A = -1 does not fit into 32 unsigned bits");
  EXPECT_EQ(refused(Enum{.name = "e", .size = 4, .is_signed = true, .values = {{"A", 1ll << 31}}}),
            "ENUM \"e\": A = 2147483648 does not fit into 32 signed bits");
  EXPECT_EQ(refused(Composite{.name = "s", .size = 1 << 22, .members = {{"a", {}, 0, 1}, {"b", {}, 1 << 24}}}),
            "STRUCT \"s\": member \"b\" at bit 16777216, beside bitfields at most 16777215");
  EXPECT_EQ(refused(Modifier{.kind = Kind::Int, .name = "", .type = {}}), "INT is no modifier");
  EXPECT_EQ(refused(Float{.name = std::string_view("a\0b", 3), .size = 4}), "FLOAT: string of 3 bytes with a NUL");
  EXPECT_EQ(refused(Opaque{.kind = static_cast<Kind>(99), .name = "later", .data = {}}),
            "kind 99 \"later\": what it refers to is unknown");
  const std::string much(1 << 24, 'x');
  EXPECT_EQ(refused(Float{.name = much, .size = 4}),
            "FLOAT: strings exceed 16777215 bytes, the most that BTF can have");
  // And nothing of it stays behind.
  EXPECT_EQ(builder.type_count(), 1u);
  EXPECT_EQ(builder.encode()->size(), 24 + builder.build()->string_end());
}

TEST(Builder, RefusesLinksToNothing) {
  Builder builder;
  added(builder, Ptr{TypeId{3}});
  added(builder, Modifier{.kind = Kind::Typedef, .name = "t", .type = TypeId{1}});
  EXPECT_EQ(test::message(builder.encode()), "type 1 PTR \"\" refers to type 3, there are 3");
  EXPECT_FALSE(builder.deduplicate());
  added(builder, Int{.name = "int", .size = 4, .bits = 32});
  EXPECT_OK(builder.encode());
}

TEST(Builder, ReplacesAType) {
  Builder builder;
  const auto self = builder.next_id();
  const auto pointer = added(builder, Ptr{self});
  const auto number = added(builder, Int{.name = "int", .size = 4, .bits = 32});
  ASSERT_OK(builder.replace(pointer, Composite{.name = "s", .size = 4, .members = {{"m", number, 0}}}));
  EXPECT_EQ(test::message(builder.replace(TypeId{9}, Ptr{})), "type 9: own types are 1 to 2");
  EXPECT_FALSE(builder.replace(TypeId::none, Ptr{}));
  added(builder, Ptr{pointer});
  const auto btf = builder.build();
  ASSERT_OK(btf);
  EXPECT_EQ(btf->kind(TypeId{1}), Kind::Struct);
  EXPECT_EQ(btf->kind(TypeId{2}), Kind::Int);
  EXPECT_EQ(btf->kind(TypeId{3}), Kind::Ptr);
}

TEST(Builder, SplitGoesOnFromItsBase) {
  Builder low(ByteOrder::big);
  const auto number = added(low, Int{.name = "int", .size = 4, .bits = 32});
  const auto base = low.build();
  ASSERT_OK(base);
  Builder builder(*base);
  EXPECT_EQ(builder.first_id(), 2u);
  const auto id = added(builder, Composite{.name = "pair", .size = 8, .members = {{"int", number, 0}}});
  EXPECT_EQ(id, TypeId{2});
  EXPECT_FALSE(builder.replace(number, Ptr{}));
  const auto split = builder.build();
  ASSERT_OK(split);
  EXPECT_EQ(split->byte_order(), ByteOrder::big);
  EXPECT_EQ(split->find("pair", Kind::Struct), id);
  EXPECT_EQ(split->get<Composite>(id)->members[0].name, "int");
  EXPECT_EQ(as_text(split->raw()).substr(split->raw().size() - 5), std::string_view("pair\0", 5));  // no second "int"
}

TEST(Append, EveryObjectComesBack) {
  const auto all = test::all_btf();
  ASSERT_GT(all.size(), 40u);
  for (const auto& [path, btf] : all) {
    SCOPED_TRACE(path);
    Builder builder(btf.byte_order());
    ASSERT_OK(builder.append(btf));
    const auto copy = builder.build();
    ASSERT_OK(copy);
    EXPECT_TRUE(test::same_types(btf, *copy));
    // What we wrote has its strings in our order: now the bytes are the same.
    Builder again(btf.byte_order());
    ASSERT_OK(again.append(*copy));
    EXPECT_EQ(to_hex(*again.encode()), to_hex(copy->raw()));
    // Through decoded values as well.
    Builder values(btf.byte_order());
    for (std::uint32_t id = 1; id < btf.type_count(); ++id) added(values, *btf.type(TypeId{id}));
    EXPECT_EQ(to_hex(*values.encode()), to_hex(copy->raw()));
  }
}

TEST(Append, TheOtherByteOrder) {
  for (const auto& [path, btf] : test::all_btf()) {
    SCOPED_TRACE(path);
    Builder builder(btf.byte_order() == ByteOrder::little ? ByteOrder::big : ByteOrder::little);
    ASSERT_OK(builder.append(btf));
    const auto copy = builder.build();
    ASSERT_OK(copy);
    EXPECT_NE(copy->byte_order(), btf.byte_order());
    EXPECT_TRUE(test::same_types(btf, *copy));
  }
}

TEST(Append, TheKernel) {
  constexpr const char* kPath = "/sys/kernel/btf/vmlinux";
  if (::access(kPath, R_OK) != 0) GTEST_SKIP() << kPath << " cannot be read: no BTF of a running kernel";
  const auto kernel = Btf::open(kPath);
  ASSERT_OK(kernel);
  Builder builder(kernel->byte_order());
  ASSERT_OK(builder.append(*kernel));
  const auto copy = builder.build();
  ASSERT_OK(copy);
  EXPECT_TRUE(test::same_types(*kernel, *copy));
  Builder again(kernel->byte_order());
  ASSERT_OK(again.append(*copy));
  EXPECT_TRUE(again.encode() == std::vector(copy->raw().begin(), copy->raw().end()));
  // Only strings that nothing refers to are gone.
  EXPECT_LE(copy->raw().size(), kernel->raw().size());
}

TEST(Append, IdsMoveBehindThoseThatAreThere) {
  test::BtfBuilder source;
  const auto number = source.integer("int", 4);
  source.ptr(number);
  const auto from = source.parse();
  ASSERT_OK(from);
  Builder builder;
  added(builder, Float{.name = "float", .size = 4});
  EXPECT_EQ(*builder.append(*from), TypeId{2});
  EXPECT_EQ(*builder.append(*from), TypeId{4});
  const auto btf = builder.build();
  ASSERT_OK(btf);
  EXPECT_EQ(btf->get<Ptr>(TypeId{3})->type, TypeId{2});
  EXPECT_EQ(btf->get<Ptr>(TypeId{5})->type, TypeId{4});
  // Of a split BTF only its own types, on the base that they need.
  test::BtfBuilder extension(*from);
  extension.ptr(number);
  const auto split = extension.parse(*from);
  ASSERT_OK(split);
  EXPECT_EQ(test::message(builder.append(*split)), "a BTF whose first type is 3, on top of another base");
  Builder on_base(*from);
  EXPECT_EQ(*on_base.append(*split), TypeId{3});
  EXPECT_EQ(on_base.build()->get<Ptr>(TypeId{3})->type, number);
}

// Of the kinds that are known.
constexpr std::pair<std::uint8_t, std::uint8_t> kLayout[] = {
#define SKEP_BTF_KIND(name, number, text, fixed, each, since) {fixed, each},
#include "skep/btf/kinds.inc"
#undef SKEP_BTF_KIND
};

TEST(Append, HostileRecordsAreAllOrNothing) {
  test::BtfBuilder bad_link;
  bad_link.integer("int", 4);
  bad_link.ptr(TypeId{77});
  Builder builder;
  EXPECT_EQ(test::message(builder.append(*bad_link.parse())), "type 2 PTR refers to type 77, there are 3");
  test::BtfBuilder bad_string;
  bad_string.integer("int", 4);
  bad_string.push(5000);  // a FWD
  bad_string.push(7 << 24);
  bad_string.push(0);
  EXPECT_EQ(test::message(builder.append(*bad_string.parse())),
            "type 2 FWD: string offset 5000 lies outside of 5 bytes");
  // Records of a kind to come can be skipped, but not carried over.
  test::BtfBuilder unknown;
  unknown.header_size = 32;
  for (const auto& [fixed, each] : kLayout) unknown.layout.push_back({fixed, each});
  unknown.layout.push_back({4, 0});
  unknown.integer("int", 4);
  unknown.record(20, "later", 0, false, 1, {2});
  ASSERT_OK(unknown.parse());
  EXPECT_EQ(test::message(builder.append(*unknown.parse())), "type 2 of kind 20: what it refers to is unknown");
  EXPECT_EQ(builder.type_count(), 1u);
  EXPECT_EQ(builder.encode()->size(), 24u + 5);
}

// Every record has a name of its own inside of one long string: all of them together would be far more than memory.
TEST(Append, StringsInsideOfStringsHaveAnEnd) {
  constexpr std::uint32_t kTypes = 40'000;
  test::BtfBuilder source;
  const auto offset = source.string(std::string(1'000'000, 'x'));
  for (std::uint32_t i = 0; i < kTypes; ++i) {
    source.push(offset + i);
    source.push(7 << 24);
    source.push(0);
  }
  const auto from = source.parse();
  ASSERT_OK(from);
  Builder builder;
  const auto appended = builder.append(*from);
  ASSERT_FALSE(appended);
  EXPECT_EQ(builder.type_count(), 1u);
}

TEST(Copier, BringsWhatATypeNeeds) {
  test::BtfBuilder source;
  const auto number = source.integer("int", 4);
  source.integer("unrelated", 8);
  const auto node = TypeId{4};
  const auto pointer = source.ptr(node);
  ASSERT_EQ(source.structure("node", 16, {{"next", pointer, 0}, {"value", number, 64}}), node);
  source.decl_tag("contains", node, 1);
  source.decl_tag("other", number);
  const auto from = source.parse();
  ASSERT_OK(from);

  Builder builder;
  Copier copier(builder, *from);
  const auto id = copier.copy(node);
  ASSERT_OK(id);
  EXPECT_EQ(copier.copy(node), id);
  EXPECT_EQ(copier.copied(node), *id);
  EXPECT_EQ(copier.copied(TypeId{2}), std::nullopt);
  EXPECT_EQ(copier.copied(TypeId{200}), std::nullopt);
  EXPECT_EQ(copier.copied(TypeId::none), TypeId::none);
  EXPECT_EQ(*copier.copy(TypeId::none), TypeId::none);
  EXPECT_EQ(test::message(copier.copy(TypeId{200})), "type 200 of a BTF of 7 types");
  const auto btf = builder.build();
  ASSERT_OK(btf);
  EXPECT_EQ(btf->type_count(), 6u);  // without "unrelated"
  EXPECT_EQ(btf->name(*id), "node");
  const auto composite = btf->get<Composite>(*id);
  ASSERT_OK(composite);
  EXPECT_EQ(btf->get<Ptr>(composite->members[0].type)->type, *id);
  EXPECT_EQ(btf->name(composite->members[1].type), "int");
  ASSERT_EQ(btf->tags_of(*id).size(), 1u);
  EXPECT_EQ(*btf->get<DeclTag>(btf->tags_of(*id)[0]), (DeclTag{.value = "contains", .type = *id, .component = 1}));
  EXPECT_EQ(btf->tags_of(composite->members[1].type).size(), 1u);
}

TEST(Copier, KeepsTheIdsOfACommonBase) {
  test::BtfBuilder low;
  const auto number = low.integer("int", 4);
  const auto base = low.parse();
  ASSERT_OK(base);
  test::BtfBuilder high(*base);
  high.integer("unrelated", 8);
  const auto pointer = high.ptr(number);
  const auto split = high.parse(*base);
  ASSERT_OK(split);

  Builder on_base(*base);
  Copier same(on_base, *split);
  const auto id = same.copy(pointer);
  ASSERT_OK(id);
  EXPECT_EQ(*id, TypeId{2});
  EXPECT_EQ(on_base.build()->get<Ptr>(*id)->type, number);
  // Without the base its types come along.
  Builder alone;
  Copier whole(alone, *split);
  ASSERT_OK(whole.copy(pointer));
  EXPECT_EQ(alone.build()->name(TypeId{1}), "int");
}

// Numbers of a base that are beyond its end are no numbers of what extends it.
TEST(Copier, ABaseRefersToItselfOnly) {
  test::BtfBuilder low;
  const auto number = low.integer("int", 4);
  const auto pointer = low.ptr(TypeId{4});
  low.push(5);  // a FWD whose name lies behind the strings
  low.push(7 << 24);
  low.push(0);
  const auto base = low.parse();
  ASSERT_OK(base);
  test::BtfBuilder high(*base);
  high.structure("name", 4, {{"n", number, 0}});
  const auto split = high.parse(*base);
  ASSERT_OK(split);
  Builder builder;
  Copier copier(builder, *split);
  EXPECT_EQ(test::message(copier.copy(pointer)), "type 2 PTR refers to type 4, there are 4");
  EXPECT_EQ(test::message(copier.copy(TypeId{3})), "type 3 FWD: string offset 5 lies outside of 5 bytes");
  EXPECT_OK(copier.copy(TypeId{4}));
  EXPECT_EQ(builder.type_count(), 3u);
}

TEST(Copier, AChainOfAnyLength) {
  constexpr std::uint32_t kTypes = 200'000;
  test::BtfBuilder source;
  for (std::uint32_t i = 1; i <= kTypes; ++i) source.ptr(TypeId{i % kTypes + 1});
  const auto from = source.parse();
  ASSERT_OK(from);
  Builder builder;
  Copier copier(builder, *from);
  ASSERT_OK(copier.copy(TypeId{1}));
  EXPECT_EQ(builder.type_count(), kTypes + 1);
}

TEST(Copier, AFailureAddsNothing) {
  test::BtfBuilder source;
  const auto number = source.integer("int", 4);
  const auto bad = source.structure("s", 4, {{"a", number, 0}, {"b", TypeId{99}, 0}});
  const auto from = source.parse();
  ASSERT_OK(from);
  Builder builder;
  Copier copier(builder, *from);
  EXPECT_EQ(test::message(copier.copy(bad)), "type 2 STRUCT \"s\" refers to type 99, there are 3");
  EXPECT_EQ(builder.type_count(), 1u);
  EXPECT_EQ(copier.copied(number), std::nullopt);
  EXPECT_EQ(*copier.copy(number), TypeId{1});
}

}  // namespace
}  // namespace skep::btf
