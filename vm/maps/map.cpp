// What all maps have in common: creation by type, the rights and sizes that the bpf system call checks
// before it asks the map, and BPF_F_LOCK.
#include "skep/vm/map.hpp"

#include <thread>

#include "skep/vm/helpers/locks.hpp"
#include "skep/vm/machine.hpp"
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

Result<std::unique_ptr<Map>> Map::create(Machine& machine, const MapSpec& spec, const btf::Btf& types) {
  auto map = SKEP_TRY_CTX(create_family(machine, spec), "map \"{}\"", spec.name);
  map->fields_ = KernelFields::of(spec, types);
  return map;
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

// Holds the bpf_spin_lock of the value of a key, for a program or for user space (`cpu` null). It holds none if
// there is no value, and if the program was stopped (it held a lock already, or ran out of fuel).
class Map::ValueLock {
 public:
  ValueLock(Map& map, Cpu* cpu, Bytes key) : map_(map), cpu_(cpu) {
    while (const GuestAddress value = map_.find_value(key)) {
      if (!take(value + *map_.fields_.lock())) return;
      if (map_.find_value(key) == value) return;  // and not deleted meanwhile
      give_back();
    }
  }
  ~ValueLock() {
    if (held_ != 0) give_back();
  }
  ValueLock(const ValueLock&) = delete;
  ValueLock& operator=(const ValueLock&) = delete;

  bool held() const { return held_ != 0; }

 private:
  bool take(GuestAddress lock) {
    if (cpu_ != nullptr) {
      if (!take_lock(*cpu_, "map_update_elem", lock)) return false;
    } else {
      while (!map_.machine_.locks().try_take(lock)) std::this_thread::yield();
    }
    held_ = lock;
    return true;
  }
  void give_back() {
    if (cpu_ != nullptr) release_lock(*cpu_);
    else map_.machine_.locks().release(held_);
    held_ = 0;
  }

  Map& map_;
  Cpu* cpu_;
  GuestAddress held_ = 0;
};

int Map::locked_update(Cpu* cpu, Bytes key, std::uint64_t flags, const Update& update) {
  if (!fields_.lock() || (flags & ~kLock) > kExist) return -kEINVAL;
  const std::uint64_t plain = flags & ~kLock;
  for (;;) {
    const ValueLock lock(*this, cpu, key);
    if (cpu != nullptr && cpu->stopped()) return 0;
    if (lock.held()) return update(plain);
    // A fresh value needs no lock; one that another inserted meanwhile does.
    const int result = update(plain == kAny ? kNoExist : plain);
    if (result != -kEEXIST || plain != kAny) return result;
  }
}

int Map::locked_lookup(Bytes key, MutableBytes value) {
  const ValueLock lock(*this, nullptr, key);
  return sys_lookup(key, value);
}

Result<std::vector<std::byte>> Map::host_lookup(Bytes key, std::uint64_t flags) {
  const auto failed = [&](int sys) { return std::unexpected(refused("lookup", key, sys)); };
  if ((flags & ~kLock) != 0) return failed(kEINVAL);
  if ((spec_.flags & kWronly) != 0) return failed(kEPERM);
  const bool locked = (flags & kLock) != 0;
  if ((locked && !fields_.lock()) || key.size() != key_size()) return failed(kEINVAL);
  std::vector<std::byte> value(host_value_size());
  if (const int result = locked ? locked_lookup(key, value) : sys_lookup(key, value); result != 0)
    return failed(-result);
  return value;
}

Result<> Map::host_update(Bytes key, Bytes value, std::uint64_t flags) {
  const auto failed = [&](int sys) { return std::unexpected(refused("update", key, sys)); };
  if (frozen_ || (spec_.flags & kRdonly) != 0) return failed(kEPERM);
  const bool locked = (flags & kLock) != 0;
  if ((locked && !fields_.lock()) || key.size() != key_size() || value.size() != host_value_size())
    return failed(kEINVAL);
  const auto plain = [&](std::uint64_t how) { return sys_update(key, value, how); };
  if (const int result = locked ? locked_update(nullptr, key, flags, plain) : plain(flags); result != 0)
    return failed(-result);
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
