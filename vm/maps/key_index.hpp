// The host's half of a hash map: which key lies in which slot. Slots number the values in a ValueSlab; they are given out
// ascending, and freed ones first, last freed first, so that the same calls give the same guest addresses.
//
// Open addressing with linear probing over 8-byte buckets (tag, slot). A key of up to 4 bytes is its tag and compares
// without another memory access; longer keys have a 32-bit hash there and lie beside each other by slot. Deletion
// shifts back, so there are no tombstones. The hash has a fixed seed. Everything grows with what is used.
//
// Two lists run through the slots: order of insertion, for iteration, and order of use, for LRU maps.
#pragma once

#include <cstdint>
#include <vector>

#include "skep/base/bytes.hpp"

namespace skep::vm {

class KeyIndex {
 public:
  static constexpr std::uint32_t kNone = UINT32_MAX;

  explicit KeyIndex(std::uint32_t key_size) : key_size_(key_size) {}

  std::uint32_t size() const { return size_; }
  // The slot of `key`, kNone if it is not there.
  std::uint32_t find(const std::byte* key) const;
  // A slot for `key`, which is not there. It is the last inserted and the last used.
  std::uint32_t insert(const std::byte* key);
  void erase(std::uint32_t slot);
  // Valid until the next insert.
  Bytes key(std::uint32_t slot) const { return {keys_.data() + std::size_t{slot} * key_size_, key_size_}; }

  // Iteration in order of insertion; kNone at the end.
  std::uint32_t first() const { return inserted_.first; }
  std::uint32_t next(std::uint32_t slot) const { return entries_[slot].inserted.next; }
  // Numbers insertions, ascending; of the slot, and what the next insertion will get.
  std::uint64_t serial(std::uint32_t slot) const { return entries_[slot].serial; }
  std::uint64_t next_serial() const { return next_serial_; }

  // Makes a slot the last used.
  void touch(std::uint32_t slot);
  // The slot whose use is the longest ago; kNone if there is none.
  std::uint32_t least_used() const { return used_.first; }

 private:
  struct Bucket {
    std::uint32_t tag = 0, slot = kNone;
  };
  struct Link {
    std::uint32_t previous = kNone, next = kNone;
  };
  struct Entry {
    std::uint64_t serial = 0;
    Link inserted, used;
  };
  struct List {
    std::uint32_t first = kNone, last = kNone;
  };

  std::uint32_t tag_of(const std::byte* key) const;
  std::size_t home(std::uint32_t tag) const { return (tag * 0x9e37'79b9'7f4a'7c15u) >> shift_; }
  std::size_t bucket_of(std::uint32_t slot) const;
  void place(Bucket bucket);
  void grow();
  void append(List& list, Link Entry::*link, std::uint32_t slot);
  void remove(List& list, Link Entry::*link, std::uint32_t slot);

  std::uint32_t key_size_, size_ = 0;
  unsigned shift_ = 0;  // 64 - log2 of the number of buckets
  std::vector<Bucket> buckets_;  // a power of two, at most two thirds in use
  std::vector<std::byte> keys_;
  std::vector<Entry> entries_;
  std::vector<std::uint32_t> free_;
  List inserted_, used_;
  std::uint64_t next_serial_ = 0;
};

}  // namespace skep::vm
