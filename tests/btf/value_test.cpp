// Bytes to trees and back, in both byte orders.
#include "skep/btf/value.hpp"

#include <gtest/gtest.h>

#include "skep/tests/support/btf_builder.hpp"
#include "skep/tests/support/result.hpp"

namespace skep::btf {
namespace {

using test::BtfBuilder;
using Enumeration = Value::Enumeration;
using Pointer = Value::Pointer;
using Array = Value::Array;
using Struct = Value::Struct;

Value i(std::int64_t v) { return Value{v}; }
Value u(std::uint64_t v) { return Value{v}; }
Value text(std::string v) { return Value{std::move(v)}; }

class Values : public testing::TestWithParam<ByteOrder> {
 protected:
  BtfBuilder b{GetParam()};

  // The bytes as hex, for the byte order at hand.
  std::string in_order(const char* little, const char* big) const {
    return GetParam() == ByteOrder::little ? little : big;
  }
  void round_trip(TypeId type, const std::string& hex, const Value& value) {
    const auto btf = *b.parse();
    const auto bytes = *from_hex(hex);
    const auto decoded = decode_value(btf, type, bytes, GetParam());
    ASSERT_OK(decoded);
    EXPECT_TRUE(*decoded == value) << hex;
    expect_encoded(type, value, hex);
  }
  // One way: what people write, and what comes of it.
  void expect_encoded(TypeId type, const Value& value, const std::string& hex) {
    const auto btf = *b.parse();
    std::vector<std::byte> bytes(hex.size() / 2, std::byte{0xee});
    ASSERT_OK(encode_value(btf, type, value, bytes, GetParam()));
    EXPECT_EQ(to_hex(bytes), hex);
  }
  std::string refusal(TypeId type, const Value& value) {
    const auto btf = *b.parse();
    std::vector<std::byte> bytes(*btf.size_of(type));
    const auto done = encode_value(btf, type, value, bytes, GetParam());
    EXPECT_TRUE(done || done.error().code() == Errc::invalid);
    return test::message(done);
  }
};

INSTANTIATE_TEST_SUITE_P(Orders, Values, testing::Values(ByteOrder::little, ByteOrder::big),
                         [](const auto& param) { return std::string(to_string(param.param)); });

TEST_P(Values, Integers) {
  const auto s16 = b.integer("short", 2, BtfBuilder::kSigned);
  const auto u16 = b.integer("unsigned short", 2);
  const auto s64 = b.integer("long long", 8, BtfBuilder::kSigned);
  const auto u64 = b.integer("unsigned long long", 8);
  const auto u128 = b.integer("unsigned __int128", 16);
  const auto s128 = b.integer("__int128", 16, BtfBuilder::kSigned);
  round_trip(s16, in_order("feff", "fffe"), i(-2));
  round_trip(u16, in_order("feff", "fffe"), u(0xfffe));
  round_trip(s64, in_order("0000000000000080", "8000000000000000"), i(INT64_MIN));
  round_trip(u64, in_order("ffffffffffffff80", "80ffffffffffffff"), u(0x80ffffffffffffff));
  round_trip(u128, in_order("01000000000000000200000000000000", "00000000000000020000000000000001"),
             text("0x20000000000000001"));
  round_trip(u128, in_order("05000000000000000000000000000000", "00000000000000000000000000000005"), text("0x5"));
  expect_encoded(s128, i(-1), "ffffffffffffffffffffffffffffffff");
  expect_encoded(u128, u(1), in_order("01000000000000000000000000000000", "00000000000000000000000000000001"));
}

TEST_P(Values, IntegersAsPeopleWriteThem) {
  const auto s16 = b.integer("short", 2, BtfBuilder::kSigned);
  const auto u64 = b.integer("u64", 8);
  const auto letter = b.integer("char", 1, BtfBuilder::kSigned);
  expect_encoded(s16, text("-2"), in_order("feff", "fffe"));
  expect_encoded(s16, text("0x1f"), in_order("1f00", "001f"));
  expect_encoded(s16, text("0xfffe"), in_order("feff", "fffe"));
  expect_encoded(s16, u(5), in_order("0500", "0005"));
  expect_encoded(s16, Value{true}, in_order("0100", "0001"));
  expect_encoded(u64, text("18446744073709551615"), "ffffffffffffffff");
  expect_encoded(u64, Value{Pointer{2}}, in_order("0200000000000000", "0000000000000002"));
  expect_encoded(letter, text("'R'"), "52");
  expect_encoded(letter, i(82), "52");
}

TEST_P(Values, IntegersThatDoNotFit) {
  const auto s16 = b.integer("short", 2, BtfBuilder::kSigned);
  const auto u16 = b.typedef_("__u16", b.integer("unsigned short", 2));
  const auto s64 = b.integer("long", 8, BtfBuilder::kSigned);
  const auto u64 = b.integer("unsigned long", 8);
  EXPECT_EQ(refusal(u16, u(70000)), "70000 does not fit __u16 (0 to 65535)");
  EXPECT_EQ(refusal(u16, i(-1)), "-1 does not fit __u16 (0 to 65535)");
  EXPECT_EQ(refusal(s16, i(32768)), "32768 does not fit short (-32768 to 32767)");
  EXPECT_EQ(refusal(s16, i(-32769)), "-32769 does not fit short (-32768 to 32767)");
  EXPECT_EQ(refusal(s16, text("0x10000")), "\"0x10000\" does not fit short (-32768 to 32767)");
  EXPECT_EQ(refusal(s64, u(0x8000000000000000)),
            "9223372036854775808 does not fit long (-9223372036854775808 to 9223372036854775807)");
  EXPECT_EQ(refusal(u64, i(-1)), "-1 does not fit unsigned long (0 to 18446744073709551615)");
  EXPECT_EQ(refusal(u64, text("0x10000000000000000")),
            "\"0x10000000000000000\" does not fit unsigned long (0 to 18446744073709551615)");
  for (const auto* wrong : {"", "x", "0x", "0xg", "12a", "1.5", "--1", "''", "'ab'", " 1"})
    EXPECT_EQ(refusal(u16, text(wrong)), fmt::format("\"{}\" is not an integer, __u16 expected", wrong));
  EXPECT_EQ(refusal(u16, Value{1.5}), "1.5 is not an integer, __u16 expected");
  EXPECT_EQ(refusal(u16, Value{Array{}}), "an array of 0 is not an integer, __u16 expected");
  EXPECT_EQ(refusal(u16, Value{Struct{}}), "a structure of 0 is not an integer, __u16 expected");
}

TEST_P(Values, Bools) {
  const auto flag = b.integer("bool", 1, BtfBuilder::kBool);
  round_trip(flag, "01", Value{true});
  round_trip(flag, "00", Value{false});
  // Not a bool that a compiler would store; not lost either.
  round_trip(flag, "02", u(2));
  expect_encoded(flag, text("true"), "01");
  expect_encoded(flag, u(1), "01");
  EXPECT_EQ(refusal(flag, text("yes")), "\"yes\" is not an integer, bool expected");
}

TEST_P(Values, Floats) {
  const auto single = b.floating("float", 4);
  const auto twice = b.floating("double", 8);
  const auto half = b.floating("_Float16", 2);
  const auto wide = b.floating("long double", 16);
  round_trip(single, in_order("0000c0bf", "bfc00000"), Value{-1.5});
  round_trip(twice, in_order("000000000000f83f", "3ff8000000000000"), Value{1.5});
  round_trip(half, in_order("003c", "3c00"), text("0x3c00"));
  round_trip(wide, in_order("000000000000000000000000000000ff", "ff000000000000000000000000000000"),
             text("0xff000000000000000000000000000000"));
  expect_encoded(twice, i(2), in_order("0000000000000040", "4000000000000000"));
  expect_encoded(twice, text("0x4000000000000000"), in_order("0000000000000040", "4000000000000000"));
  EXPECT_EQ(refusal(wide, Value{1.5}), "a long double of 16 bytes is given as its bits, \"0x...\"");
}

TEST_P(Values, Enumerations) {
  const auto color = b.enumeration("color", 4, false, {{"RED", 1}, {"BLUE", 2}, {"ALSO_BLUE", 2}});
  const auto level = b.enumeration("level", 4, true, {{"LOW", -1}});
  const auto small = b.enumeration("small", 1, false, {{"ONE", 1}});
  const auto wide = b.enum64("wide", 8, false, {{"TOP", -1}});
  round_trip(color, in_order("02000000", "00000002"), Value{Enumeration{"BLUE", 2, false}});
  round_trip(color, in_order("09000000", "00000009"), Value{Enumeration{"", 9, false}});
  round_trip(level, "ffffffff", Value{Enumeration{"LOW", -1, true}});
  round_trip(small, "01", Value{Enumeration{"ONE", 1, false}});
  round_trip(wide, "ffffffffffffffff", Value{Enumeration{"TOP", -1, false}});
  round_trip(wide, in_order("feffffffffffffff", "fffffffffffffffe"), Value{Enumeration{"", -2, false}});
  expect_encoded(color, text("ALSO_BLUE"), in_order("02000000", "00000002"));
  expect_encoded(color, text("0x10"), in_order("10000000", "00000010"));
  expect_encoded(color, u(7), in_order("07000000", "00000007"));
  EXPECT_EQ(refusal(color, text("GREEN")), "enum color has no \"GREEN\"; it has RED, BLUE, ALSO_BLUE");
  EXPECT_EQ(refusal(small, u(256)), "256 does not fit enum small (0 to 255)");
  EXPECT_EQ(refusal(level, i(INT64_MIN)), "-9223372036854775808 does not fit enum level (-2147483648 to 2147483647)");
}

TEST_P(Values, EnumerationsThatAreOnlyDeclared) {
  const auto declared = b.enumeration("e", 0, true, {});
  const auto type = b.structure("s", 4, {{"e", declared, 0}});
  const auto btf = *b.parse();
  EXPECT_EQ(test::message(decode_value(btf, type, *from_hex("00000000"), GetParam())), "e: a declaration without a size");
  EXPECT_EQ(refusal(type, Value{Struct{{{"e", u(0)}}}}), "e: a declaration without a size");
}

TEST_P(Values, Pointers) {
  const auto pointer = b.ptr(TypeId::none);
  round_trip(pointer, in_order("efcdab0000000000", "0000000000abcdef"), Value{Pointer{0xabcdef}});
  expect_encoded(pointer, text("0xabcdef"), in_order("efcdab0000000000", "0000000000abcdef"));
  expect_encoded(pointer, i(0), "0000000000000000");
}

TEST_P(Values, Arrays) {
  const auto word = b.integer("unsigned short", 2);
  const auto row = b.array(word, 2);
  const auto grid = b.array(row, 2);
  const auto none = b.array(word, 0);
  const auto nothing = b.array(b.structure("empty", 0, {}), 4'000'000'000);
  round_trip(grid, in_order("0100020003000400", "0001000200030004"),
             Value{Array{Value{Array{u(1), u(2)}}, Value{Array{u(3), u(4)}}}});
  round_trip(none, "", Value{Array{}});
  round_trip(nothing, "", Value{Array{}});
  expect_encoded(row, Value{Array{u(1)}}, in_order("01000000", "00010000"));
  EXPECT_EQ(refusal(row, Value{Array{u(1), u(2), u(3)}}), "3 elements do not fit unsigned short[2]");
  EXPECT_EQ(refusal(grid, Value{Array{Value{Array{}}, Value{Array{u(1), u(70000)}}}}),
            "[1][1]: 70000 does not fit unsigned short (0 to 65535)");
  EXPECT_EQ(refusal(row, u(1)), "1 is not an array, unsigned short[2] expected");
  EXPECT_EQ(refusal(row, text("ab")), "\"ab\" is text, unsigned short[2] expected");
}

TEST_P(Values, TextAndBytes) {
  const auto letter = b.integer("char", 1, BtfBuilder::kSigned);
  const auto octet = b.typedef_("__u8", b.integer("unsigned char", 1));
  const auto name = b.array(letter, 4);
  const auto mac = b.array(octet, 6);
  round_trip(name, "61620000", text("ab"));
  round_trip(name, "61626364", text("abcd"));
  round_trip(name, "00000000", text(""));
  // Text that would not come back: something behind the NUL, a byte that is no ASCII.
  round_trip(name, "61006200", Value{Array{i('a'), i(0), i('b'), i(0)}});
  round_trip(name, "61ff0000", Value{Array{i('a'), i(-1), i(0), i(0)}});
  round_trip(mac, "0a1b2c3d4e5f", Value{Array{u(10), u(27), u(44), u(61), u(78), u(95)}});
  expect_encoded(mac, text("0x0a1b2c3d4e5f"), "0a1b2c3d4e5f");
  expect_encoded(mac, text("0x0a1b"), "0a1b00000000");
  EXPECT_EQ(refusal(name, text("abcde")), "5 bytes of text do not fit char[4]");
  EXPECT_EQ(refusal(mac, text("0x0a1b2c3d4e5f60")), "7 bytes of text do not fit __u8[6]");
  EXPECT_EQ(refusal(mac, text("hello")), "\"hello\" is text, __u8[6] expected");
  EXPECT_NE(refusal(mac, text("0x0g")).find("'g' is not a hex digit"), std::string::npos);
}

class Structs : public Values {
 protected:
  TypeId word = b.integer("unsigned short", 2), octet = b.integer("unsigned char", 1);
  TypeId port = b.structure("port", 4, {{"number", word, 0}, {"flags", word, 16}});
  TypeId parts = b.structure("", 2, {{"first", octet, 0}, {"second", octet, 8}});
  TypeId either = b.union_("", 2, {{"whole", word, 0}, {"", parts, 0}});
  TypeId flow = b.structure(
      "flow", 12, {{"src", port, 0}, {"ports", b.array(port, 1), 32}, {"", either, 64}, {"proto", octet, 80}});
};
INSTANTIATE_TEST_SUITE_P(Orders, Structs, testing::Values(ByteOrder::little, ByteOrder::big),
                         [](const auto& param) { return std::string(to_string(param.param)); });

TEST_P(Structs, RoundTrip) {
  const auto whole = u(GetParam() == ByteOrder::little ? 0x0605 : 0x0506);
  const Value value{Struct{{"src", Value{Struct{{"number", u(1)}, {"flags", u(2)}}}},
                           {"ports", Value{Array{Value{Struct{{"number", u(3)}, {"flags", u(4)}}}}}},
                           {"whole", whole},
                           {"first", u(5)},
                           {"second", u(6)},
                           {"proto", u(17)}}};
  round_trip(flow, in_order("010002000300040005061100", "000100020003000405061100"), value);
  EXPECT_EQ(*value.find("proto"), u(17));
  EXPECT_EQ(value.find("dst"), nullptr);
  EXPECT_EQ(u(1).find("dst"), nullptr);
}

// An array without a count at the end takes what there is; elsewhere it is a mark, or padding.
TEST_P(Structs, FlexibleArrays) {
  const auto none = b.array(word, 0);
  const auto rest = b.structure("", 0, {{"words", b.typedef_("words_t", none), 0}});
  const auto list = b.structure("list", 2, {{"mark", none, 0}, {"count", word, 0}, {"", rest, 16}});
  const auto hex = in_order("0200070008000900", "0002000700080009");
  round_trip(list, hex,
             Value{Struct{{"mark", Value{Array{}}}, {"count", u(2)}, {"words", Value{Array{u(7), u(8), u(9)}}}}});
  round_trip(list, in_order("0200", "0002"),
             Value{Struct{{"mark", Value{Array{}}}, {"count", u(2)}, {"words", Value{Array{}}}}});
  // A last byte alone is no element.
  const auto btf = *b.parse();
  auto bytes = *from_hex(hex + "ff");
  EXPECT_EQ(decode_value(btf, list, bytes, GetParam())->find("words")->data, (Value{Array{u(7), u(8), u(9)}}.data));
  EXPECT_EQ(test::message(encode_value(btf, list, Value{Struct{{"words", Value{Array(4, u(1))}}}}, bytes, GetParam())),
            "words: 4 elements do not fit words_t");
  // Inside of another structure or an array there is no room for them.
  const auto pair = b.structure("pair", 4, {{"first", list, 0}, {"second", word, 16}});
  const Value empty{Struct{{"mark", Value{Array{}}}, {"count", u(2)}, {"words", Value{Array{}}}}};
  round_trip(pair, in_order("02000300", "00020003"), Value{Struct{{"first", empty}, {"second", u(3)}}});
  const auto name = b.structure("name", 1, {{"length", octet, 0}, {"text", b.array(b.integer("char", 1), 0), 8}});
  round_trip(name, "02616200", Value{Struct{{"length", u(2)}, {"text", text("ab")}}});
}

TEST_P(Structs, WhatIsNotGivenIsZero) {
  expect_encoded(flow, Value{Struct{}}, "000000000000000000000000");
  expect_encoded(flow, Value{Struct{{"proto", u(6)}, {"second", u(9)}}}, "000000000000000000090600");
}

TEST_P(Structs, ErrorsSayTheWay) {
  EXPECT_EQ(refusal(flow, Value{Struct{{"dst", u(1)}}}),
            "struct flow has no field \"dst\"; it has src, ports, whole, first, second, proto");
  EXPECT_EQ(refusal(flow, Value{Struct{{"src", Value{Struct{{"nr", u(1)}}}}}}),
            "src: struct port has no field \"nr\"; it has number, flags");
  EXPECT_EQ(refusal(flow, Value{Struct{{"ports", Value{Array{Value{Struct{{"flags", i(-1)}}}}}}}}),
            "ports[0].flags: -1 does not fit unsigned short (0 to 65535)");
  EXPECT_EQ(refusal(flow, Value{Struct{{"src", u(1)}}}), "src: 1 is not a structure, struct port expected");
  EXPECT_EQ(refusal(flow, u(1)), "1 is not a structure, struct flow expected");
}

TEST_P(Structs, MembersOfAUnionMustAgree) {
  const auto agreed = u(GetParam() == ByteOrder::little ? 0x0605 : 0x0506);
  expect_encoded(flow, Value{Struct{{"first", u(5)}, {"second", u(6)}, {"whole", agreed}}}, "000000000000000005060000");
  EXPECT_EQ(refusal(flow, Value{Struct{{"whole", u(0)}, {"second", u(6)}}}),
            "second: disagrees with another field given for the same bytes");
  EXPECT_EQ(refusal(flow, Value{Struct{{"proto", u(1)}, {"proto", u(2)}}}),
            "proto: disagrees with another field given for the same bytes");
}

TEST_P(Structs, TooFewBytes) {
  const auto btf = *b.parse();
  std::vector<std::byte> bytes(11);
  EXPECT_EQ(test::message(decode_value(btf, flow, bytes, GetParam())), "11 bytes for a struct flow of 12 bytes");
  EXPECT_EQ(test::message(encode_value(btf, flow, Value{Struct{}}, bytes, GetParam())),
            "11 bytes for a struct flow of 12 bytes");
}

TEST_P(Structs, BytesBehindStayAsTheyAre) {
  const auto btf = *b.parse();
  std::vector<std::byte> bytes(14, std::byte{0xee});
  EXPECT_OK(encode_value(btf, flow, Value{Struct{}}, bytes, GetParam()));
  EXPECT_EQ(to_hex(bytes), "000000000000000000000000eeee");
  EXPECT_OK(decode_value(btf, flow, bytes, GetParam()));
}

// struct { unsigned a : 3; signed b : 7; unsigned c : 22; }, as clang lays it out for either byte order.
TEST_P(Values, Bitfields) {
  const auto word = b.integer("unsigned int", 4);
  const auto number = b.integer("int", 4, BtfBuilder::kSigned);
  const auto color = b.enumeration("color", 4, false, {{"RED", 1}, {"BLUE", 2}});
  const auto flag = b.integer("bool", 1, BtfBuilder::kBool);
  const auto packed = b.structure("packed", 4, {{"a", word, 0, 3}, {"b", number, 3, 7}, {"c", word, 10, 22}}, true);
  const auto mixed =
      b.structure("mixed", 4, {{"color", color, 0, 2}, {"flag", flag, 2, 1}, {"rest", word, 8, 24}}, true);
  const Value value{Struct{{"a", u(5)}, {"b", i(-2)}, {"c", u(0x300001)}}};
  // little: c<<10 | (b & 127)<<3 | a = 0xc00007f5; big: a<<29 | (b & 127)<<22 | c = 0xbfb00001
  round_trip(packed, in_order("f50700c0", "bfb00001"), value);
  round_trip(
      mixed, in_order("06563412", "a0123456"),
      Value{Struct{{"color", Value{Enumeration{"BLUE", 2, false}}}, {"flag", Value{true}}, {"rest", u(0x123456)}}});
  EXPECT_EQ(refusal(packed, Value{Struct{{"a", u(8)}}}), "a: 8 does not fit unsigned int : 3 (0 to 7)");
  EXPECT_EQ(refusal(packed, Value{Struct{{"b", i(-65)}}}), "b: -65 does not fit int : 7 (-64 to 63)");
  EXPECT_EQ(refusal(mixed, Value{Struct{{"color", u(4)}}}), "color: 4 does not fit enum color : 2 (0 to 3)");
}

// The older form of the same: the integer types have the widths.
TEST_P(Values, LegacyBitfields) {
  const auto a = b.integer("unsigned int", 4, 0, 3, 0);
  const auto number = b.integer("int", 4, BtfBuilder::kSigned, 7, 3);
  const auto c = b.integer("unsigned int", 4, 0, 22, 0);
  const auto packed = b.structure("packed", 4, {{"a", a, 0}, {"b", number, 0}, {"c", c, 10}});
  round_trip(packed, in_order("f50700c0", "bfb00001"), Value{Struct{{"a", u(5)}, {"b", i(-2)}, {"c", u(0x300001)}}});
}

TEST_P(Values, BitfieldsAcrossBytesOf128Bits) {
  const auto wide = b.integer("unsigned __int128", 16);
  const auto one = b.integer("unsigned char", 1);
  const auto packed = b.structure("packed", 16, {{"bit", one, 0, 1}, {"rest", wide, 1, 100}}, true);
  round_trip(packed, in_order("03000000000000000000000010000000", "c0000000000000000000000008000000"),
             Value{Struct{{"bit", u(1)}, {"rest", text("0x8000000000000000000000001")}}});
}

// No compiler writes that; each still has its own bytes.
TEST_P(Values, TwoFieldsOfOneName) {
  const auto octet = b.integer("unsigned char", 1);
  const auto twins = b.structure("twins", 3, {{"a", octet, 0}, {"a", octet, 8}, {"b", octet, 16}});
  round_trip(twins, "010203", Value{Struct{{"a", u(1)}, {"a", u(2)}, {"b", u(3)}}});
}

TEST_P(Values, Sections) {
  const auto word = b.integer("unsigned short", 2);
  const auto first = b.var("first", word), second = b.var("second", b.modifier(Kind::Const, word));
  const auto section = b.datasec(".data", 6, {{first, 0, 2}, {second, 4, 2}});
  round_trip(section, in_order("010000000200", "000100000002"), Value{Struct{{"first", u(1)}, {"second", u(2)}}});
  round_trip(second, in_order("0200", "0002"), u(2));
}

TEST(HostileValues, NoValue) {
  BtfBuilder b;
  const auto word = b.integer("int", 4);
  const auto later = b.record(7, "later", 0, false, 0);
  const auto holder = b.structure("holder", 8, {{"a", word, 0}, {"x", later, 32}});
  const auto functions = b.datasec(".ksyms", 0, {{b.func("f", b.proto(word, {}), 2), 0, 0}});
  const auto btf = *b.parse();
  const std::vector<std::byte> bytes(16);
  EXPECT_EQ(test::message(decode_value(btf, TypeId::none, bytes, ByteOrder::little)),
            "void has no size");
  EXPECT_EQ(test::message(decode_value(btf, holder, bytes, ByteOrder::little)), "x: struct later has no value");
  EXPECT_EQ(test::message(decode_value(btf, functions, bytes, ByteOrder::little)), "f: int f(void) has no value");
}

TEST(HostileValues, MembersOutside) {
  BtfBuilder b;
  const auto word = b.integer("int", 4);
  const auto outside = b.structure("s", 4, {{"a", word, 1}});
  const auto far = b.structure("s", 4, {{"a", word, 0xffffffff}});
  const auto fat = b.structure("s", 4, {{"a", word, 0, 33}}, true);
  const auto fat_enum = b.structure("s", 100, {{"a", b.enumeration("e", 8, false, {}), 0, 65}}, true);
  const auto list = b.structure("s", 4, {{"a", b.array(word, 2), 0}});
  const auto section = b.datasec(".data", 4, {{b.var("v", word), 0xffffffff, 4}});
  const auto btf = *b.parse();
  const std::vector<std::byte> bytes(100);
  const auto error = [&](TypeId type) { return test::message(decode_value(btf, type, bytes, ByteOrder::little)); };
  EXPECT_EQ(error(outside), "a: bits 1 to 33 lie outside of the 4 bytes of the type");
  EXPECT_EQ(error(far), "a: bits 4294967295 to 4294967327 lie outside of the 4 bytes of the type");
  EXPECT_EQ(error(fat), "a: bitfield of 33 bits in a type of 4 bytes");
  EXPECT_EQ(error(fat_enum), "a: bitfield of 65 bits in a type of 8 bytes");
  EXPECT_EQ(error(list), "a: 2 elements of 4 bytes at offset 0 exceed the 4 bytes of the type");
  EXPECT_EQ(error(section), "v: bits 34359738360 to 34359738392 lie outside of the 4 bytes of the type");
  std::vector<std::byte> out(100);
  EXPECT_EQ(test::message(encode_value(btf, outside, Value{Struct{{"a", u(1)}}}, out, ByteOrder::little)),
            "a: bits 1 to 33 lie outside of the 4 bytes of the type");
}

TEST(HostileValues, CirclesAndBushes) {
  BtfBuilder b;
  // A structure that contains itself, one that does so without a name, and a bush of 8^20 members.
  const auto self = b.structure("self", 4, {{"me", TypeId{1}, 0}});
  const auto nameless = b.structure("nameless", 4, {{"", TypeId{2}, 0}});
  auto bush = b.integer("int", 4), hedge = bush;
  for (int i = 0; i < 20; ++i) {
    std::vector<BtfBuilder::Member> named, unnamed;
    for (int k = 0; k < 8; ++k) {
      named.push_back({"m", bush, 0});
      unnamed.push_back({"", hedge, 0});
    }
    bush = b.union_("bush", 4, named);
    hedge = b.union_("", 4, unnamed);
  }
  const auto btf = *b.parse();
  std::vector<std::byte> bytes(4);
  const auto error = [&](TypeId type) { return test::message(decode_value(btf, type, bytes, ByteOrder::little)); };
  EXPECT_NE(error(self).find(": more than 32 levels"), std::string::npos);
  EXPECT_EQ(error(nameless), "more than 32 levels of anonymous members");
  EXPECT_NE(error(bush).find("the type has too many parts for its size"), std::string::npos);
  EXPECT_EQ(error(hedge), "the type has too many parts for its size");
  EXPECT_EQ(test::message(encode_value(btf, hedge, Value{Struct{}}, bytes, ByteOrder::little)),
            "the type has too many parts for its size");
}

}  // namespace
}  // namespace skep::btf
