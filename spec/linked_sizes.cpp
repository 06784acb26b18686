#include "skep/spec/linked_sizes.hpp"

#include "skep/spec/link.hpp"

namespace skep::spec {

LinkedSizes::LinkedSizes(const CollectionSpec& collection) : collection_(&collection) {
  for (std::uint32_t i = 0; i < collection.subprograms.size(); ++i) by_name_.emplace(collection.subprograms[i].name, i);
  for (const auto& function : collection.subprograms) callees_.push_back(callees_of(function));
  seen_.resize(callees_.size());
}

// kNone stands for what does not exist or has a problem: link() says what.
std::vector<std::uint32_t> LinkedSizes::callees_of(const ProgramSpec& function) const {
  std::vector<std::uint32_t> callees;
  for (const auto& reference : function.code.references) {
    if (reference.kind != Reference::Kind::function || reference.symbol == function.name) continue;
    const auto found = by_name_.find(reference.symbol);
    const bool usable = found != by_name_.end() && collection_->subprograms[found->second].problem.empty();
    callees.push_back(usable ? found->second : kNone);
  }
  return callees;
}

Result<std::uint64_t> LinkedSizes::of(const ProgramSpec& entry) {
  if (!entry.problem.empty()) return fail(Errc::rejected, "{}", entry.problem);
  auto open = callees_of(entry);
  if (const auto callback = exception_callback(*collection_, entry)) {
    const auto found = by_name_.find(*callback);
    open.push_back(found == by_name_.end() ? kNone : found->second);
  }
  ++round_;
  // The entry can be a subprogram itself.
  if (const auto self = by_name_.find(entry.name);
      self != by_name_.end() && &collection_->subprograms[self->second] == &entry)
    seen_[self->second] = round_;
  std::uint64_t size = entry.code.size();
  while (!open.empty()) {
    const auto next = open.back();
    open.pop_back();
    if (next == kNone) {
      // The whole way, for its message.
      const auto linked = link(*collection_, entry);
      if (!linked) return std::unexpected(linked.error());
      return linked->code.size();
    }
    if (seen_[next] == round_) continue;
    seen_[next] = round_;
    size += collection_->subprograms[next].code.size();
    open.insert(open.end(), callees_[next].begin(), callees_[next].end());
  }
  return size;
}

}  // namespace skep::spec
