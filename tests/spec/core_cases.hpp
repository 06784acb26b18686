// What Linux's own test of CO-RE (tools/testing/selftests/bpf/prog_tests/core_reloc.c) asks, as cases of ours: each of
// its subtests has one here of the same name. A program of tests/spec/core/*.bpf.c meets a target that holds the types
// of one case.
#pragma once

#include <string>
#include <vector>

#include "skep/btf/build.hpp"
#include "skep/spec/resolve.hpp"
#include "skep/tests/support/objects.hpp"
#include "skep/tests/support/result.hpp"

namespace skep::test {

enum class CoreEnd { runs, poisoned, refused };

struct CoreCase {
  std::string name;
  std::string program;
  std::vector<std::string> roots;  // the target: these types and what they refer to
  std::string input;               // the memory that is read, as a value of the first root
  std::string output;              // what the program found; or a part of the message
  CoreEnd end = CoreEnd::runs;
};

inline void PrintTo(const CoreCase& one, std::ostream* out) { *out << one.name; }

// The object of a program: reads.bpf.c or types.bpf.c.
inline std::string core_object(const CoreCase& one) {
  return one.program.starts_with("type_") || one.program.starts_with("enum") ? "spec/core/types" : "spec/core/reads";
}

inline const std::vector<CoreCase>& core_cases() {
  using enum CoreEnd;
  static const std::string kNest = R"({"a":{"a":{"a":42}},"b":{"b":{"b":99}}})", kNestOut = R"({"a":42,"b":99})";
  static const std::string kArrays = R"({"a":[0,0,3,4],"b":[[],[[],[],[0,0,0,5]]],"c":[{},{"c":6}],)"
                                     R"("d":[[{"d":7}]],"f":[[{},{"c":8}]]})";
  static const std::string kArraysOut = R"({"a2":3,"a3":4,"b123":5,"c1c":6,"d00d":7,"f01c":8})";
  static const std::string kPrimitives = R"({"a":1,"b":2,"c":3,"d":4,"f":5})",
                           kPrimitivesOut = R"({"a":1,"b":2,"c":3,"d":"0x4","f":"0x5"})";
  static const std::string kMods = R"({"a":1,"b":2,"c":3,"d":4,"e":[0,5],"f":[0,6],"g":{"x":7},"h":{"y":8}})",
                           kModsOut = R"({"a":1,"b":2,"e1":5,"f1":6,"gx":7,"hy":8,"c":3,"d":4})";
  static const std::string kInts =
      R"({"u8_field":1,"s8_field":2,"u16_field":3,"s16_field":4,"u32_field":5,"s32_field":6,"u64_field":7,"s64_field":8})";
  static const std::string kBits =
      R"({"ub1":1,"ub2":2,"ub7":96,"sb4":-7,"sb20":-484675,"u32":2147483648,"s32":-1985229328})";
  static const std::string kBitsChange =
      R"({"ub1":6,"ub2":703710,"ub7":1,"sb4":-1,"sb20":-392512289,"u32":48879,"s32":"-283106280575681313"})";
  static const std::string kBitsInts =
      R"({"ub1":"0xfedcba9876543210","ub2":166,"ub7":"-571336656727393057",)"
      R"("sb4":"-437469659803598046","sb20":53261,"u32":-484675,"s32":"0xadeadbeefbadb0b"})";
  static const std::string kBitsIntsOut =
      R"({"ub1":"-81985529216486896","ub2":166,"ub7":"-571336656727393057",)"
      R"("sb4":"-437469659803598046","sb20":53261,"u32":-484675,"s32":"783254420786436875"})";
  static const std::string kBitsBig =
      R"({"ub1":15,"ub2":"581584847886015674","ub7":0,"sb4":0,"sb20":0,"u32":0,"s32":0})";
  static const auto kAll = [](const std::string& names, const std::string& value) {
    std::string list;
    for (std::size_t at = 0; at < names.size();) {
      const auto end = std::min(names.find(' ', at), names.size());
      list += (list.empty() ? "\"" : ",\"") + names.substr(at, end - at) + "\":" + value;
      at = end + 1;
    }
    return list;
  };
  static const auto kTypes = [](const std::string& exist, const std::string& match, const std::string& sizes) {
    const std::string all =
        "struct complex_struct union enum typedef_named_struct typedef_anon_struct "
        "typedef_struct_ptr typedef_int typedef_enum typedef_void_ptr typedef_restrict_ptr "
        "typedef_func_proto typedef_arr ";
    std::string out = "{";
    std::size_t i = 0, at = 0;
    for (const auto* digits : {&exist, &match}) {
      for (i = 0, at = 0; i < 13; ++i) {
        const auto end = all.find(' ', at);
        out += '"' + all.substr(at, end - at) + (digits == &exist ? "_exists\":" : "_matches\":") + (*digits)[i] + ',';
        at = end + 1;
      }
    }
    return out + sizes + "}";
  };
  static const std::string kSizes =
      "struct_sz union_sz enum_sz typedef_named_struct_sz typedef_anon_struct_sz "
      "typedef_struct_ptr_sz typedef_int_sz typedef_enum_sz typedef_void_ptr_sz "
      "typedef_func_proto_sz typedef_arr_sz";
  static const auto kSized = [](const std::vector<int>& values) {
    std::string list;
    std::size_t at = 0;
    for (const int value : values) {
      const auto end = std::min(kSizes.find(' ', at), kSizes.size());
      list += (list.empty() ? "\"" : ",\"") + kSizes.substr(at, end - at) + "\":" + std::to_string(value);
      at = end + 1;
    }
    return list;
  };
  static const std::string kNamed =
      "named_val1_exists named_val2_exists named_val3_exists anon_val1_exists "
      "anon_val2_exists anon_val3_exists";
  static const std::string kWide =
      "unsigned_val1_exists unsigned_val2_exists unsigned_val3_exists "
      "signed_val1_exists signed_val2_exists signed_val3_exists";
  static const std::string kThird = R"("named_val1_exists":1,"named_val2_exists":1,"named_val3_exists":0,)"
                                    R"("anon_val1_exists":1,"anon_val2_exists":1,"anon_val3_exists":0)";
  static const std::string kThirdWide = R"("unsigned_val1_exists":1,"unsigned_val2_exists":1,)"
                                        R"("unsigned_val3_exists":0,"signed_val1_exists":1,"signed_val2_exists":1,)"
                                        R"("signed_val3_exists":0)";
  static const std::vector<CoreCase> cases = {
      {"flavors",
       "flavors",
       {"flavor___flavors"},
       R"({"a":42,"b":49153,"c":48879})",
       R"({"a":42,"b":49153,"c":48879})"},
      {"flavors__err_wrong_name", "flavors", {"flavor__err_wrong_name"}, "{}", "no STRUCT \"flavor\"", poisoned},

      {"nesting", "nesting", {"nest___plain"}, kNest, kNestOut},
      {"nesting___anon_embed", "nesting", {"nest___anon_embed"}, kNest, kNestOut},
      {"nesting___struct_union_mixup", "nesting", {"nest___struct_union_mixup"}, kNest, kNestOut},
      {"nesting___extra_nesting", "nesting", {"nest___extra_nesting"}, kNest, kNestOut},
      {"nesting___dup_compat_types",
       "nesting",
       {"nest___dup_compat_types", "nest___dup_compat_types__2", "nest___dup_compat_types__3"},
       kNest,
       kNestOut},
      {"nesting___err_missing_field", "nesting", {"nest___err_missing_field"}, "{}", "no member \"a\"", poisoned},
      {"nesting___err_array_field", "nesting", {"nest___err_array_field"}, "{}", "ARRAY", poisoned},
      {"nesting___err_missing_container",
       "nesting",
       {"nest___err_missing_container"},
       "{}",
       "no member \"a\"",
       poisoned},
      {"nesting___err_nonstruct_container",
       "nesting",
       {"nest___err_nonstruct_container"},
       "{}",
       "INT \"int\"",
       poisoned},
      {"nesting___err_array_container", "nesting", {"nest___err_array_container"}, "{}", "ARRAY", poisoned},
      {"nesting___err_dup_incompat_types",
       "nesting",
       {"nest___err_dup_incompat_types", "nest___err_dup_incompat_types__2"},
       "{}",
       "ambiguous",
       refused},
      {"nesting___err_partial_match_dups",
       "nesting",
       {"nest___err_partial_match_dups", "nest___err_partial_match_dups__2"},
       "{}",
       "only a type that lacks",
       poisoned},
      {"nesting___err_too_deep", "nesting", {"nest___err_too_deep"}, "{}", "more than 64 levels", refused},

      {"arrays", "arrays", {"arrays___plain"}, kArrays, kArraysOut},
      {"arrays___diff_arr_dim", "arrays", {"arrays___diff_arr_dim"}, kArrays, kArraysOut},
      {"arrays___diff_arr_val_sz", "arrays", {"arrays___diff_arr_val_sz"}, kArrays, kArraysOut},
      {"arrays___equiv_zero_sz_arr", "arrays", {"arrays___equiv_zero_sz_arr"}, kArrays, kArraysOut},
      {"arrays___fixed_arr", "arrays", {"arrays___fixed_arr"}, kArrays, kArraysOut},
      {"arrays___err_too_small",
       "arrays",
       {"arrays___err_too_small"},
       "",
       "2 elements, element 2 is accessed",
       poisoned},
      {"arrays___err_too_shallow", "arrays", {"arrays___err_too_shallow"}, "", "its member \"b\" is", poisoned},
      {"arrays___err_non_array", "arrays", {"arrays___err_non_array"}, "", "its member \"a\" is", poisoned},
      {"arrays___err_wrong_val_type", "arrays", {"arrays___err_wrong_val_type"}, "", "its member \"c\" is", poisoned},
      {"arrays___err_bad_zero_sz_arr", "arrays", {"arrays___err_bad_zero_sz_arr"}, "", "0 elements", poisoned},

      {"primitives", "primitives", {"primitives___plain"}, kPrimitives, kPrimitivesOut},
      {"primitives___diff_enum_def", "primitives", {"primitives___diff_enum_def"}, kPrimitives, kPrimitivesOut},
      {"primitives___diff_func_proto", "primitives", {"primitives___diff_func_proto"}, kPrimitives, kPrimitivesOut},
      {"primitives___diff_ptr_type", "primitives", {"primitives___diff_ptr_type"}, kPrimitives, kPrimitivesOut},
      {"primitives___err_non_enum", "primitives", {"primitives___err_non_enum"}, "", "its member \"c\" is", poisoned},
      {"primitives___err_non_int", "primitives", {"primitives___err_non_int"}, "", "its member \"b\" is", poisoned},
      {"primitives___err_non_ptr", "primitives", {"primitives___err_non_ptr"}, "", "its member \"d\" is", poisoned},

      {"mods", "mods", {"mods___plain"}, kMods, kModsOut},
      {"mods___mod_swap", "mods", {"mods___mod_swap"}, kMods, kModsOut},
      {"mods___typedefs", "mods", {"mods___typedefs"}, kMods, kModsOut},

      {"ptr_as_arr", "ptr_as_arr", {"item___plain"}, R"([{},{},{"a":3}])", R"({"a":3})"},
      {"ptr_as_arr___diff_sz", "ptr_as_arr", {"item___diff_sz"}, R"([{},{},{"a":3}])", R"({"a":3})"},

      {"ints", "ints", {"ints___plain"}, kInts, kInts},
      {"ints___bool", "ints", {"ints___bool"}, kInts, kInts},
      {"ints___reverse_sign", "ints", {"ints___reverse_sign"}, kInts, kInts},

      {"misc", "misc", {"misc___misc", "misc_wide___misc"}, R"({"a1":1,"b1":2})", R"({"a":1,"b":2,"c":0})"},

      {"existence",
       "existence",
       {"existence___plain"},
       R"({"a":1,"b":2,"c":3,"arr":[4],"s":{"x":5}})",
       "{" + kAll("a_exists b_exists c_exists arr_exists s_exists", "1") +
           R"(,"a_value":1,"b_value":2,"c_value":3,"arr_value":4,"s_value":5})"},
      {"existence___minimal",
       "existence",
       {"existence___minimal"},
       R"({"a":42})",
       R"({"a_exists":1,)" + kAll("b_exists c_exists arr_exists s_exists", "0") + R"(,"a_value":42,)" +
           kAll("b_value c_value arr_value s_value", "-1") + "}"},
      {"existence___wrong_field_defs",
       "existence",
       {"existence___wrong_field_defs"},
       "{}",
       "{" + kAll("a_exists b_exists c_exists arr_exists s_exists", "0") + "," +
           kAll("a_value b_value c_value arr_value s_value", "-1") + "}"},

      {"probed:bitfields", "bits_probed", {"bits___plain"}, kBits, kBits},
      {"direct:bitfields", "bits_direct", {"bits___plain"}, kBits, kBits},
      {"probed:bitfields___bit_sz_change", "bits_probed", {"bits___bit_sz_change"}, kBitsChange, kBitsChange},
      {"direct:bitfields___bit_sz_change", "bits_direct", {"bits___bit_sz_change"}, kBitsChange, kBitsChange},
      {"probed:bitfields___bitfield_vs_int", "bits_probed", {"bits___bitfield_vs_int"}, kBitsInts, kBitsIntsOut},
      {"direct:bitfields___bitfield_vs_int", "bits_direct", {"bits___bitfield_vs_int"}, kBitsInts, kBitsIntsOut},
      {"probed:bitfields___just_big_enough", "bits_probed", {"bits___just_big_enough"}, kBitsBig, kBitsBig},
      {"direct:bitfields___just_big_enough", "bits_direct", {"bits___just_big_enough"}, kBitsBig, kBitsBig},
      {"probed:bitfields___err_too_big_bitfield",
       "bits_probed",
       {"bits___err_too_big_bitfield"},
       "",
       "no aligned integer of 8 bytes",
       refused},
      {"direct:bitfields___err_too_big_bitfield",
       "bits_direct",
       {"bits___err_too_big_bitfield"},
       "",
       "no aligned integer of 8 bytes",
       refused},

      {"size",
       "size",
       {"size___plain"},
       "{}",
       R"({"int_sz":4,"int_off":0,"struct_sz":4,"struct_off":4,"union_sz":4,"union_off":8,"arr_sz":16,"arr_off":12,)"
       R"("arr_elem_sz":4,"arr_elem_off":16,"ptr_sz":8,"ptr_off":32,"enum_sz":4,"enum_off":40,"float_sz":4,)"
       R"("float_off":44})"},
      {"size___diff_sz",
       "size",
       {"size___diff_sz"},
       "{}",
       R"({"int_sz":8,"int_off":0,"struct_sz":12,"struct_off":8,"union_sz":124,"union_off":20,"arr_sz":10,)"
       R"("arr_off":144,"arr_elem_sz":1,"arr_elem_off":145,"ptr_sz":8,"ptr_off":160,"enum_sz":8,"enum_off":168,)"
       R"("float_sz":8,"float_off":176})"},
      {"size___diff_offs",
       "size",
       {"size___diff_offs"},
       "{}",
       R"({"int_sz":4,"int_off":40,"struct_sz":4,"struct_off":36,"union_sz":4,"union_off":32,"arr_sz":16,"arr_off":16,)"
       R"("arr_elem_sz":4,"arr_elem_off":20,"ptr_sz":8,"ptr_off":8,"enum_sz":4,"enum_off":4,"float_sz":4,)"
       R"("float_off":0})"},
      {"size___err_ambiguous", "size", {"size___err_ambiguous", "size___err_ambiguous__2"}, "{}", "ambiguous", refused},

      {"type_based",
       "type_based",
       {"case_same"},
       "",
       kTypes("1111111111111", "1111111111111", kSized({4, 4, 4, 4, 12, 8, 4, 4, 8, 8, 20}))},
      {"type_based___all_missing",
       "type_based",
       {"case_all_missing"},
       "",
       kTypes("0000000000000", "0000000000000", kAll(kSizes, "0"))},
      {"type_based___diff",
       "type_based",
       {"case_diff"},
       "",
       kTypes("1111111111011", "1111111011000", kSized({8, 4, 4, 8, 12, 8, 8, 4, 8, 8, 3}))},
      {"type_based___diff_sz",
       "type_based",
       {"case_diff_sz"},
       "",
       kTypes("1011111111011", "0000001001000", kSized({16, 1, 8, 16, 16, 8, 8, 8, 8, 8, 8}))},
      {"type_based___incompat",
       "type_based",
       {"case_incompat"},
       "",
       kTypes("0001000000000", "0001000000000", kSized({0, 0, 4, 0, 0, 0, 0, 0, 0, 0, 0}))},
      {"type_based___fn_wrong_args",
       "type_based",
       {"case_fn_wrong_args"},
       "",
       kTypes("1000000000000", "1000000000000", kSized({4, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0}))},

      {"type_id", "type_id", {"case_same"}, "", "ids"},
      {"type_id___missing_targets", "type_id", {"case_all_missing"}, "", "ids"},

      {"enumval",
       "enumval",
       {"enumval"},
       "",
       "{" + kAll(kNamed, "1") + R"(,"named_val1":1,"named_val2":2,"anon_val1":16,"anon_val2":32})"},
      {"enumval___diff",
       "enumval",
       {"enumval_diff"},
       "",
       "{" + kAll(kNamed, "1") + R"(,"named_val1":101,"named_val2":202,"anon_val1":17,"anon_val2":34})"},
      {"enumval___val3_missing",
       "enumval",
       {"enumval_val3_missing"},
       "",
       "{" + kThird + R"(,"named_val1":111,"named_val2":222,"anon_val1":273,"anon_val2":546})"},
      {"enumval___err_missing", "enumval", {"enumval_err_missing"}, "", "no enumerator \"NAMED_VAL2\"", poisoned},

      {"enum64val",
       "enum64val",
       {"enum64val"},
       "",
       "{" + kAll(kWide, "1") +
           R"(,"unsigned_val1":8589934591,"unsigned_val2":2,"signed_val1":8589934591,"signed_val2":-2})"},
      {"enum64val___diff",
       "enum64val",
       {"enum64val_diff"},
       "",
       "{" + kAll(kWide, "1") +
           R"(,"unsigned_val1":1108101562367,"unsigned_val2":2211908157439,"signed_val1":-101,"signed_val2":-202})"},
      {"enum64val___val3_missing",
       "enum64val",
       {"enum64val_val3_missing"},
       "",
       "{" + kThirdWide +
           R"(,"unsigned_val1":1176821039103,"unsigned_val2":546,"signed_val1":1176821039103,"signed_val2":-222})"},
      {"enum64val___err_missing",
       "enum64val",
       {"enum64val_err_missing"},
       "",
       "no enumerator \"UNSIGNED_VAL2\"",
       poisoned},

      // Beyond those: the width of loads and stores.
      {"widths___wider", "widths", {"widths___wider"}, R"({"a":1,"b":2,"c":3,"d":4})", R"({"a":1,"b":2,"c":3,"d":4})"},
      {"widths___narrower",
       "widths",
       {"widths___narrower"},
       R"({"a":1,"b":2,"c":3,"d":4})",
       R"({"a":1,"b":2,"c":3,"d":4})"},
      {"widths___err_kind", "widths", {"widths___err_kind"}, "{}", "its member \"d\" is", poisoned},
      {"widths___signed_wider", "signed_width", {"widths___signed_wider"}, "{}", "8 bytes in the target", poisoned},
  };
  return cases;
}

// The types of a case alone, as a kernel would have them.
inline btf::Btf core_target(const CoreCase& one) {
  const auto all = load_fixture(core_object(one) + "_targets.bpf").types;
  btf::Builder builder(all.byte_order());
  btf::Copier copier(builder, all);
  for (const auto& root : one.roots) {
    const auto id = all.find(root, btf::Kind::Struct);
    EXPECT_TRUE(id) << root;
    if (id) {
      EXPECT_OK(copier.copy(*id));
    }
  }
  auto built = builder.build();
  EXPECT_OK(built);
  return built ? *built : btf::Btf();
}

}  // namespace skep::test
