// Whether a type of the target is what a local type means, by three measures that libbpf has set (relo_core.c):
//
//   path              the members that an access names are there, of types that can be read alike
//                     (bpf_core_spec_match, bpf_core_fields_are_compat)
//   types_compatible  kinds agree, behind pointers too; bodies of structures are not looked at
//                     (__bpf_core_types_are_compat)
//   types_match       all that the local type declares is there (__bpf_core_types_match)
#include "skep/btf/core_detail.hpp"

namespace skep::btf::detail {
namespace {

bool is_enum(Kind kind) { return kind == Kind::Enum || kind == Kind::Enum64; }
bool is_composite(Kind kind) { return kind == Kind::Struct || kind == Kind::Union; }
bool same_kind(Kind a, Kind b) { return a == b || (is_enum(a) && is_enum(b)); }

bool same_essential_name(std::string_view a, std::string_view b) { return essential_name(a) == essential_name(b); }

// A nameless target only for a nameless type.
bool names_match(std::string_view local, std::string_view target) {
  return target.empty() ? local.empty() : same_essential_name(local, target);
}

// Pointers, arrays and functions' types have none, whatever a hostile record says.
std::string_view name_of(const TypeTable& table, const TypeTable::Entry* entry) {
  const bool is_nameless = entry->kind == Kind::Ptr || entry->kind == Kind::Array || entry->kind == Kind::FuncProto;
  return is_nameless ? "" : table.btf().name(entry->id);
}

std::string_view shown(std::string_view name) { return name.substr(0, kShownName); }

std::unexpected<Error> too_deep() { return fail(Errc::malformed, "types nest more than {} levels deep", kMaxDepth); }

}  // namespace

void Matcher::note_count(const Entry* in, std::size_t count) {
  if (!use_) return;
  auto& known = use_->counts[{set_, in->id}];
  known = std::max(known, static_cast<std::uint32_t>(count));
}

// --- path

Result<std::optional<CorePath>> Matcher::path(const CorePath& local, TypeId root) {
  auto found = follow(local, root);
  if (use_) use_->parts.insert(trail_.begin(), trail_.end());
  trail_.clear();
  return found;
}

Result<std::optional<CorePath>> Matcher::follow(const CorePath& local, TypeId root) {
  CorePath path;
  path.steps.reserve(local.steps.size());
  const auto* at = SKEP_TRY(target_.strip(root));
  for (const auto& wanted : local.steps) {
    if (path.steps.empty()) {
      SKEP_TRY(enter_element(target_, path, at, wanted.index));
      continue;
    }
    const auto next = SKEP_TRY(wanted.name.empty() ? enter_array(wanted, at, path) : enter_member(wanted, at, path));
    if (!next) return std::nullopt;
    at = SKEP_TRY(target_.strip(*next));
  }
  return path;
}

Result<std::optional<TypeId>> Matcher::enter_array(const Step& wanted, const Entry* in, CorePath& path) {
  const auto* array = in->as<Array>();
  if (!array) {
    why_ = fmt::format("{} is no array", target_.btf().describe(in->id));
    return std::nullopt;
  }
  if (wanted.index >= array->count && !is_flexible(path, *array)) {
    // Without the last member this one could become the last, and have as many elements as one likes.
    if (const auto& step = path.steps.back(); array->count == 0 && !step.name.empty())
      pass(step.type, step.type->as<Composite>()->members.size() - 1);
    why_ = fmt::format("{} elements, element {} is accessed", array->count, wanted.index);
    return std::nullopt;
  }
  const auto* element = SKEP_TRY(target_.strip(array->element));
  SKEP_TRY(enter_element(target_, path, element, wanted.index));
  return element->id;
}

Result<std::optional<TypeId>> Matcher::enter_member(const Step& wanted, const Entry* in, CorePath& path) {
  if (!is_composite(in->kind)) {
    why_ = fmt::format("{} has no members", target_.btf().describe(in->id));
    return std::nullopt;
  }
  const auto found = SKEP_TRY(find_member(wanted, in->id, path));
  if (found.compatible) return found.next;
  missing_ = shown(wanted.name);
  if (!found.found) searched_ = in->id;
  why_ = found.found ? fmt::format("its member \"{}\" is {}, the program's {}", missing_,
                                   target_.btf().describe(SKEP_TRY(target_.strip(found.next))->id),
                                   local_.btf().describe(SKEP_TRY(local_.strip(wanted.member()->type))->id))
                     : fmt::format("no member \"{}\"", missing_);
  return std::nullopt;
}

// The first member of that name decides, those of anonymous members counting in their place.
Result<Matcher::Found> Matcher::find_member(const Step& wanted, TypeId in, CorePath& path) {
  const auto* entry = SKEP_TRY(target_.strip(in));
  const auto* composite = entry->as<Composite>();
  if (!composite) return Found{};
  SKEP_TRY(work_.spend(composite->members.size() + 1));
  if (path.levels == kMaxPath && !composite->members.empty()) {
    pass(entry, 0);
    return fail(Errc::malformed, "the path to \"{}\" has more than {} levels", shown(wanted.name), kMaxPath);
  }
  for (std::uint32_t i = 0; i < composite->members.size(); ++i) {
    const auto& member = composite->members[i];
    const bool anonymous = member.name.empty();
    if (!anonymous && member.name != wanted.name) continue;
    path.bit_offset += member.bit_offset;
    ++path.levels;
    pass(entry, i);
    if (!anonymous) {
      path.steps.push_back({entry, i, member.name});
      return Found{true, SKEP_TRY(fields_compatible(wanted.member()->type, member.type)), member.type};
    }
    const auto found = SKEP_TRY(find_member(wanted, member.type, path));
    if (found.found) return found;
    path.bit_offset -= member.bit_offset;
    --path.levels;
    if (use_) trail_.pop_back();
  }
  return Found{};
}

Result<bool> Matcher::fields_compatible(TypeId local_id, TypeId target_id) {
  for (int depth = 0; depth <= kMaxDepth; ++depth) {
    SKEP_TRY(work_.spend());
    const auto* local = SKEP_TRY(local_.strip(local_id));
    const auto* target = SKEP_TRY(target_.strip(target_id));
    if (is_composite(local->kind) && is_composite(target->kind)) return true;
    if (!same_kind(local->kind, target->kind)) return false;
    if (const auto* array = local->as<Array>()) {
      local_id = array->element;
      target_id = target->as<Array>()->element;
      continue;
    }
    if (const auto* integer = local->as<Int>())
      return integer->bit_offset == 0 && target->as<Int>()->bit_offset == 0;
    if (local->kind == Kind::Fwd || is_enum(local->kind)) {
      const auto ours = local_.btf().name(local->id), theirs = target_.btf().name(target->id);
      return ours.empty() || theirs.empty() || same_essential_name(ours, theirs);
    }
    return local->kind == Kind::Ptr || local->kind == Kind::Float;
  }
  return too_deep();
}

Result<std::optional<CorePath>> Matcher::enumerator(const CorePath& local, TypeId root) {
  const auto* entry = SKEP_TRY(target_.strip(root));
  const auto* type = entry->as<Enum>();
  if (!type) {
    why_ = fmt::format("{} is no enumeration", target_.btf().describe(entry->id));
    return std::nullopt;
  }
  SKEP_TRY(work_.spend(type->values.size()));
  for (std::size_t i = 0; i < type->values.size(); ++i) {
    if (!same_essential_name(local.enumerator, type->values[i].name)) continue;
    CorePath path;
    path.enumerator = type->values[i].name;
    path.enumerator_value = enumerator_value(*type, i, local.enumerator_signed);
    note(entry, i);
    return path;
  }
  missing_ = shown(local.enumerator);
  searched_ = entry->id;
  why_ = fmt::format("no enumerator \"{}\"", missing_);
  return std::nullopt;
}

// --- types_compatible

Result<bool> Matcher::types_compatible(TypeId local, TypeId target) {
  if (!same_kind(local_.btf().kind(local), target_.btf().kind(target))) return false;
  return compatible(local, target, kMaxDepth);
}

Result<bool> Matcher::compatible(TypeId local_id, TypeId target_id, int level) {
  for (int depth = 0; depth < kMaxDepth; ++depth) {
    SKEP_TRY(work_.spend());
    const auto* local = SKEP_TRY(local_.strip(local_id));
    const auto* target = SKEP_TRY(target_.strip(target_id));
    if (!same_kind(local->kind, target->kind)) return false;
    if (const auto* pointer = local->as<Ptr>()) {
      note_pointer(target);
      local_id = pointer->type;
      target_id = target->as<Ptr>()->type;
    } else if (const auto* array = local->as<Array>()) {
      local_id = array->element;
      target_id = target->as<Array>()->element;
    } else if (const auto* proto = local->as<FuncProto>()) {
      const auto* other = target->as<FuncProto>();
      if (proto->params.size() != other->params.size()) return false;
      for (std::size_t i = 0; i < proto->params.size(); ++i) {
        if (level <= 0) return too_deep();
        if (!SKEP_TRY(compatible(proto->params[i].type, other->params[i].type, level - 1))) return false;
      }
      local_id = proto->result;
      target_id = other->result;
    } else if (const auto* integer = local->as<Int>()) {
      return integer->bit_offset == 0 && target->as<Int>()->bit_offset == 0;
    } else {
      return local->kind == Kind::Void || is_composite(local->kind) || is_enum(local->kind) || local->kind == Kind::Fwd;
    }
  }
  return too_deep();
}

// --- types_match

Result<bool> Matcher::types_match(TypeId local, TypeId target) { return match(local, target, false, kMaxDepth); }

Result<bool> Matcher::match(TypeId local_id, TypeId target_id, bool behind_pointer, int level) {
  if (level <= 0) return too_deep();
  for (int depth = 0; depth < kMaxDepth; ++depth) {
    SKEP_TRY(work_.spend());
    const auto* local = SKEP_TRY(local_.strip(local_id));
    const auto* target = SKEP_TRY(target_.strip(target_id));
    if (!names_match(name_of(local_, local), name_of(target_, target))) return false;
    const auto* composite = local->as<Composite>();
    // Behind a pointer a structure matches its forward declaration, and the declaration a structure.
    if (const auto* forward = local->as<Fwd>()) {
      if (const auto* other = target->as<Fwd>()) return forward->is_union == other->is_union;
      return behind_pointer && target->kind == (forward->is_union ? Kind::Union : Kind::Struct);
    }
    if (composite && behind_pointer) {
      if (const auto* other = target->as<Fwd>()) return composite->is_union == other->is_union;
      return local->kind == target->kind;
    }
    if (!same_kind(local->kind, target->kind)) return false;
    if (composite) return composites_match(*composite, target, behind_pointer, level);
    if (const auto* enumeration = local->as<Enum>()) return enums_match(*enumeration, target);
    if (const auto* integer = local->as<Int>()) {
      const auto* other = target->as<Int>();
      return integer->size == other->size && integer->is_signed == other->is_signed;
    }
    if (const auto* pointer = local->as<Ptr>()) {
      note_pointer(target);
      behind_pointer = true;
      local_id = pointer->type;
      target_id = target->as<Ptr>()->type;
    } else if (const auto* array = local->as<Array>()) {
      if (array->count != target->as<Array>()->count) return false;
      local_id = array->element;
      target_id = target->as<Array>()->element;
    } else if (const auto* proto = local->as<FuncProto>()) {
      const auto* other = target->as<FuncProto>();
      if (proto->params.size() != other->params.size()) return false;
      for (std::size_t i = 0; i < proto->params.size(); ++i)
        if (!SKEP_TRY(match(proto->params[i].type, other->params[i].type, behind_pointer, level - 1))) return false;
      local_id = proto->result;
      target_id = other->result;
    } else {
      return local->kind == Kind::Void;
    }
  }
  return too_deep();
}

Result<bool> Matcher::composites_match(const Composite& local, const Entry* in, bool behind_pointer, int level) {
  const auto& target = *in->as<Composite>();
  if (local.members.size() > target.members.size()) return false;
  note_count(in, local.members.size());
  for (const auto& member : local.members) {
    SKEP_TRY(work_.spend(target.members.size()));
    bool named = false, matched = false;
    for (std::size_t i = 0; i < target.members.size(); ++i) {
      const auto& other = target.members[i];
      if (!names_match(member.name, other.name)) continue;
      note(in, i);
      named = true;
      matched = SKEP_TRY(match(member.type, other.type, behind_pointer, level - 1));
      if (matched) break;
    }
    if (matched) continue;
    missing_ = shown(member.name);
    searched_ = named || member.name.empty() ? std::nullopt : std::optional(in->id);
    why_ = member.name.empty() ? fmt::format("no anonymous member like member {}", &member - local.members.data())
                               : fmt::format("no member \"{}\" of the same type", missing_);
    return false;
  }
  return true;
}

Result<bool> Matcher::enums_match(const Enum& local, const Entry* in) {
  const auto& target = *in->as<Enum>();
  if (local.size != target.size || local.values.size() > target.values.size()) return false;
  note_count(in, local.values.size());
  for (const auto& value : local.values) {
    SKEP_TRY(work_.spend(target.values.size()));
    bool matched = false;
    for (std::size_t i = 0; i < target.values.size() && !matched; ++i) {
      matched = names_match(value.name, target.values[i].name);
      if (matched) note(in, i);
    }
    if (matched) continue;
    missing_ = shown(value.name);
    searched_ = in->id;
    why_ = fmt::format("no enumerator \"{}\"", missing_);
    return false;
  }
  return true;
}

}  // namespace skep::btf::detail
