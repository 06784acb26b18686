// Types and enumerators that are asked about through CO-RE: do they exist, match, what size, what id, what value.
// The target types are in types_targets.bpf.c, the cases in tests/spec/resolve_core_test.cpp.
#include "core.bpf.h"

// --- types
struct a_struct {
  int x;
};
struct a_complex_struct {
  union {
    struct a_struct *a;
    void *b;
  } x;
  volatile long y;
};
union a_union {
  int y, z;
};
typedef struct a_struct named_struct_typedef;
typedef struct {
  int x, y, z;
} anon_struct_typedef;
typedef struct {
  int a, b, c;
} *struct_ptr_typedef;
enum an_enum { AN_ENUM_VAL1 = 1, AN_ENUM_VAL2 = 2, AN_ENUM_VAL3 = 3 };
typedef int int_typedef;
typedef enum { TYPEDEF_ENUM_VAL1, TYPEDEF_ENUM_VAL2 } enum_typedef;
typedef void *void_ptr_typedef;
typedef int *restrict restrict_ptr_typedef;
typedef int (*func_proto_typedef)(long);
typedef char arr_typedef[20];

struct {
  int struct_exists, complex_struct_exists, union_exists, enum_exists, typedef_named_struct_exists,
      typedef_anon_struct_exists, typedef_struct_ptr_exists, typedef_int_exists, typedef_enum_exists,
      typedef_void_ptr_exists, typedef_restrict_ptr_exists, typedef_func_proto_exists, typedef_arr_exists;
  int struct_matches, complex_struct_matches, union_matches, enum_matches, typedef_named_struct_matches,
      typedef_anon_struct_matches, typedef_struct_ptr_matches, typedef_int_matches, typedef_enum_matches,
      typedef_void_ptr_matches, typedef_restrict_ptr_matches, typedef_func_proto_matches, typedef_arr_matches;
  int struct_sz, union_sz, enum_sz, typedef_named_struct_sz, typedef_anon_struct_sz, typedef_struct_ptr_sz,
      typedef_int_sz, typedef_enum_sz, typedef_void_ptr_sz, typedef_func_proto_sz, typedef_arr_sz;
} type_based_out;

#define ASK(type, what)                                           \
  type_based_out.what##_exists = bpf_core_type_exists(type);      \
  type_based_out.what##_matches = bpf_core_type_matches(type)
#define ASK_SIZE(type, what) \
  ASK(type, what);           \
  type_based_out.what##_sz = bpf_core_type_size(type)

PROGRAM int type_based(void *ctx) {
  ASK_SIZE(struct a_struct, struct);
  ASK(struct a_complex_struct, complex_struct);
  ASK_SIZE(union a_union, union);
  ASK_SIZE(enum an_enum, enum);
  ASK_SIZE(named_struct_typedef, typedef_named_struct);
  ASK_SIZE(anon_struct_typedef, typedef_anon_struct);
  ASK_SIZE(struct_ptr_typedef, typedef_struct_ptr);
  ASK_SIZE(int_typedef, typedef_int);
  ASK_SIZE(enum_typedef, typedef_enum);
  ASK_SIZE(void_ptr_typedef, typedef_void_ptr);
  ASK(restrict_ptr_typedef, typedef_restrict_ptr);
  ASK_SIZE(func_proto_typedef, typedef_func_proto);
  ASK_SIZE(arr_typedef, typedef_arr);
  return 0;
}

// --- ids: local ones also of types without a name
struct {
  int local_anon_struct, local_anon_union, local_anon_enum, local_anon_func_proto_ptr, local_anon_void_ptr,
      local_anon_arr;
  int local_struct, local_union, local_enum, local_int, local_struct_typedef, local_func_proto_typedef,
      local_arr_typedef;
  int targ_struct, targ_union, targ_enum, targ_int, targ_struct_typedef, targ_func_proto_typedef, targ_arr_typedef;
} type_id_out;

