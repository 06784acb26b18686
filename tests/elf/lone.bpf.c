// The only function of an object is its program, though it lies in .text.
#include "common.bpf.h"

int lone(struct xdp_md *ctx) { return ctx->ingress_ifindex == 7; }
