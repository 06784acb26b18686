// The bodies of structures, unions and enumerations. Every body that is printed has the size and the offsets that
// BTF says: c_layout.hpp tells what to put between the members. A member that C cannot declare (a type in a circle, a
// bitfield in a pointer) keeps its name and place as bytes or as an integer; one that lies beyond the end of its
// structure, or has no size, is left out.
#include <algorithm>

#include "skep/btf/c_writer.hpp"

namespace skep::btf::detail {
namespace {

constexpr bool is_composite(Kind kind) { return kind == Kind::Struct || kind == Kind::Union; }
constexpr bool is_enum(Kind kind) { return kind == Kind::Enum || kind == Kind::Enum64; }

}  // namespace

CWriter::Fields CWriter::fields_of(const Composite& type, int depth) {
  Fields out;
  out.fields.reserve(type.members.size());
  out.places.reserve(type.members.size());
  for (const auto& member : type.members) {
    if (!spend(1 + member.name.size() / 32)) break;
    Field field{.member = &member};
    const auto place = place_of(type, member, depth, field);
    if (!place) continue;
    out.fields.push_back(field);
    out.places.push_back(*place);
  }
  // Other languages order members as they like.
  if (type.is_union || std::ranges::is_sorted(out.places, {}, &CPlace::offset)) return out;
  std::vector<std::size_t> order(out.places.size());
  for (std::size_t i = 0; i < order.size(); ++i) order[i] = i;
  std::ranges::sort(order, {}, [&](std::size_t i) { return std::pair(out.places[i].offset, i); });
  Fields sorted;
  for (const auto i : order) {
    sorted.fields.push_back(out.fields[i]);
    sorted.places.push_back(out.places[i]);
  }
  return sorted;
}

std::optional<CPlace> CWriter::place_of(const Composite& type, const Member& member, int depth, Field& field) {
  CPlace place{.offset = member.bit_offset, .bits = member.bitfield_size};
  const auto stripped = strip(member.type);
  const auto k = kind(stripped);
  const auto fits = [&] { return place.offset + place.bits <= std::uint64_t{type.size} * 8; };
  if (k == Kind::Int && place.bits == 0) {
    // Before kernel 4.20 the width of a bitfield was that of its type.
    int_shape(stripped);
    if (known_[number(stripped)].is_odd || place.offset % 8 != 0) {
      const auto integer = get_as<Int>(stripped);
      place.offset += integer.bit_offset;
      place.bits = integer.bits;
      if (place.bits == 0) return std::nullopt;
    }
  }
  if (place.bits != 0) {
    if (member.name.empty() || place.bits > 64 || !fits()) return std::nullopt;
    return bitfield_place(member.type, place, field);
  }
  if (place.offset % 8 != 0) return std::nullopt;

  CShape shape;
  if (!member.name.empty()) {
    shape = member_shape(member.type, depth);
  } else if (is_composite(k) && may_enter(stripped, depth)) {
    // GNU C lets a structure with a name stand here only with -fms-extensions: its body is the same.
    field.as = Field::As::nameless_body;
    shape = base_shape(stripped, depth);
  } else {
    return std::nullopt;
  }
  if (!shape.has_size()) {
    const auto size = btf_.size_of(member.type);
    if (member.name.empty() || !size || *size == 0) return std::nullopt;
    field.as = Field::As::bytes;
    shape = {CShape::Form::array, 1, *size};
  }
  if (shape.size > type.size) return std::nullopt;
  place.bits = shape.size * 8;
  place.align = shape.align;
  if (!fits()) return std::nullopt;
  return place;
}

std::optional<CPlace> CWriter::bitfield_place(TypeId type, CPlace place, Field& field) {
  const auto stripped = strip(type);
  const auto declarator = take_apart(type, 0);
  if (declarator.count == 0 && declarator.shape.form == CShape::Form::object && declarator.shape.size <= 8 &&
      place.bits <= declarator.shape.size * 8) {
    bool can = is_enum(kind(stripped));
    if (kind(stripped) == Kind::Int) {
      const auto integer = get_as<Int>(stripped);
      can = !c_name_of(integer, btf_.pointer_size()).empty() && !(integer.is_bool && place.bits > 1);
    }
    if (can) {
      place.align = declarator.shape.align;
      place.unit = static_cast<std::uint32_t>(declarator.shape.size) * 8;
      return place;
    }
  }
  field.as = Field::As::bits;
  place.unit = place.bits <= 32 ? 32 : 64;
  place.align = place.unit / 8;
  return place;
}

CLayout CWriter::layout_of(const Composite& type, const Fields& fields) {
  return type.is_union ? lay_out_union(type.size, fields.places) : lay_out_struct(type.size, fields.places);
}

void CWriter::put_composite(TypeId id, bool nameless, int depth) {
  const auto type = get_as<Composite>(id);
  const auto fields = fields_of(type, depth);
  const auto layout = layout_of(type, fields);
  const auto outer_scope = scope_;
  if (!nameless) scope_ = ++scopes_;

  put(type.is_union ? "union " : "struct ");
  if (!nameless && is_named(id)) put(tag_name(id)).append(" ");
  put("{");
  if (!layout.items.empty()) put("\n");
  ++indent_;
  if (layout.overlaid) {
    indent();
    put("union {\n");
    ++indent_;
  }
  for (const auto& item : layout.items)
    if (spend(1)) put_item(fields, item, depth);
  if (layout.overlaid) {
    --indent_;
    indent();
    put("};\n");
  }
  --indent_;
  if (!layout.items.empty()) indent();
  put(layout.packed ? "} __attribute__((packed))" : "}");
  scope_ = outer_scope;
  shapes_[number(id)] = {CShape::Form::object, layout.align, type.size};
}

void CWriter::put_item(const Fields& fields, const CItem& item, int depth) {
  static constexpr std::string_view kUnits[] = {"char", "short", "int", "long"};
  indent();
  switch (item.what) {
    case CItem::What::member: put_field(fields.fields[item.index], fields.places[item.index], depth); return;
    case CItem::What::fill:
      put(item.unit == 64 ? "long long" : kUnits[item.unit / 16]);
      put(": ");
      put_number(item.bits);
      put(";\n");
      return;
    case CItem::What::bytes: put_pad(item.count); return;
    case CItem::What::apart: break;
  }
  put("struct {\n");
  ++indent_;
  if (item.count != 0) {
    indent();
    put_pad(item.count);
  }
  if (item.bits != 0) {
    indent();
    put("char: ");
    put_number(item.bits);
    put(";\n");
  }
  indent();
  put_field(fields.fields[item.index], fields.places[item.index], depth);
  --indent_;
  indent();
  put("} __attribute__((packed));\n");
}

void CWriter::put_field(const Field& field, const CPlace& place, int depth) {
  const auto& member = *field.member;
  const auto outer_offset = std::exchange(base_offset_, base_offset_ + place.offset);
  switch (field.as) {
    case Field::As::itself: put_declaration(member.type, member_name(member.name), depth); break;
    case Field::As::nameless_body: {
      const auto id = strip(member.type);
      const Looking looking(states_[number(id)]);
      put_composite(id, true, depth + 1);
      break;
    }
    case Field::As::bytes:
      put("unsigned char ");
      put(member_name(member.name));
      put("[");
      put_number(place.bits / 8);
      put("]");
      break;
    case Field::As::bits:
      put(place.unit == 64 ? "unsigned long long " : "unsigned int ");
      put(member_name(member.name));
      break;
  }
  base_offset_ = outer_offset;
  if (place.unit != 0) {
    put(": ");
    put_number(place.bits);
  }
  put(";");
  if (places_) put_place(place);
  put("\n");
}

void CWriter::put_place(const CPlace& place) {
  const auto offset = base_offset_ + place.offset;
  put(place.unit == 0
          ? fmt::format(" /* offset {}, size {} */", offset / 8, place.bits / 8)
          : fmt::format(" /* offset {}, bit {}, {} bit{} */", offset / 8, offset % 8, place.bits, place.bits == 1 ? "" : "s"));
}

// Needs a name, which it gets: in a nameless structure the array would declare nothing.
void CWriter::put_pad(std::uint64_t bytes) {
  put("unsigned char ");
  put(member_name(fmt::format("__pad{}", ++pads_)));
  put("[");
  put_number(bytes);
  put("];\n");
}

std::string_view CWriter::member_name(std::string_view name) {
  if (!is_c_identifier(name)) name = all_names_.keep(to_c_identifier(name));
  auto found = name;
  for (int number = 2; !members_.add(scope_, found) && spend(1 + name.size() / 32); ++number)
    found = all_names_.keep(fmt::format("{}___{}", name, number));
  return found;
}

// The type of an enumeration is int or unsigned int, or longer if a value needs it; other sizes need the attribute.
void CWriter::put_enum(TypeId id) {
  const auto type = get_as<Enum>(id);
  if (type.values.empty()) {
    static constexpr std::string_view kTypes[] = {"void", "unsigned char", "unsigned short", "", "unsigned int"};
    put(type.size == 8 ? "unsigned long long" : kTypes[type.size]);
    return;
  }
  states_[number(id)] = State::done;
  put("enum ");
  if (is_named(id)) put(tag_name(id)).append(" ");
  put("{\n");
  ++indent_;
  for (const auto& each : type.values)
    if (spend(1 + each.name.size() / 32)) put_enumerator(type, each);
  --indent_;
  indent();
  put("}");
  if (type.size != 4) put(fmt::format(" __attribute__((mode({})))", type.size == 8 ? "DI" : type.size == 2 ? "HI" : "QI"));
}

void CWriter::put_enumerator(const Enum& type, const Enumerator& each) {
  indent();
  put(all_names_.ordinary(each.name));
  put(" = ");
  const auto unused = 64 - type.size * 8;
  const auto bits = static_cast<std::uint64_t>(each.value) << unused;
  const std::string_view suffix = type.size == 8 ? (type.is_signed ? "LL" : "ULL") : "";
  if (!type.is_signed || static_cast<std::int64_t>(bits) >= 0) {
    put_number(bits >> unused);
    put(suffix);
  } else if (bits == std::uint64_t{1} << 63 && unused == 0) {
    put("-9223372036854775807LL - 1");  // C has no literal for it
  } else {
    put("-");
    put_number(-bits >> unused);
    put(suffix);
  }
  put(",\n");
}

}  // namespace skep::btf::detail
