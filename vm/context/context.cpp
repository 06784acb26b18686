// What all contexts share: the structure in guest memory and its fields by name.
#include "skep/vm/context/context.hpp"

#include <algorithm>

#include "skep/vm/context/skb.hpp"
#include "skep/vm/context/xdp.hpp"
#include "skep/vm/machine.hpp"

namespace skep::vm {
namespace {

Result<const ContextField*> find(const std::vector<ContextField>& fields, std::string_view name, std::uint32_t index) {
  const auto field = std::ranges::find(fields, name, &ContextField::name);
  if (field == fields.end()) {
    std::string names;
    for (const auto& one : fields) names += fmt::format("{}{}", names.empty() ? "" : ", ", one.name);
    return fail(Errc::not_found, "the context has no field \"{}\"; it has {}", name, names);
  }
  if (index >= field->count)
    return fail(Errc::invalid, "context field \"{}\" has {} element(s), no index {}", name, field->count, index);
  return &*field;
}

}  // namespace

Result<std::unique_ptr<Context>> Context::create(Machine& machine, ProgramType type) {
  if (type == ProgramType::xdp) return XdpContext::create(machine);
  if (SkbContext::is_for(type)) return SkbContext::create(machine, type);
  return fail(Errc::not_supported, "the context of {} programs is not emulated", to_string(type));
}

Result<> Context::set(std::string_view name, std::uint32_t index, std::uint64_t value) {
  const ContextField& field = *SKEP_TRY(find(fields(), name, index));
  if (!field.settable) return fail(Errc::invalid, "context field \"{}\" cannot be set", name);
  if (field.size < 8 && value >> (8 * field.size) != 0)
    return fail(Errc::invalid, "context field \"{}\" has {} bytes, {:#x} does not fit", name, field.size, value);
  const bool done = SKEP_TRY_CTX(accept(field, value), "context field \"{}\"", name);
  if (!done) write(field, value, index);
  return {};
}

Result<std::uint64_t> Context::get(std::string_view name, std::uint32_t index) const {
  return read(*SKEP_TRY(find(fields(), name, index)), index);
}

std::optional<std::int64_t> Context::packet_offset(std::int32_t offset) const {
  return offset >= 0 ? std::optional<std::int64_t>(offset) : std::nullopt;
}

Result<> Context::allocate(std::uint32_t size, std::string_view name) {
  address_ = SKEP_TRY(machine_.memory().allocate(size, fmt::format("context {}", name)));
  size_ = size;
  return {};
}

// Of constant sizes, so that the compiler needs no call.
std::uint64_t Context::read(const ContextField& field, std::uint32_t index) const {
  const std::byte* const at = machine_.memory().base() + address_ + field.offset + index * field.size;
  return field.size == 8 ? skep::load<std::uint64_t>(at) : field.size == 4 ? skep::load<std::uint32_t>(at)
                                                                           : skep::load<std::uint8_t>(at);
}

void Context::write(const ContextField& field, std::uint64_t value, std::uint32_t index) {
  std::byte* const at = machine_.memory().base() + address_ + field.offset + index * field.size;
  if (field.size == 4) skep::store(at, static_cast<std::uint32_t>(value));
  else if (field.size == 8) skep::store(at, value);
  else skep::store(at, static_cast<std::uint8_t>(value));
}

Result<bool> Context::accept(const ContextField&, std::uint64_t) { return false; }

}  // namespace skep::vm
