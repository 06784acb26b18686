// Two walks over the types that were asked for: one finds all that they refer to once they are cut down, the other
// writes that down in the order of the ids.
#include "skep/btf/minimal.hpp"

#include <algorithm>
#include <type_traits>

#include "skep/btf/build.hpp"
#include "skep/btf/storage.hpp"

namespace skep::btf {
namespace {

// Calls `f` with every id in a type.
template <class F>
void for_each_link(Type& any, F f) {
  std::visit(
      [&]<class T>(T& type) {
        if constexpr (std::is_same_v<T, Composite>) {
          for (auto& member : type.members) f(member.type);
        } else if constexpr (std::is_same_v<T, Array>) {
          f(type.element);
          f(type.index);
        } else if constexpr (std::is_same_v<T, FuncProto>) {
          f(type.result);
          for (auto& param : type.params) f(param.type);
        } else if constexpr (std::is_same_v<T, Func>) {
          f(type.proto);
        } else if constexpr (std::is_same_v<T, Datasec>) {
          for (auto& var : type.vars) f(var.var);
        } else if constexpr (requires { type.type; }) {
          f(type.type);
        }
      },
      any);
}

class Minimizer {
 public:
  Minimizer(const Btf& target, const CoreUse& use)
      : target_(target), use_(use), wanted_(target.type_count()), ids_(target.type_count()) {}

  Result<Btf> run() {
    for (const auto& candidate : use_.asked) want(candidate.type);
    SKEP_TRY(collect());
    auto built = SKEP_TRY(write());
    if (built.pointer_size() == target_.pointer_size()) return built;
    if (const auto decides = detail::Access::storage(target_).first_long()) want(*decides);
    SKEP_TRY(collect());
    return write();
  }

 private:
  Result<Type> shape(TypeId id) const;
  template <class Part>
  void cut(TypeId id, std::vector<Part>& parts) const;
  void want(TypeId id);
  Result<> collect();
  bool leads_nowhere(const Type& type) const;
  Result<Btf> write();

  const Btf& target_;
  const CoreUse& use_;
  std::vector<bool> wanted_;     // by id
  std::vector<TypeId> pending_;  // wanted, and not looked into yet
  std::vector<TypeId> ids_;      // theirs to ours
};

// A type as it is kept. Pointers are not cut: where they lead to, others may want as well.
Result<Type> Minimizer::shape(TypeId id) const {
  auto type = SKEP_TRY(target_.type(id));
  if (auto* composite = std::get_if<Composite>(&type)) cut(id, composite->members);
  if (auto* enumeration = std::get_if<Enum>(&type)) cut(id, enumeration->values);
  return type;
}

// Leaves the parts that were looked at; and where their number counts, as many as it takes.
template <class Part>
void Minimizer::cut(TypeId id, std::vector<Part>& parts) const {
  const CoreCandidate type{0, id};
  std::vector<bool> kept(parts.size());
  std::size_t count = 0;
  for (auto part = use_.parts.lower_bound({type, 0}); part != use_.parts.end() && part->type == type; ++part, ++count)
    kept[part->index] = true;
  const auto least = use_.counts.find(type);
  for (std::size_t i = 0; least != use_.counts.end() && i < parts.size() && count < least->second; ++i) {
    if (kept[i]) continue;
    kept[i] = true;
    ++count;
  }
  std::size_t end = 0;
  for (std::size_t i = 0; i < parts.size(); ++i)
    if (kept[i]) parts[end++] = parts[i];
  parts.resize(end);
}

void Minimizer::want(TypeId id) {
  if (number(id) >= wanted_.size() || wanted_[number(id)] || id == TypeId::none) return;
  wanted_[number(id)] = true;
  pending_.push_back(id);
}

Result<> Minimizer::collect() {
  while (!pending_.empty()) {
    const auto id = pending_.back();
    pending_.pop_back();
    auto type = SKEP_TRY(shape(id));
    if (std::holds_alternative<Ptr>(type) && !use_.pointers.contains({0, id})) continue;
    for_each_link(type, [&](TypeId& link) { want(link); });
  }
  return {};
}

// A pointer to void, or to what nobody wants.
bool Minimizer::leads_nowhere(const Type& type) const {
  const auto* pointer = std::get_if<Ptr>(&type);
  return pointer && number(pointer->type) < wanted_.size() && !wanted_[number(pointer->type)];
}

Result<Btf> Minimizer::write() {
  auto next = Builder(target_.byte_order()).next_id();
  std::vector<TypeId> order;
  std::optional<TypeId> void_pointer;
  for (std::uint32_t id = 1; id < wanted_.size(); ++id) {
    if (!wanted_[id]) continue;
    // Pointers have no name to be found by: those to void are one.
    const bool is_void_pointer = leads_nowhere(SKEP_TRY(target_.type(TypeId{id})));
    ids_[id] = is_void_pointer && void_pointer ? *void_pointer : next;
    if (is_void_pointer && void_pointer) continue;
    if (is_void_pointer) void_pointer = next;
    next = TypeId{number(next) + 1};
    order.push_back(TypeId{id});
  }

  Builder builder(target_.byte_order());
  for (const auto id : order) {
    auto type = SKEP_TRY(shape(id));
    if (leads_nowhere(type)) type = Ptr{};
    bool dangling = false;
    for_each_link(type, [&](TypeId& link) {
      dangling = dangling || number(link) >= ids_.size();
      if (!dangling) link = ids_[number(link)];
    });
    if (dangling) return fail(Errc::malformed, "{} refers to a type that is not there", target_.describe(id));
    SKEP_TRY_CTX(builder.add(type), "{}", target_.describe(id));
  }
  return builder.build();
}

}  // namespace

MinimalBtf::MinimalBtf(Btf target, std::string name)
    : target_(std::move(target)), targets_({{std::move(name), target_}}) {}

std::vector<Result<CoreFixup>> MinimalBtf::add(std::span<const CoreQuery> queries, const Btf& local) {
  return relocate(queries, local, targets_, target_.byte_order(), &use_);
}

Result<Btf> MinimalBtf::build() const {
  if (target_.first_id() != 1) return fail(Errc::not_supported, "split BTF; its base is needed as well");
  return Minimizer(target_, use_).run();
}

}  // namespace skep::btf
