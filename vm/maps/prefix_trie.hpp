// The host's half of an LPM trie: a path-compressed binary trie of prefixes, which slot each one has, and the order in
// which the kernel walks them (kernel/bpf/lpm_trie.c). A prefix is its length in bits and data bytes, most significant bit
// first; bits behind the length are kept and given back, but mean nothing.
//
// A node is a prefix that was inserted (it has a slot) or a fork that two prefixes share (it has none, and two children).
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "skep/base/bytes.hpp"

namespace skep::vm {

struct Prefix {
  std::uint32_t length = 0;  // bits
  Bytes data;
};

class PrefixTrie {
 public:
  static constexpr std::uint32_t kNone = UINT32_MAX;

  explicit PrefixTrie(std::uint32_t data_size) : data_size_(data_size) {}

  // Prefixes in the trie (forks do not count).
  std::uint32_t size() const { return size_; }
  // The slot of the longest prefix that contains `address`; kNone if none does.
  std::uint32_t longest_match(const Prefix& address) const;
  // The slot of exactly this prefix.
  std::uint32_t find(const Prefix& prefix) const;
  // Puts a prefix, giving it a slot if it is new; the data bytes become the given ones either way.
  std::uint32_t insert(const Prefix& prefix);
  // Removes a prefix that is there; its slot is the next to be given out.
  void erase(const Prefix& prefix);
  // Walks prefixes: children before what contains them, 0 before 1. What comes after `prefix`, or the first one if it
  // is not there; false at the end. `next` is valid until the next change.
  bool after(const Prefix* prefix, Prefix& next) const;

 private:
  struct Node {
    std::uint32_t length = 0, slot = kNone;
    std::array<std::uint32_t, 2> child{kNone, kNone};
  };
  // Where a walk towards a prefix ends: the link that holds `node`, which is the first node on the way that
  // does not contain the prefix properly (kNone: the link is empty).
  struct Place {
    std::uint32_t parent = kNone, grandparent = kNone;
    std::uint32_t node = kNone;
    std::uint32_t common = 0;  // bits that node and prefix share
  };

  Place seek(const Prefix& prefix) const;
  bool is_exact(const Place& place, const Prefix& prefix) const;
  Bytes data(std::uint32_t node) const { return {data_.data() + std::size_t{node} * data_size_, data_size_}; }
  static unsigned bit(Bytes data, std::uint32_t index) {
    return (std::to_integer<unsigned>(data[index / 8]) >> (7 - index % 8)) & 1;
  }
  // The leading bits in which a and b agree, at most `limit`; that they agree in the first `known` is known.
  static std::uint32_t common_bits(Bytes a, Bytes b, std::uint32_t known, std::uint32_t limit);
  std::uint32_t& link(std::uint32_t parent, std::uint32_t node);
  std::uint32_t first_below(std::uint32_t node) const;
  std::uint32_t new_node(std::uint32_t length, Bytes data, std::uint32_t slot);
  void free_node(std::uint32_t node);
  std::uint32_t new_slot();

  std::uint32_t data_size_, size_ = 0, root_ = kNone, slots_ = 0;
  std::vector<Node> nodes_;
  std::vector<std::byte> data_;
  std::vector<std::uint32_t> free_nodes_, free_slots_;
};

}  // namespace skep::vm
