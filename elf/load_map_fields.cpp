// The fields of a BTF map definition. Their values are in the types of the struct's members:
//
//   __uint(name, v)   int (*name)[v]           v is the number of elements
//   __ulong(name, v)  enum { x = v } name      v is the value of the only enumerator
//   __type(name, T)   T *name                  T is the type
//   __array(name, T)  T *name[]                T is a map definition or a function type
//
// Rules are those of parse_btf_map_def in libbpf.c: `values` comes last and after `type`, a key's type and
// its size must agree, an unknown field is an error. It is "not supported" rather than malformed, as libbpf's ENOTSUP:
// a corrupted name cannot be told from a field of a newer libbpf, which the object may well have.
#include "skep/elf/loader.hpp"

namespace skep::elf {
namespace {

constexpr std::uint32_t kHandleSize = 4;  // bytes of a map's or program's number in a slot

class Fields {
 public:
  Fields(const btf::Btf& types, MapSpec& map, const MapSpec* outer) : types_(types), map_(map), outer_(outer) {}

  Result<> read(const btf::Composite& definition) {
    for (std::size_t i = 0; i < definition.members.size(); ++i) {
      const auto& member = definition.members[i];
      SKEP_TRY_CTX(field(member, i + 1 == definition.members.size()), "field \"{}\"", member.name);
    }
    if (map_.type == MapType::unspec) return fail(Errc::malformed, "there is no field \"type\"");
    return {};
  }

 private:
  Result<> field(const btf::Member& member, bool last) {
    const auto& name = member.name;
    if (name == "type")
      map_.type = static_cast<MapType>(SKEP_TRY(number_of(member)));
    else if (name == "max_entries")
      map_.max_entries = SKEP_TRY(number_of(member));
    else if (name == "map_flags")
      map_.flags = SKEP_TRY(number_of(member));
    else if (name == "numa_node")
      map_.numa_node = SKEP_TRY(number_of(member));
    else if (name == "map_extra")
      map_.map_extra = SKEP_TRY(long_number_of(member));
    else if (name == "key_size")
      SKEP_TRY(size_of(member, map_.key_size));
    else if (name == "value_size")
      SKEP_TRY(size_of(member, map_.value_size));
    else if (name == "key")
      SKEP_TRY(type_of(member, map_.key_size, map_.key_type));
    else if (name == "value")
      SKEP_TRY(type_of(member, map_.value_size, map_.value_type));
    else if (name == "pinning")
      SKEP_TRY(pinning(member));
    else if (name == "values")
      SKEP_TRY(values(member, last));
    else
      return fail(Errc::not_supported, "there is no such field in a map definition");
    return {};
  }

  Result<std::uint32_t> number_of(const btf::Member& member) const {
    const auto id = SKEP_TRY(types_.strip(member.type));
    const auto pointer = SKEP_TRY(types_.get<btf::Ptr>(id));
    return SKEP_TRY(types_.get<btf::Array>(pointer.type)).count;
  }

  Result<std::uint64_t> long_number_of(const btf::Member& member) const {
    const auto id = SKEP_TRY(types_.strip(member.type));
    if (types_.kind(id) == btf::Kind::Ptr) return SKEP_TRY(number_of(member));
    const auto values = SKEP_TRY(types_.get<btf::Enum>(id));
    if (values.values.size() != 1) return fail(Errc::malformed, "an enum of {} values, not 1", values.values.size());
    const auto value = static_cast<std::uint64_t>(values.values.front().value);
    // An enum of 4 bytes is read as a signed number, as libbpf does.
    return values.is_64 ? value : static_cast<std::uint64_t>(std::int64_t{static_cast<std::int32_t>(value)});
  }

  // 0 counts as "not yet said".
  static Result<> set_size(std::uint32_t& size, std::uint64_t value) {
    if (size != 0 && size != value)
      return fail(Errc::malformed, "{} bytes, and {} bytes in another field", value, size);
    if (value > UINT32_MAX) return fail(Errc::malformed, "{} bytes, more than 32 bits can say", value);
    size = static_cast<std::uint32_t>(value);
    return {};
  }

  Result<> size_of(const btf::Member& member, std::uint32_t& size) const {
    const auto value = SKEP_TRY(number_of(member));
    return set_size(size, value);
  }

  Result<> type_of(const btf::Member& member, std::uint32_t& size, btf::TypeId& type) const {
    const auto pointer = SKEP_TRY(types_.get<btf::Ptr>(member.type));
    const auto sized = types_.size_of(pointer.type);
    // Asking for a size is no mistake of the caller here: the object is wrong.
    if (!sized) return fail(Errc::malformed, "{}", sized.error().what());
    const auto bytes = *sized;
    SKEP_TRY(set_size(size, bytes));
    type = pointer.type;
    return {};
  }

  Result<> pinning(const btf::Member& member) {
    if (outer_) return fail(Errc::malformed, "an inner map cannot be pinned");
    const auto value = SKEP_TRY(number_of(member));
    if (value > static_cast<std::uint32_t>(Pinning::by_name))
      return fail(Errc::malformed, "{} is neither LIBBPF_PIN_NONE nor LIBBPF_PIN_BY_NAME", value);
    map_.pinning = static_cast<Pinning>(value);
    return {};
  }

  Result<> values(const btf::Member& member, bool last) {
    if (outer_) return fail(Errc::not_supported, "maps in maps in maps");
    if (!last) return fail(Errc::malformed, "must be the last field");
    const bool programs = map_.type == MapType::prog_array;
    if (!programs && map_.type != MapType::array_of_maps && map_.type != MapType::hash_of_maps)
      return fail(Errc::not_supported,
                  "only maps of maps and of programs have initial values, and \"type\" stands before them");
    SKEP_TRY(set_size(map_.value_size, kHandleSize));

    const auto array = SKEP_TRY(types_.get<btf::Array>(member.type));
    if (array.count != 0) return fail(Errc::malformed, "an array of {} elements, not [] (use __array)", array.count);
    const auto element = SKEP_TRY(types_.strip(array.element));
    const auto pointer = SKEP_TRY(types_.get<btf::Ptr>(element));
    const auto target = SKEP_TRY(types_.strip(pointer.type));
    if (programs) {
      SKEP_TRY(types_.get<btf::FuncProto>(target));
      return {};
    }
    const auto definition = SKEP_TRY(types_.get<btf::Composite>(target));
    if (definition.is_union) return fail(Errc::malformed, "a union is no map definition");
    MapSpec inner;
    inner.name = map_.name + ".inner";
    inner.section = map_.section;
    SKEP_TRY(load_map_fields(types_, definition, inner, &map_));
    map_.inner.push_back(std::move(inner));
    return {};
  }

  const btf::Btf& types_;
  MapSpec& map_;
  const MapSpec* outer_;
};

}  // namespace

Result<> load_map_fields(const btf::Btf& types, const btf::Composite& definition, MapSpec& map, const MapSpec* outer) {
  return Fields(types, map, outer).read(definition);
}

}  // namespace skep::elf
