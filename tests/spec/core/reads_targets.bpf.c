// The target types of reads.bpf.c: one flavour a case, TYPE___CASE or, where a case has several, TYPE___CASE__2. The
// test makes a BTF of the types of one case.
#include "core.bpf.h"

typedef struct {
  int x, y;
} pair;

// --- flavours
struct flavor___flavors {
  int a, unused, b, c;
};
struct flavor__err_wrong_name {
  int a, b, c;
};

// --- nesting
struct nest___plain {
  union {
    struct {
      int a;
    } a;
  } a;
  struct {
    union {
      int b;
    } b;
  } b;
};
struct nest___anon_embed {
  struct {
    int fill;
    struct {
      int a;
    } a;
  } a;
  struct {
    struct {
      long fill;
      union {
        int b;
      } b;
    };
  } b;
};
struct nest___struct_union_mixup {
  int fill;
  struct {
    char fill;
    union {
      char fill2;
      int a;
    } a;
  } a;
  union {
    struct {
      int fill, b;
    } b;
  } b;
};
struct nest___extra_nesting {
  char padding;
  struct {
    struct {
      struct {
        union {
          struct {
            long fill;
            struct {
              struct {
                struct {
                  struct {
                    union {
                      int a;
                    };
                  };
                };
              };
            } a;
          };
        };
      };
    };
  } a;
  int more;
  struct {
    struct {
      struct {
        struct {
          union {
            struct {
              struct {
                union {
                  union {
                    int b;
                  };
                };
              };
            } b;
          };
        };
      };
    };
  } b;
};
struct nest___dup_compat_types {
  char padding[20];
  struct {
    struct {
      int a;
    } a;
  } a;
  long more;
  struct {
    struct {
      int b;
    } b;
  } b;
};
struct nest___dup_compat_types__2 {
  int aa;
  char pad[16];
  struct {
    struct {
      int a;
    } a;
  } a;
  struct {
    int fill[2];
  } c;
  struct {
    struct {
      int b;
    } b;
  } b;
};
struct nest___dup_compat_types__3 {
  char fill[20];
  struct {
    struct {
      int a;
    } a;
  } a;
  char fill2[8];
  struct {
    struct {
      int b;
    } b;
  } b;
};
struct nest___err_missing_field {
  struct {
    struct {
      int x;
    } a;
  } a;
  struct {
    struct {
      int b;
    } b;
  } b;
};
struct nest___err_array_field {
  struct {
    struct {
      int a[1];
    } a;
  } a;
  struct {
    struct {
      int b;
    } b;
  } b;
};
struct nest___err_missing_container {
  struct {
    int x;
  } a;
  struct {
    struct {
      int b;
    } b;
  } b;
};
struct nest___err_nonstruct_container {
  struct {
    int a;
  } a;
  struct {
    struct {
      int b;
    } b;
  } b;
};
struct nest___err_array_container {
  struct {
    struct {
      int a;
    } a[1];
  } a;
  struct {
    struct {
      int b;
    } b;
  } b;
};
struct nest___err_dup_incompat_types {
  struct {
    struct {
      int a;
    } a;
  } a;
  struct {
    struct {
      int b;
    } b;
  } b;
};
struct nest___err_dup_incompat_types__2 {
  int fill;
  struct {
    struct {
      int a;
    } a;
  } a;
  struct {
    struct {
      int b;
    } b;
  } b;
};
struct nest___err_partial_match_dups {
  struct {
    struct {
      int a;
    } a;
  } a;
};
struct nest___err_partial_match_dups__2 {
  struct {
    struct {
      int b;
    } b;
  } b;
};
#define S struct {
#define E \
  }       \
  ;
