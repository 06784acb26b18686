#include "skep/vm/maps/prefix_trie.hpp"

#include <algorithm>
#include <bit>

namespace skep::vm {

std::uint32_t PrefixTrie::common_bits(Bytes a, Bytes b, std::uint32_t known, std::uint32_t limit) {
  std::uint32_t bits = known / 8 * 8;
  for (std::size_t i = known / 8; bits < limit; ++i, bits += 8)
    if (const auto difference = static_cast<std::uint8_t>(a[i] ^ b[i]); difference != 0)
      return std::min(limit, bits + static_cast<std::uint32_t>(std::countl_zero(difference)));
  return limit;
}

std::uint32_t PrefixTrie::longest_match(const Prefix& address) const {
  std::uint32_t found = kNone, matched = 0;
  for (std::uint32_t at = root_; at != kNone;) {
    const Node& node = nodes_[at];
    if (node.length > address.length || common_bits(data(at), address.data, matched, node.length) < node.length) break;
    matched = node.length;
    if (node.slot != kNone) found = node.slot;
    if (node.length == address.length) break;
    at = node.child[bit(address.data, node.length)];
  }
  return found;
}

PrefixTrie::Place PrefixTrie::seek(const Prefix& prefix) const {
  Place place;
  place.node = root_;
  while (place.node != kNone) {
    const Node& node = nodes_[place.node];
    place.common = common_bits(data(place.node), prefix.data, place.common, std::min(node.length, prefix.length));
    if (place.common < node.length || node.length == prefix.length) break;
    place.grandparent = std::exchange(place.parent, place.node);
    place.node = node.child[bit(prefix.data, node.length)];
  }
  return place;
}

bool PrefixTrie::is_exact(const Place& place, const Prefix& prefix) const {
  return place.node != kNone && nodes_[place.node].length == prefix.length && place.common == prefix.length;
}

std::uint32_t PrefixTrie::find(const Prefix& prefix) const {
  const Place place = seek(prefix);
  return is_exact(place, prefix) ? nodes_[place.node].slot : kNone;
}

std::uint32_t& PrefixTrie::link(std::uint32_t parent, std::uint32_t node) {
  if (parent == kNone) return root_;
  auto& children = nodes_[parent].child;
  return children[0] == node ? children[0] : children[1];
}

std::uint32_t PrefixTrie::insert(const Prefix& prefix) {
  const Place place = seek(prefix);
  if (is_exact(place, prefix)) {
    Node& node = nodes_[place.node];
    std::ranges::copy(prefix.data, data_.begin() + static_cast<std::ptrdiff_t>(std::size_t{place.node} * data_size_));
    if (node.slot == kNone) node.slot = new_slot();
    return node.slot;
  }
  const std::uint32_t slot = new_slot();
  const std::uint32_t added = new_node(prefix.length, prefix.data, slot);
  if (place.node == kNone) {
    if (place.parent == kNone) root_ = added;
    else nodes_[place.parent].child[bit(prefix.data, nodes_[place.parent].length)] = added;
    return slot;
  }
  std::uint32_t top = added;
  if (place.common < prefix.length) {
    // Neither contains the other: a fork above both.
    top = new_node(place.common, prefix.data, kNone);
    nodes_[top].child[bit(prefix.data, place.common)] = added;
  }
  nodes_[top].child[bit(data(place.node), place.common)] = place.node;
  link(place.parent, place.node) = top;
  return slot;
}

void PrefixTrie::erase(const Prefix& prefix) {
  const Place place = seek(prefix);
  Node& node = nodes_[place.node];
  free_slots_.push_back(std::exchange(node.slot, kNone));
  --size_;
  if (node.child[0] != kNone && node.child[1] != kNone) return;  // a fork from now on
  const std::uint32_t only = node.child[0] != kNone ? node.child[0] : node.child[1];
  // A fork whose one side went away is none: its other side takes its place.
  if (only == kNone && place.parent != kNone && nodes_[place.parent].slot == kNone) {
    const auto& sides = nodes_[place.parent].child;
    link(place.grandparent, place.parent) = sides[0] == place.node ? sides[1] : sides[0];
    free_node(place.parent);
  } else {
    link(place.parent, place.node) = only;
  }
  free_node(place.node);
}

std::uint32_t PrefixTrie::first_below(std::uint32_t node) const {
  for (;;) {
    const auto& child = nodes_[node].child;
    const std::uint32_t down = child[0] != kNone ? child[0] : child[1];
    if (down == kNone) return node;
    node = down;
  }
}

bool PrefixTrie::after(const Prefix* prefix, Prefix& next) const {
  if (root_ == kNone) return false;
  std::uint32_t at = kNone;
  if (prefix == nullptr || find(*prefix) == kNone) {
    at = first_below(root_);  // a leaf, which always has a slot
  } else {
    // The nodes above the prefix, then one step at a time: from a 0 side into the 1 side, from a 1 side up.
    std::vector<std::uint32_t> above;
    for (at = root_; nodes_[at].length < prefix->length; at = nodes_[at].child[bit(prefix->data, nodes_[at].length)])
      above.push_back(at);
    do {
      if (above.empty()) return false;
      const auto& sides = nodes_[above.back()].child;
      if (at == sides[0] && sides[1] != kNone) {
        at = first_below(sides[1]);
        break;
      }
      at = above.back();
      above.pop_back();
    } while (nodes_[at].slot == kNone);
  }
  next = {nodes_[at].length, data(at)};
  return true;
}

std::uint32_t PrefixTrie::new_node(std::uint32_t length, Bytes bytes, std::uint32_t slot) {
  std::uint32_t node;
  if (!free_nodes_.empty()) {
    node = free_nodes_.back();
    free_nodes_.pop_back();
    std::ranges::copy(bytes, data_.begin() + static_cast<std::ptrdiff_t>(std::size_t{node} * data_size_));
  } else {
    node = static_cast<std::uint32_t>(nodes_.size());
    nodes_.emplace_back();
    data_.insert(data_.end(), bytes.begin(), bytes.end());
  }
  nodes_[node] = {length, slot, {kNone, kNone}};
  return node;
}

void PrefixTrie::free_node(std::uint32_t node) { free_nodes_.push_back(node); }

std::uint32_t PrefixTrie::new_slot() {
  ++size_;
  if (free_slots_.empty()) return slots_++;
  const std::uint32_t slot = free_slots_.back();
  free_slots_.pop_back();
  return slot;
}

}  // namespace skep::vm
