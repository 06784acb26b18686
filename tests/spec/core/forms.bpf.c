// Fields and types that have another form in the target: a bitfield here, plain there, and enumerations that are only
// declared. The targets are in tests/spec/core_forms_test.cpp.
#include "core.bpf.h"

struct form_plain {
  unsigned short proto;
  int level;
};
struct form_bits {
  unsigned pad : 3, proto : 5;
  int level : 7;
};
enum form_declared;
struct form_holder {
  enum form_declared *e;
  int a;
};
enum form_large { FORM_LARGE = 0xffffffff };
enum form_negative { FORM_NEGATIVE = -3 };

unsigned long form_out[8];

PROGRAM int load_plain(void *ctx) {
  struct form_plain *s = (void *)in;
  return bpf_core_field_exists(s->proto) ? __builtin_preserve_access_index(({ s->proto; })) : 0;
}

PROGRAM int load_bits(void *ctx) {
  struct form_bits *s = (void *)in;
  return bpf_core_field_exists(s->proto) ? __builtin_preserve_access_index(({ s->proto; })) : 0;
}

PROGRAM int store_plain(void *ctx) {
  struct form_plain *s = (void *)in;
  __builtin_preserve_access_index(({ s->level = 1; }));
  return 0;
}

#define ASK(s, member)                                            \
  form_out[0] = __CORE_RELO(s, member, BYTE_OFFSET);              \
  form_out[1] = __CORE_RELO(s, member, BYTE_SIZE);                \
  form_out[2] = __CORE_RELO(s, member, SIGNED);                   \
  form_out[3] = __CORE_RELO(s, member, LSHIFT_U64);               \
  form_out[4] = __CORE_RELO(s, member, RSHIFT_U64);               \
  form_out[5] = __CORE_RELO(s, member, EXISTS);                   \
  return 0

PROGRAM int ask_plain(void *ctx) {
  struct form_plain *s = (void *)in;
  ASK(s, proto);
}

PROGRAM int ask_plain_signed(void *ctx) {
  struct form_plain *s = (void *)in;
  ASK(s, level);
}

PROGRAM int ask_bits(void *ctx) {
  struct form_bits *s = (void *)in;
  ASK(s, proto);
}

PROGRAM int ask_bits_signed(void *ctx) {
  struct form_bits *s = (void *)in;
  ASK(s, level);
}

PROGRAM int declared(void *ctx) {
  struct form_holder *h = (void *)in;
  form_out[0] = bpf_core_type_exists(enum form_declared);
  form_out[1] = bpf_core_type_matches(enum form_declared);
  form_out[2] = bpf_core_type_exists(struct form_holder);
  form_out[3] = bpf_core_type_matches(struct form_holder);
  form_out[4] = (unsigned long)__builtin_preserve_access_index(({ h->e; }));
  return __builtin_preserve_access_index(({ h->a; }));
}

PROGRAM int large(void *ctx) {
  form_out[0] = bpf_core_enum_value(enum form_large, FORM_LARGE);
  return 0;
}

PROGRAM int negative(void *ctx) {
  form_out[0] = bpf_core_enum_value(enum form_negative, FORM_NEGATIVE);
  return 0;
}
