// Linking as libbpf does it (bpf_object__reloc_code): a walk over the instructions of the program; the first
// reference to a function appends that function and walks it at once, depth first; then the instruction gets
// its distance. So the order of the slots is libbpf's, and line and type records can be compared with its.
//
// A function that the program throws to, named by the decl tag "exception_callback:NAME", is appended even if
// nothing calls it. Calls inside the functions of other main programs do not exist: only .text has callees.
//
// The walk keeps its own stack: the depth of calls in a hostile object is not limited by ours.
#include "skep/spec/link.hpp"

#include <unordered_map>

namespace skep::spec {
namespace {

constexpr std::string_view kExceptionCallback = "exception_callback:";

const ProgramSpec* find(const std::vector<ProgramSpec>& all, std::string_view name) {
  for (const auto& one : all)
    if (one.name == name) return &one;
  return nullptr;
}

using Index = std::unordered_map<std::string_view, const ProgramSpec*>;

class Link {
 public:
  Link(const CollectionSpec& collection, const Index& by_name) : collection_(collection), by_name_(by_name) {}

  Result<ProgramSpec> run(const ProgramSpec& entry) {
    linked_ = entry;
    // The entry can be a subprogram itself; a call to it from below is a call to slot 0.
    placed_.emplace(entry.name, 0);
    SKEP_TRY(walk(entry, 0));
    if (const auto callback = exception_callback(collection_, entry)) SKEP_TRY_CTX(add_callback(*callback), "exception callback");
    return std::move(linked_);
  }

 private:
  // A function whose references are being bound: `next` is the reference that comes next.
  struct Frame {
    const ProgramSpec* function;
    std::uint32_t start;
    std::size_t next = 0;
  };

  Result<> walk(const ProgramSpec& function, std::uint32_t start) {
    std::vector<Frame> stack{{&function, start}};
    while (!stack.empty()) {
      auto& frame = stack.back();
      const auto& references = frame.function->code.references;
      if (frame.next == references.size()) {
        stack.pop_back();
        continue;
      }
      const auto& reference = references[frame.next];
      if (reference.kind != Reference::Kind::function) {
        ++frame.next;
        continue;
      }
      if (const auto target = placed_.find(reference.symbol); target != placed_.end()) {
        SKEP_TRY(bind(frame.start + reference.slot, target->second));
        ++frame.next;
        continue;
      }
      const auto* callee = SKEP_TRY(subprogram(reference.symbol, frame.function->name));
      // The frame stays at this reference, which is bound when the walk comes back.
      stack.push_back({callee, append(*callee)});
    }
    return {};
  }

  Result<const ProgramSpec*> subprogram(std::string_view name, std::string_view caller) const {
    const auto found = by_name_.find(name);
    if (found == by_name_.end())
      return fail(Errc::not_found, "function \"{}\", which \"{}\" refers to, does not exist", name, caller);
    if (!found->second->problem.empty())
      return fail(Errc::rejected, "function \"{}\": {}", name, found->second->problem);
    return found->second;
  }

  std::uint32_t append(const ProgramSpec& function) {
    const auto start = linked_.code.size();
    linked_.code.append(function.code);
    for (auto relocation : function.core_relocations) {
      relocation.slot += start;
      linked_.core_relocations.push_back(std::move(relocation));
    }
    placed_.emplace(function.name, start);
    return start;
  }

  // Distances count from the next slot, for a call as for the address of a function.
  Result<> bind(std::uint32_t slot, std::uint32_t target) {
    if (slot >= linked_.code.size()) return fail(Errc::malformed, "reference at slot {} outside of the code", slot);
    auto& insn = linked_.code.insns[slot];
    const auto distance = static_cast<std::int32_t>(target - slot - 1);
    insn.imm = insn.op == Op::ld_func ? imm_pair(static_cast<std::uint32_t>(distance), 0) : distance;
    return {};
  }

  Result<> add_callback(const std::string& name) {
    if (placed_.contains(name)) return {};
    const auto* callback = SKEP_TRY(subprogram(name, linked_.name));
    return walk(*callback, append(*callback));
  }

  const CollectionSpec& collection_;
  const Index& by_name_;
  std::unordered_map<std::string_view, std::uint32_t> placed_;  // where each function of `linked_` starts
  ProgramSpec linked_;
};

}  // namespace

std::optional<std::string> exception_callback(const CollectionSpec& collection, const ProgramSpec& entry) {
  if (entry.code.functions.empty() || entry.code.functions.front().type_id == 0) return std::nullopt;
  std::optional<std::string> name;
  for (const auto id : collection.types.tags_of(btf::TypeId{entry.code.functions.front().type_id})) {
    const auto tag = collection.types.get<btf::DeclTag>(id);
    if (!tag || tag->component != -1 || !tag->value.starts_with(kExceptionCallback)) continue;
    // Two of them: the verifier says so, libbpf appends neither.
    if (name) return std::nullopt;
    name = tag->value.substr(kExceptionCallback.size());
  }
  return name;
}

Linker::Linker(const CollectionSpec& collection) : collection_(collection) {
  for (const auto& sub : collection.subprograms) by_name_.emplace(sub.name, &sub);
}

Result<ProgramSpec> Linker::link(const ProgramSpec& entry) const {
  if (!entry.problem.empty()) return fail(Errc::rejected, "{}", entry.problem);
  return Link(collection_, by_name_).run(entry);
}

Result<ProgramSpec> link(const CollectionSpec& collection, const ProgramSpec& entry) {
  return Linker(collection).link(entry);
}

Result<ProgramSpec> link(const CollectionSpec& collection, std::string_view name) {
  const auto* entry = collection.program(name);
  if (!entry) entry = find(collection.subprograms, name);
  if (!entry) return fail(Errc::not_found, "no program \"{}\"", name);
  return SKEP_TRY_CTX(link(collection, *entry), "program \"{}\"", name);
}

}  // namespace skep::spec
