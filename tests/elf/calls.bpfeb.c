// The big-endian twin.
#include "calls.bpf.c"
