// C declares inside out: int (*a)[4] is an a, which is a pointer to an array of int. A type is taken apart from the
// outside in; then everything left of the name is printed from the inside out, and everything right of it from the
// outside in. What C cannot say (an array of functions, a type that circles back to itself) becomes void at that
// point, which is still right behind a pointer; by value, c_body prints bytes in its place.
#include <algorithm>

#include "skep/btf/c_writer.hpp"

namespace skep::btf::detail {
namespace {

using Form = CShape::Form;

// Objects of more bytes are too large for clang.
constexpr std::uint64_t kLargest = std::uint64_t{1} << 48;

constexpr bool is_suffix(Kind kind) { return kind != Kind::Ptr; }

// "address_space(1)": what may stand in __attribute__((…)) without harm to the text around.
bool is_attribute_text(std::string_view text) {
  const auto open = text.find('(');
  if (!is_c_identifier(text.substr(0, open))) return false;
  if (open == std::string_view::npos) return true;
  return text.ends_with(')') && std::ranges::all_of(text.substr(open + 1, text.size() - open - 2), [](char c) {
           return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' || c == ',' || c == ' ';
         });
}

struct StandardInt {
  std::string_view text;
  std::uint32_t size;  // bytes; 0: that of a pointer
  bool is_signed;
};

// As gcc and clang write them in debug information.
constexpr StandardInt kInts[] = {
    {"int", 4, true},
    {"unsigned int", 4, false},
    {"char", 1, true},
    {"unsigned char", 1, false},
    {"signed char", 1, true},
    {"short int", 2, true},
    {"short", 2, true},
    {"short unsigned int", 2, false},
    {"unsigned short", 2, false},
    {"long int", 0, true},
    {"long", 0, true},
    {"long unsigned int", 0, false},
    {"unsigned long", 0, false},
    {"long long int", 8, true},
    {"long long", 8, true},
    {"long long unsigned int", 8, false},
    {"unsigned long long", 8, false},
    {"__int128", 16, true},
    {"__int128 unsigned", 16, false},
    {"unsigned __int128", 16, false},
};

}  // namespace

std::string_view c_name_of(const Int& type, std::uint32_t pointer_size) {
  if (type.is_bool && type.size == 1) return "_Bool";
  for (const auto& known : kInts)
    if (known.text == type.name && (known.size == 0 ? pointer_size : known.size) == type.size) return known.text;
  // Other compilers' names (u32, ssizetype), and sizes that these names do not have here.
  switch (type.size) {
    case 1: return type.is_signed ? "signed char" : "unsigned char";
    case 2: return type.is_signed ? "short int" : "short unsigned int";
    case 4: return type.is_signed ? "int" : "unsigned int";
    case 8: return type.is_signed ? "long long int" : "long long unsigned int";
    case 16: return type.is_signed ? "__int128" : "__int128 unsigned";
    default: return {};
  }
}

std::string_view c_name_of(const Float& type) {
  // A long double has another size on every machine, and none of 16 bytes on BPF.
  return type.size == 4 ? "float" : type.size == 8 ? "double" : "";
}

// Names that C headers must not define; the type behind it is used itself.
bool is_compilers_own(std::string_view typedef_name) { return typedef_name.starts_with("__builtin_"); }

CDeclarator CWriter::take_apart(TypeId id, int depth) {
  CDeclarator out;
  CQualifiers pending{};
  for (int step = 0; step < kMaxDepth && spend(1); ++step) {
    const auto k = kind(id);
    switch (k) {
      case Kind::Ptr:
        out.links[static_cast<std::size_t>(out.count++)] = {k, 0, {}, std::exchange(pending, {})};
        pending.first_tag = pending.last_tag = out.tag_count;
        id = target(id);
        continue;
      case Kind::Array: {
        const auto array = get_as<Array>(id);
        out.links[static_cast<std::size_t>(out.count++)] = {k, array.count, {}, {}};
        id = array.element;
        continue;
      }
      case Kind::FuncProto:
        if (states_[number(id)] == State::begun) break;  // as its own parameter
        out.links[static_cast<std::size_t>(out.count++)] = {k, 0, id, {}};
        pending = {};
        pending.first_tag = pending.last_tag = out.tag_count;
        id = target(id);
        continue;
      case Kind::Const:
      case Kind::Volatile:
      case Kind::Restrict:
        pending.const_ |= k == Kind::Const;
        pending.volatile_ |= k == Kind::Volatile;
        pending.restrict_ |= k == Kind::Restrict;
        id = target(id);
        continue;
      case Kind::TypeTag:
        out.tags[out.tag_count++] = id;
        pending.last_tag = out.tag_count;
        id = target(id);
        continue;
      case Kind::Typedef:
        if (is_compilers_own(btf_.name(id))) {
          id = target(id);
          continue;
        }
        if (is_done(id)) out.base = id;
        break;
      case Kind::Struct:
      case Kind::Union:
        // An anonymous one inside of itself has no end.
        if (is_named(id) || may_enter(id, depth)) out.base = id;
        break;
      case Kind::Int:
      case Kind::Float:
      case Kind::Enum:
      case Kind::Enum64:
      case Kind::Fwd: out.base = id; break;
      default: break;
    }
    break;
  }
  out.qualifiers = pending;
  find_shape(out, depth);
  return out;
}

// From the inside out, and cuts off what C cannot say.
void CWriter::find_shape(CDeclarator& d, int depth) {
  auto shape = base_shape(d.base, depth);
  d.qualifiers.restrict_ &= kind(d.base) == Kind::Typedef && kind(strip(d.base)) == Kind::Ptr;
  const auto cut = [&](int links) {
    d.count = links;
    d.base = TypeId::none;
    d.qualifiers.restrict_ = false;
    shape = {};
  };
  for (int i = d.count - 1; i >= 0; --i) {
    auto& link = d.links[static_cast<std::size_t>(i)];
    if (link.kind == Kind::Ptr) {
      link.qualifiers.restrict_ &= shape.form != Form::function;
      shape = {Form::object, btf_.pointer_size(), btf_.pointer_size()};
    } else if (link.kind == Kind::Array) {
      std::uint64_t size = 0;
      if (!shape.has_size() || __builtin_mul_overflow(shape.size, link.count, &size) || size > kLargest) {
        cut(i);
        continue;
      }
      shape = {Form::array, shape.align, size};
    } else {
      if (shape.form == Form::array || shape.form == Form::function) cut(i + 1);
      shape = {.form = Form::function};
    }
  }
  d.shape = shape;
}

// The shape alone, for most members without taking their type apart.
CShape CWriter::member_shape(TypeId id, int depth) {
  const auto k = kind(id);
  if (k == Kind::Ptr) return {Form::object, btf_.pointer_size(), btf_.pointer_size()};
  if (k == Kind::Int) return int_shape(id);
  if (k == Kind::Typedef && shapes_[number(id)].form != Form::nothing) return shapes_[number(id)];
  return take_apart(id, depth).shape;
}

CShape CWriter::int_shape(TypeId id) {
  auto& shape = shapes_[number(id)];
  if (shape.form != Form::nothing) return shape;
  const auto type = get_as<Int>(id);
  const auto name = c_name_of(type, btf_.pointer_size());
  names_[number(id)] = name;
  known_[number(id)].is_odd = type.bits != type.size * 8 || type.bit_offset != 0;
  return shape = {Form::object, name.empty() ? 1 : type.size, type.size};
}

CShape CWriter::base_shape(TypeId base, int depth) {
  switch (kind(base)) {
    case Kind::Int: return int_shape(base);
    case Kind::Float: {
      const auto type = get_as<Float>(base);
      return {Form::object, c_name_of(type).empty() ? 1 : type.size, type.size};
    }
    case Kind::Struct:
    case Kind::Union: {
      auto& shape = shapes_[number(base)];
      if (shape.has_size()) return shape;
      if (is_named(base)) return {.form = Form::incomplete};
      const auto type = get_as<Composite>(base);
      const Looking looking(states_[number(base)]);
      const auto layout = layout_of(type, fields_of(type, depth + 1));
      return shapes_[number(base)] = {Form::object, layout.align, type.size};
    }
    case Kind::Enum:
    case Kind::Enum64: {
      if (is_named(base) && !is_done(base)) return {.form = Form::incomplete};
      const auto type = get_as<Enum>(base);
      if (is_named(base) && type.values.empty()) return {.form = Form::incomplete};
      if (type.size == 0) return {};  // a declaration of nothing
      return {Form::object, type.size, type.size};
    }
    case Kind::Fwd: return {.form = Form::incomplete};
    case Kind::Typedef: return typedef_shape(base, depth);
    default: return {};
  }
}

// What is behind it may have got its body only after it.
CShape CWriter::typedef_shape(TypeId id, int depth) {
  if (shapes_[number(id)].form != Form::nothing) return shapes_[number(id)];
  if (depth >= kMaxDepth) return {};
  const auto shape = take_apart(target(id), depth + 1).shape;
  if (shape.form != Form::incomplete) shapes_[number(id)] = shape;
  return shape;
}

void CWriter::put_declaration(TypeId id, std::string_view name, int depth) { put(take_apart(id, depth), name, depth); }

void CWriter::put(const CDeclarator& d, std::string_view name, int depth) {
  put_base(d, depth);
  const auto link = [&](int i) -> const CDeclarator::Link& { return d.links[static_cast<std::size_t>(i)]; };
  const bool stars = std::any_of(d.links.begin(), d.links.begin() + d.count,
                                 [](const auto& each) { return each.kind == Kind::Ptr; });
  if (stars || !name.empty()) out_ += ' ';
  for (int i = d.count - 1; i >= 0; --i) {
    if (link(i).kind != Kind::Ptr) continue;
    if (i + 1 < d.count && is_suffix(link(i + 1).kind)) out_ += '(';
    out_ += '*';
    const auto& qualifiers = link(i).qualifiers;
    if (qualifiers.const_) put("const ");
    if (qualifiers.volatile_) put("volatile ");
    if (qualifiers.restrict_) put("restrict ");
    put_tags(d, qualifiers);
  }
  if (out_.back() == ' ' && name.empty()) out_.pop_back();
  put(name);
  for (int i = 0; i < d.count; ++i) {
    if (!is_suffix(link(i).kind)) continue;
    if (i > 0 && link(i - 1).kind == Kind::Ptr) out_ += ')';
    if (link(i).kind == Kind::FuncProto) {
      put_params(link(i).proto, depth);
      continue;
    }
    out_ += '[';
    put_number(link(i).count);
    out_ += ']';
  }
}

void CWriter::put_base(const CDeclarator& d, int depth) {
  if (d.qualifiers.const_) put("const ");
  if (d.qualifiers.volatile_) put("volatile ");
  if (d.qualifiers.restrict_) put("restrict ");
  const auto number_or_bytes = [&](std::string_view name, std::uint32_t size) {
    if (!name.empty()) {
      put(name);
      return;
    }
    put("struct { unsigned char bytes[");
    put_number(size);
    put("]; }");
  };
  switch (kind(d.base)) {
    case Kind::Int: {
      const auto size = int_shape(d.base).size;
      number_or_bytes(names_[number(d.base)], static_cast<std::uint32_t>(size));
      break;
    }
    case Kind::Float: {
      const auto type = get_as<Float>(d.base);
      number_or_bytes(c_name_of(type), type.size);
      break;
    }
    case Kind::Struct:
    case Kind::Union:
      if (!is_named(d.base)) {
        const Looking looking(states_[number(d.base)]);
        put_composite(d.base, false, depth + 1);
        break;
      }
      put(kind(d.base) == Kind::Struct ? "struct " : "union ");
      put(tag_name(d.base));
      break;
    case Kind::Fwd:
      put(get_as<Fwd>(d.base).is_union ? "union " : "struct ");
      put(tag_name(d.base));
      break;
    case Kind::Enum:
    case Kind::Enum64:
      if (!is_named(d.base)) {
        put_enum(d.base);
        break;
      }
      put("enum ");
      put(tag_name(d.base));
      break;
    case Kind::Typedef: put(names_[number(d.base)]); break;
    default: put("void"); break;
  }
  if (d.qualifiers.first_tag != d.qualifiers.last_tag) {
    out_ += ' ';
    put_tags(d, d.qualifiers);
    out_.pop_back();
  }
}

void CWriter::put_tags(const CDeclarator& d, const CQualifiers& qualifiers) {
  for (auto i = qualifiers.first_tag; i < qualifiers.last_tag; ++i) {
    const auto tag = get_as<Modifier>(d.tags[i]);
    if (!tag.is_attribute) put(fmt::format("__attribute__((btf_type_tag(\"{}\"))) ", to_c_string(tag.name)));
    else if (is_attribute_text(tag.name)) put(fmt::format("__attribute__(({})) ", tag.name));
    else put(fmt::format("/* {} */ ", to_c_identifier(tag.name)));
  }
}

void CWriter::put_params(TypeId id, int depth) {
  const auto proto = get_as<FuncProto>(id);
  const Looking looking(states_[number(id)]);
  out_ += '(';
  if (depth >= kMaxDepth) {
    out_ += ')';
    return;
  }
  std::vector<std::string_view> names;
  constexpr std::size_t kMostNames = 64;
  for (std::size_t i = 0; i < proto.params.size() && spend(1 + proto.params[i].name.size() / 32); ++i) {
    const auto& param = proto.params[i];
    const bool last = i + 1 == proto.params.size();
    if (i != 0) put(", ");
    if (last && param.type == TypeId::none && param.name.empty()) {
      if (i != 0) put("...");  // alone it needs no word: "()"
      out_ += ')';
      return;
    }
    auto name = i < kMostNames && is_c_identifier(param.name) ? param.name : std::string_view();
    if (std::ranges::find(names, name) != names.end()) name = {};
    if (!name.empty()) names.push_back(name);
    const auto declarator = take_apart(param.type, depth + 1);
    if (declarator.shape.form == Form::nothing) put("void *").append(name);
    else put(declarator, name, depth + 1);
  }
  put(proto.params.empty() ? "void)" : ")");
}

}  // namespace skep::btf::detail
