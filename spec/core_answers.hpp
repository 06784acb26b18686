// What an object asks of a target's types, answered for all its programs at once.
//
// Which of several types of one name is meant is decided by all that the object asks of the name (btf/core.hpp), as in
// libbpf, whose candidates are an object's: so a function that two programs call is the same in both. Of programs that are
// not loaded by default nothing counts for the others; they themselves are answered with the rest of the object.
#pragma once

#include <span>
#include <string>
#include <unordered_map>
#include <vector>

#include "skep/spec/collection.hpp"
#include "skep/spec/target.hpp"

namespace skep::spec {

class CoreAnswers {
 public:
  // `collection` must outlive it. Without types of the target there are no answers to ask for.
  CoreAnswers(const CollectionSpec& collection, const Target& target);

  // In the order of the queries, which are a program's. Errors, each of its own query: those of btf::relocate.
  std::vector<Result<btf::CoreFixup>> of(std::span<const btf::CoreQuery> queries) const;

 private:
  struct Key {
    btf::TypeId type;
    std::uint32_t kind;
    std::string_view access;
    bool operator==(const Key&) const = default;
  };
  struct Hash {
    std::size_t operator()(const Key& key) const;
  };
  static Key key_of(const btf::CoreQuery& query) { return {query.type, query.kind, query.access}; }

  const CollectionSpec& collection_;
  std::optional<btf::CoreTargets> types_;
  std::vector<btf::CoreQuery> queries_;  // of all that is loaded by default, each once
  std::vector<Result<btf::CoreFixup>> fixups_;
  std::unordered_map<Key, std::size_t, Hash> index_;
};

}  // namespace skep::spec
