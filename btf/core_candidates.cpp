// Which types of the target a local type could be: those of the same kind and essential name. The kernel's
// come first, and only where it has none those of all modules, for a module's BTF repeats what it could not share.
// Source: bpf_core_find_cands() in libbpf.c. Functions, variables and sections are never asked for; the index
// leaves them out.
#include <mutex>

#include "skep/btf/core_detail.hpp"

namespace skep::btf {
namespace {

bool is_wanted(Kind kind) {
  switch (kind) {
    case Kind::Int:
    case Kind::Struct:
    case Kind::Union:
    case Kind::Enum:
    case Kind::Enum64:
    case Kind::Fwd:
    case Kind::Typedef:
    case Kind::Float: return true;
    default: return false;
  }
}

Kind without_width(Kind kind) { return kind == Kind::Enum64 ? Kind::Enum : kind; }

// Ids of the own types of one BTF by essential name and kind: those of bucket b are ids[starts[b]] ..
// ids[starts[b + 1]], ascending.
class NameIndex {
 public:
  explicit NameIndex(const Btf& btf) {
    struct Item {
      std::uint32_t bucket, id;
    };
    std::vector<Item> items;
    const auto count = btf.type_count() - btf.first_id();
    buckets_ = count / 2 + 1;
    starts_.assign(buckets_ + 1, 0);
    for (auto id = btf.first_id(); id < btf.type_count(); ++id) {
      const auto kind = btf.kind(TypeId{id});
      if (!is_wanted(kind)) continue;
      const auto name = btf.name(TypeId{id});
      if (name.empty()) continue;
      items.push_back({bucket(essential_name(name), kind), id});
      ++starts_[items.back().bucket];
    }
    std::uint32_t start = 0;
    for (auto& each : starts_) start += std::exchange(each, start);
    // Fills each bucket from its start, which moves on to its end; one step back afterwards.
    ids_.resize(items.size());
    for (const auto& item : items) ids_[starts_[item.bucket]++] = item.id;
    for (auto b = buckets_; b > 0; --b) starts_[b] = starts_[b - 1];
    starts_[0] = 0;
  }

  void find(const Btf& btf, std::uint32_t set, std::string_view essential, Kind kind,
            std::vector<CoreCandidate>& found) const {
    const auto b = bucket(essential, kind);
    for (auto i = starts_[b]; i < starts_[b + 1]; ++i) {
      const TypeId id{ids_[i]};
      if (without_width(btf.kind(id)) == kind && essential_name(btf.name(id)) == essential) found.push_back({set, id});
    }
  }

 private:
  std::uint32_t bucket(std::string_view essential, Kind kind) const {
    const auto hash = std::hash<std::string_view>{}(essential) + static_cast<std::size_t>(without_width(kind));
    return static_cast<std::uint32_t>((hash & UINT32_MAX) * buckets_ >> 32);
  }

  std::uint64_t buckets_ = 1;
  std::vector<std::uint32_t> starts_, ids_;
};

}  // namespace

std::string_view essential_name(std::string_view name) {
  // From the back: the last "___" that has other characters on both sides.
  for (auto at = name.rfind("___"); at != std::string_view::npos && at > 0; at = name.rfind("___", at - 1))
    if (at + 3 < name.size() && name[at - 1] != '_' && name[at + 3] != '_') return name.substr(0, at);
  return name;
}

struct CoreTargets::State {
  struct Index {
    std::once_flag once;
    std::optional<NameIndex> names;
  };
  std::vector<NamedBtf> sets;
  std::unique_ptr<Index[]> indexes;

  void find(std::uint32_t set, std::string_view essential, Kind kind, std::vector<CoreCandidate>& found) const {
    auto& index = indexes[set];
    std::call_once(index.once, [&] { index.names.emplace(sets[set].types); });
    index.names->find(sets[set].types, set, essential, kind, found);
  }
};

CoreTargets::CoreTargets() : CoreTargets(std::vector<NamedBtf>{}) {}

CoreTargets::CoreTargets(std::vector<NamedBtf> sets) {
  auto state = std::make_shared<State>();
  state->indexes = std::make_unique<State::Index[]>(sets.size());
  state->sets = std::move(sets);
  state_ = std::move(state);
}

const std::vector<NamedBtf>& CoreTargets::sets() const { return state_->sets; }

std::vector<CoreCandidate> CoreTargets::find(std::string_view essential, Kind kind) const {
  std::vector<CoreCandidate> found;
  kind = without_width(kind);
  for (std::uint32_t set = 0; set < sets().size(); ++set) {
    // One set after the kernel's is as good as the other.
    if (set == 1 && !found.empty()) break;
    state_->find(set, essential, kind, found);
  }
  return found;
}

std::string CoreTargets::describe(const CoreCandidate& candidate) const {
  const auto& set = sets()[candidate.set];
  return fmt::format("{} of {}", set.types.describe(candidate.type), set.name);
}

}  // namespace skep::btf