struct nest___err_too_deep {
  struct {
    S S S S S S S S S S S S S S S S S S S S S S S S S S S S S S S S S S S S S S S S S S S S S S S S S S S S S S S S S S
        S S S S S S S S S S struct {
      int a;
    } a;
    E E E E E E E E E E E E E E E E E E E E E E E E E E E E E E E E E E E E E E E E E E E E E E E E E E E E E E E E E E
        E E E E E E E E E E
  } a;
  struct {
    struct {
      int b;
    } b;
  } b;
};

// --- arrays
struct part {
  int c, d;
};
struct wide_part {
  int fill, c;
  long fill2;
  int d;
};
struct arrays___plain {
  int a[5];
  char b[2][3][4];
  struct part c[3];
  struct part d[1][2];
  struct part f[][2];
};
struct arrays___diff_arr_dim {
  int a[7];
  char b[3][4][5];
  struct part c[4];
  struct part d[2][3];
  struct part f[1][3];
};
struct arrays___diff_arr_val_sz {
  int a[5];
  char b[2][3][4];
  struct wide_part c[3];
  struct wide_part d[1][2];
  struct wide_part f[][2];
};
struct arrays___equiv_zero_sz_arr {
  int a[5];
  char b[2][3][4];
  struct part c[3];
  struct part d[1][2];
  struct part f[0][2];
};
struct arrays___fixed_arr {
  int a[5];
  char b[2][3][4];
  struct part c[3];
  struct part d[1][2];
  struct part f[3][2];
};
struct arrays___err_too_small {
  int a[2];
  char b[2][3][4];
  struct part c[3];
  struct part d[1][2];
  struct part f[][2];
};
struct arrays___err_too_shallow {
  int a[5];
  char b[2][3];
  struct part c[3];
  struct part d[1][2];
  struct part f[][2];
};
struct arrays___err_non_array {
  int a;
  char b[2][3][4];
  struct part c[3];
  struct part d[1][2];
  struct part f[][2];
};
struct arrays___err_wrong_val_type {
  int a[5];
  char b[2][3][4];
  int c[3];
  struct part d[1][2];
  struct part f[][2];
};
struct arrays___err_bad_zero_sz_arr {
  struct part f[0][2];
  int a[5];
  char b[2][3][4];
  struct part c[3];
  struct part d[1][2];
};

// --- primitives
enum color___other { OTHER_RED = 5, OTHER_GREEN = 6 };
struct primitives___plain {
  char a;
  int b;
  enum { NO_NAME = 1 } c;
  void* d;
  int (*f)(const char*);
};
struct primitives___diff_enum_def {
  char a;
  int b;
  void* d;
  int (*f)(const char*);
  enum color___other c;
};
struct primitives___diff_func_proto {
  void (*f)(int);
  void* d;
  enum color___other c;
  int b;
  char a;
};
struct primitives___diff_ptr_type {
  const char* const d;
  char a;
  int b;
  enum color___other c;
  int (*f)(const char*);
};
struct primitives___err_non_enum {
  char a;
  int b;
  int c;
  void* d;
  int (*f)(const char*);
};
struct primitives___err_non_int {
  char a;
  int* b;
  enum color___other c;
  void* d;
  int (*f)(const char*);
};
struct primitives___err_non_ptr {
  char a;
  int b;
  enum color___other c;
  int d;
  int (*f)(const char*);
};

// --- modifiers
typedef const int const_int;
typedef const_int volatile volatile_int;
typedef volatile_int deep_int;
typedef char* volatile text;
typedef int row[7];
typedef const row const_row;
struct xy {
  int x, y;
};
typedef const struct xy xy_t;
typedef volatile xy_t vxy_t;
struct mods___plain {
  int a, b;
  char* c;
  const char* d;
  int e[3];
  int f[7];
  struct xy g;
  pair h;
};
struct mods___mod_swap {
  int b;
  const int a;
  char* const d;
  char* volatile c;
  pair h;
  volatile struct xy g;
  const int f[7];
  int e[3];
};
struct mods___typedefs {
  vxy_t g;
  xy_t h;
  const_row f;
  row e;
  text d, c;
  volatile_int b;
  deep_int a;
};

