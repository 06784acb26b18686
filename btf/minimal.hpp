// The part of a kernel's BTF that CO-RE needs for some objects: a few kilobytes that go along with a program, for
// kernels that have no BTF of their own. What `bpftool gen min_core_btf` makes.
//
// Relocating the same objects against it gives the same values, poison and errors as against the whole, type ids
// apart. That holds for any loader and any grouping of the queries, because each candidate for each query is kept as
// far as the query looked at it, matching or not:
//
//   structures, unions   with their size, and the members on the way of an access, anonymous ones included
//   enumerations         with the enumerators that were asked for
//   pointers             what they point to if somebody looks through them, or if it is kept anyway; else they point to
//                        void
//   all the rest         (typedefs, qualifiers, arrays, integers, function prototypes) as it is
//
// The types keep their order. Nothing depends on the order of objects or queries. The one answer that may change is
// that of a hostile query which takes too many steps in the whole: the part takes fewer.
//
// bpftool (tools/bpf/bpftool/gen.c) keeps members and pointers in the same way, but
//
//   * of the candidates for a query only the one that it takes: what loads ambiguously against the whole BTF loads
//     against its part. It fails on an object of which a single query is an error; here it stays that error.
//   * enumerations with all enumerators, and all members of a type that is to match (type_matches), deeply.
//   * an array of no elements may become the last member of its structure, and have any number of them then; and
//     without a long the pointers of a 32-bit kernel have 8 bytes. Here the last member and the long stay.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "skep/btf/core.hpp"

namespace skep::btf {

class MinimalBtf {
 public:
  // Of these types, which must be a BTF without a base for build(). `name`: what messages call them.
  explicit MinimalBtf(Btf target, std::string name = "target");

  // Relocates against the whole, and keeps what that looked at. The answers are those of btf::relocate.
  std::vector<Result<CoreFixup>> add(std::span<const CoreQuery> queries, const Btf& local);

  // What was kept so far, in the byte order of the whole. Errors: not_supported (split BTF: types of its base would
  // become candidates; a kind that is unknown), malformed (what the kept types refer to).
  Result<Btf> build() const;

 private:
  Btf target_;
  CoreTargets targets_;
  CoreUse use_;
};

}  // namespace skep::btf
