// make_ring VIP NUMBER=ADDRESS... [/ VIP NUMBER=ADDRESS...]: prints the map `ring` of xdp_lb as JSON, for
// `skep run --map ring=FILE`. VIP is the value in the map `vips`, NUMBER the key in the map `backends`.
// ring.json was made by
//   make_ring 0 1=10.0.0.11 2=10.0.0.12 3=10.0.0.13 / 1 3=10.0.0.13 4=10.0.0.14
#include <cstdio>
#include <cstdlib>
#include <cstring>

#include "maglev.hpp"

namespace {

[[noreturn]] void usage() {
  std::fputs("usage: make_ring VIP NUMBER=ADDRESS... [/ VIP NUMBER=ADDRESS...]\n", stderr);
  std::exit(2);
}

std::uint32_t number(const char*& text, char end) {
  char* rest = nullptr;
  const unsigned long value = std::strtoul(text, &rest, 10);
  if (rest == text || *rest != end || value > 0xffff) usage();
  text = rest;
  return static_cast<std::uint32_t>(value);
}

}  // namespace

int main(int argc, char** argv) {
  const char* separator = "[\n";
  for (int i = 1; i < argc;) {
    const char* text = argv[i++];
    const std::uint32_t vip = number(text, '\0');
    std::vector<examples::Member> members;
    for (; i < argc && std::strcmp(argv[i], "/") != 0; i++) {
      const char* member = argv[i];
      const std::uint32_t backend = number(member, '=');
      if (backend == 0) usage();
      members.push_back({backend, member + 1});
    }
    i++;
    if (members.empty()) usage();
    const auto ring = examples::maglev(members);
    for (std::size_t slot = 0; slot < ring.size(); slot++) {
      std::printf("%s  {\"key\": %zu, \"value\": %u}", separator, vip * ring.size() + slot, ring[slot]);
      separator = ",\n";
    }
  }
  if (argc < 2) usage();
  std::puts("\n]");
}
