// The big-endian twin.
#include "externs.bpf.c"
