// A thousand CO-RE records: programs that look around in a task, its files and its sockets.
#include "../tests/elf/common.bpf.h"
#include <bpf/bpf_core_read.h>

struct qstr {
  const unsigned char* name;
  __u32 len;
};
struct super_block {
  unsigned long s_magic, s_flags;
  int s_count;
};
struct inode {
  unsigned short i_mode;
  unsigned long i_ino;
  long long i_size;
  struct super_block* i_sb;
  unsigned int i_flags;
};
struct dentry {
  struct qstr d_name;
  struct inode* d_inode;
  struct dentry* d_parent;
  unsigned int d_flags;
};
struct vfsmount {
  struct dentry* mnt_root;
  int mnt_flags;
};
struct path {
  struct vfsmount* mnt;
  struct dentry* dentry;
};
struct file {
  struct path f_path;
  struct inode* f_inode;
  unsigned int f_flags, f_mode;
  long long f_pos;
};
struct fdtable {
  unsigned int max_fds;
  struct file** fd;
};
struct files_struct {
  struct fdtable* fdt;
  unsigned int next_fd;
};
struct mm_struct {
  unsigned long start_code, end_code, start_data, end_data, start_brk, brk, start_stack, arg_start, arg_end, env_start,
      env_end, total_vm;
  struct file* exe_file;
};
struct ns_common {
  unsigned int inum;
};
struct pid_namespace {
  struct ns_common ns;
  unsigned int level;
};
struct mnt_namespace {
  struct ns_common ns;
};
struct nsproxy {
  struct pid_namespace* pid_ns_for_children;
  struct mnt_namespace* mnt_ns;
};
struct signal_struct {
  int nr_threads;
  int group_exit_code;
  unsigned long nvcsw;
};
struct task_struct {
  int pid, tgid;
  unsigned int flags;
  int prio, static_prio, exit_code;
  char comm[16];
  struct mm_struct* mm;
  struct files_struct* files;
  struct nsproxy* nsproxy;
  struct signal_struct* signal;
  struct task_struct *real_parent, *group_leader;
  __u64 start_time;
};
struct net_device {
  char name[16];
  int ifindex;
  unsigned int mtu, flags;
};
struct sock_common {
  unsigned short skc_family, skc_num;
  __be32 skc_daddr, skc_rcv_saddr;
  unsigned char skc_state;
};
struct sock {
  struct sock_common __sk_common;
  unsigned short sk_type, sk_protocol;
  int sk_rcvbuf, sk_sndbuf;
  unsigned int sk_mark;
};
struct sk_buff {
  struct net_device* dev;
  unsigned int len, data_len, mark, priority;
  unsigned char *head, *data;
  __u16 protocol, network_header, transport_header;
};

#define GET(from, field)                                    \
  bpf_core_read(&v, sizeof((from)->field), &(from)->field); \
  sum += v
#define TASK(t)                               \
  GET(t, pid);                                \
  GET(t, tgid);                               \
  GET(t, flags);                              \
  GET(t, prio);                               \
  GET(t, static_prio);                        \
  GET(t, exit_code);                          \
  GET(t, start_time);                         \
  GET(t, real_parent);                        \
  GET(t, group_leader);                       \
  GET(t, comm[3]);                            \
  sum += bpf_core_field_exists((t)->nsproxy); \
  sum += bpf_core_field_size((t)->comm)
#define MM(m)          \
  GET(m, start_code);  \
  GET(m, end_code);    \
  GET(m, start_data);  \
  GET(m, end_data);    \
  GET(m, start_brk);   \
  GET(m, brk);         \
  GET(m, start_stack); \
  GET(m, arg_start);   \
  GET(m, arg_end);     \
  GET(m, env_start);   \
  GET(m, env_end);     \
  GET(m, total_vm);    \
  GET(m, exe_file)
#define FILE(f)          \
  GET(f, f_path.mnt);    \
  GET(f, f_path.dentry); \
  GET(f, f_inode);       \
  GET(f, f_flags);       \
  GET(f, f_mode);        \
  GET(f, f_pos)
#define INODE(i)  \
  GET(i, i_mode); \
  GET(i, i_ino);  \
  GET(i, i_size); \
  GET(i, i_sb);   \
  GET(i, i_flags)
#define DENTRY(d)      \
  GET(d, d_name.name); \
  GET(d, d_name.len);  \
  GET(d, d_inode);     \
  GET(d, d_parent);    \
  GET(d, d_flags)
#define SUPER(s)   \
  GET(s, s_magic); \
  GET(s, s_flags); \
  GET(s, s_count)
#define MOUNT(m)    \
  GET(m, mnt_root); \
  GET(m, mnt_flags)
#define FILES(f) \
  GET(f, fdt);   \
  GET(f, next_fd)
#define SPACES(n)              \
  GET(n, pid_ns_for_children); \
  GET(n, mnt_ns)
#define SPACE(p)   \
  GET(p, ns.inum); \
  GET(p, level)
#define SIGNAL(s)          \
  GET(s, nr_threads);      \
  GET(s, group_exit_code); \
  GET(s, nvcsw)
#define DEVICE(d)  \
  GET(d, name[2]); \
  GET(d, ifindex); \
  GET(d, mtu);     \
  GET(d, flags)
#define SOCK(s)                      \
  GET(s, __sk_common.skc_family);    \
  GET(s, __sk_common.skc_num);       \
  GET(s, __sk_common.skc_daddr);     \
  GET(s, __sk_common.skc_rcv_saddr); \
  GET(s, __sk_common.skc_state);     \
  GET(s, sk_type);                   \
  GET(s, sk_protocol);               \
  GET(s, sk_rcvbuf);                 \
  GET(s, sk_sndbuf);                 \
  GET(s, sk_mark)
#define SKB(s)            \
  GET(s, dev);            \
  GET(s, len);            \
  GET(s, data_len);       \
  GET(s, mark);           \
  GET(s, priority);       \
  GET(s, head);           \
  GET(s, data);           \
  GET(s, protocol);       \
  GET(s, network_header); \
  GET(s, transport_header)
// The compiler reads each offset once a function, and keeps it: no two accesses of a function are the same.
#define BEGIN(name)                                   \
  SEC("raw_tracepoint/sys_enter") int name(void* p) { \
    __u64 v = 0, sum = 0;
#define END        \
  return (int)sum; \
  }
#define PROGRAMS(n)                               \
  BEGIN(task_##n) TASK((struct task_struct*)p);   \
  SPACES((struct nsproxy*)p);                     \
  SPACE((struct pid_namespace*)p);                \
  SIGNAL((struct signal_struct*)p);               \
  END BEGIN(memory_##n) MM((struct mm_struct*)p); \
  FILES((struct files_struct*)p);                 \
  END BEGIN(file_##n) FILE((struct file*)p);      \
  INODE((struct inode*)p);                        \
  DENTRY((struct dentry*)p);                      \
  SUPER((struct super_block*)p);                  \
  MOUNT((struct vfsmount*)p);                     \
  END BEGIN(socket_##n) SOCK((struct sock*)p);    \
  DEVICE((struct net_device*)p);                  \
  END BEGIN(packet_##n) SKB((struct sk_buff*)p);  \
  END

PROGRAMS(0)
PROGRAMS(1) PROGRAMS(2) PROGRAMS(3) PROGRAMS(4) PROGRAMS(5) PROGRAMS(6) PROGRAMS(7) PROGRAMS(8) PROGRAMS(9) PROGRAMS(10)
    PROGRAMS(11) PROGRAMS(12)

        char _license[] SEC("license") = "GPL";
