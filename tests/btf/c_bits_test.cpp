// Where single bits of printed C lie: clang compiles the header for the BPF target, in both byte orders, with one
// constant for each member that has all its bits set and nothing else. The bytes of these constants are compared with
// the bit offsets of the BTF.
#include <random>

#include <gtest/gtest.h>

#include "skep/btf/c_format.hpp"
#include "skep/elf/load.hpp"
#include "skep/tests/support/btf_builder.hpp"
#include "skep/tests/support/process.hpp"
#include "skep/tests/support/result.hpp"
#include "skep/tests/support/temporary_file.hpp"

namespace skep::btf {
namespace {

using test::BtfBuilder;
using Members = std::vector<BtfBuilder::Member>;

struct Types : BtfBuilder {
  explicit Types(ByteOrder byte_order) : BtfBuilder(byte_order) {}
  TypeId int_ = integer("int", 4, kSigned);
  TypeId uint = integer("unsigned int", 4);
  TypeId char_ = integer("char", 1, kSigned);
  TypeId uchar = integer("unsigned char", 1);
  TypeId ushort = integer("unsigned short", 2);
  TypeId long_ = integer("long int", 8, kSigned);
  TypeId ulong = integer("long unsigned int", 8);
  TypeId bool_ = integer("_Bool", 1, kBool);
  TypeId mode = enumeration("mode", 4, false, {{"FAST", 0}, {"SLOW", 3}});
  TypeId sign = enumeration("sign", 4, true, {{"MINUS", -1}, {"PLUS", 1}});
  TypeId small = enumeration("small", 1, false, {{"LITTLE", 1}});
  TypeId wide = enum64("wide", 8, false, {{"HUGE", std::int64_t{1} << 40}});
};

// One member: as C names it, and the bits that it has.
struct Bits {
  std::string type, path;
  std::uint64_t size;  // of the structure
  std::uint64_t offset, count;
};

void collect(const Btf& btf, TypeId id, const Bits& outer, std::vector<Bits>& all) {
  const auto type = btf.get<Composite>(id);
  ASSERT_OK(type);
  for (const auto& member : type->members) {
    auto inner = outer;
    inner.offset += member.bit_offset;
    if (member.name.empty()) {
      collect(btf, member.type, inner, all);
      continue;
    }
    inner.path = member.name;
    inner.count = member.bitfield_size;
    if (const auto integer = btf.get<Int>(member.type); integer && inner.count == 0) {
      inner.offset += integer->bit_offset;  // not 0, and less bits than bytes hold: bitfields before kernel 4.20
      inner.count = integer->bits;
    }
    if (inner.count == 0) inner.count = btf.size_of(member.type).value_or(0) * 8;
    all.push_back(inner);
  }
}

std::vector<Bits> members_of(const Btf& btf) {
  std::vector<Bits> all;
  for (std::uint32_t id = 1; id < btf.type_count(); ++id) {
    const auto type = btf.get<Composite>(TypeId{id});
    if (!type || type->name.empty()) continue;
    const auto name = fmt::format("{} {}", type->is_union ? "union" : "struct", type->name);
    collect(btf, TypeId{id}, {.type = name, .path = {}, .size = type->size, .offset = 0, .count = 0}, all);
  }
  return all;
}

// Bits are counted from the low one of each byte, in big-endian BTF from the high one.
std::string expected_bytes(const Bits& bits, ByteOrder order) {
  std::vector<std::byte> bytes(bits.size);
  for (auto bit = bits.offset; bit < bits.offset + bits.count; ++bit)
    bytes[bit / 8] |= order == ByteOrder::little ? std::byte(1 << bit % 8) : std::byte(0x80 >> bit % 8);
  return to_hex(bytes);
}

void check(const Types& types) {
  const auto btf = types.parse();
  ASSERT_OK(btf);
  auto text = c_header(*btf);
  ASSERT_OK(text);
  const auto header = *text;
  const auto all = members_of(*btf);
  ASSERT_FALSE(all.empty());
  for (std::size_t i = 0; i < all.size(); ++i)
    *text += fmt::format("{} constant{} = {{.{} = -1}};\n", all[i].type, i, all[i].path);

  const auto order = types.order();
  const test::TemporaryFile object("_bits.o", {});
  const auto compiled =
      test::run_process({SKEP_BPF_CLANG, "-target", order == ByteOrder::little ? "bpfel" : "bpfeb", "-g", "-O2", "-w",
                         "-x", "c", "-c", "-", "-o", object.path()},
                        *text);
  ASSERT_EQ(compiled.exit, 0) << compiled.err;
  const auto bytes = read_file(object.path());
  ASSERT_OK(bytes);
  const auto spec = elf::load(*bytes);
  ASSERT_OK(spec);
  for (std::size_t i = 0; i < all.size(); ++i) {
    const auto value = spec->get_variable(fmt::format("constant{}", i));
    ASSERT_OK(value);
    const auto begin = header.find(all[i].type + " {");
    ASSERT_EQ(to_hex(*value), expected_bytes(all[i], order))
        << to_string(order) << ", " << all[i].path << " in " << header.substr(begin, header.find("\n\n", begin) - begin);
  }
}

// What `add` adds, in both byte orders.
void check_both(void (*add)(Types&)) {
  for (const auto order : {ByteOrder::little, ByteOrder::big}) {
    Types types(order);
    add(types);
    check(types);
  }
}

TEST(CBits, NaturalLayouts) {
  check_both([](Types& t) {
    t.structure("flags", 8, {{"a", t.uint, 0, 3}, {"b", t.uint, 3, 1}, {"c", t.uint, 9, 6}, {"d", t.uint, 32, 8}, {"e", t.bool_, 63, 1}}, true);
    t.structure("mixed", 8, {{"c", t.char_, 0}, {"b", t.uint, 8, 8}, {"x", t.char_, 16}, {"y", t.int_, 32}}, true);
    t.structure("behind_bytes", 8, {{"c", t.char_, 0}, {"b", t.uint, 8, 24}, {"s", t.ushort, 32, 5}, {"l", t.ulong, 40, 20}}, true);
    t.structure("signed_ones", 4, {{"a", t.int_, 0, 5}, {"b", t.char_, 8, 8}, {"c", t.int_, 16, 16}}, true);
    t.structure("long_ones", 16, {{"a", t.ulong, 0, 33}, {"b", t.long_, 33, 31}, {"c", t.ulong, 64, 64}}, true);
  });
}

TEST(CBits, AcrossStorageUnits) {
  check_both([](Types& t) {
    t.structure("next_unit", 8, {{"a", t.uint, 0, 20}, {"b", t.uint, 32, 20}}, true);
    t.structure("crossing", 5, {{"a", t.uint, 0, 30}, {"b", t.uint, 30, 10}}, true);
    t.structure("crossing_long", 12, {{"a", t.ulong, 7, 60}, {"b", t.ulong, 67, 29}}, true);
    t.structure("crossing_bytes", 3, {{"a", t.uchar, 0, 5}, {"b", t.uchar, 5, 6}, {"c", t.uchar, 11, 8}}, true);
    t.structure("odd_gaps", 11, {{"a", t.uint, 1, 30}, {"b", t.uint, 34, 7}, {"i", t.uint, 48}, {"z", t.uchar, 81, 7}}, true);
  });
}

TEST(CBits, EnumerationsAndBooleans) {
  check_both([](Types& t) {
    t.structure("enums", 8, {{"m", t.mode, 0, 2}, {"s", t.sign, 2, 3}, {"l", t.small, 8, 4}, {"n", t.mode, 29, 3}, {"k", t.mode, 32, 32}}, true);
    t.structure("packed_enums", 3, {{"m", t.mode, 0, 7}, {"s", t.sign, 7, 9}, {"l", t.small, 17, 7}}, true);
    t.structure("wide_enum", 8, {{"w", t.wide, 3, 41}, {"b", t.bool_, 44, 1}}, true);
    t.structure("bools", 4, {{"a", t.bool_, 0, 1}, {"b", t.bool_, 7, 1}, {"c", t.char_, 8}, {"d", t.bool_, 31, 1}}, true);
  });
}

TEST(CBits, AnonymousAndOverlaid) {
  check_both([](Types& t) {
    const auto halves = t.structure("", 4, {{"low", t.uint, 0, 12}, {"high", t.uint, 12, 20}}, true);
    const auto either = t.union_("", 4, {{"", halves, 0}, {"whole", t.uint, 0}, {"top", t.uint, 0, 9}}, true);
    t.structure("outer", 12, {{"first", t.uint, 0, 4}, {"", either, 32}, {"last", t.uint, 64 + 15, 3}}, true);
    const auto odd = t.structure("", 3, {{"x", t.uint, 3, 19}}, true);
    t.union_("odd_union", 5, {{"", odd, 0}, {"y", t.ulong, 0, 37}}, true);
    t.union_("shifted", 8, {{"a", t.uint, 13, 9}, {"b", t.uchar, 40, 3}}, true);
    t.structure("over", 8, {{"a", t.uint, 0, 20}, {"b", t.uint, 10, 20}, {"c", t.ulong, 30, 34}}, true);
  });
}

TEST(CBits, LegacyBitfields) {
  check_both([](Types& t) {
    const auto three = t.integer("unsigned int", 4, 0, 3, 0), five = t.integer("unsigned int", 4, 0, 5, 3);
    t.structure("old", 4, {{"a", three, 0}, {"b", five, 0}, {"c", t.char_, 8}, {"d", three, 29}});
  });
}

TEST(CBits, WhatCHasNot) {
  check_both([](Types& t) {
    t.structure("odd", 16, {{"b", t.bool_, 0, 3}, {"p", t.ptr(t.int_), 3, 20}, {"wide", t.int_, 64, 40}, {"v", TypeId::none, 104, 2}}, true);
  });
}

// Anything at all: members of any width at any bit, with and without gaps.
TEST(CBits, AnyLayout) {
  for (const auto order : {ByteOrder::little, ByteOrder::big}) {
    Types t(order);
    std::mt19937 random(7);
    const auto below = [&](std::uint32_t end) { return static_cast<std::uint32_t>(random() % end); };
    const std::pair<TypeId, std::uint32_t> kinds[] = {{t.int_, 32}, {t.uint, 32}, {t.char_, 8},  {t.uchar, 8},
                                                      {t.ushort, 16}, {t.long_, 64}, {t.ulong, 64}, {t.bool_, 1},
                                                      {t.mode, 32}, {t.sign, 32}, {t.small, 8}, {t.wide, 64}};
    const auto names = [] {
      std::vector<std::string> all;
      for (int i = 0; i < 12; ++i) all.push_back(fmt::format("m{}", i));
      return all;
    }();
    for (int n = 0; n < 300; ++n) {
      Members members;
      std::uint32_t end = 0;
      for (std::uint32_t i = 0, count = 1 + below(11); i < count; ++i) {
        const auto& [type, most] = kinds[below(std::size(kinds))];
        if (below(3) == 0) end += below(40);
        if (below(5) == 0 && most > 1) {
          end = (end + 7) / 8 * 8;
          if (below(2) == 0) end = (end + most - 1) / most * most;
          members.push_back({names[i], type, end});
          end += most;
          continue;
        }
        const auto bits = 1 + below(below(2) == 0 ? std::min(most, 7u) : most);
        // As a compiler would have it, or not.
        if (below(2) == 0 && most > 1 && end / most != (end + bits - 1) / most) end = (end + most - 1) / most * most;
        members.push_back({names[i], type, end, bits});
        end += bits;
      }
      const auto name = fmt::format("s{}", n);
      t.structure(name, (end + 7) / 8 + (below(2) == 0 ? 0 : (8 - (end + 7) / 8 % 8) % 8), members, true);
    }
    check(t);
  }
}

}  // namespace
}  // namespace skep::btf
