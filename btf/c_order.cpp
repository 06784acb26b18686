// What must stand before what. A structure needs the bodies of what it holds by value, and the names of what it
// points to: for structures a forward declaration is enough, so that circles of pointers are no trouble. A typedef
// needs the name behind it. Arrays need the body of their element even behind a pointer (C17 §6.7.6.2).
//
// Circles of bodies cannot come from C. They end here because a type that was begun is not begun again; the
// printing sees that it has no body yet. The way down is a stack of our own: hostile types nest deeply.
#include "skep/btf/c_writer.hpp"

namespace skep::btf::detail {
namespace {

// What a text may take for so many bytes of BTF: the kernel's takes less than one for one.
constexpr std::uint64_t kLeast = 1 << 20, kPartsPerByte = 8, kTextPerByte = 16;

std::uint64_t weight(const Btf& btf) { return btf.raw().size() + std::uint64_t{btf.type_count()} * 16; }

}  // namespace

CWriter::CWriter(const Btf& btf)
    : btf_(btf),
      parts_left_(kLeast + weight(btf) * kPartsPerByte),
      text_limit_(16 * kLeast + weight(btf) * kTextPerByte),
      states_(btf.type_count()),
      declared_(btf.type_count()),
      shapes_(btf.type_count()),
      names_(btf.type_count()),
      all_names_(btf.type_count() / 2) {
  const auto& storage = Access::storage(btf);
  known_.resize(btf.type_count());
  for (std::uint32_t id = 1; id < btf.type_count(); ++id) {
    const auto record = storage.owner(id).record(id);
    known_[id] = {.kind = record.kind, .is_named = record.name != 0, .target = record.size_or_type};
  }
  out_.reserve(btf.raw().size() / 2);
}

bool CWriter::spend(std::uint64_t parts) {
  if (error_) return false;
  if (parts <= parts_left_ && out_.size() <= text_limit_) {
    parts_left_ -= parts;
    return true;
  }
  error_ = Error(Errc::malformed, "as C, these types are out of all proportion to their BTF");
  return false;
}

Type CWriter::get(TypeId id) {
  if (error_) return Void{};
  auto type = btf_.type(id);
  if (type) return std::move(*type);
  error_ = type.error();
  return Void{};
}

TypeId CWriter::target(TypeId id) {
  const auto target = known_[number(id)].target;
  if (target < states_.size()) return TypeId{target};
  get(id);  // says what is wrong
  return TypeId::none;
}

TypeId CWriter::strip(TypeId id) {
  for (int step = 0; step < kMaxDepth; ++step) {
    switch (kind(id)) {
      case Kind::Typedef:
      case Kind::Const:
      case Kind::Volatile:
      case Kind::Restrict:
      case Kind::TypeTag: id = target(id); continue;
      default: return id;
    }
  }
  return TypeId::none;
}

Result<> CWriter::result() const {
  if (error_) return std::unexpected(*error_);
  return {};
}

bool CWriter::has_body(TypeId id) {
  switch (kind(id)) {
    case Kind::Struct:
    case Kind::Union: return true;
    case Kind::Enum:
    case Kind::Enum64: return !get_as<Enum>(id).values.empty();
    default: return false;
  }
}

std::string_view CWriter::tag_name(TypeId id) {
  auto& name = names_[number(id)];
  if (!name.empty()) return name;
  auto tag_kind = kind(id);
  if (tag_kind == Kind::Enum64) tag_kind = Kind::Enum;
  if (tag_kind == Kind::Fwd) tag_kind = get_as<Fwd>(id).is_union ? Kind::Union : Kind::Struct;
  const auto given = btf_.name(id);
  spend(given.size() / 32);
  return name = all_names_.tag(given, tag_kind, has_body(id));
}

void CWriter::put_number(std::uint64_t value) {
  const fmt::format_int digits(value);
  out_.append(digits.data(), digits.size());
}

std::vector<CWriter::Need> CWriter::needs_of(TypeId id) {
  std::vector<Need> needs;
  switch (kind(id)) {
    case Kind::Struct:
    case Kind::Union: add_member_needs(get_as<Composite>(id), 0, needs); break;
    case Kind::Typedef: add_needs(target(id), false, 0, needs); break;
    case Kind::FuncProto: {
      const auto proto = get_as<FuncProto>(id);
      for (const auto& param : proto.params) add_needs(param.type, false, 0, needs);
      add_needs(proto.result, false, 0, needs);
      break;
    }
    case Kind::Func: add_needs(target(id), false, 0, needs); break;
    case Kind::Var: add_needs(target(id), false, 0, needs); break;
    case Kind::Datasec:
      for (const auto& each : get_as<Datasec>(id).vars) needs.push_back({each.var, true});
      break;
    default: break;
  }
  return needs;
}

void CWriter::add_member_needs(const Composite& type, int depth, std::vector<Need>& needs) {
  for (const auto& member : type.members)
    if (spend(1)) add_needs(member.type, true, depth, needs);
}

void CWriter::add_needs(TypeId id, bool by_value, int depth, std::vector<Need>& needs) {
  for (int step = 0; step < kMaxDepth && depth < kMaxDepth && spend(1); ++step) {
    switch (kind(id)) {
      case Kind::Ptr:
        by_value = false;
        id = target(id);
        continue;
      case Kind::Array:
        by_value = true;
        id = get_as<Array>(id).element;
        continue;
      case Kind::Const:
      case Kind::Volatile:
      case Kind::Restrict:
      case Kind::TypeTag: id = target(id); continue;
      case Kind::Typedef:
        if (is_compilers_own(btf_.name(id))) {
          id = target(id);
          continue;
        }
        needs.push_back({id, true});
        if (by_value) add_complete(target(id), needs);
        return;
      case Kind::FuncProto: {
        const auto proto = get_as<FuncProto>(id);
        by_value = false;
        if (states_[number(id)] != State::begun) {
          const Looking looking(states_[number(id)]);
          for (const auto& param : proto.params) add_needs(param.type, false, depth + 1, needs);
        }
        id = proto.result;
        continue;
      }
      case Kind::Struct:
      case Kind::Union:
        if (is_named(id)) {
          needs.push_back({id, by_value});
        } else if (states_[number(id)] != State::begun) {
          const Looking looking(states_[number(id)]);
          add_member_needs(get_as<Composite>(id), depth + 1, needs);
        }
        return;
      case Kind::Enum:
      case Kind::Enum64:
        if (is_named(id)) needs.push_back({id, has_body(id)});
        return;
      case Kind::Fwd: needs.push_back({id, false}); return;
      default: return;
    }
  }
}

// The body behind a typedef: the typedef itself is content with a name.
void CWriter::add_complete(TypeId id, std::vector<Need>& needs) {
  for (int step = 0; step < kMaxDepth && spend(1); ++step) {
    switch (kind(id)) {
      case Kind::Array: id = get_as<Array>(id).element; continue;
      case Kind::Typedef:
      case Kind::Const:
      case Kind::Volatile:
      case Kind::Restrict:
      case Kind::TypeTag: id = target(id); continue;
      case Kind::Struct:
      case Kind::Union:
        if (is_named(id)) needs.push_back({id, true});
        return;
      default: return;
    }
  }
}

void CWriter::declare(TypeId id) {
  const auto k = kind(id);
  const bool has_tag = k == Kind::Struct || k == Kind::Union || k == Kind::Fwd || k == Kind::Enum || k == Kind::Enum64;
  if (!has_tag || is_done(id) || declared_[number(id)] || !is_named(id)) return;
  declared_[number(id)] = true;
  CDeclarator tag;
  tag.base = id;
  put_base(tag, 0);
  put(";\n\n");
}

TypeId CWriter::behind_pointers(TypeId id) {
  for (int step = 0; step < kMaxDepth; ++step) {
    switch (kind(id)) {
      case Kind::Ptr: id = target(id); continue;
      case Kind::Array: id = get_as<Array>(id).element; continue;
      case Kind::Const:
      case Kind::Volatile:
      case Kind::Restrict:
      case Kind::TypeTag: id = target(id); continue;
      case Kind::DeclTag: id = target(id); continue;
      default: return id;
    }
  }
  return TypeId::none;
}

Result<> CWriter::define(TypeId root, std::string_view before, std::string_view after) {
  before_ = before;
  after_ = after;
  std::vector<Frame> stack;
  const auto begin = [&](TypeId id) {
    auto& state = states_[number(id)];
    if (state != State::none) return;
    state = State::begun;
    stack.push_back({.id = id, .needs = needs_of(id)});
  };
  if (number(root) >= btf_.type_count()) get(root);
  else begin(behind_pointers(root));
  while (!stack.empty() && !error_) {
    auto& frame = stack.back();
    if (frame.next < frame.needs.size()) {
      const auto& need = frame.needs[frame.next++];
      if (need.complete) begin(need.id);
      continue;
    }
    emit(frame);
    states_[number(frame.id)] = State::done;
    stack.pop_back();
  }
  return result();
}

void CWriter::emit(const Frame& frame) {
  const auto id = frame.id;
  for (const auto& need : frame.needs)
    if (!need.complete && need.id != id) declare(need.id);
  members_.clear();
  scope_ = scopes_ = pads_ = 0;
  places_ = id == described_;
  if (places_) start_ = out_.size();
  switch (kind(id)) {
    case Kind::Struct:
    case Kind::Union: put_composite(id, false, 0); break;
    case Kind::Enum:
    case Kind::Enum64:
      if (!has_body(id)) {
        states_[number(id)] = State::none;
        declare(id);
        if (places_ && out_.size() > start_) end_ = out_.size() - 2;  // without the empty line behind
        return;
      }
      put_enum(id);
      break;
    case Kind::Fwd: declare(id); return;
    case Kind::Typedef: {
      if (is_compilers_own(btf_.name(id))) return;
      const auto name = all_names_.ordinary(btf_.name(id));
      put("typedef ");
      put_declaration(target(id), name, 0);
      names_[number(id)] = name;
      break;
    }
    case Kind::Func:
    case Kind::Var: {
      const bool is_func = kind(id) == Kind::Func;
      const auto type = take_apart(target(id), 0);
      if (is_func ? type.shape.form != CShape::Form::function : type.shape.form == CShape::Form::nothing) return;
      put(before_);
      put(type, all_names_.ordinary(btf_.name(id)), 0);
      put(after_);
      break;
    }
    default: return;
  }
  put(";");
  if (places_) end_ = out_.size();
  put("\n\n");
}

Result<> CWriter::define_leftovers() {
  for (std::uint32_t id = 1; id < btf_.type_count(); ++id) {
    const auto k = kind(TypeId{id});
    if ((k == Kind::Enum || k == Kind::Enum64) && states_[id] == State::none && !is_named(TypeId{id}) &&
        has_body(TypeId{id}))
      SKEP_TRY(define(TypeId{id}));
  }
  return result();
}

Result<std::string> CWriter::describe(TypeId id) {
  described_ = id;
  SKEP_TRY(define(id));
  return out_.substr(start_, end_ - start_);
}

}  // namespace skep::btf::detail
