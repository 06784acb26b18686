// Fields that are read through CO-RE: by name, through arrays, with other sizes and signs. The target types are in
// reads_targets.bpf.c, the cases in tests/spec/resolve_core_test.cpp.
#include "core.bpf.h"

// --- flavours: three local descriptions of one target type
struct flavor {
  int a, b, c;
};
struct flavor___reversed {
  int c, b, a;
};
struct flavor___v2__old {
  int unused, c;
};
struct {
  int a, b, c;
} flavors_out;

PROGRAM int flavors(void *ctx) {
  struct flavor *plain = (void *)in;
  struct flavor___reversed *reversed = (void *)in;
  struct flavor___v2__old *old = (void *)in;
  return READ(flavors_out.a, plain->a) || READ(flavors_out.b, reversed->b) || READ(flavors_out.c, old->c);
}

// --- nesting
struct inner_struct {
  int a;
};
union inner_union {
  int b;
};
struct nest {
  union {
    struct inner_struct a;
  } a;
  struct {
    union inner_union b;
  } b;
};
struct {
  int a, b;
} nesting_out;

PROGRAM int nesting(void *ctx) {
  struct nest *nest = (void *)in;
  return READ(nesting_out.a, nest->a.a.a) || READ(nesting_out.b, nest->b.b.b);
}

// --- arrays
struct element {
  int c, d;
};
struct arrays {
  int a[5];
  char b[2][3][4];
  struct element c[3];
  struct element d[1][2];
  struct element f[][2];
};
struct {
  int a2, a3;
  char b123;
  int c1c, d00d, f01c;
} arrays_out;

PROGRAM int arrays(void *ctx) {
  struct arrays *p = (void *)in;
  return READ(arrays_out.a2, p->a[2]) || READ(arrays_out.a3, p->a[3]) || READ(arrays_out.b123, p->b[1][2][3]) ||
         READ(arrays_out.c1c, p->c[1].c) || READ(arrays_out.d00d, p->d[0][0].d) || READ(arrays_out.f01c, p->f[0][1].c);
}

// --- primitives
enum color { RED = 0, GREEN = 1 };
struct primitives {
  char a;
  int b;
  enum color c;
  void *d;
  int (*f)(const char *);
};
struct primitives primitives_out;

PROGRAM int primitives(void *ctx) {
  struct primitives *p = (void *)in;
  return READ(primitives_out.a, p->a) || READ(primitives_out.b, p->b) || READ(primitives_out.c, p->c) ||
         READ(primitives_out.d, p->d) || READ(primitives_out.f, p->f);
}

// --- modifiers
typedef int int_t;
typedef const char *text_t;
typedef int row_t[7];
struct point {
  int x, y;
};
typedef struct {
  int x, y;
} point_t;
struct mods {
  int a;
  int_t b;
  char *c;
  text_t d;
  int e[3];
  row_t f;
  struct point g;
  point_t h;
};
struct {
  int a, b, e1, f1, gx, hy;
  __u64 c, d;
} mods_out;

PROGRAM int mods(void *ctx) {
  struct mods *p = (void *)in;
  return READ(mods_out.a, p->a) || READ(mods_out.b, p->b) || READ(mods_out.c, p->c) || READ(mods_out.d, p->d) ||
         READ(mods_out.e1, p->e[1]) || READ(mods_out.f1, p->f[1]) || READ(mods_out.gx, p->g.x) ||
         READ(mods_out.hy, p->h.y);
}

// --- a pointer used as an array
struct item {
  int a;
};
struct {
  int a;
} ptr_as_arr_out;

PROGRAM int ptr_as_arr(void *ctx) {
  struct item *items = (void *)in;
  return READ(ptr_as_arr_out.a, items[2].a);
}

// --- integers: sign and bool do not matter, the offset moves
struct ints {
  __u8 u8_field;
  __s8 s8_field;
  __u16 u16_field;
  __s16 s16_field;
  __u32 u32_field;
  __s32 s32_field;
  __u64 u64_field;
  __s64 s64_field;
};
struct ints ints_out;