PROGRAM int type_id(void *ctx) {
  type_id_out.local_anon_struct = bpf_core_type_id_local(struct { int marker_field; });
  type_id_out.local_anon_union = bpf_core_type_id_local(union { int marker_field; });
  type_id_out.local_anon_enum = bpf_core_type_id_local(enum { MARKER_ENUM_VAL = 123 });
  type_id_out.local_anon_func_proto_ptr = bpf_core_type_id_local(_Bool(*)(int));
  type_id_out.local_anon_void_ptr = bpf_core_type_id_local(void *);
  type_id_out.local_anon_arr = bpf_core_type_id_local(_Bool[47]);
  type_id_out.local_struct = bpf_core_type_id_local(struct a_struct);
  type_id_out.local_union = bpf_core_type_id_local(union a_union);
  type_id_out.local_enum = bpf_core_type_id_local(enum an_enum);
  type_id_out.local_int = bpf_core_type_id_local(int);
  type_id_out.local_struct_typedef = bpf_core_type_id_local(named_struct_typedef);
  type_id_out.local_func_proto_typedef = bpf_core_type_id_local(func_proto_typedef);
  type_id_out.local_arr_typedef = bpf_core_type_id_local(arr_typedef);
  type_id_out.targ_struct = bpf_core_type_id_kernel(struct a_struct);
  type_id_out.targ_union = bpf_core_type_id_kernel(union a_union);
  type_id_out.targ_enum = bpf_core_type_id_kernel(enum an_enum);
  type_id_out.targ_int = bpf_core_type_id_kernel(int);
  type_id_out.targ_struct_typedef = bpf_core_type_id_kernel(named_struct_typedef);
  type_id_out.targ_func_proto_typedef = bpf_core_type_id_kernel(func_proto_typedef);
  type_id_out.targ_arr_typedef = bpf_core_type_id_kernel(arr_typedef);
  return 0;
}

// --- enumerators
enum named_enum { NAMED_VAL1 = 1, NAMED_VAL2 = 2, NAMED_VAL3 = 3 };
typedef enum { ANON_VAL1 = 0x10, ANON_VAL2 = 0x20, ANON_VAL3 = 0x30 } anon_enum;
struct {
  int named_val1_exists, named_val2_exists, named_val3_exists, anon_val1_exists, anon_val2_exists, anon_val3_exists;
  int named_val1, named_val2, anon_val1, anon_val2;
} enumval_out;

PROGRAM int enumval(void *ctx) {
  enumval_out.named_val1_exists = bpf_core_enum_value_exists(enum named_enum, NAMED_VAL1);
  enumval_out.named_val2_exists = bpf_core_enum_value_exists(enum named_enum, NAMED_VAL2);
  enumval_out.named_val3_exists = bpf_core_enum_value_exists(enum named_enum, NAMED_VAL3);
  enumval_out.anon_val1_exists = bpf_core_enum_value_exists(anon_enum, ANON_VAL1);
  enumval_out.anon_val2_exists = bpf_core_enum_value_exists(anon_enum, ANON_VAL2);
  enumval_out.anon_val3_exists = bpf_core_enum_value_exists(anon_enum, ANON_VAL3);
  enumval_out.named_val1 = bpf_core_enum_value(enum named_enum, NAMED_VAL1);
  enumval_out.named_val2 = bpf_core_enum_value(enum named_enum, NAMED_VAL2);
  enumval_out.anon_val1 = bpf_core_enum_value(anon_enum, ANON_VAL1);
  enumval_out.anon_val2 = bpf_core_enum_value(anon_enum, ANON_VAL2);
  return 0;
}

enum unsigned64_enum { UNSIGNED_VAL1 = 0x1ffffffffULL, UNSIGNED_VAL2 = 0x2ffffffffULL, UNSIGNED_VAL3 = 0x3ffffffffULL };
enum signed64_enum { SIGNED_VAL1 = 0x1ffffffffLL, SIGNED_VAL2 = -2, SIGNED_VAL3 = 0x3ffffffffLL };
struct {
  int unsigned_val1_exists, unsigned_val2_exists, unsigned_val3_exists, signed_val1_exists, signed_val2_exists,
      signed_val3_exists;
  long unsigned_val1, unsigned_val2, signed_val1, signed_val2;
} enum64val_out;

PROGRAM int enum64val(void *ctx) {
  enum64val_out.unsigned_val1_exists = bpf_core_enum_value_exists(enum unsigned64_enum, UNSIGNED_VAL1);
  enum64val_out.unsigned_val2_exists = bpf_core_enum_value_exists(enum unsigned64_enum, UNSIGNED_VAL2);
  enum64val_out.unsigned_val3_exists = bpf_core_enum_value_exists(enum unsigned64_enum, UNSIGNED_VAL3);
  enum64val_out.signed_val1_exists = bpf_core_enum_value_exists(enum signed64_enum, SIGNED_VAL1);
  enum64val_out.signed_val2_exists = bpf_core_enum_value_exists(enum signed64_enum, SIGNED_VAL2);
  enum64val_out.signed_val3_exists = bpf_core_enum_value_exists(enum signed64_enum, SIGNED_VAL3);
  enum64val_out.unsigned_val1 = bpf_core_enum_value(enum unsigned64_enum, UNSIGNED_VAL1);
  enum64val_out.unsigned_val2 = bpf_core_enum_value(enum unsigned64_enum, UNSIGNED_VAL2);
  enum64val_out.signed_val1 = bpf_core_enum_value(enum signed64_enum, SIGNED_VAL1);
  enum64val_out.signed_val2 = bpf_core_enum_value(enum signed64_enum, SIGNED_VAL2);
  return 0;
}
