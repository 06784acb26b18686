// The target types of types.bpf.c. A case is a structure with one member for each of its types; the test makes a BTF
// of what it refers to.
#include "core.bpf.h"

// --- as the program has them
struct a_struct {
  int x;
};
struct a_complex_struct {
  union {
    struct a_struct* a;
    void* b;
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
} * struct_ptr_typedef;
enum an_enum { AN_ENUM_VAL1 = 1, AN_ENUM_VAL2 = 2, AN_ENUM_VAL3 = 3 };
typedef int int_typedef;
typedef enum { TYPEDEF_ENUM_VAL1, TYPEDEF_ENUM_VAL2 } enum_typedef;
typedef void* void_ptr_typedef;
typedef int* restrict restrict_ptr_typedef;
typedef int (*func_proto_typedef)(long);
typedef char arr_typedef[20];
struct case_same {
  struct a_struct f1;
  struct a_complex_struct f2;
  union a_union f3;
  enum an_enum f4;
  named_struct_typedef f5;
  anon_struct_typedef f6;
  struct_ptr_typedef f7;
  int_typedef f8;
  enum_typedef f9;
  void_ptr_typedef f10;
  restrict_ptr_typedef f11;
  func_proto_typedef f12;
  arr_typedef f13;
};
struct case_all_missing {};

// --- more members, in another order
struct a_struct___diff {
  int x, a;
};
struct a_struct___forward;
struct a_complex_struct___diff {
  union {
    struct a_struct___forward* a;
    void* b;
  } x;
  volatile long y;
};
union a_union___diff {
  int z, y;
};
typedef struct a_struct___diff named_struct_typedef___diff;
typedef struct {
  int z, x, y;
} anon_struct_typedef___diff;
typedef struct {
  int c, b, a;
} * struct_ptr_typedef___diff;
enum an_enum___diff { AN_ENUM_VAL2___diff = 0, AN_ENUM_VAL1___diff = 42, AN_ENUM_VAL3___diff = 1 };
typedef unsigned long int_typedef___diff;
typedef enum { TYPEDEF_ENUM_VAL2___diff, TYPEDEF_ENUM_VAL1___diff = 50 } enum_typedef___diff;
typedef const void* void_ptr_typedef___diff;
typedef int_typedef___diff (*func_proto_typedef___diff)(long);
typedef char arr_typedef___diff[3];
struct case_diff {
  struct a_struct___diff f1;
  struct a_complex_struct___diff f2;
  union a_union___diff f3;
  enum an_enum___diff f4;
  named_struct_typedef___diff f5;
  anon_struct_typedef___diff f6;
  struct_ptr_typedef___diff f7;
  int_typedef___diff f8;
  enum_typedef___diff f9;
  void_ptr_typedef___diff f10;
  func_proto_typedef___diff f11;
  arr_typedef___diff f12;
};

// --- other sizes
struct a_struct___diff_sz {
  long x;
  int y;
  char z;
};
union a_union___diff_sz {
  char yy, zz;
};
typedef struct a_struct___diff_sz named_struct_typedef___diff_sz;
typedef struct {
  long yy, zzz;
} anon_struct_typedef___diff_sz;
typedef struct {
  char aa[1], bb[2], cc[3];
} * struct_ptr_typedef___diff_sz;
enum an_enum___diff_sz { AN_ENUM_VAL1___diff_sz = 0x123412341234, AN_ENUM_VAL2___diff_sz = 2 };
typedef unsigned long int_typedef___diff_sz;
typedef enum an_enum___diff_sz enum_typedef___diff_sz;
typedef const void* const void_ptr_typedef___diff_sz;
typedef int_typedef___diff_sz (*func_proto_typedef___diff_sz)(char);
typedef int arr_typedef___diff_sz[2];
struct case_diff_sz {
  struct a_struct___diff_sz f1;
  union a_union___diff_sz f2;
  enum an_enum___diff_sz f3;
  named_struct_typedef___diff_sz f4;
  anon_struct_typedef___diff_sz f5;
  struct_ptr_typedef___diff_sz f6;
  int_typedef___diff_sz f7;
  enum_typedef___diff_sz f8;
  void_ptr_typedef___diff_sz f9;
  func_proto_typedef___diff_sz f10;
  arr_typedef___diff_sz f11;
};

// --- the same names for other kinds; only the enumeration stays
union a_struct___incompat {
  int x;
};
struct a_union___incompat {
  int y, z;
};
typedef union a_struct___incompat named_struct_typedef___incompat;
typedef union {
  int x, y, z;
} anon_struct_typedef___incompat;
typedef struct {
  int a, b, c;
} struct_ptr_typedef___incompat;
enum an_enum___incompat { AN_ENUM_VAL1___incompat = 1, AN_ENUM_VAL2___incompat = 2, AN_ENUM_VAL3___incompat = 3 };
typedef struct {
  int x;
} int_typedef___incompat;
typedef int enum_typedef___incompat;
typedef int void_ptr_typedef___incompat;
typedef int (*func_proto_typedef___incompat)(long, long);
typedef int arr_typedef___incompat;
struct case_incompat {
  union a_struct___incompat f1;
  struct a_union___incompat f2;
  named_struct_typedef___incompat f3;
  anon_struct_typedef___incompat f4;
  struct_ptr_typedef___incompat f5;
  enum an_enum___incompat f6;
  int_typedef___incompat f7;
  enum_typedef___incompat f8;
  void_ptr_typedef___incompat f9;
  func_proto_typedef___incompat f10;
  arr_typedef___incompat f11;
};

// --- functions with other results and arguments
typedef struct a_struct (*func_proto_typedef___wrong_ret1)(long);
typedef int* (*func_proto_typedef___wrong_ret2)(long);
typedef struct {
  int x;
} int_struct;
typedef int_struct (*func_proto_typedef___wrong_ret3)(long);
typedef int (*func_proto_typedef___wrong_arg)(void*);
typedef int (*func_proto_typedef___wrong_arg_cnt1)(long, long);
typedef int (*func_proto_typedef___wrong_arg_cnt2)(void);
struct case_fn_wrong_args {
  struct a_struct f1;
  func_proto_typedef___wrong_ret1 f2;
  func_proto_typedef___wrong_ret2 f3;
  func_proto_typedef___wrong_ret3 f4;
  func_proto_typedef___wrong_arg f5;
  func_proto_typedef___wrong_arg_cnt1 f6;
  func_proto_typedef___wrong_arg_cnt2 f7;
};

// --- enumerators
enum named_enum { NAMED_VAL1 = 1, NAMED_VAL2 = 2, NAMED_VAL3 = 3 };
typedef enum { ANON_VAL1 = 0x10, ANON_VAL2 = 0x20, ANON_VAL3 = 0x30 } anon_enum;
struct enumval {
  enum named_enum f1;
  anon_enum f2;
};
enum named_enum___diff { NAMED_VAL1___diff = 101, NAMED_VAL2___diff = 202, NAMED_VAL3___diff = 303 };
typedef enum { ANON_VAL1___diff = 0x11, ANON_VAL2___diff = 0x22, ANON_VAL3___diff = 0x33 } anon_enum___diff;
struct enumval_diff {
  enum named_enum___diff f1;
  anon_enum___diff f2;
};
enum named_enum___val3_missing { NAMED_VAL1___val3_missing = 111, NAMED_VAL2___val3_missing = 222 };
typedef enum { ANON_VAL1___val3_missing = 0x111, ANON_VAL2___val3_missing = 0x222 } anon_enum___val3_missing;
struct enumval_val3_missing {
  enum named_enum___val3_missing f1;
  anon_enum___val3_missing f2;
};
enum named_enum___err_missing { NAMED_VAL1___err_missing = 1, NAMED_VAL3___err_missing = 3 };
typedef enum { ANON_VAL1___err_missing = 0x111, ANON_VAL3___err_missing = 0x222 } anon_enum___err_missing;
struct enumval_err_missing {
  enum named_enum___err_missing f1;
  anon_enum___err_missing f2;
};

enum unsigned64_enum { UNSIGNED_VAL1 = 0x1ffffffffULL, UNSIGNED_VAL2 = 0x2, UNSIGNED_VAL3 = 0x3ffffffffULL };
enum signed64_enum { SIGNED_VAL1 = 0x1ffffffffLL, SIGNED_VAL2 = -2, SIGNED_VAL3 = 0x3ffffffffLL };
struct enum64val {
  enum unsigned64_enum f1;
  enum signed64_enum f2;
};
enum unsigned64_enum___diff {
  UNSIGNED_VAL1___diff = 0x101ffffffffULL,
  UNSIGNED_VAL2___diff = 0x202ffffffffULL,
  UNSIGNED_VAL3___diff = 0x303ffffffffULL
};
enum signed64_enum___diff { SIGNED_VAL1___diff = -101, SIGNED_VAL2___diff = -202, SIGNED_VAL3___diff = -303 };
struct enum64val_diff {
  enum unsigned64_enum___diff f1;
  enum signed64_enum___diff f2;
};
enum unsigned64_enum___val3_missing {
  UNSIGNED_VAL1___val3_missing = 0x111ffffffffULL,
  UNSIGNED_VAL2___val3_missing = 0x222
};
enum signed64_enum___val3_missing { SIGNED_VAL1___val3_missing = 0x111ffffffffLL, SIGNED_VAL2___val3_missing = -222 };
struct enum64val_val3_missing {
  enum unsigned64_enum___val3_missing f1;
  enum signed64_enum___val3_missing f2;
};
enum unsigned64_enum___err_missing {
  UNSIGNED_VAL1___err_missing = 0x1ffffffffULL,
  UNSIGNED_VAL3___err_missing = 0x3ffffffffULL
};
enum signed64_enum___err_missing { SIGNED_VAL1___err_missing = 0x1ffffffffLL, SIGNED_VAL3___err_missing = -3 };
struct enum64val_err_missing {
  enum unsigned64_enum___err_missing f1;
  enum signed64_enum___err_missing f2;
};

#define KEEP(type) \
  void keep_##type(struct type* p) {}
KEEP(case_same)
KEEP(case_all_missing) KEEP(case_diff) KEEP(case_diff_sz) KEEP(case_incompat) KEEP(case_fn_wrong_args) KEEP(enumval)
    KEEP(enumval_diff) KEEP(enumval_val3_missing) KEEP(enumval_err_missing) KEEP(enum64val) KEEP(enum64val_diff)
        KEEP(enum64val_val3_missing) KEEP(enum64val_err_missing)