PROGRAM int ints(void *ctx) {
  struct ints *p = (void *)in;
  return READ(ints_out.u8_field, p->u8_field) || READ(ints_out.s8_field, p->s8_field) ||
         READ(ints_out.u16_field, p->u16_field) || READ(ints_out.s16_field, p->s16_field) ||
         READ(ints_out.u32_field, p->u32_field) || READ(ints_out.s32_field, p->s32_field) ||
         READ(ints_out.u64_field, p->u64_field) || READ(ints_out.s64_field, p->s64_field);
}

// --- accesses that look alike: same places of different types, and a type as an array
struct misc___a {
  int a1, a2;
};
struct misc___b {
  int b1, b2;
};
struct misc_wide {
  int a, b;
};
struct {
  int a, b, c;
} misc_out;

PROGRAM int misc(void *ctx) {
  struct misc___a *a = (void *)in;
  struct misc___b *b = (void *)in;
  struct misc_wide *wide = (void *)in;
  // What the target makes wider moves the second element.
  return READ(misc_out.a, a->a1) || READ(misc_out.b, b->b1) || READ(misc_out.c, wide[2].a);
}

// --- existence
struct existence {
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
struct {
  int a_exists, b_exists, c_exists, arr_exists, s_exists;
  int a_value, b_value, c_value, arr_value, s_value;
} existence_out;

PROGRAM int existence(void *ctx) {
  struct existence *p = (void *)in;
  existence_out.a_exists = bpf_core_field_exists(p->a);
  existence_out.b_exists = bpf_core_field_exists(p->b);
  existence_out.c_exists = bpf_core_field_exists(p->c);
  existence_out.arr_exists = bpf_core_field_exists(p->arr);
  existence_out.s_exists = bpf_core_field_exists(p->s);
  existence_out.a_value = existence_out.b_value = existence_out.c_value = -1;
  existence_out.arr_value = existence_out.s_value = -1;
  if (bpf_core_field_exists(p->a)) READ(existence_out.a_value, p->a);
  if (bpf_core_field_exists(p->b)) READ(existence_out.b_value, p->b);
  if (bpf_core_field_exists(p->c)) READ(existence_out.c_value, p->c);
  if (bpf_core_field_exists(p->arr)) READ(existence_out.arr_value, p->arr[0]);
  if (bpf_core_field_exists(p->s)) READ(existence_out.s_value, p->s.x);
  return 0;
}

// --- bitfields
struct bits {
  __u8 ub1 : 1;
  __u8 ub2 : 2;
  __u32 ub7 : 7;
  __s8 sb4 : 4;
  __s32 sb20 : 20;
  __u32 u32;
  __s32 s32;
};
struct bits_out {
  __s64 ub1, ub2, ub7, sb4, sb20, u32, s32;
};
struct bits_out bits_probed_out, bits_direct_out;

PROGRAM int bits_probed(void *ctx) {
  struct bits *bits = (void *)in;
  bits_probed_out.ub1 = BPF_CORE_READ_BITFIELD_PROBED(bits, ub1);
  bits_probed_out.ub2 = BPF_CORE_READ_BITFIELD_PROBED(bits, ub2);
  bits_probed_out.ub7 = BPF_CORE_READ_BITFIELD_PROBED(bits, ub7);
  bits_probed_out.sb4 = BPF_CORE_READ_BITFIELD_PROBED(bits, sb4);
  bits_probed_out.sb20 = BPF_CORE_READ_BITFIELD_PROBED(bits, sb20);
  bits_probed_out.u32 = BPF_CORE_READ_BITFIELD_PROBED(bits, u32);
  bits_probed_out.s32 = BPF_CORE_READ_BITFIELD_PROBED(bits, s32);
  return 0;
}

PROGRAM int bits_direct(void *ctx) {
  struct bits *bits = (void *)in;
  bits_direct_out.ub1 = BPF_CORE_READ_BITFIELD(bits, ub1);
  bits_direct_out.ub2 = BPF_CORE_READ_BITFIELD(bits, ub2);
  bits_direct_out.ub7 = BPF_CORE_READ_BITFIELD(bits, ub7);
  bits_direct_out.sb4 = BPF_CORE_READ_BITFIELD(bits, sb4);
  bits_direct_out.sb20 = BPF_CORE_READ_BITFIELD(bits, sb20);
  bits_direct_out.u32 = BPF_CORE_READ_BITFIELD(bits, u32);
  bits_direct_out.s32 = BPF_CORE_READ_BITFIELD(bits, s32);
  return 0;
}

// --- sizes and offsets
struct size {
  int int_field;
  struct {
    int x;
  } struct_field;
  union {
    int x;
  } union_field;
  int arr_field[4];
  void *ptr_field;
  enum { VALUE = 123 } enum_field;
  float float_field;
};
struct {
  int int_sz, int_off, struct_sz, struct_off, union_sz, union_off, arr_sz, arr_off, arr_elem_sz, arr_elem_off;
  int ptr_sz, ptr_off, enum_sz, enum_off, float_sz, float_off;
} size_out;

#define MEASURE(what, field)                              \
  size_out.what##_sz = bpf_core_field_size(p->field);     \
  size_out.what##_off = __builtin_preserve_field_info(p->field, BPF_FIELD_BYTE_OFFSET)

PROGRAM int size(void *ctx) {
  struct size *p = (void *)in;
  MEASURE(int, int_field);
  MEASURE(struct, struct_field);
  MEASURE(union, union_field);
  MEASURE(arr, arr_field);
  MEASURE(arr_elem, arr_field[1]);
  MEASURE(ptr, ptr_field);
  MEASURE(enum, enum_field);
  MEASURE(float, float_field);
  return 0;
}

// --- loads and stores by the compiler, whose width follows the target
struct widths {
  __u32 a;
  __u64 b;
  __u8 c;
  void *d;
  __s32 e;
} RELOCATED;
struct {
  __u64 a, b, c, d;
} widths_out;

PROGRAM int widths(void *ctx) {
  struct widths *p = (void *)in;
  widths_out.a = p->a;
  widths_out.b = p->b;
  widths_out.c = p->c;
  widths_out.d = (__u64)p->d;
  p->a = 17;
  p->b = widths_out.a + 1;
  return 0;
}

PROGRAM int signed_width(void *ctx) {
  struct widths *p = (void *)in;
  return p->e;
}

// --- the kernel's own types
struct task_struct {
  int pid, tgid;
  char comm[16];
  struct task_struct *parent;
} RELOCATED;
struct task_struct___gone {
  int no_such_field_ever;
} RELOCATED;
struct task_struct___part {
  int pid, tgid;
  struct task_struct *parent;
};
struct task_struct___wide {
  long pid;
};
char task_in[32768] __attribute__((aligned(8)));
struct {
  int pid, tgid, comm_size, valid[5];
  __u64 parent;
  char comm[16];
  int guarded;
} kernel_out;

PROGRAM int kernel(void *ctx) {
  struct task_struct *task = (void *)task_in;
  struct task_struct___gone *gone = (void *)task_in;
  kernel_out.pid = task->pid;
  kernel_out.tgid = BPF_CORE_READ(task, tgid);
  kernel_out.parent = (__u64)BPF_CORE_READ(task, parent);
  kernel_out.comm_size = bpf_core_field_size(task->comm);
  BPF_CORE_READ_STR_INTO(&kernel_out.comm, task, comm);
  kernel_out.valid[0] = bpf_core_field_exists(task->pid);
  kernel_out.valid[1] = bpf_core_type_exists(struct task_struct);
  kernel_out.valid[2] = !bpf_core_field_exists(gone->no_such_field_ever);
  kernel_out.valid[3] = bpf_core_type_matches(struct task_struct___part);
  kernel_out.valid[4] = !bpf_core_type_matches(struct task_struct___wide);
  if (bpf_core_field_exists(gone->no_such_field_ever)) kernel_out.guarded = gone->no_such_field_ever;
  return 0;
}

// --- a type that only a module has
struct skep_module_read {
  long off, len;
} RELOCATED;
struct {
  __u64 len, off;
  int exists;
} module_probed_out, module_direct_out;

PROGRAM int module_probed(void *ctx) {
  struct skep_module_read *read = (void *)in;
  module_probed_out.exists = bpf_core_type_exists(struct skep_module_read);
  return READ(module_probed_out.len, read->len) || READ(module_probed_out.off, read->off);
}

PROGRAM int module_direct(void *ctx) {
  struct skep_module_read *read = (void *)in;
  module_direct_out.exists = bpf_core_type_exists(struct skep_module_read);
  module_direct_out.len = read->len;
  module_direct_out.off = read->off;
  return 0;
}
