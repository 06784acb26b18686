// The types of the kernel that kernel.bpf.c is run on.
struct device {
  char name[16];
  unsigned long long mtu;
};

struct device device;
