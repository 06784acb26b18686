#include "skep/btf/fields.hpp"

#include "skep/btf/c_name.hpp"

namespace skep::btf::detail {

std::string Path::prefix() const {
  std::string text;
  for (const auto* step = this; step->up; step = step->up) {
    if (step->field.empty())
      text.insert(0, fmt::format("[{}]", step->index));
    else
      text.insert(0, fmt::format("{}{}", step->up->up ? "." : "", step->field));
  }
  return text.empty() ? text : text + ": ";
}

std::unexpected<Error> Path::fail(const Error& error) const {
  return std::unexpected(Error(error.code(), prefix() + error.what()));
}

namespace {

// Where the array without a count lies that is the last member of a structure, if there is one. Members of an
// anonymous structure are those of the outer one.
std::optional<std::uint64_t> flexible_at(const Btf& btf, TypeId type) {
  std::uint64_t bit_offset = 0;
  for (int depth = 0; depth < kMaxDepth; ++depth) {
    const auto id = btf.strip(type);
    const auto structure = id ? btf.get<Composite>(*id) : std::unexpected(id.error());
    if (!structure || structure->is_union || structure->members.empty()) return std::nullopt;
    const auto& last = structure->members.back();
    bit_offset += last.bit_offset;
    type = last.type;
    if (last.name.empty()) continue;
    const auto member = btf.strip(type);
    const auto array = member ? btf.get<Array>(*member) : std::unexpected(member.error());
    return array && array->count == 0 ? std::optional(bit_offset / 8) : std::nullopt;
  }
  return std::nullopt;
}

}  // namespace

Result<Extent> extent_of(const Btf& btf, TypeId type, std::size_t bytes) {
  const auto size = SKEP_TRY(btf.size_of(type));
  if (bytes < size) return skep::fail(Errc::invalid, "{} bytes for a {} of {} bytes", bytes, c_name(btf, type), size);
  if (const auto at = flexible_at(btf, type)) return Extent{bytes, at};
  return Extent{size, std::nullopt};
}

Result<> FieldTable::spend(std::size_t parts, const Path& path) {
  if (parts > budget_) return fail(Errc::malformed, "{}the type has too many parts for its size", path.prefix());
  budget_ -= parts;
  return {};
}

Result<const Type*> FieldTable::type(TypeId id, const Path& path) {
  if (const auto known = types_.find(id); known != types_.end()) return &known->second;
  auto found = decode(id);
  if (const auto* var = found ? std::get_if<Var>(&*found) : nullptr) found = decode(var->type);
  if (!found) return path.fail(found.error());
  return &types_.emplace(id, std::move(*found)).first->second;
}

Result<Type> FieldTable::decode(TypeId id) const {
  const auto stripped = SKEP_TRY(btf_.strip(id));
  return btf_.type(stripped);
}

Result<std::uint64_t> FieldTable::size_of(TypeId id, const Path& path) const {
  const auto size = btf_.size_of(id);
  if (!size) return path.fail(size.error());
  return *size;
}

Result<const std::vector<Slot>*> FieldTable::fields(TypeId id, const Path& path) {
  if (const auto known = fields_.find(id); known != fields_.end()) return &known->second;
  std::vector<Slot> slots;
  SKEP_TRY(add_fields(id, 0, 0, path, slots));
  return &fields_.emplace(id, std::move(slots)).first->second;
}

Result<> FieldTable::add_fields(TypeId id, std::uint64_t bit_offset, int depth, const Path& path,
                                std::vector<Slot>& slots) {
  if (depth > kMaxDepth)
    return fail(Errc::malformed, "{}more than {} levels of anonymous members", path.prefix(), kMaxDepth);
  const auto& known = *SKEP_TRY(type(id, path));
  if (const auto* composite = std::get_if<Composite>(&known)) {
    SKEP_TRY(spend(composite->members.size(), path));
    for (const auto& member : composite->members) {
      const auto offset = bit_offset + member.bit_offset;
      if (!member.name.empty()) {
        slots.push_back({member.name, member.type, offset, member.bitfield_size});
      } else if (std::holds_alternative<Composite>(*SKEP_TRY(type(member.type, path)))) {
        SKEP_TRY(add_fields(member.type, offset, depth + 1, path, slots));
      }  // else padding, which nobody can name
    }
  } else if (const auto* section = std::get_if<Datasec>(&known)) {
    SKEP_TRY(spend(section->vars.size(), path));
    for (const auto& entry : section->vars)
      slots.push_back({btf_.name(entry.var), entry.var, std::uint64_t{entry.offset} * 8, 0});
  }
  return {};
}

std::uint64_t FieldTable::count(const Array& type, const Slot& slot, int depth, std::uint64_t element) const {
  // Arrays of nothing elsewhere mark a place, or are padding.
  const auto begin = slot.bit_offset / 8;
  if (type.count != 0 || depth != 1 || extent_.flexible_at != begin || begin > extent_.size) return type.count;
  return (extent_.size - begin) / element;
}

bool is_text(const Int& type) { return type.size == 1 && type.bits == 8 && type.name == "char"; }

Result<BitRange> FieldTable::bits_of(const Int& type, const Slot& slot, const Path& path) {
  if (slot.bitfield_size != 0) return bits_of(type.size, slot, path);
  return BitRange{slot.bit_offset + type.bit_offset, type.bits};
}

Result<BitRange> FieldTable::bits_of(std::uint32_t size, const Slot& slot, const Path& path) {
  if (size == 0) return fail(Errc::invalid, "{}a declaration without a size", path.prefix());
  if (slot.bitfield_size > size * 8)
    return fail(Errc::malformed, "{}bitfield of {} bits in a type of {} bytes", path.prefix(), slot.bitfield_size,
                size);
  return BitRange{slot.bit_offset, slot.bitfield_size != 0 ? slot.bitfield_size : size * 8};
}

Result<> BitRange::check(std::size_t size, const Path& path) const {
  if (width <= size * 8 && offset <= size * 8 - width) return {};
  return fail(Errc::malformed, "{}bits {} to {} lie outside of the {} bytes of the type", path.prefix(), offset,
              offset + width, size);
}

}  // namespace skep::btf::detail
