// The big-endian twin.
#include "maps.bpf.c"
