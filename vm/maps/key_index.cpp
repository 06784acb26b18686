#include "skep/vm/maps/key_index.hpp"

#include <bit>
#include <cstring>

namespace skep::vm {
namespace {

constexpr std::size_t kFirstBuckets = 16;

// Up to 8 bytes as a number; its upper bytes are 0 if there are fewer.
std::uint64_t word_at(const std::byte* bytes, std::size_t size) {
  std::uint64_t word = 0;
  std::memcpy(&word, bytes, size);
  return word;
}

// memcmp for short runs of whole words, which most long keys are.
bool same_bytes(const std::byte* a, const std::byte* b, std::size_t size) {
  if (size % 8 != 0 || size > 64) return std::memcmp(a, b, size) == 0;
  std::uint64_t difference = 0;
  for (std::size_t at = 0; at < size; at += 8) difference |= word_at(a + at, 8) ^ word_at(b + at, 8);
  return difference == 0;
}

}  // namespace

std::uint32_t KeyIndex::tag_of(const std::byte* key) const {
  if (key_size_ == 4) return load<std::uint32_t>(key);
  if (key_size_ < 4) return static_cast<std::uint32_t>(word_at(key, key_size_));
  std::uint64_t hash = key_size_;
  std::size_t at = 0;
  const auto mix = [&](std::uint64_t word) {
    hash = (hash ^ word) * 0xff51'afd7'ed55'8ccdu;
    hash ^= hash >> 32;
  };
  for (; at + 8 <= key_size_; at += 8) mix(word_at(key + at, 8));
  if (at < key_size_) mix(word_at(key + at, key_size_ - at));
  return static_cast<std::uint32_t>((hash * 0xc4ce'b9fe'1a85'ec53u) >> 32);
}

std::uint32_t KeyIndex::find(const std::byte* key) const {
  if (size_ == 0) return kNone;
  const std::uint32_t tag = tag_of(key);
  const std::size_t mask = buckets_.size() - 1;
  for (std::size_t at = home(tag);; at = (at + 1) & mask) {
    const Bucket bucket = buckets_[at];
    if (bucket.slot == kNone) return kNone;
    if (bucket.tag != tag) continue;
    if (key_size_ <= 4 || same_bytes(keys_.data() + std::size_t{bucket.slot} * key_size_, key, key_size_))
      return bucket.slot;
  }
}

std::uint32_t KeyIndex::insert(const std::byte* key) {
  if ((std::size_t{size_} + 1) * 3 > buckets_.size() * 2) grow();
  std::uint32_t slot;
  if (!free_.empty()) {
    slot = free_.back();
    free_.pop_back();
    std::memcpy(keys_.data() + std::size_t{slot} * key_size_, key, key_size_);
  } else {
    slot = static_cast<std::uint32_t>(entries_.size());
    entries_.emplace_back();
    keys_.insert(keys_.end(), key, key + key_size_);
  }
  entries_[slot].serial = next_serial_++;
  append(inserted_, &Entry::inserted, slot);
  append(used_, &Entry::used, slot);
  place({tag_of(key), slot});
  ++size_;
  return slot;
}

void KeyIndex::erase(std::uint32_t slot) {
  const std::size_t mask = buckets_.size() - 1;
  std::size_t hole = bucket_of(slot);
  // What follows in the same run moves up, unless it would come before its home.
  for (std::size_t at = (hole + 1) & mask; buckets_[at].slot != kNone; at = (at + 1) & mask) {
    if (((at - home(buckets_[at].tag)) & mask) < ((at - hole) & mask)) continue;
    buckets_[hole] = buckets_[at];
    hole = at;
  }
  buckets_[hole] = {};
  remove(inserted_, &Entry::inserted, slot);
  remove(used_, &Entry::used, slot);
  free_.push_back(slot);
  --size_;
}

void KeyIndex::touch(std::uint32_t slot) {
  if (used_.last == slot) return;
  remove(used_, &Entry::used, slot);
  append(used_, &Entry::used, slot);
}

std::size_t KeyIndex::bucket_of(std::uint32_t slot) const {
  const std::size_t mask = buckets_.size() - 1;
  std::size_t at = home(tag_of(key(slot).data()));
  while (buckets_[at].slot != slot) at = (at + 1) & mask;
  return at;
}

void KeyIndex::place(Bucket bucket) {
  const std::size_t mask = buckets_.size() - 1;
  std::size_t at = home(bucket.tag);
  while (buckets_[at].slot != kNone) at = (at + 1) & mask;
  buckets_[at] = bucket;
}

void KeyIndex::grow() {
  const std::vector<Bucket> old = std::exchange(buckets_, {});
  buckets_.resize(old.empty() ? kFirstBuckets : old.size() * 2);
  shift_ = 64 - static_cast<unsigned>(std::countr_zero(buckets_.size()));
  for (const Bucket& bucket : old)
    if (bucket.slot != kNone) place(bucket);
}

void KeyIndex::append(List& list, Link Entry::*link, std::uint32_t slot) {
  entries_[slot].*link = {list.last, kNone};
  (list.last == kNone ? list.first : (entries_[list.last].*link).next) = slot;
  list.last = slot;
}

void KeyIndex::remove(List& list, Link Entry::*link, std::uint32_t slot) {
  const Link gone = entries_[slot].*link;
  (gone.previous == kNone ? list.first : (entries_[gone.previous].*link).next) = gone.next;
  (gone.next == kNone ? list.last : (entries_[gone.next].*link).previous) = gone.previous;
}

}  // namespace skep::vm