// --- a pointer used as an array
struct item___plain {
  int a;
};
struct item___diff_sz {
  int fill, fill2;
  char fill3;
  int a;
};

// --- integers
struct ints___plain {
  __u8 u8_field;
  __s8 s8_field;
  __u16 u16_field;
  __s16 s16_field;
  __u32 u32_field;
  __s32 s32_field;
  __u64 u64_field;
  __s64 s64_field;
};
struct ints___bool {
  bool u8_field;
  __s8 s8_field;
  __u16 u16_field;
  __s16 s16_field;
  __u32 u32_field;
  __s32 s32_field;
  __u64 u64_field;
  __s64 s64_field;
};
struct ints___reverse_sign {
  __s8 u8_field;
  __u8 s8_field;
  __s16 u16_field;
  __u16 s16_field;
  __s32 u32_field;
  __u32 s32_field;
  __s64 u64_field;
  __u64 s64_field;
};

// --- accesses that look alike
struct misc___misc {
  int a1, b1, a2, b2;
};
struct misc_wide___misc {
  int a, b, c, d;
};

// --- existence
struct existence___plain {
  int a;
  struct {
    int b;
  };
  int c;
  int arr[1];
  struct {
    int x;
  } s;
};
struct existence___minimal {
  int a;
};
struct existence___wrong_field_defs {
  void* a;
  int b1;
  struct {
    int x;
  } c;
  int arr;
  int s;
};

// --- bitfields
struct bits___plain {
  __u8 ub1 : 1;
  __u8 ub2 : 2;
  __u32 ub7 : 7;
  __s8 sb4 : 4;
  __s32 sb20 : 20;
  __u32 u32;
  __s32 s32;
};
struct bits___bit_sz_change {
  __u16 ub1 : 3;
  __u32 ub2 : 20;
  __u8 ub7 : 1;
  __s8 sb4 : 1;
  __s32 sb20 : 30;
  __u16 u32;
  __s64 s32 : 60;
};
struct bits___bitfield_vs_int {
  __u64 ub1;
  __u8 ub2;
  __s64 ub7;
  __s64 sb4;
  __u64 sb20;
  __s32 u32;
  __u64 s32 : 60;
};
struct bits___just_big_enough {
  __u64 ub1 : 4;
  __u64 ub2 : 60;
  __u32 ub7;
  __u32 sb4;
  __u32 sb20;
  __u32 u32;
  __u32 s32;
} __attribute__((packed));
struct bits___err_too_big_bitfield {
  __u64 ub1 : 4;
  __u64 ub2 : 61;
  __u32 ub7;
  __u32 sb4;
  __u32 sb20;
  __u32 u32;
  __u32 s32;
} __attribute__((packed));

// --- sizes and offsets
struct size___plain {
  int int_field;
  struct {
    int x;
  } struct_field;
  union {
    int x;
  } union_field;
  int arr_field[4];
  void* ptr_field;
  enum { V1 = 1 } enum_field;
  float float_field;
};
struct size___diff_sz {
  __u64 int_field;
  struct {
    int x, y, z;
  } struct_field;
  union {
    int x;
    char bla[123];
  } union_field;
  char arr_field[10];
  void* ptr_field;
  enum { V2 = 0xFFFFFFFFFF } enum_field;
  double float_field;
};
struct size___diff_offs {
  float float_field;
  enum { V3 = 1 } enum_field;
  void* ptr_field;
  int arr_field[4];
  union {
    int x;
  } union_field;
  struct {
    int x;
  } struct_field;
  int int_field;
};
struct size___err_ambiguous {
  int int_field;
  struct {
    int x;
  } struct_field;
  union {
    int x;
  } union_field;
  int arr_field[4];
  void* ptr_field;
  enum { V4 = 1 } enum_field;
  float float_field;
};
struct size___err_ambiguous__2 {
  struct {
    int x;
  } struct_field;
  union {
    int x;
  } union_field;
  int arr_field[4];
  void* ptr_field;
  enum { V5 = 1 } enum_field;
  float float_field;
  int int_field;
};

