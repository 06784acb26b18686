#include "skep/btf/c_name.hpp"

#include <gtest/gtest.h>

#include "skep/tests/support/btf_builder.hpp"

namespace skep::btf {
namespace {

using test::BtfBuilder;

TEST(CName, AsInC) {
  BtfBuilder b;
  const auto word = b.integer("int", 4);
  const auto u32 = b.typedef_("__u32", b.integer("unsigned int", 4));
  const auto key = b.structure("flow_key", 4, {});
  const auto to_key = b.ptr(key);
  const auto fixed = b.modifier(Kind::Const, key);
  const auto row = b.array(u32, 4);
  const auto callback = b.proto(word, {{"ctx", b.ptr(TypeId::none)}, {"", u32}});
  const auto printer =
      b.proto(TypeId::none, {{"format", b.ptr(b.modifier(Kind::Const, b.integer("char", 1)))}, {"", TypeId::none}});
  const std::pair<TypeId, const char*> cases[] = {
      {TypeId::none, "void"},
      {word, "int"},
      {u32, "__u32"},
      {key, "struct flow_key"},
      {to_key, "struct flow_key *"},
      {b.ptr(fixed), "const struct flow_key *"},
      {b.modifier(Kind::Const, to_key), "struct flow_key *const"},
      {b.ptr(b.modifier(Kind::Const, to_key)), "struct flow_key *const *"},
      {b.modifier(Kind::Restrict, b.ptr(b.modifier(Kind::Volatile, word))), "volatile int *restrict"},
      {b.ptr(b.ptr(TypeId::none)), "void **"},
      {row, "__u32[4]"},
      {b.array(row, 2), "__u32[2][4]"},
      {b.ptr(row), "__u32 (*)[4]"},
      {b.array(to_key, 3), "struct flow_key *[3]"},
      {b.array(b.modifier(Kind::Const, to_key), 3), "struct flow_key *const[3]"},
      {callback, "int (void *ctx, __u32)"},
      {b.ptr(callback), "int (*)(void *ctx, __u32)"},
      {b.array(b.ptr(callback), 2), "int (*[2])(void *ctx, __u32)"},
      {b.func("walk", callback), "int walk(void *ctx, __u32)"},
      {b.func("print", printer), "void print(const char *format, ...)"},
      {b.func("stop", b.proto(TypeId::none, {})), "void stop(void)"},
      {b.func("pick", b.proto(b.ptr(callback), {})), "int (*pick(void))(void *ctx, __u32)"},
      {b.var("flows", b.array(to_key, 9)), "struct flow_key *flows[9]"},
      {b.union_("either", 4, {}), "union either"},
      {b.structure("", 4, {}), "struct {...}"},
      {b.enumeration("", 4, false, {}), "enum {...}"},
      {b.record(7, "later", 0, true, 0), "union later"},
      {b.floating("double", 8), "double"},
      {b.ptr(b.modifier(Kind::TypeTag, key, "rcu")), "struct flow_key *"},
      {b.datasec(".data", 0, {}), "section .data"},
      {b.decl_tag("note", word), "tag \"note\""},
  };
  const auto btf = *b.parse();
  for (const auto& [id, name] : cases) EXPECT_EQ(c_name(btf, id), name) << number(id);
  EXPECT_EQ(c_name(btf, TypeId{1000}), "?");
}

TEST(CName, HostileTypesStayShort) {
  BtfBuilder b;
  const auto circle = b.ptr(TypeId{1});
  const auto qualified = b.modifier(Kind::Const, TypeId{2});
  // A function whose parameters are itself, many times.
  const auto bush = b.proto(TypeId{3}, std::vector<BtfBuilder::Param>(1000, {"p", TypeId{3}}));
  const auto btf = *b.parse();
  EXPECT_LT(c_name(btf, circle).size(), 100u);
  EXPECT_LT(c_name(btf, qualified).size(), 400u);
  EXPECT_LT(c_name(btf, bush).size(), 20'000u);
}

}  // namespace
}  // namespace skep::btf
