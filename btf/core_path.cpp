// Access strings: "0:3:1" is element 0, its member 3, and of that member 1 (or element 1 of an array). Members are
// counted with anonymous ones in between; what another layout of the type has in common are names, so the path
// keeps those and the numbers of array elements. Source: bpf_core_parse_spec() in libbpf's relo_core.c.
#include <charconv>

#include "skep/btf/core_detail.hpp"

namespace skep::btf::detail {

std::unexpected<Error> TypeTable::blame(const Error& error) const {
  if (whose_.empty()) return std::unexpected(error);
  return std::unexpected(error.context("{}", whose_));
}

Result<const TypeTable::Entry*> TypeTable::strip(TypeId id) {
  if (const auto known = entries_.find(number(id)); known != entries_.end()) return &known->second;
  auto real = id;
  if (const auto known = stripped_.find(number(id)); known != stripped_.end()) {
    real = known->second;
  } else {
    const auto found = btf_.strip(id);
    if (!found) return blame(found.error());
    stripped_.emplace(number(id), real = *found);
  }
  if (const auto known = entries_.find(number(real)); known != entries_.end()) return &known->second;
  auto type = btf_.type(real);
  if (!type) return blame(type.error());
  return &entries_.emplace(number(real), Entry{real, std::move(*type), btf_.kind(real)}).first->second;
}

Result<std::uint32_t> TypeTable::size_of(TypeId id) {
  if (const auto* entry = SKEP_TRY(strip(id)); entry->as<Enum>()) return entry->as<Enum>()->size;
  const auto size = btf_.size_of(id);
  if (!size) return blame(size.error());
  if (*size > UINT32_MAX) return blame(Error(Errc::malformed, fmt::format("{} takes {} bytes", btf_.describe(id), *size)));
  return static_cast<std::uint32_t>(*size);
}

Result<std::vector<std::uint32_t>> parse_access(std::string_view access) {
  std::vector<std::uint32_t> numbers;
  const auto* at = access.data();
  const auto* const end = at + access.size();
  while (true) {
    std::uint32_t value = 0;
    const auto [next, error] = std::from_chars(at, end, value);
    if (error != std::errc() || value > INT32_MAX || (next != end && *next != ':'))
      return fail(Errc::malformed, "access string \"{}\" is not numbers with colons in between", access.substr(0, 80));
    if (numbers.size() == kMaxPath)
      return fail(Errc::malformed, "access string of more than {} numbers", kMaxPath);
    numbers.push_back(value);
    if (next == end) return numbers;
    at = next + 1;
  }
}

bool is_flexible(const CorePath& path, const Array& array) {
  const auto& last = path.steps.back();
  if (array.count != 0 || last.name.empty()) return false;
  return last.index + 1 == last.type->as<Composite>()->members.size();
}

Result<> enter_element(TypeTable& table, CorePath& path, const TypeTable::Entry* element, std::uint32_t index) {
  if (path.levels == kMaxPath) return fail(Errc::malformed, "the path to the field has more than {} levels", kMaxPath);
  const std::uint64_t size = SKEP_TRY(table.size_of(element->id));
  path.steps.push_back({element, index, {}});
  ++path.levels;
  const auto offset = index * size;  // both have 32 bits
  if (offset > INT32_MAX) return fail(Errc::malformed, "element {} lies {} bytes behind the first", index, offset);
  path.bit_offset += offset * 8;
  return {};
}

std::uint64_t enumerator_value(const Enum& type, std::size_t index, bool is_signed) {
  const auto value = type.values[index].value;
  return static_cast<std::uint64_t>(is_signed && !type.is_64 ? static_cast<std::int32_t>(value) : value);
}

namespace {

Result<CorePath> enumerator_path(TypeTable& local, const CoreQuery& query, const std::vector<std::uint32_t>& numbers) {
  const auto* entry = SKEP_TRY(local.strip(query.type));
  const auto* type = entry->as<Enum>();
  if (!type) return fail(Errc::malformed, "{} is no enumeration", local.btf().describe(query.type));
  if (numbers.size() != 1 || numbers[0] >= type->values.size())
    return fail(Errc::malformed, "{} has no enumerator {}", local.btf().describe(entry->id), query.access);
  CorePath path;
  path.enumerator = type->values[numbers[0]].name;
  path.enumerator_signed = type->is_signed;
  path.enumerator_value = enumerator_value(*type, numbers[0], type->is_signed);
  return path;
}

// One number behind the first. `at` becomes the type of what it selects.
Result<> enter(TypeTable& local, CorePath& path, const TypeTable::Entry*& at, std::uint32_t index) {
  if (const auto* composite = at->as<Composite>()) {
    if (index >= composite->members.size())
      return fail(Errc::malformed, "{} has no member {}", local.btf().describe(at->id), index);
    const auto& member = composite->members[index];
    path.bit_offset += member.bit_offset;
    ++path.levels;
    if (!member.name.empty()) path.steps.push_back({at, index, member.name});
    at = SKEP_TRY(local.strip(member.type));
    return {};
  }
  const auto* array = at->as<Array>();
  if (!array) return fail(Errc::malformed, "{} has no parts to access", local.btf().describe(at->id));
  if (index >= array->count && !is_flexible(path, *array))
    return fail(Errc::malformed, "element {} of {}, which has {}", index, local.btf().describe(at->id), array->count);
  at = SKEP_TRY(local.strip(array->element));
  return enter_element(local, path, at, index);
}

}  // namespace

Result<CorePath> local_path(TypeTable& local, const CoreQuery& query, About about) {
  if (about == About::type) {
    if (query.access != "0") return fail(Errc::malformed, "access string \"{}\" of a type", query.access.substr(0, 80));
    return CorePath{};
  }
  const auto numbers = SKEP_TRY(parse_access(query.access));
  if (about == About::enumerator) return enumerator_path(local, query, numbers);
  CorePath path;
  const auto* at = SKEP_TRY(local.strip(query.type));
  SKEP_TRY(enter_element(local, path, at, numbers[0]));
  for (std::size_t i = 1; i < numbers.size(); ++i) SKEP_TRY(enter(local, path, at, numbers[i]));
  return path;
}

}  // namespace skep::btf::detail
