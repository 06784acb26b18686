// BTF for older kernels: what becomes of each kind, and that the kernel that is running takes the result.
#include <gtest/gtest.h>

#include "skep/btf/build.hpp"
#include "skep/btf/sanitize.hpp"
#include "skep/tests/support/btf_builder.hpp"
#include "skep/tests/support/btf_objects.hpp"
#include "skep/tests/support/kernel_btf.hpp"
#include "skep/tests/support/result.hpp"

namespace skep::btf {
namespace {

// Everything that some kernel does not know, in a form that the newest one takes.
Btf everything() {
  test::BtfBuilder source;
  const auto number = source.integer("int", 4);
  source.floating("float", 4);
  const auto proto = source.proto(number, {{"ctx", number}, {"n", number}});
  const auto func = source.func("main", proto, 1);
  const auto var = source.var("counter", number);
  const auto section = source.datasec("?.data.a-b", 4, {{var, 0, 4}});
  source.decl_tag("arg:ctx", func, 0);
  const auto tag = source.modifier(Kind::TypeTag, number, "user");
  source.ptr(tag);
  source.enumeration("sign", 4, true, {{"MINUS", -1}});
  source.enum64("wide", 8, true, {{"HIGH", std::int64_t{1} << 40}, {"LOW", 0}});
  source.record(18, "attribute", 0, true, 1);
  EXPECT_EQ(section, TypeId{6});
  const auto btf = source.parse();
  EXPECT_OK(btf);
  return *btf;
}

Features without(Feature feature) {
  auto known = Features::all();
  known.set(feature, false);
  return known;
}

template <class T>
T get(const Btf& btf, std::uint32_t id) {
  const auto type = btf.get<T>(TypeId{id});
  EXPECT_OK(type);
  return type ? *type : T{};
}

TEST(Features, ByKernelVersion) {
  EXPECT_EQ(Features::of_kernel(4, 18), Features::none());
  EXPECT_EQ(Features::of_kernel(7, 0), Features::all());
  const auto known = Features::of_kernel(5, 13);
  EXPECT_TRUE(known.has(Feature::func));
  EXPECT_TRUE(known.has(Feature::float_));
  EXPECT_FALSE(known.has(Feature::decl_tag));
  EXPECT_FALSE(Features::of_kernel(6, 14).has(Feature::tag_attribute));
  EXPECT_TRUE(Features::of_kernel(6, 15).has(Feature::tag_attribute));
  EXPECT_EQ(to_string(Feature::enum64), "ENUM64, and ENUM with a sign");
}

TEST(Sanitize, NothingToDo) {
  const auto btf = everything();
  EXPECT_TRUE(*sanitize(btf, Features::all()) == btf);
  test::BtfBuilder plain;
  plain.integer("int", 4);
  const auto old = *plain.parse();
  EXPECT_EQ(sanitize(old, Features::none())->raw().data(), old.raw().data());
}

TEST(Sanitize, EachKind) {
  const auto btf = everything();
  const auto only = [&](Feature feature) { return *sanitize(btf, without(feature)); };

  auto out = only(Feature::func);
  EXPECT_EQ(get<Modifier>(out, 4), (Modifier{.kind = Kind::Typedef, .name = "main", .type = TypeId{3}}));
  EXPECT_EQ(get<Enum>(out, 3), (Enum{.name = "", .size = 4, .values = {{"ctx", 1}, {"n", 1}}}));
  EXPECT_EQ(get<Func>(only(Feature::func_linkage), 4).linkage, Linkage::static_);
  EXPECT_EQ(get<Composite>(only(Feature::float_), 2), (Composite{.name = "", .size = 4, .members = {}}));

  out = only(Feature::datasec);
  const Int byte{.name = "counter", .size = 1, .bits = 8};
  EXPECT_EQ(get<Int>(out, 5), byte);
  EXPECT_EQ(get<Composite>(out, 6),
            (Composite{.name = "__data_a_b", .size = 4, .members = {{"counter", TypeId{5}, 0}}}));
  EXPECT_EQ(get<Datasec>(only(Feature::datasec_qmark), 6).name, "_.data.a-b");

  EXPECT_EQ(get<Int>(only(Feature::decl_tag), 7), (Int{.name = "arg_ctx", .size = 1, .bits = 8}));
  EXPECT_EQ(get<Modifier>(only(Feature::type_tag), 8),
            (Modifier{.kind = Kind::Const, .name = "", .type = TypeId{1}}));
  EXPECT_EQ(get<Modifier>(only(Feature::tag_attribute), 12),
            (Modifier{.kind = Kind::Const, .name = "", .type = TypeId{1}}));
  EXPECT_EQ(get<Modifier>(only(Feature::tag_attribute), 8).kind, Kind::TypeTag);

  out = only(Feature::enum64);
  EXPECT_EQ(get<Enum>(out, 10), (Enum{.name = "sign", .size = 4, .values = {{"MINUS", UINT32_MAX}}}));
  const TypeId last{btf.type_count()};
  EXPECT_EQ(out.type_count(), btf.type_count() + 1);
  EXPECT_EQ(out.name(last), "enum64_placeholder");
  EXPECT_EQ(get<Composite>(out, 11),
            (Composite{.name = "wide", .is_union = true, .size = 8, .members = {{"HIGH", last, 0}, {"LOW", last, 0}}}));
}

TEST(Sanitize, SplitBtfAndTheOtherByteOrder) {
  test::BtfBuilder low(ByteOrder::big);
  const auto number = low.integer("int", 4);
  const auto base = *low.parse();
  test::BtfBuilder high(base);
  high.func("f", high.proto(number, {}));
  const auto out = sanitize(*high.parse(base), Features::none());
  ASSERT_OK(out);
  EXPECT_EQ(out->byte_order(), ByteOrder::big);
  EXPECT_EQ(out->kind(TypeId{3}), Kind::Typedef);
  EXPECT_EQ(out->name(TypeId{1}), "int");
}

TEST(Sanitize, ParametersWithoutNames) {
  test::BtfBuilder source;
  const auto number = source.integer("int", 4);
  source.proto(number, {{"", number}, {"b", number}, {"", TypeId::none}});
  const auto out = sanitize(*source.parse(), Features::none());
  ASSERT_OK(out);
  EXPECT_EQ(get<Enum>(*out, 2).values, (std::vector<Enumerator>{{"_0", 1}, {"b", 1}, {"_2", 0}}));
}

// No kernel of today is that old, but each takes what it knows from the start.
TEST(Sanitize, TheKernelTakesIt) {
  if (const auto reason = test::kernel_btf_unavailable(); !reason.empty()) GTEST_SKIP() << reason;
  EXPECT_NE(test::load_kernel_btf(as_bytes("something else")), "");
  const auto btf = everything();
  for (unsigned minor = 0; minor <= 19; ++minor)
    for (const unsigned major : {4u, 5u, 6u}) {
      if (major == 4 && minor != 18) continue;
      const auto out = sanitize(btf, Features::of_kernel(major, minor));
      ASSERT_OK(out);
      EXPECT_EQ(test::load_kernel_btf(out->raw()), "") << major << "." << minor;
    }
}

// What clang leaves to others: the places of variables and sizes of sections; and enumerations without a size.
TEST(Sanitize, WhatIsUnfinished) {
  test::BtfBuilder source;
  const auto number = source.integer("int", 4);
  const auto one = source.var("one", number), two = source.var("two", number);
  source.datasec(".bss", 0, {{one, 0, 0}, {two, 0, 0}});
  source.datasec(".data", 4, {{one, 0, 4}, {two, 4, 4}});
  source.enumeration("declared", 0, false, {});
  source.enum64("wide", 0, true, {});
  const auto btf = *source.parse();
  const auto old = sanitize(btf, Features::none());
  ASSERT_OK(old);
  EXPECT_EQ(get<Composite>(*old, 4).size, 1u);
  EXPECT_EQ(get<Composite>(*old, 5).size, 5u);
  EXPECT_EQ(get<Enum>(*old, 6), (Enum{.name = "declared", .size = 4, .values = {}}));
  EXPECT_EQ(get<Enum>(*old, 7), (Enum{.name = "wide", .size = 4, .values = {}}));
  const auto recent = sanitize(btf, Features::all());
  ASSERT_OK(recent);
  EXPECT_EQ(get<Enum>(*recent, 6).size, 4u);
  EXPECT_EQ(get<Datasec>(*recent, 4).size, 0u);
  if (const auto reason = test::kernel_btf_unavailable(); !reason.empty()) GTEST_SKIP() << reason;
  EXPECT_EQ(test::load_kernel_btf(old->raw()), "");
  test::BtfBuilder alone;
  alone.enumeration("declared", 0, false, {});
  EXPECT_NE(test::load_kernel_btf(alone.build()), "");
  EXPECT_EQ(test::load_kernel_btf(sanitize(*alone.parse(), Features::all())->raw()), "");
}

TEST(Sanitize, EveryObject) {
  for (const auto& [path, btf] : test::all_btf()) {
    SCOPED_TRACE(path);
    const auto out = sanitize(btf, Features::none());
    ASSERT_OK(out);
    for (std::uint32_t id = 1; id < btf.type_count(); ++id) {
      const auto kind = out->kind(TypeId{id});
      EXPECT_LT(kind, Kind::Func) << out->describe(TypeId{id});
      ASSERT_OK(out->type(TypeId{id}));
    }
  }
}

TEST(Sanitize, RefusesVariablesThatNoMemberCanReach) {
  test::BtfBuilder source;
  const auto var = source.var("far", source.integer("int", 4));
  source.datasec(".data", UINT32_MAX, {{var, 1u << 29, 4}});
  EXPECT_EQ(test::message(sanitize(*source.parse(), without(Feature::datasec))),
            "type 3 DATASEC \".data\": variable at byte 536870912: too far for a member of a structure");
}

}  // namespace
}  // namespace skep::btf
