// How user space fills a ring of xdp_lb: Maglev hashing (Eisenbud et al., NSDI 2016, §3.4). Every backend
// lists the slots in an order of its own, derived from its name, and the backends take turns at picking
// their next free slot. All get the same share (to within one slot), and when one leaves, few slots of the
// others change hands.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace examples {

// RING_SIZE of xdp_lb.bpf.c.
inline constexpr std::size_t kRingSize = 251;

struct Member {
  std::uint32_t number = 0;  // its slot in the map `backends`, not 0
  std::string name;          // what its preferences derive from: the address
};

// FNV-1a, and a last mix so that names that differ at the end differ everywhere.
inline std::uint64_t hash_name(std::string_view name, std::uint64_t seed) {
  std::uint64_t hash = 0xcbf29ce484222325u ^ seed;
  for (const char c : name) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3u;
  hash = (hash ^ hash >> 33) * 0xff51afd7ed558ccdu;
  return hash ^ hash >> 33;
}

// The ring: a backend's number for each slot, all 0 if there are no members. `size` must be prime, and
// should be a hundred times the number of members.
inline std::vector<std::uint32_t> maglev(const std::vector<Member>& members, std::size_t size = kRingSize) {
  std::vector<std::uint32_t> ring(size, 0);
  if (members.empty()) return ring;
  struct Preference {
    std::uint64_t next, step;
  };
  std::vector<Preference> preferences;
  for (const auto& member : members)
    preferences.push_back({hash_name(member.name, 0) % size, hash_name(member.name, 1) % (size - 1) + 1});
  for (std::size_t filled = 0, turn = 0; filled < size; filled++, turn = (turn + 1) % members.size()) {
    auto& preference = preferences[turn];
    while (ring[preference.next] != 0) preference.next = (preference.next + preference.step) % size;
    ring[preference.next] = members[turn].number;
  }
  return ring;
}

}  // namespace examples
