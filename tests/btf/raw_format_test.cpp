// The listing of records, held against what bpftool prints for the same types.
#include "skep/btf/raw_format.hpp"

#include <gtest/gtest.h>

#include "skep/tests/support/btf_builder.hpp"
#include "skep/tests/support/result.hpp"

namespace skep::btf {
namespace {

using test::BtfBuilder;

std::string listing(const BtfBuilder& builder) {
  const auto btf = Btf::parse(builder.build());
  EXPECT_OK(btf);
  std::string out;
  for (std::uint32_t id = 1; btf && id < btf->type_count(); ++id) EXPECT_OK(append_raw(*btf, TypeId{id}, out));
  return out;
}

TEST(RawFormat, EnumerationsThatAreOnlyDeclared) {
  BtfBuilder b;
  b.enumeration("fwe", 0, false, {});
  EXPECT_EQ(listing(b), "[1] ENUM 'fwe' encoding=UNSIGNED size=0 vlen=0\n");
}

TEST(RawFormat, EveryKind) {
  for (const auto order : {ByteOrder::little, ByteOrder::big}) {
    BtfBuilder b(order);
    const auto number = b.integer("int", 4, BtfBuilder::kSigned);
    b.integer("char", 1, BtfBuilder::kChar | BtfBuilder::kSigned);
    b.integer("flag", 1, BtfBuilder::kBool, 1, 3);
    const auto pointer = b.ptr(TypeId::none);
    b.array(pointer, 4);
    b.structure("point", 8, {{"x", number, 0, 4}, {"", number, 32}}, true);
    b.union_("", 4, {{"u", number, 0}});
    b.enumeration("sign", 4, true, {{"MINUS", -1}, {"PLUS", 1}});
    b.enumeration("", 4, false, {{"ALL", -1}});
    b.record(7, "later", 0, false, 0);
    b.record(7, "later", 0, true, 0);
    b.typedef_("number", number);
    b.modifier(Kind::Volatile, number);
    b.modifier(Kind::Const, number);
    b.modifier(Kind::Restrict, pointer);
    const auto proto = b.proto(number, {{"a", number}, {"", TypeId::none}});
    b.func("f", proto, 2);
    const auto variable = b.var("v", number, 0);
    b.datasec(".bss", 4, {{variable, 8, 4}});
    b.floating("double", 8);
    b.decl_tag("tag", variable, -1);
    b.modifier(Kind::TypeTag, number, "user");
    b.enum64("wide", 8, true, {{"LEAST", INT64_MIN}});
    b.enum64("wider", 8, false, {{"MOST", -1}});
    EXPECT_EQ(listing(b),
              "[1] INT 'int' size=4 bits_offset=0 nr_bits=32 encoding=SIGNED\n"
              "[2] INT 'char' size=1 bits_offset=0 nr_bits=8 encoding=UNKN\n"
              "[3] INT 'flag' size=1 bits_offset=3 nr_bits=1 encoding=BOOL\n"
              "[4] PTR '(anon)' type_id=0\n"
              "[5] ARRAY '(anon)' type_id=4 index_type_id=1 nr_elems=4\n"
              "[6] STRUCT 'point' size=8 vlen=2\n"
              "\t'x' type_id=1 bits_offset=0 bitfield_size=4\n"
              "\t'(anon)' type_id=1 bits_offset=32\n"
              "[7] UNION '(anon)' size=4 vlen=1\n"
              "\t'u' type_id=1 bits_offset=0\n"
              "[8] ENUM 'sign' encoding=SIGNED size=4 vlen=2\n"
              "\t'MINUS' val=-1\n"
              "\t'PLUS' val=1\n"
              "[9] ENUM '(anon)' encoding=UNSIGNED size=4 vlen=1\n"
              "\t'ALL' val=4294967295\n"
              "[10] FWD 'later' fwd_kind=struct\n"
              "[11] FWD 'later' fwd_kind=union\n"
              "[12] TYPEDEF 'number' type_id=1\n"
              "[13] VOLATILE '(anon)' type_id=1\n"
              "[14] CONST '(anon)' type_id=1\n"
              "[15] RESTRICT '(anon)' type_id=4\n"
              "[16] FUNC_PROTO '(anon)' ret_type_id=1 vlen=2\n"
              "\t'a' type_id=1\n"
              "\t'(anon)' type_id=0\n"
              "[17] FUNC 'f' type_id=16 linkage=extern\n"
              "[18] VAR 'v' type_id=1, linkage=static\n"
              "[19] DATASEC '.bss' size=4 vlen=1\n"
              "\ttype_id=18 offset=8 size=4 (VAR 'v')\n"
              "[20] FLOAT 'double' size=8\n"
              "[21] DECL_TAG 'tag' type_id=18 component_idx=-1\n"
              "[22] TYPE_TAG 'user' type_id=1\n"
              "[23] ENUM64 'wide' encoding=SIGNED size=8 vlen=1\n"
              "\t'LEAST' val=-9223372036854775808LL\n"
              "[24] ENUM64 'wider' encoding=UNSIGNED size=8 vlen=1\n"
              "\t'MOST' val=18446744073709551615ULL\n");
  }
}

TEST(RawFormat, NamesBeginNoLines) {
  BtfBuilder b;
  const auto number = b.integer("int\n[2] INT 'forged'", 4, BtfBuilder::kSigned);
  b.structure("s", 4, {{"a\n\t'b", number, 0}});
  EXPECT_EQ(listing(b),
            "[1] INT 'int?[2] INT 'forged'' size=4 bits_offset=0 nr_bits=32 encoding=SIGNED\n"
            "[2] STRUCT 's' size=4 vlen=1\n"
            "\t'a?\?'b' type_id=1 bits_offset=0\n");
}

TEST(RawFormat, BrokenRecordsAddNothing) {
  BtfBuilder b;
  b.ptr(TypeId{9});
  const auto btf = Btf::parse(b.build());
  ASSERT_OK(btf);
  std::string out = "before";
  EXPECT_FALSE(append_raw(*btf, TypeId{1}, out));
  EXPECT_FALSE(append_raw(*btf, TypeId{2}, out));
  EXPECT_EQ(out, "before");
}

}  // namespace
}  // namespace skep::btf