// --- loads and stores
struct widths___wider {
  void* d;
  __u64 a;
  __u64 c;
  __u64 b;
  __s32 e;
};
struct widths___narrower {
  __u8 a;
  __u16 b;
  __u8 c;
  void* d;
  __s32 e;
};
struct widths___signed_wider {
  __u32 a;
  __u64 b;
  __u8 c;
  void* d;
  __s64 e;
};
struct widths___err_kind {
  __u32 a;
  __u64 b;
  __u8 c;
  char d[8];
  __s32 e;
};

#define KEEP(type, case) \
  void keep_##type##case (struct type##case * p) {}
KEEP(flavor, ___flavors)
KEEP(flavor, __err_wrong_name) KEEP(nest, ___plain) KEEP(nest, ___anon_embed) KEEP(nest, ___struct_union_mixup)
    KEEP(nest, ___extra_nesting) KEEP(nest, ___dup_compat_types) KEEP(nest, ___dup_compat_types__2)
        KEEP(nest, ___dup_compat_types__3) KEEP(nest, ___err_missing_field) KEEP(nest, ___err_array_field) KEEP(
            nest, ___err_missing_container) KEEP(nest, ___err_nonstruct_container) KEEP(nest, ___err_array_container)
            KEEP(nest, ___err_dup_incompat_types) KEEP(nest, ___err_dup_incompat_types__2) KEEP(
                nest, ___err_partial_match_dups) KEEP(nest, ___err_partial_match_dups__2) KEEP(nest, ___err_too_deep)
                KEEP(arrays, ___plain) KEEP(arrays, ___diff_arr_dim) KEEP(arrays, ___diff_arr_val_sz)
                    KEEP(arrays, ___equiv_zero_sz_arr) KEEP(arrays, ___fixed_arr) KEEP(arrays, ___err_too_small) KEEP(
                        arrays, ___err_too_shallow) KEEP(arrays, ___err_non_array) KEEP(arrays, ___err_wrong_val_type)
                        KEEP(arrays, ___err_bad_zero_sz_arr) KEEP(primitives, ___plain)
                            KEEP(primitives, ___diff_enum_def) KEEP(primitives, ___diff_func_proto)
                                KEEP(primitives, ___diff_ptr_type) KEEP(primitives, ___err_non_enum)
                                    KEEP(primitives, ___err_non_int) KEEP(primitives, ___err_non_ptr)
                                        KEEP(mods, ___plain) KEEP(mods, ___mod_swap) KEEP(mods, ___typedefs) KEEP(
                                            item, ___plain) KEEP(item, ___diff_sz)
                                            KEEP(ints, ___plain) KEEP(ints, ___bool) KEEP(ints, ___reverse_sign) KEEP(
                                                misc, ___misc) KEEP(misc_wide, ___misc)
                                                KEEP(existence, ___plain) KEEP(existence, ___minimal)
                                                    KEEP(existence, ___wrong_field_defs) KEEP(bits, ___plain)
                                                        KEEP(bits, ___bit_sz_change) KEEP(bits, ___bitfield_vs_int)
                                                            KEEP(bits, ___just_big_enough)
                                                                KEEP(bits, ___err_too_big_bitfield) KEEP(size, ___plain)
                                                                    KEEP(size, ___diff_sz) KEEP(size, ___diff_offs)
                                                                        KEEP(size, ___err_ambiguous)
                                                                            KEEP(size, ___err_ambiguous__2)
                                                                                KEEP(widths, ___wider)
                                                                                    KEEP(widths, ___narrower)
                                                                                        KEEP(widths, ___signed_wider)
                                                                                            KEEP(widths, ___err_kind)
