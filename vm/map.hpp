// An emulated map. One file per family below vm/maps/ implements this interface; Map::create knows the
// table of families. Behaviour follows the kernel to the errno.
//
// Values live in stable slabs of guest memory, apart from the index, which lives on the host. Keys and
// values passed in are host copies: bytes in guest memory are never trusted.
//
// Thread rule: calls on one map are serialised by the map; what lookup() points to is shared as in the
// kernel.
//
// Fields of a value that are the kernel's (bpf_spin_lock, bpf_timer, kptrs: vm/maps/kernel_fields.hpp) are written
// by no update and read as zero by user space. BPF_F_LOCK takes the bpf_spin_lock of the value meanwhile, and waits
// while a run holds it.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "skep/base/bytes.hpp"
#include "skep/btf/btf.hpp"
#include "skep/spec/map.hpp"
#include "skep/vm/maps/kernel_fields.hpp"
#include "skep/vm/maps/spin_lock.hpp"
#include "skep/vm/memory.hpp"

namespace skep::vm {

class Machine;
class Cpu;
class Program;

// Flags of update: BPF_ANY, BPF_NOEXIST, BPF_EXIST, BPF_F_LOCK.
inline constexpr std::uint64_t kAny = 0, kNoExist = 1, kExist = 2, kLock = 4;

// Errno values returned negated by maps and helpers, as the kernel's ABI numbers them.
inline constexpr int kEPERM = 1, kENOENT = 2, kEINTR = 4, kE2BIG = 7, kEBADF = 9, kEAGAIN = 11, kENOMEM = 12,
                     kEACCES = 13, kEFAULT = 14, kEBUSY = 16, kEEXIST = 17, kENODEV = 19, kEINVAL = 22, kENOSPC = 28,
                     kERANGE = 34, kEDEADLK = 35, kENODATA = 61, kEOVERFLOW = 75, kEOPNOTSUPP = 95, kENOTSUPP = 524;

class Map {
 public:
  // Makes the emulated map of a spec, its values in the machine's memory. What libbpf adjusts when it creates a
  // map is adjusted here: the size of a ring buffer (rounded up to a power of two of pages) and a perf event
  // array without a size (one entry a CPU). `types`: where spec.value_type is found. Errors: not_supported (names
  // the map and the type that is not emulated), invalid (what the kernel would refuse, naming the field; sys() is
  // the kernel's errno), rejected (does not fit into guest memory).
  static Result<std::unique_ptr<Map>> create(Machine& machine, const MapSpec& spec, const btf::Btf& types = {});
  virtual ~Map() = default;
  Map(const Map&) = delete;
  Map& operator=(const Map&) = delete;

  const MapSpec& spec() const { return spec_; }
  MapType type() const { return spec_.type; }
  const std::string& name() const { return spec_.name; }
  std::uint32_t key_size() const { return spec_.key_size; }
  std::uint32_t value_size() const { return spec_.value_size; }
  Machine& machine() const { return machine_; }
  // What a program holds as its struct bpf_map pointer: a guest address that nothing is mapped at.
  GuestAddress handle() const { return handle_; }

  // --- What programs see (helpers). `key` has key_size bytes, `value` value_size bytes. A map with RDONLY_PROG answers
  // -EACCES where the verifier would have refused the call. ---

  // Guest address of the value, 0 if there is none. Per-CPU maps: this CPU's.
  virtual GuestAddress lookup(Cpu& cpu, Bytes key);
  // The value of another CPU (map_lookup_percpu_elem); 0 for maps that are not per-CPU.
  virtual GuestAddress lookup_cpu(Cpu& cpu, Bytes key, std::uint32_t on_cpu);
  // 0 or a negative errno. These defaults answer -EOPNOTSUPP.
  virtual int update(Cpu& cpu, Bytes key, Bytes value, std::uint64_t flags);
  virtual int erase(Cpu& cpu, Bytes key);
  // Queues, stacks, bloom filters: value_size bytes in or out.
  virtual int push(Cpu&, Bytes /*value*/, std::uint64_t /*flags*/) { return -kEOPNOTSUPP; }
  virtual int pop(Cpu&, MutableBytes /*value*/) { return -kEOPNOTSUPP; }
  virtual int peek(Cpu&, MutableBytes /*value*/) { return -kEOPNOTSUPP; }
  // for_each_map_elem: calls until `each` returns false; the count of calls, or a negative errno.
  using Each = std::function<bool(Bytes key, GuestAddress value)>;
  virtual std::int64_t for_each(Cpu& cpu, const Each& each);

