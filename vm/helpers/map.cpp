// Maps: lookup, update, delete, push, pop, peek, for_each. What a map answers is the map's own
// (vm/maps/); here arguments are checked and copied, once.
#include "skep/vm/helpers/support.hpp"
#include "skep/vm/machine.hpp"

namespace skep::vm {
namespace {

// `work` where a key is searched for; in a trie bit by bit. Arrays cost no more than the call.
std::uint64_t index_work(const Map& map, std::uint64_t work) {
  if (map.type() == MapType::lpm_trie) return work + std::uint64_t{8} * map.key_size();
  return map.type() == MapType::array || map.type() == MapType::percpu_array ? 0 : work;
}

// A map, with the key that a register points to.
struct Keyed {
  Map* map = nullptr;
  helper::Buffer key;

  bool take(Cpu& cpu, std::string_view name, std::uint64_t handle, std::uint64_t key_address, std::uint64_t work) {
    map = helper::map(cpu, name, handle);
    if (map != nullptr) cpu.charge(index_work(*map, work));
    return map != nullptr && key.read(cpu, name, key_address, map->key_size());
  }
};

std::uint64_t lookup(std::uint64_t handle, std::uint64_t key, std::uint64_t, std::uint64_t, std::uint64_t, Cpu& cpu) {
  Keyed argument;
  if (!argument.take(cpu, "map_lookup_elem", handle, key, helper::work::kLookup)) return 0;
  return argument.map->lookup(cpu, argument.key.bytes());
}

std::uint64_t lookup_percpu(std::uint64_t handle, std::uint64_t key, std::uint64_t on_cpu, std::uint64_t, std::uint64_t,
                            Cpu& cpu) {
  Keyed argument;
  if (!argument.take(cpu, "map_lookup_percpu_elem", handle, key, helper::work::kLookup)) return 0;
  if (low(on_cpu) >= cpu.machine().cpu_count()) return 0;
  return argument.map->lookup_cpu(cpu, argument.key.bytes(), low(on_cpu));
}

std::uint64_t update(std::uint64_t handle, std::uint64_t key, std::uint64_t value, std::uint64_t flags, std::uint64_t,
                     Cpu& cpu) {
  Keyed argument;
  helper::Buffer bytes;
  if (!argument.take(cpu, "map_update_elem", handle, key, helper::work::kUpdate)) return 0;
  if (!bytes.read(cpu, "map_update_elem", value, argument.map->value_size())) return 0;
  return answer(argument.map->update(cpu, argument.key.bytes(), bytes.bytes(), flags));
}

std::uint64_t erase(std::uint64_t handle, std::uint64_t key, std::uint64_t, std::uint64_t, std::uint64_t, Cpu& cpu) {
  Keyed argument;
  if (!argument.take(cpu, "map_delete_elem", handle, key, helper::work::kUpdate)) return 0;
  return answer(argument.map->erase(cpu, argument.key.bytes()));
}

std::uint64_t push(std::uint64_t handle, std::uint64_t value, std::uint64_t flags, std::uint64_t, std::uint64_t,
                   Cpu& cpu) {
  Map* const map = helper::map(cpu, "map_push_elem", handle);
  helper::Buffer bytes;
  if (map == nullptr || !bytes.read(cpu, "map_push_elem", value, map->value_size())) return 0;
  return answer(map->push(cpu, bytes.bytes(), flags));
}

// Pop and peek write the whole value: zeroes when there is none.
template <int (Map::*take)(Cpu&, MutableBytes)>
std::uint64_t take_out(std::string_view name, std::uint64_t handle, std::uint64_t value, Cpu& cpu) {
  Map* const map = helper::map(cpu, name, handle);
  if (map == nullptr) return 0;
  helper::Buffer bytes;
  const MutableBytes room = bytes.resize(map->value_size());
  if (!helper::read(cpu, name, value, room.data(), room.size())) return 0;  // bloom filters look for what is there
  const int result = (map->*take)(cpu, room);
  if (!helper::write(cpu, name, value, room.data(), room.size())) return 0;
  return answer(result);
}

std::uint64_t pop(std::uint64_t handle, std::uint64_t value, std::uint64_t, std::uint64_t, std::uint64_t, Cpu& cpu) {
  return take_out<&Map::pop>("map_pop_elem", handle, value, cpu);
}

std::uint64_t peek(std::uint64_t handle, std::uint64_t value, std::uint64_t, std::uint64_t, std::uint64_t, Cpu& cpu) {
  return take_out<&Map::peek>("map_peek_elem", handle, value, cpu);
}

// Room for a callback's key on the guest stack, between the frame of the caller and that of the callback:
// what a callback writes there changes no map.
class KeyOnStack {
 public:
  KeyOnStack(Cpu& cpu, std::uint32_t size) : cpu_(cpu), saved_(cpu.frame_pointer) {
    const std::uint32_t frame = cpu.program->frame_at(cpu.executable->slot_of(cpu.call_site)).size;
    const std::uint64_t room = (std::uint64_t{size} + 15) / 16 * 16;
    const std::int64_t key = std::int64_t{saved_} - frame - static_cast<std::int64_t>(room);
    fits_ = key >= std::int64_t{cpu.stack_top()} - kMaxFrames * kMaxFrameSize;
    if (!fits_) return;
    address_ = static_cast<GuestAddress>(key);
    cpu.frame_pointer = static_cast<GuestAddress>(saved_ - room);
  }
  ~KeyOnStack() { cpu_.frame_pointer = saved_; }
  KeyOnStack(const KeyOnStack&) = delete;
  KeyOnStack& operator=(const KeyOnStack&) = delete;

  bool fits() const { return fits_; }
  GuestAddress address() const { return address_; }

 private:
  Cpu& cpu_;
  GuestAddress saved_, address_ = 0;
  bool fits_ = false;
};

// The callback gets (map, key, value, context) and stops with anything but 0.
std::uint64_t for_each(std::uint64_t handle, std::uint64_t callback, std::uint64_t context, std::uint64_t flags,
                       std::uint64_t, Cpu& cpu) {
  Map* const map = helper::map(cpu, "for_each_map_elem", handle);
  if (map == nullptr) return 0;
  if (flags != 0) return answer(-kEINVAL);
  const KeyOnStack place(cpu, map->key_size());
  if (!place.fits()) {
    cpu.fault(FaultKind::call_depth,
              fmt::format("bpf_for_each_map_elem: no room on the stack for a key of {} bytes", map->key_size()));
    return 0;
  }
  return answer(map->for_each(cpu, [&](Bytes key, GuestAddress value) {
    cpu.charge(1);
    if (!helper::write(cpu, "for_each_map_elem", place.address(), key.data(), key.size())) return false;
    const auto stop = cpu.call(callback, handle, place.address(), value, context);
    return stop && *stop == 0;
  }));
}

}  // namespace

void register_map_helpers(HelperTable& table) {
  table.set(1, lookup);
  table.set(2, update);
  table.set(3, erase);
  table.set(87, push);
  table.set(88, pop);
  table.set(89, peek);
  table.set(164, for_each);
  table.set(195, lookup_percpu);
}

}  // namespace skep::vm
