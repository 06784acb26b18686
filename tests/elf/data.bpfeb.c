// The big-endian twin.
#include "data.bpf.c"
