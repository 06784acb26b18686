// What all maps have in common: creation by type, and the rights and sizes that the bpf system call checks
// before it asks the map.
#include "skep/vm/map.hpp"

#include "skep/vm/maps/families.hpp"

namespace skep::vm {
namespace {

MapResult create_family(Machine& machine, const MapSpec& spec) {
  switch (spec.type) {
#define SKEP_MAP_FAMILY(type, function) \
  case MapType::type: return function(machine, spec);
#include "skep/vm/maps/families.inc"
#undef SKEP_MAP_FAMILY
    default: break;
  }
  if (to_string(spec.type) == "unknown")
    return fail(Errc::not_supported, "type {} is not emulated", static_cast<std::uint32_t>(spec.type));
  return fail(Errc::not_supported, "type {} is not emulated", to_string(spec.type));
}

Errc code_of(int sys) {
  switch (sys) {
    case kENOENT: return Errc::not_found;
    case kEPERM: return Errc::permission;
    case kEOPNOTSUPP:
    case kENOTSUPP: return Errc::not_supported;
    default: return Errc::invalid;
  }
}

}  // namespace

Result<std::unique_ptr<Map>> Map::create(Machine& machine, const MapSpec& spec) {
  return SKEP_TRY_CTX(create_family(machine, spec), "map \"{}\"", spec.name);
}

GuestAddress Map::lookup(Cpu&, Bytes) { return 0; }
GuestAddress Map::lookup_cpu(Cpu&, Bytes, std::uint32_t) { return 0; }
int Map::update(Cpu&, Bytes, Bytes, std::uint64_t) { return -kEOPNOTSUPP; }
int Map::erase(Cpu&, Bytes) { return -kEOPNOTSUPP; }
std::int64_t Map::for_each(Cpu&, const Each&) { return -kEOPNOTSUPP; }

int Map::sys_lookup(Bytes, MutableBytes) { return -kENOTSUPP; }
int Map::sys_update(Bytes, Bytes, std::uint64_t) { return -kENOTSUPP; }
int Map::sys_erase(Bytes) { return -kENOTSUPP; }
int Map::sys_next_key(std::optional<Bytes>, MutableBytes) { return -kENOTSUPP; }

Error Map::refused(std::string_view operation, Bytes key, int sys) const {
  constexpr std::size_t kShown = 32;
  const auto hex = to_hex(key.first(std::min(key.size(), kShown))) + (key.size() > kShown ? "…" : "");
  const auto reason = sys == kENOTSUPP ? fmt::format("a map of type {} cannot (errno 524)", to_string(type()))
                                       : errno_text(sys);
  return Error(code_of(sys), fmt::format("map \"{}\": {} key {}: {}", name(), operation, hex, reason), sys);
}

Result<std::vector<std::byte>> Map::host_lookup(Bytes key) {
  const auto failed = [&](int sys) { return std::unexpected(refused("lookup", key, sys)); };
  if ((spec_.flags & kWronly) != 0) return failed(kEPERM);
  if (key.size() != key_size()) return failed(kEINVAL);
  std::vector<std::byte> value(host_value_size());
  if (const int result = sys_lookup(key, value); result != 0) return failed(-result);
  return value;
}

Result<> Map::host_update(Bytes key, Bytes value, std::uint64_t flags) {
  const auto failed = [&](int sys) { return std::unexpected(refused("update", key, sys)); };
  if (frozen_ || (spec_.flags & kRdonly) != 0) return failed(kEPERM);
  // BPF_F_LOCK is for values that hold a bpf_spin_lock, which no family here has.
  if ((flags & kLock) != 0 || key.size() != key_size() || value.size() != host_value_size()) return failed(kEINVAL);
  if (const int result = sys_update(key, value, flags); result != 0) return failed(-result);
  return {};
}

Result<> Map::host_erase(Bytes key) {
  const auto failed = [&](int sys) { return std::unexpected(refused("delete", key, sys)); };
  if (frozen_ || (spec_.flags & kRdonly) != 0) return failed(kEPERM);
  if (key.size() != key_size()) return failed(kEINVAL);
  if (const int result = sys_erase(key); result != 0) return failed(-result);
  return {};
}

std::optional<std::vector<std::byte>> Map::next_key(std::optional<Bytes> key) {
  if ((spec_.flags & kWronly) != 0 || (key && key->size() != key_size())) return std::nullopt;
  std::vector<std::byte> next(key_size());
  if (sys_next_key(key, next) != 0) return std::nullopt;
  return next;
}

Result<> Map::freeze() {
  if (frozen_ || (spec_.flags & kRdonly) != 0)
    return std::unexpected(Error(Errc::permission, fmt::format("map \"{}\": freeze: {}", name(), errno_text(kEPERM)), kEPERM));
  frozen_ = true;
  return {};
}

Program* Map::program_at(std::uint32_t) { return nullptr; }

Result<> Map::set_program(std::uint32_t, Program*) {
  return fail(Errc::invalid, "map \"{}\" of type {} holds no programs", name(), to_string(type()));
}

}  // namespace skep::vm
