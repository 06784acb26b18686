// Finding types that mean the same. Internal to btf/; Builder::deduplicate() is the way in.
//
// Every type gets a representative: itself, or one that came before and means the same. In this order, for each
// step rests on those before:
//
//   numbers and enumerations   equal records; an enumeration without enumerators stands for the full one
//   structures and typedefs    equal shape, and equivalent graphs behind them: dedup_graph.cpp
//   forward declarations       the one structure of that name, if there is only one
//   everything else            equal records once what they refer to is replaced by its representative
//
// Variables, sections and what they are called are never merged. As in libbpf (btf__dedup, tools/lib/bpf/btf.c).
#pragma once

#include <unordered_map>

#include "skep/btf/build.hpp"
#include "skep/btf/links.hpp"

namespace skep::btf {
namespace detail {

// Types by hash of their record; those of one hash in the order of adding.
class Candidates {
 public:
  explicit Candidates(std::size_t types) : next_(types, 0) {}
  void add(std::uint64_t hash, std::uint32_t id);
  // 0: none.
  std::uint32_t first(std::uint64_t hash) const;
  std::uint32_t next(std::uint32_t id) const { return next_[id]; }

 private:
  std::unordered_map<std::uint64_t, std::pair<std::uint32_t, std::uint32_t>> ends_;  // first and last
  std::vector<std::uint32_t> next_;
};

bool is_composite(Kind kind);
bool is_enum(Kind kind);
// The same words.
bool is_equal(ConstWords a, ConstWords b);
// The same words but for the types they refer to.
bool is_same_shape(ConstWords a, ConstWords b);
// Equal, or one of them is but the name of an enumeration.
bool is_same_enum(ConstWords a, ConstWords b);
// Equal for what may be found with is_same_enum, is_same_shape (structures, typedefs), is_equal (the rest).
std::uint64_t hash_of(ConstWords record);

}  // namespace detail

class Deduplicator {
 public:
  explicit Deduplicator(Builder& builder);
  Result<std::vector<TypeId>> run();

 private:
  detail::Words record(std::uint32_t id) { return {words_.data() + starts_[id], starts_[id + 1] - starts_[id]}; }
  Kind kind(std::uint32_t id) { return detail::kind_of(record(id)); }
  bool is_mapped(std::uint32_t id) const { return map_[id] < kInProgress; }
  // The last one that stands for a type.
  std::uint32_t resolve(std::uint32_t id) const;
  // What a forward declaration was found to be, if that is more than another one.
  std::uint32_t behind_forward(std::uint32_t id);
  // Counts work; false when there was too much of it.
  bool spend(std::size_t words);
  Result<> check_spent() const;

  void index_base();
  void add(std::uint32_t id, std::uint64_t hash, std::uint32_t representative);
  void merge_number(std::uint32_t id);
  void merge_enum(std::uint32_t id);
  void merge_structure(std::uint32_t id);
  void find_forwards();
  Result<> merge_rest(std::uint32_t root);
  void merge_equal(std::uint32_t id);
  std::vector<TypeId> compact();

  // Whether the graph behind `type` is that of `candidate`, which a structure of before represents. Leaves behind
  // what would stand for what.
  bool is_equivalent(std::uint32_t type, std::uint32_t candidate);
  enum class Pair { differ, agree, follow };
  Pair compare(std::uint32_t type, std::uint32_t candidate);
  bool is_identical(std::uint32_t a, std::uint32_t b, int depth);
  void keep_hypothesis();
  void drop_hypothesis();

  static constexpr std::uint32_t kUnprocessed = UINT32_MAX, kInProgress = UINT32_MAX - 1;

  Builder& builder_;
  std::uint32_t first_id_, count_;
  std::vector<std::uint32_t> words_, starts_;  // records of all types, void and the base's included
  std::vector<std::uint32_t> map_;             // what stands for a type, itself if nothing else does
  detail::Candidates candidates_;
  std::vector<std::uint32_t> hypothesis_;      // of a candidate's types: the type that would be the same
  std::vector<std::uint32_t> supposed_;        // those that have one
  bool changes_base_ = false;                  // it holds only if a forward declaration of the base were replaced
  std::uint64_t budget_;
};

}  // namespace skep::btf
