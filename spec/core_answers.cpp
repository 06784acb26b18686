#include "skep/spec/core_answers.hpp"

#include <algorithm>
#include <functional>

namespace skep::spec {

std::size_t CoreAnswers::Hash::operator()(const Key& key) const {
  return std::hash<std::string_view>()(key.access) ^ (std::size_t{number(key.type)} << 8 ^ key.kind) * 0x9e3779b97f4a7c15u;
}

CoreAnswers::CoreAnswers(const CollectionSpec& collection, const Target& target)
    : collection_(collection), types_(target.types) {
  if (!types_) return;
  const auto ask = [&](const ProgramSpec& program) {
    for (const auto& one : program.core_relocations) {
      const btf::CoreQuery query{one.type, one.access, one.kind};
      if (index_.emplace(key_of(query), queries_.size()).second) queries_.push_back(query);
    }
  };
  for (const auto& program : collection.programs)
    if (program.autoload) ask(program);
  for (const auto& function : collection.subprograms) ask(function);
  fixups_ = btf::relocate(queries_, collection_.types, *types_, collection_.byte_order);
}

std::vector<Result<btf::CoreFixup>> CoreAnswers::of(std::span<const btf::CoreQuery> queries) const {
  std::vector<Result<btf::CoreFixup>> answers;
  answers.reserve(queries.size());
  for (const auto& query : queries) {
    const auto known = index_.find(key_of(query));
    if (known == index_.end()) break;
    answers.push_back(fixups_[known->second]);
  }
  if (answers.size() == queries.size()) return answers;
  // A program that nobody loads by default: what it asks, too, counts now.
  auto all = queries_;
  all.insert(all.end(), queries.begin(), queries.end());
  answers = btf::relocate(all, collection_.types, *types_, collection_.byte_order);
  answers.erase(answers.begin(), answers.begin() + static_cast<std::ptrdiff_t>(queries_.size()));
  return answers;
}

}  // namespace skep::spec
