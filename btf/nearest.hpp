// What a name that the target lacks may be called there. Kernels rename: `state` becomes `__state`, `cpu` lives on as
// `recent_used_cpu`. A guess for people; nothing is relocated by it, and no name is better than a far one.
//
// Near are, the first of these first:
//
//   * the same words, other underscores or capitals: state, __state
//   * another spelling: few letters differ, a third of what is left of the names without the words at their begin
//     and end that are equal (so BPF_MAP_TYPE_ARENA does not come near BPF_MAP_TYPE_ARRAY)
//   * the same words and more: cpu, wake_cpu; or one word less: i_ctime_sec, i_ctime
//   * within that rest, one within the other that is not much longer: count, refcount
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

#include "skep/btf/core.hpp"

namespace skep::btf {

// How far `other` is from `name`: 0 for the same words, more the farther; nothing if it is not near. Takes time in
// proportion to the product of their lengths; what is longer than 128 bytes is near to nothing.
std::optional<unsigned> name_distance(std::string_view name, std::string_view other);

// Looks for near names in one target. Remembers what it was asked; an object whose questions cost too much in all gets
// no names in the end. Not for several threads at once.
class NearestNames {
 public:
  explicit NearestNames(const CoreTargets& targets) : targets_(targets) {}

  // For a name that the target lacks: of the members of the structure (those of anonymous members too) or the
  // enumerators of the enumeration that was searched; for a missing type, of the types of that kind (`kind`: that of
  // the local type). The nearest, of equals the shortest, then the first in the alphabet. "" if there is none, or if
  // what is missing is no name (CoreLack::form).
  std::string find(const CoreFixup& fixup, Kind kind);

 private:
  // Letters looked at: half a second at most. A missing type costs some 500,000 of them in a kernel.
  static constexpr std::uint64_t kWork = 100'000'000;

  using Names = std::vector<std::string_view>;
  const Names& names_in(const CoreCandidate& type);
  const Names& names_of(Kind kind);
  void add_members(const Btf& btf, TypeId type, int depth, Names& names);
  std::string nearest(std::string_view name, const Names& names);
  bool spend(std::uint64_t steps);

  CoreTargets targets_;
  std::uint64_t left_ = kWork;
  std::map<std::pair<std::uint32_t, TypeId>, Names> in_types_;
  std::map<Kind, Names> of_kinds_;
  std::map<std::tuple<bool, std::uint32_t, std::uint32_t, std::string>, std::string> known_;
};

}  // namespace skep::btf
