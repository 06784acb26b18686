// Crafted types as C. What is printed must compile with the BPF clang without a warning, and have the layout of the
// BTF; the text itself is compared where it is the point.
#include "skep/btf/c_format.hpp"

#include <gtest/gtest.h>

#include "skep/tests/btf/c_asserts.hpp"
#include "skep/tests/support/btf_builder.hpp"
#include "skep/tests/support/result.hpp"

namespace skep::btf {
namespace {

using test::BtfBuilder;

// A builder with the usual integers.
struct Types : BtfBuilder {
  TypeId int_ = integer("int", 4, kSigned);
  TypeId char_ = integer("char", 1, kSigned);
  TypeId long_ = integer("long int", 8, kSigned);
  TypeId uint = integer("unsigned int", 4);
  TypeId bool_ = integer("_Bool", 1, kBool);

  Btf btf() const {
    auto parsed = Btf::parse(build());
    EXPECT_OK(parsed);
    return parsed ? *parsed : Btf();
  }
};

// The declarations alone, without the frame.
std::string body(const Btf& btf) {
  const auto header = c_header(btf);
  EXPECT_OK(header);
  if (!header) return "";
  const auto begin = header->find("#endif\n#endif\n\n") + 15;
  return header->substr(begin, header->rfind("#ifndef BPF_NO_PRESERVE_ACCESS_INDEX") - begin);
}

// Compiles all of it, with assertions for these; returns the declarations.
std::string compile(const Types& types, const std::vector<std::pair<TypeId, std::string>>& checked = {}) {
  const auto btf = types.btf();
  const auto header = c_header(btf);
  EXPECT_OK(header);
  if (!header) return "";
  test::LayoutAsserts asserts(btf);
  for (const auto& [id, name] : checked) asserts.add(id, name);
  EXPECT_EQ(test::compile_errors(*header + asserts.text()), "") << *header;
  return body(btf);
}

TEST(CFormat, PaddingOfEverySize) {
  Types t;
  const auto a = t.structure("a", 16, {{"c", t.char_, 0}, {"i", t.int_, 64}});
  const auto b = t.structure("b", 64, {{"i", t.int_, 0}});
  const auto c = t.structure("c", 8192, {{"i", t.int_, 0}, {"far", t.long_, 4096 * 8}});
  const auto d = t.structure("d", 24, {});
  const auto e = t.structure("e", 0, {});
  const auto f = t.structure("f", 16, {{"e", e, 0}, {"l", t.long_, 0}, {"flexible", t.array(t.int_, 0), 64}, {"x", t.int_, 64}});
  const auto text = compile(t, {{a, "struct a"}, {b, "struct b"}, {c, "struct c"}, {d, "struct d"}, {e, "struct e"}, {f, "struct f"}});
  EXPECT_NE(text.find("struct a {\n\tchar c;\n\tchar: 8;\n\tshort: 16;\n\tint: 32;\n\tint i;\n\tint: 32;\n};\n"), std::string::npos) << text;
  EXPECT_NE(text.find("unsigned char __pad1[4092];"), std::string::npos) << text;
  EXPECT_NE(text.find("struct e {};"), std::string::npos) << text;
}

TEST(CFormat, NaturalGapsNeedNoWord) {
  Types t;
  const auto a = t.structure("a", 24, {{"c", t.char_, 0}, {"i", t.int_, 32}, {"d", t.char_, 64}, {"l", t.long_, 128}});
  EXPECT_EQ(compile(t, {{a, "struct a"}}),
            "struct a {\n\tchar c;\n\tint i;\n\tchar d;\n\tlong int l;\n};\n\n");
}

TEST(CFormat, Packed) {
  Types t;
  const auto odd = t.structure("odd", 5, {{"c", t.char_, 0}, {"i", t.int_, 8}});
  const auto size = t.structure("size", 12, {{"l", t.long_, 0}, {"i", t.int_, 64}});
  const auto outer = t.structure("outer", 32, {{"c", t.char_, 0}, {"odd", odd, 8}, {"size", t.array(size, 2), 64}});
  const auto u = t.union_("u", 5, {{"i", t.int_, 0}, {"odd", odd, 0}});
  const auto big = t.union_("big", 64, {{"i", t.int_, 0}});
  const auto inner = t.structure("", 5, {{"c", t.char_, 0}, {"i", t.int_, 8}});
  const auto holds = t.structure("holds", 16, {{"l", t.long_, 0}, {"", inner, 64}});
  const auto text = compile(t, {{odd, "struct odd"}, {size, "struct size"}, {outer, "struct outer"}, {u, "union u"},
                                {big, "union big"}, {holds, "struct holds"}});
  EXPECT_NE(text.find("struct odd {\n\tchar c;\n\tint i;\n} __attribute__((packed));"), std::string::npos) << text;
  EXPECT_NE(text.find("\t} __attribute__((packed));\n"), std::string::npos) << text;
}

// Where each of their bits lies is the matter of c_bits_test.cpp.
TEST(CFormat, BitfieldsAndTheGapsBetweenThem) {
  Types t;
  t.structure("flags", 8,
              {{"a", t.uint, 0, 3}, {"b", t.uint, 3, 1}, {"c", t.uint, 9, 6}, {"d", t.uint, 32, 8}, {"e", t.bool_, 63, 1}}, true);
  t.structure("crossing", 5, {{"a", t.uint, 0, 30}, {"b", t.uint, 30, 10}}, true);
  t.structure("mixed", 8, {{"c", t.char_, 0}, {"b", t.uint, 8, 8}, {"x", t.char_, 16}, {"y", t.int_, 32}}, true);
  const auto header = c_header(t.btf());
  ASSERT_OK(header);
  EXPECT_NE(header->find("\tunsigned int b: 1;\n\tchar: 4;\n\tchar: 1;\n\tunsigned int c: 6;\n\tint: 0;\n"), std::string::npos)
      << *header;
  EXPECT_EQ(test::compile_errors(*header + R"(
_Static_assert(sizeof(struct flags) == 8 && sizeof(struct crossing) == 5 && sizeof(struct mixed) == 8, "");
)"),
            "");
}

TEST(CFormat, LegacyBitfieldsAreIntegersOfTheirWidth) {
  Types t;
  const auto three = t.integer("unsigned int", 4, 0, 3, 0);
  const auto five = t.integer("unsigned int", 4, 0, 5, 3);
  t.structure("old", 4, {{"a", three, 0}, {"b", five, 0}, {"c", t.char_, 8}});
  EXPECT_NE(compile(t).find("\tunsigned int a: 3;\n\tunsigned int b: 5;\n\tchar c;\n"), std::string::npos);
}

TEST(CFormat, BitfieldsThatCHasNot) {
  Types t;
  t.structure("odd", 16,
              {{"b", t.bool_, 0, 3}, {"p", t.ptr(t.int_), 3, 20}, {"wide", t.int_, 64, 40}, {"v", TypeId::none, 104, 2}}, true);
  const auto text = compile(t);
  EXPECT_NE(text.find("unsigned int b: 3;"), std::string::npos) << text;
  EXPECT_NE(text.find("unsigned int p: 20;"), std::string::npos) << text;
  EXPECT_NE(text.find("unsigned long long wide: 40;"), std::string::npos) << text;
}

TEST(CFormat, AnonymousTypes) {
  Types t;
  const auto pair = t.structure("", 8, {{"a", t.int_, 0}, {"b", t.int_, 32}});
  const auto either = t.union_("", 8, {{"", pair, 0}, {"whole", t.long_, 0}});
  const auto kind = t.enumeration("", 4, false, {{"ONE", 1}, {"TWO", 2}});
  const auto s = t.structure("s", 40, {{"", either, 0}, {"named", pair, 64}, {"p", t.ptr(pair), 128}, {"kind", kind, 192},
                                       {"again", kind, 224}, {"list", t.array(pair, 1), 256}});
  t.typedef_("pair_t", pair);
  t.enumeration("", 4, false, {{"ALONE", 7}});
  const auto text = compile(t, {{s, "struct s"}, {pair, "pair_t"}});
  EXPECT_NE(text.find("\tunion {\n\t\tstruct {\n\t\t\tint a;\n\t\t\tint b;\n\t\t};\n\t\tlong int whole;\n\t};\n"), std::string::npos) << text;
  EXPECT_NE(text.find("ONE___2 = 1"), std::string::npos) << text;
  EXPECT_NE(text.find("enum {\n\tALONE = 7,\n};\n"), std::string::npos) << text;
}

TEST(CFormat, Declarators) {
  Types t;
  const auto fn = t.proto(t.int_, {{"", t.ptr(TypeId::none)}, {"", t.char_}});
  const auto constant = t.modifier(Kind::Const, t.int_);
  const auto pointer = t.ptr(fn);
  const auto variadic = t.proto(TypeId::none, {{"format", t.ptr(t.modifier(Kind::Const, t.char_))}, {"", TypeId::none}});
  const auto returns = t.proto(t.ptr(t.array(t.int_, 3)), {});
  const auto s = t.structure(
      "s", 120,
      {{"fn", pointer, 0},
       {"constant", t.modifier(Kind::Const, pointer), 64},
       {"table", t.array(pointer, 2), 128},
       {"to_array", t.ptr(t.array(t.array(t.int_, 3), 4)), 256},
       {"grid", t.array(t.array(t.char_, 4), 2), 320},
       {"variadic", t.ptr(variadic), 384},
       {"returns", t.ptr(returns), 448},
       {"words", t.array(t.modifier(Kind::Const, t.ptr(constant)), 2), 512},
       {"restricted", t.modifier(Kind::Restrict, t.ptr(t.modifier(Kind::Volatile, t.int_))), 640},
       {"deep", t.ptr(t.ptr(t.ptr(t.array(pointer, 5)))), 704},
       {"takes", t.ptr(t.proto(pointer, {{"", pointer}})), 768},
       {"of_functions", t.ptr(t.modifier(Kind::Const, fn)), 832}});
  const auto text = compile(t, {{s, "struct s"}});
  for (const auto* line :
       {"int (*fn)(void *, char);", "int (*const constant)(void *, char);", "int (*table[2])(void *, char);",
        "int (*to_array)[4][3];", "char grid[2][4];", "void (*variadic)(const char *format, ...);",
        "int (*(*returns)(void))[3];", "const int *const words[2];", "volatile int *restrict restricted;",
        "int (*(***deep)[5])(void *, char);", "int (*(*takes)(int (*)(void *, char)))(void *, char);",
        "int (*of_functions)(void *, char);"})
    EXPECT_NE(text.find(std::string("\t") + line), std::string::npos) << line << "\n" << text;
}

TEST(CFormat, TypesComeBehindWhatTheyNeed) {
  Types t;
  // Ids: the outer one first.
  const auto first = number(t.structure("outer", 24, {{"inner", TypeId{7}, 0}, {"back", TypeId{8}, 128}}));
  ASSERT_EQ(first, 6u);
  t.structure("inner", 16, {{"up", TypeId{9}, 0}, {"other", TypeId{10}, 64}});
  t.ptr(TypeId{7});
  t.typedef_("outer_ptr", TypeId{11});
  t.typedef_("handler_t", TypeId{12});
  t.ptr(TypeId{6});
  t.ptr(TypeId{13});
  t.proto(TypeId::none, {{"", TypeId{9}}, {"", TypeId{6}}});
  EXPECT_EQ(compile(t, {{TypeId{6}, "struct outer"}, {TypeId{7}, "struct inner"}}),
            "struct outer;\n\n"
            "typedef struct outer *outer_ptr;\n\n"
            "typedef void (*handler_t)(outer_ptr, struct outer);\n\n"
            "struct inner {\n\touter_ptr up;\n\thandler_t other;\n};\n\n"
            "struct outer {\n\tstruct inner inner;\n\tstruct inner *back;\n};\n\n");
}

TEST(CFormat, HostileCirclesEnd) {
  Types t;
  t.structure("self", 16, {{"a", TypeId{6}, 0}, {"b", t.int_, 64}});  // 6
  t.typedef_("circle", TypeId{7});                                    // 7
  t.modifier(Kind::Const, TypeId{8});                                 // 8
  t.ptr(TypeId{9});                                                   // 9
  t.array(TypeId{10}, 2);                                             // 10
  t.structure("", 8, {{"in", TypeId{12}, 0}});                        // 11
  t.union_("", 8, {{"", TypeId{11}, 0}, {"p", TypeId{13}, 0}});       // 12
  t.ptr(TypeId{11});                                                  // 13
  t.proto(TypeId{14}, {{"", TypeId{14}}});                            // 14
  t.structure("x", 24, {{"y", TypeId{16}, 0}, {"p", TypeId{17}, 64}, {"c", TypeId{7}, 128}});  // 15
  t.structure("y", 8, {{"x", TypeId{18}, 0}});                        // 16
  t.ptr(TypeId{18});                                                  // 17
  t.array(TypeId{15}, 1);                                             // 18
  t.structure("all", 64, {{"a", TypeId{8}, 0}, {"b", TypeId{9}, 64}, {"c", TypeId{10}, 128}, {"d", TypeId{11}, 192},
                          {"e", TypeId{13}, 256}, {"f", TypeId{14}, 320}, {"g", TypeId{15}, 320}});
  t.typedef_("loop_a", TypeId{21});  // 20
  t.typedef_("loop_b", TypeId{20});  // 21
  t.typedef_("proto_t", TypeId{14});
  compile(t, {{TypeId{6}, "struct self"}});
  const auto btf = t.btf();
  for (std::uint32_t id = 0; id < btf.type_count(); ++id) EXPECT_OK(c_declaration(btf, TypeId{id}));
}

TEST(CFormat, DeepAndWideTypesEnd) {
  Types deep;
  for (std::uint32_t i = 0; i < 20'000; ++i)
    deep.structure("s" + std::to_string(i), 4, {{"next", i + 1 == 20'000 ? deep.int_ : TypeId{7 + i}, 0}});
  EXPECT_OK(c_header(deep.btf()));
  Types chain;
  for (std::uint32_t i = 0; i < 20'000; ++i) chain.typedef_("t" + std::to_string(i), TypeId{7 + i});
  chain.integer("int", 4);
  EXPECT_OK(c_header(chain.btf()));
  // Twice as much at every level.
  Types wide;
  for (std::uint32_t i = 0; i < 60; ++i) wide.structure("", 0, {{"a", TypeId{7 + i}, 0}, {"b", TypeId{7 + i}, 0}});
  wide.structure("top", 0, {{"a", TypeId{6}, 0}});
  const auto text = c_header(wide.btf());
  ASSERT_FALSE(text);
  EXPECT_EQ(text.error().code(), Errc::malformed);
}

TEST(CFormat, OneNameForOneThing) {
  Types t;
  t.structure("n", 4, {{"a", t.int_, 0}});
  t.structure("n", 8, {{"a", t.long_, 0}});
  t.union_("n", 4, {{"a", t.int_, 0}});
  t.enumeration("n", 4, false, {{"A", 1}, {"t", 2}});
  t.enumeration("m", 4, false, {{"A", 3}});
  t.typedef_("n", TypeId{6});
  t.typedef_("t", TypeId{7});
  t.typedef_("t", TypeId{8});
  t.structure("n___2", 1, {{"c", t.char_, 0}});
  t.structure("twice", 8, {{"a", t.int_, 0}, {"a", t.int_, 32}});
  const auto text = compile(t);
  for (const auto* part : {"struct n {", "struct n___2 {", "union n___3 {", "enum n___4 {", "A = 1", "A___2 = 3",
                           "typedef struct n n;", "typedef struct n___2 t___2;", "typedef union n___3 t___3;",
                           "struct n___2___2 {", "int a;\n\tint a___2;"})
    EXPECT_NE(text.find(part), std::string::npos) << part << "\n" << text;
}

TEST(CFormat, ForwardDeclarationsMeetTheirDefinition) {
  Types t;
  const auto later = t.record(7, "later", 0, false, 0);
  const auto never = t.record(7, "never", 0, true, 0);
  const auto odd = t.record(7, "odd", 0, true, 0);
  const auto empty = t.enumeration("empty", 4, false, {});
  t.structure("s", 32, {{"l", t.ptr(later), 0}, {"n", t.ptr(never), 64}, {"o", t.ptr(odd), 128}, {"e", t.ptr(empty), 192}});
  t.structure("later", 4, {{"x", t.int_, 0}});
  t.structure("odd", 4, {{"x", t.int_, 0}});
  const auto text = compile(t);
  for (const auto* part : {"struct later;", "union never;", "union odd;", "enum empty;", "struct later {", "struct odd___2 {"})
    EXPECT_NE(text.find(part), std::string::npos) << part << "\n" << text;
}

// As clang writes "enum fwe;": of no bytes.
TEST(CFormat, EnumerationsThatAreOnlyDeclared) {
  Types t;
  const auto fwe = t.enumeration("fwe", 0, false, {});
  const auto later = t.enumeration("later", 0, false, {});
  const auto nothing = t.enumeration("", 0, false, {});
  const auto alias = t.typedef_("fwe_t", fwe);
  t.typedef_("nothing_t", nothing);
  const auto call = t.ptr(t.proto(t.ptr(fwe), {{"e", t.ptr(alias)}, {"n", t.ptr(nothing)}}));
  const auto h = t.structure("h", 40, {{"e", t.ptr(t.modifier(Kind::Const, fwe)), 0}, {"l", t.ptr(t.ptr(later)), 64},
                                       {"call", call, 128}, {"alias", t.ptr(alias), 192}, {"n", t.ptr(nothing), 256}});
  // Has no size to stand there with.
  t.structure("impossible", 8, {{"e", fwe, 0}, {"n", nothing, 0}, {"array", t.array(fwe, 2), 0}, {"i", t.int_, 32}});
  t.enumeration("later", 4, false, {{"LATER", 1}});
  const auto text = compile(t, {{h, "struct h"}});
  EXPECT_EQ(text.find("enum fwe {"), std::string::npos) << text;
  for (const auto* part : {"enum fwe;\n", "enum later;\n", "enum later {", "typedef enum fwe fwe_t;", "const enum fwe *e;"})
    EXPECT_NE(text.find(part), std::string::npos) << part << "\n" << text;
  EXPECT_EQ(*c_declaration(t.btf(), fwe), "enum fwe;");
}

TEST(CFormat, NamesThatAreNone) {
  Types t;
  t.structure("int", 4, {{"while", t.int_, 0}});
  t.structure("core::Option<&str>", 8, {{"0", t.int_, 0}, {"1", t.int_, 32}});
  t.typedef_("unsigned", t.int_);
  t.enumeration("\xff\n", 4, false, {{"", 0}, {"", 1}});
  t.typedef_("", t.int_);
  const auto text = compile(t);
  EXPECT_NE(text.find("struct int_ {\n\tint while_;\n}"), std::string::npos) << text;
  EXPECT_NE(text.find("struct core__Option__str_ {\n\tint _0;\n\tint _1;\n}"), std::string::npos) << text;
}

TEST(CFormat, EnumerationsOfEverySize) {
  Types t;
  const auto one = t.enumeration("one", 1, true, {{"A", -1}, {"A2", 127}});
  const auto max = t.enumeration("max", 1, false, {{"B", 255}});
  const auto two = t.enumeration("two", 2, false, {{"C", 65535}});
  const auto four = t.enumeration("four", 4, false, {{"D", 0xffffffff}});
  const auto small = t.enum64("small", 8, false, {{"E", 1}});
  const auto large = t.enum64("large", 8, false, {{"F", -1}});
  const auto least = t.enum64("least", 8, true, {{"G", INT64_MIN}, {"H", INT64_MAX}, {"I", -1}});
  const auto s = t.structure("s", 32, {{"one", one, 0}, {"max", max, 8}, {"two", two, 16}, {"four", four, 32},
                                       {"small", small, 64}, {"large", large, 128}, {"least", least, 192}});
  const auto text = compile(t, {{s, "struct s"}});
  for (const auto* part : {"D = 4294967295,", "F = 18446744073709551615ULL,", "G = -9223372036854775807LL - 1,", "I = -1LL,"})
    EXPECT_NE(text.find(part), std::string::npos) << part << "\n" << text;
}

TEST(CFormat, TypeTags) {
  Types t;
  const auto user = t.ptr(t.modifier(Kind::TypeTag, t.int_, "user"));
  const auto twice = t.ptr(t.modifier(Kind::TypeTag, t.modifier(Kind::Const, t.ptr(t.int_)), "rcu"));
  const auto arena = t.ptr(t.record(18, "address_space(1)", 0, true, 0));
  const auto odd = t.ptr(t.modifier(Kind::TypeTag, t.int_, "a\"b"));
  const auto evil = t.ptr(t.record(18, "packed)) x((", 0, true, number(t.int_)));
  t.structure("s", 40, {{"user", user, 0}, {"twice", twice, 64}, {"arena", arena, 128}, {"odd", odd, 192}, {"evil", evil, 256}});
  const auto text = compile(t);
  for (const auto* part :
       {"int __attribute__((btf_type_tag(\"user\"))) *user;", "int *const __attribute__((btf_type_tag(\"rcu\"))) *twice;",
        "void __attribute__((address_space(1))) *arena;", "btf_type_tag(\"a\\\"b\")", "/* packed___x__ */"})
    EXPECT_NE(text.find(part), std::string::npos) << part << "\n" << text;
}

TEST(CFormat, MembersInAnyOrderAndOverEachOther) {
  Types t;
  const auto mixed = t.structure("mixed", 16, {{"b", t.long_, 64}, {"a", t.int_, 0}});
  const auto over = t.structure("over", 8, {{"a", t.long_, 0}, {"b", t.int_, 16}, {"c", t.char_, 56}});
  const auto shifted = t.union_("shifted", 8, {{"a", t.int_, 0}, {"b", t.char_, 40}});
  t.structure("small", 4, {{"a", t.int_, 0}, {"beyond", t.long_, 0}, {"behind", t.int_, 64}});
  const auto text = compile(t, {{mixed, "struct mixed"}, {over, "struct over"}, {shifted, "union shifted"}});
  EXPECT_EQ(text.find("beyond"), std::string::npos) << text;
  EXPECT_EQ(text.find("behind"), std::string::npos) << text;
}

TEST(CFormat, NumbersOfOtherCompilers) {
  Types t;
  const auto u8 = t.integer("u8", 1), i64 = t.integer("i64", 8, BtfBuilder::kSigned), u24 = t.integer("u24", 3);
  const auto short_long = t.integer("int", 8, BtfBuilder::kSigned);
  const auto s = t.structure("s", 72, {{"a", u8, 0}, {"b", i64, 64}, {"c", u24, 128}, {"d", short_long, 192},
                                       {"e", t.floating("double", 8), 256}, {"f", t.floating("long double", 16), 320},
                                       {"g", t.floating("float", 4), 448}, {"h", t.integer("bool", 4, BtfBuilder::kBool), 480}});
  compile(t, {{s, "struct s"}});
}

TEST(CFormat, TheCompilersOwnTypesAreUsedAsTheyAre) {
  Types t;
  const auto list = t.structure("__va_list_tag", 24, {{"a", t.long_, 0}});
  const auto own = t.typedef_("__builtin_va_list", t.array(list, 1));
  const auto s = t.structure("s", 32, {{"l", t.long_, 0}, {"args", t.typedef_("va_list", own), 64}});
  EXPECT_NE(compile(t, {{s, "struct s"}}).find("typedef struct __va_list_tag va_list[1];"), std::string::npos);
}

TEST(CFormat, AStructureWithANameInPlaceOfMembers) {
  Types t;
  const auto head = t.structure("head", 8, {{"a", t.int_, 0}, {"b", t.int_, 32}});
  const auto s = t.structure("s", 16, {{"", head, 0}, {"c", t.int_, 64}});
  EXPECT_NE(compile(t, {{s, "struct s"}, {head, "struct head"}}).find("struct s {\n\tstruct {\n\t\tint a;"), std::string::npos);
}

TEST(CFormat, KfuncsAndRoots) {
  Types t;
  const auto s = t.structure("s", 4, {{"a", t.int_, 0}});
  const auto unused = t.structure("unused", 4, {{"a", t.int_, 0}});
  const auto proto = t.proto(t.ptr(s), {{"s", t.ptr(s)}, {"kind", t.enumeration("kind", 4, false, {{"K", 1}})}});
  const auto slow = t.func("slow", proto), fast = t.func("fast", proto);
  const auto other = t.func("other", proto);
  const auto var = t.var("counter", t.ptr(s));
  t.decl_tag("bpf_kfunc", slow);
  t.decl_tag("bpf_kfunc", fast);
  t.decl_tag("bpf_fastcall", fast);
  const auto text = compile(t);
  EXPECT_NE(text.find("#ifndef BPF_NO_KFUNC_PROTOTYPES\n"
                      "extern __bpf_fastcall struct s *fast(struct s *s, enum kind kind) __weak __ksym;\n"
                      "extern struct s *slow(struct s *s, enum kind kind) __weak __ksym;\n"
                      "#endif\n"),
            std::string::npos)
      << text;
  EXPECT_EQ(text.find("other"), std::string::npos);

  const TypeId roots[] = {other, var};
  const auto some = c_header(t.btf(), roots);
  ASSERT_OK(some);
  EXPECT_NE(some->find("extern struct s *other(struct s *s, enum kind kind);\n\nextern struct s *counter;"), std::string::npos)
      << *some;
  EXPECT_EQ(some->find("unused"), std::string::npos);
  EXPECT_EQ(test::compile_errors(*some), "");
  EXPECT_EQ(*c_declaration(t.btf(), unused), "struct unused {\n\tint a; /* offset 0, size 4 */\n};");
  EXPECT_EQ(c_header(t.btf(), std::array{TypeId{1000}}).error().code(), Errc::not_found);
}

TEST(CFormat, BrokenTypesAreNamed) {
  Types t;
  t.structure("s", 4, {{"a", TypeId{99}, 0}});
  const auto text = c_header(t.btf());
  ASSERT_FALSE(text);
  EXPECT_EQ(text.error().code(), Errc::malformed);
  EXPECT_NE(text.error().what().find("type 6 STRUCT"), std::string::npos) << text.error().what();
}

}  // namespace
}  // namespace skep::btf
