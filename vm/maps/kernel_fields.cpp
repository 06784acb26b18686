#include "skep/vm/maps/kernel_fields.hpp"

#include <algorithm>
#include <array>
#include <cstring>
#include <string_view>
#include <utility>

namespace skep::vm {
namespace {

// The map types that may have a field.
enum class MapSet : std::uint8_t { hash_and_array, lru_too, all };

// A structure that is a field of the kernel's. A value has at most one of each `unique` kind.
struct FieldKind {
  std::string_view name;
  std::uint32_t size, alignment;  // bytes
  MapSet maps;
  bool unique;
};

constexpr std::string_view kSpinLock = "bpf_spin_lock";
constexpr std::array kKinds = {
    FieldKind{kSpinLock, 4, 4, MapSet::hash_and_array, true},
    FieldKind{"bpf_res_spin_lock", 4, 4, MapSet::hash_and_array, true},
    FieldKind{"bpf_timer", 16, 8, MapSet::lru_too, true},
    FieldKind{"bpf_wq", 16, 8, MapSet::lru_too, true},
    FieldKind{"bpf_task_work", 8, 8, MapSet::lru_too, true},
    FieldKind{"bpf_list_head", 16, 8, MapSet::lru_too, false},
    FieldKind{"bpf_rb_root", 16, 8, MapSet::lru_too, false},
};
// And a pointer with one of these tags.
constexpr std::array<std::string_view, 3> kKptrTags = {"kptr", "kptr_untrusted", "percpu_kptr"};
constexpr FieldKind kKptr{"", 8, 8, MapSet::all, false};

bool allows(MapSet maps, MapType type) {
  switch (type) {
    case MapType::array:
    case MapType::hash: return true;
    case MapType::lru_hash: return maps != MapSet::hash_and_array;
    case MapType::percpu_array:
    case MapType::percpu_hash:
    case MapType::lru_percpu_hash: return maps == MapSet::all;
    default: return false;
  }
}

struct Found {
  const FieldKind* kind;
  std::uint64_t offset;
};

// BTF_FIELDS_MAX: a value with more has none, as far as the kernel is concerned.
constexpr std::size_t kMaxFields = 11;

// Walks a structure; unions have no fields. False is what the kernel refuses, and BTF that cannot be read.
class Finder {
 public:
  explicit Finder(const btf::Btf& types) : types_(types) {}

  bool in_struct(btf::TypeId type, std::uint64_t offset = 0, int depth = 0) {
    const auto structure = types_.get<btf::Composite>(type);
    if (!structure || ++depth >= btf::kMaxDepth) return false;
    steps_ += structure->members.size() + 1;
    if (steps_ > kMaxSteps) return false;
    Seen seen{};
    for (const auto& member : structure->members)
      if (member.bit_offset % 8 == 0 && !in_member(member.type, offset + member.bit_offset / 8, depth, seen))
        return false;
    return true;
  }
  std::vector<Found>& found() { return found_; }

 private:
  using Seen = std::array<bool, kKinds.size()>;
  // Structures that hold each other several times make few bytes of BTF a long walk.
  static constexpr std::size_t kMaxSteps = 1u << 20;

  bool in_member(btf::TypeId type, std::uint64_t offset, int depth, Seen& seen) {
    std::uint64_t count = 1;
    for (int level = 0; types_.kind(type) == btf::Kind::Array; ++level) {
      const auto array = types_.get<btf::Array>(type);
      if (!array || level == btf::kMaxDepth) return false;
      type = array->element;
      count *= array->count;
      if (count > UINT32_MAX) return false;
    }
    if (count == 0) return true;
    const FieldKind* const kind = kind_of(type);
    if (kind == nullptr) return in_nested(type, offset, count, depth);
    if (kind->unique && std::exchange(seen[static_cast<std::size_t>(kind - kKinds.data())], true)) return false;
    if (offset % kind->alignment != 0) return true;
    return add({kind, offset}) && repeat(found_.size() - 1, count, kind->size);
  }

  bool in_nested(btf::TypeId type, std::uint64_t offset, std::uint64_t count, int depth) {
    if (types_.kind(type) != btf::Kind::Struct) return true;
    const std::size_t before = found_.size();
    if (!in_struct(type, offset, depth)) return false;
    const auto size = types_.size_of(type);
    return size && repeat(before, count, *size);
  }

  // What was found from `first` on, for the other elements of an array.
  bool repeat(std::size_t first, std::uint64_t count, std::uint64_t size) {
    const std::vector<Found> element(found_.begin() + static_cast<std::ptrdiff_t>(first), found_.end());
    for (std::uint64_t i = 1; !element.empty() && i < count; ++i)
      for (const auto& [kind, offset] : element)
        if (kind->unique || !add({kind, offset + i * size})) return false;
    return true;
  }

  bool add(const Found& field) {
    found_.push_back(field);
    return found_.size() <= kMaxFields;
  }

  const FieldKind* kind_of(btf::TypeId type) const {
    if (types_.kind(type) == btf::Kind::Struct) {
      const auto row = std::ranges::find(kKinds, types_.name(type), &FieldKind::name);
      return row == kKinds.end() ? nullptr : &*row;
    }
    if (types_.kind(type) == btf::Kind::Volatile)
      if (const auto inner = types_.get<btf::Modifier>(type)) type = inner->type;
    const auto pointer = types_.get<btf::Ptr>(type);
    if (!pointer || types_.kind(pointer->type) != btf::Kind::TypeTag) return nullptr;
    return std::ranges::find(kKptrTags, types_.name(pointer->type)) == kKptrTags.end() ? nullptr : &kKptr;
  }

  const btf::Btf& types_;
  std::vector<Found> found_;
  std::size_t steps_ = 0;
};

}  // namespace

KernelFields KernelFields::of(const MapSpec& spec, const btf::Btf& types) {
  KernelFields none, fields;
  // Without a key's type the kernel takes no BTF, and with limits to programs' rights no fields.
  if (spec.kind != MapKind::user || spec.key_type == btf::TypeId::none || spec.value_type == btf::TypeId::none ||
      (spec.flags & (kRdonlyProg | kWronlyProg)) != 0)
    return none;
  const auto type = types.strip(spec.value_type);
  const auto size = types.size_of(spec.value_type);
  if (!type || types.kind(*type) != btf::Kind::Struct || !size || *size != spec.value_size) return none;
  Finder finder(types);
  if (!finder.in_struct(*type)) return none;

  std::ranges::sort(finder.found(), {}, &Found::offset);
  std::uint64_t end = 0;
  for (const auto& [kind, offset] : finder.found()) {
    if (!allows(kind->maps, spec.type) || offset < end || offset + kind->size > spec.value_size) return none;
    end = offset + kind->size;
    fields.fields_.push_back({static_cast<std::uint32_t>(offset), kind->size});
    if (kind->name == kSpinLock) {
      if (fields.lock_) return none;
      fields.lock_ = static_cast<std::uint32_t>(offset);
    }
  }
  return fields;
}

void KernelFields::copy(std::byte* to, Bytes value) const {
  std::size_t at = 0;
  for (const Field& field : fields_) {
    std::memcpy(to + at, value.data() + at, field.offset - at);
    at = std::size_t{field.offset} + field.size;
  }
  std::memcpy(to + at, value.data() + at, value.size() - at);
}

void KernelFields::clear(std::byte* value) const {
  for (const Field& field : fields_) std::memset(value + field.offset, 0, field.size);
}

}  // namespace skep::vm
