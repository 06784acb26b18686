#!/usr/bin/env bash
# The main job, shown: a load balancer as people ship it, compiled by clang and run over packets, with no
# root, no kernel and no network. Called by `./dev demo`, which builds what is needed first.
set -euo pipefail
cd "$(dirname "$0")/.."

bold='' plain=''
if [ -t 1 ] && [ -z "${NO_COLOR:-}" ]; then bold=$'\e[1m' plain=$'\e[0m'; fi

say() { printf '%s\n' "$@"; }
title() { printf '\n%s%s%s\n\n' "$bold" "$1" "$plain"; }
# Prints a command as one would type it, its arguments indented below, and runs it.
show() {
  printf '$ %s' "$1"
  shift
  printf ' %s' "$@"
  printf '\n'
}
run() { show "$@"; "$@"; }

for tool in build/skep build/make_packets; do
  [ -x "$tool" ] || { echo "demo: $tool is missing: start this with ./dev demo" >&2; exit 1; }
done
mkdir -p build/demo
lb=examples/xdp_lb

title '1. Compile a load balancer, as for the kernel'
run clang-19 -O2 -g -target bpf -c $lb/xdp_lb.bpf.c -o build/demo/xdp_lb.o

title '2. Make packets for it'
run build/make_packets build/demo/packets.pcap

title '3. Run it over them: verdicts, what it made of the packets, and the maps it left'
maps=(--map vips=$lb/vips.json --map backends=$lb/backends.json --map ring=$lb/ring.json)
run build/skep run build/demo/xdp_lb.o --pcap build/demo/packets.pcap "${maps[@]}" \
  --out build/demo/balanced.pcap --maps-out build/demo/maps.json

title 'What to try next'
say "  build/skep inspect build/demo/xdp_lb.o                     what the object declares" \
    "  build/skep disasm build/demo/xdp_lb.o --source             its code beside its source" \
    "  build/skep run build/demo/xdp_lb.o --hex 0000 --json       one packet, for programs to read" \
    "  tcpdump -nr build/demo/balanced.pcap                       the packets that came out" \
    "  ${EDITOR:-vi} $lb/backends.json                            take a backend out, and run it again" \
    "  examples/README.md                                         three more programs"
