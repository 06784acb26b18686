// A .kconfig extern of every type that there is.
#include "../elf/common.bpf.h"

extern _Bool CONFIG_T_BOOL __kconfig;
extern enum libbpf_tristate CONFIG_T_TRISTATE __kconfig;
extern char CONFIG_T_CHAR __kconfig;
extern __s8 CONFIG_T_S8 __kconfig;
extern __u8 CONFIG_T_U8 __kconfig;
extern __s16 CONFIG_T_S16 __kconfig;
extern __u16 CONFIG_T_U16 __kconfig;
extern __s32 CONFIG_T_S32 __kconfig;
extern __u32 CONFIG_T_U32 __kconfig;
extern __s64 CONFIG_T_S64 __kconfig;
extern __u64 CONFIG_T_U64 __kconfig;
extern char CONFIG_T_TEXT[8] __kconfig;

SEC("socket")
int all(void *ctx) {
  return CONFIG_T_BOOL + CONFIG_T_TRISTATE + CONFIG_T_CHAR + CONFIG_T_S8 + CONFIG_T_U8 + CONFIG_T_S16 + CONFIG_T_U16 +
         CONFIG_T_S32 + CONFIG_T_U32 + CONFIG_T_S64 + CONFIG_T_U64 + CONFIG_T_TEXT[0];
}

char LICENSE[] SEC("license") = "GPL";