  // --- What user space sees (BPF_MAP_*_ELEM). A value is `host_value_size` bytes: per-CPU maps have all CPUs, each
  // rounded up to 8. Errors name the map and the key; sys() is the kernel's errno. ---

  virtual std::size_t host_value_size() const { return spec_.value_size; }
  // `flags`: kAny or kLock.
  Result<std::vector<std::byte>> host_lookup(Bytes key, std::uint64_t flags = kAny);
  Result<> host_update(Bytes key, Bytes value, std::uint64_t flags);
  Result<> host_erase(Bytes key);
  // The key after `key` (the first for nothing, or for a key that is not there). Arrays ascend, hashes go by
  // insertion, LPM tries as the kernel's: more specific prefixes before those that contain them, the 0 side first. Nothing
  // at the end, for maps without keys, and for maps that user space may not read. A loop that erases what it got ends.
  std::optional<std::vector<std::byte>> next_key(std::optional<Bytes> key);

  // Value bytes in guest memory that never move, for data sections and arrays: address of element 0, 0 for maps
  // that have none. Element i is at + i * (value_size rounded up to 8).
  virtual GuestAddress values() const { return 0; }
  // From now on user space may not change the map (programs may, unless it has RDONLY_PROG). Errors: permission (twice,
  // or with RDONLY).
  Result<> freeze();
  bool frozen() const { return frozen_; }

  // prog_array: the program at an index, null if the slot is empty or the index out of range.
  virtual Program* program_at(std::uint32_t index);
  // prog_array: puts a program (null: empties the slot). Errors: invalid for other maps and bad indices.
  virtual Result<> set_program(std::uint32_t index, Program* program);

 protected:
  Map(Machine& machine, MapSpec spec) : machine_(machine), spec_(std::move(spec)) {}

  // What families answer to user space once rights and sizes are checked: 0 or a negative errno. `value`
  // has host_value_size() bytes, `next` key_size(). These defaults answer -ENOTSUPP, as the kernel's do.
  virtual int sys_lookup(Bytes key, MutableBytes value);
  virtual int sys_update(Bytes key, Bytes value, std::uint64_t flags);  // flags without kLock
  virtual int sys_erase(Bytes key);
  virtual int sys_next_key(std::optional<Bytes> key, MutableBytes next);

  // Where the value of `key` lies, 0 for none; not a use. Maps whose values may hold a bpf_spin_lock answer.
  virtual GuestAddress find_value(Bytes /*key*/) { return 0; }

  // An update with kLock by a program, or by user space (`cpu` null): `update` is called with the flags that are
  // left while the lock of the value is held, if there is a value. -EINVAL for values without a lock.
  using Update = std::function<int(std::uint64_t flags)>;
  int locked_update(Cpu* cpu, Bytes key, std::uint64_t flags, const Update& update);

  bool read_only_for_programs() const { return (spec_.flags & kRdonlyProg) != 0; }

  Machine& machine_;
  MapSpec spec_;
  KernelFields fields_;     // of a value
  mutable SpinLock lock_;   // of what the family keeps on the host

 private:
  class ValueLock;
  int locked_lookup(Bytes key, MutableBytes value);
  Error refused(std::string_view operation, Bytes key, int sys) const;

  friend class Machine;
  GuestAddress handle_ = 0;
  bool frozen_ = false;
};

}  // namespace skep::vm
