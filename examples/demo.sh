#!/usr/bin/env bash
# The main job, shown: a load balancer as people ship it, compiled by clang and run over packets, with no
# root, no kernel and no network. Called by `./dev demo`, which builds what is needed first.
#
#   demo.sh [BUILD]      BUILD: where the programs are and its files go (build)
set -euo pipefail
build=${1:-build}
cd "$(dirname "$0")/.."

bold='' plain=''
if [ -t 1 ] && [ -z "${NO_COLOR:-}" ]; then bold=$'\e[1m' plain=$'\e[0m'; fi

title() { printf '\n%s%s%s\n\n' "$bold" "$1" "$plain"; }
# Prints a command as one would type it, broken before options where it gets long, and runs it.
run() {
  local line="\$ $1" argument
  for argument in "${@:2}"; do
    if [ ${#line} -gt 70 ] && [[ $argument == --* ]]; then
      printf '%s \\\n' "$line"
      line="    $argument"
    else
      line+=" $argument"
    fi
  done
  printf '%s\n' "$line"
  "$@"
}
try() { printf '  %-55s  %s\n' "$1" "$2"; }

for tool in "$build/skep" "$build/make_packets"; do
  [ -x "$tool" ] || { echo "demo: $tool is missing: start this with ./dev demo" >&2; exit 1; }
done
mkdir -p "$build/demo"
lb=examples/xdp_lb

title '1. Compile a load balancer, as for the kernel, and see what the object declares'
run clang-19 -O2 -g -target bpf -c $lb/xdp_lb.bpf.c -o "$build/demo/xdp_lb.o"
run "$build/skep" inspect "$build/demo/xdp_lb.o"

title '2. Make packets for it'
run "$build/make_packets" "$build/demo/packets.pcap"

title '3. Run it over them: verdicts, what became of the packets, and what changed in the maps'
maps=(--map "vips=$lb/vips.json" --map "backends=$lb/backends.json" --map "ring=$lb/ring.json")
run "$build/skep" run "$build/demo/xdp_lb.o" --pcap "$build/demo/packets.pcap" "${maps[@]}" \
  --out "$build/demo/balanced.pcap" --maps-out "$build/demo/maps.json"

title 'What to try next'
try "$build/skep disasm $build/demo/xdp_lb.o --source" 'its code beside its source'
try "less $build/demo/maps.json" 'all of the maps'
try "tcpdump -nr $build/demo/balanced.pcap" 'the packets that came out'
try "edit $lb/backends.json" 'take a backend out, and run it again'
try 'less examples/README.md' 'three more programs'
