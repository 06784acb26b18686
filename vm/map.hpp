// An emulated map. One file per family below vm/maps/ implements this interface; Map::create knows the
// table of families. Behaviour follows the kernel to the errno.
//
// Values live in stable slabs of guest memory, apart from the index, which lives on the host. Keys and
// values passed in are host copies: bytes in guest memory are never trusted.
//
// Thread rule: calls on one map are serialised by the map; what lookup() points to is shared as in the
// kernel.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "skep/base/bytes.hpp"
#include "skep/spec/map.hpp"
#include "skep/vm/memory.hpp"

namespace skep::vm {

class Machine;
class Cpu;
class Program;

// Flags of update: BPF_ANY, BPF_NOEXIST, BPF_EXIST, BPF_F_LOCK.
inline constexpr std::uint64_t kAny = 0, kNoExist = 1, kExist = 2, kLock = 4;

// Errno values returned negated by maps and helpers, as the kernel's ABI numbers them.
inline constexpr int kEPERM = 1, kENOENT = 2, kEINTR = 4, kE2BIG = 7, kEAGAIN = 11, kENOMEM = 12, kEACCES = 13,
                     kEFAULT = 14, kEBUSY = 16, kEEXIST = 17, kEINVAL = 22, kENOSPC = 28, kERANGE = 34, kEDEADLK = 35,
                     kENODATA = 61, kEOPNOTSUPP = 95, kENOTSUPP = 524;

class Map {
 public:
  // Makes the emulated map of a spec, its values in the machine's memory. Errors: not_supported (names
  // the map and the type that is not emulated), invalid (what the kernel would refuse, naming the field).
  static Result<std::unique_ptr<Map>> create(Machine& machine, const MapSpec& spec);
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

  // --- What programs see (helpers). `key` has key_size bytes, `value` value_size bytes. ---

  // Guest address of the value, 0 if there is none. Per-CPU maps: this CPU's.
  virtual GuestAddress lookup(Cpu& cpu, Bytes key);
  // The value of another CPU (map_lookup_percpu_elem); 0 for maps that are not per-CPU.
  virtual GuestAddress lookup_cpu(Cpu& cpu, Bytes key, std::uint32_t on_cpu);
  // 0 or a negative errno. These defaults answer -EOPNOTSUPP.
  virtual int update(Cpu& cpu, Bytes key, Bytes value, std::uint64_t flags);
  virtual int erase(Cpu& cpu, Bytes key);
  // for_each_map_elem: calls until `each` returns false; the count of calls, or a negative errno.
  using Each = std::function<bool(Bytes key, GuestAddress value)>;
  virtual std::int64_t for_each(Cpu& cpu, const Each& each);

  // --- What user space sees (BPF_MAP_*_ELEM). A value is `host_value_size` bytes: per-CPU maps have all CPUs, each
  // rounded up to 8. ---

  virtual std::size_t host_value_size() const;
  virtual Result<std::vector<std::byte>> host_lookup(Bytes key);           // errors: sys() is the errno
  virtual Result<> host_update(Bytes key, Bytes value, std::uint64_t flags);
  virtual Result<> host_erase(Bytes key);
  // The key after `key` (the first for nothing), in a documented order: arrays ascending, hashes by insertion, LPM by
  // prefix. Nothing at the end, or for maps without keys.
  virtual std::optional<std::vector<std::byte>> next_key(std::optional<Bytes> key);

  // Value bytes in guest memory that never move, for data sections and arrays: address of element 0, 0
  // for maps that have none.
  virtual GuestAddress values() const { return 0; }
  // Makes the map read-only for programs and hosts (after .rodata is filled).
  virtual Result<> freeze();

  // prog_array: the program at an index, null if the slot is empty or the index out of range.
  virtual Program* program_at(std::uint32_t index);
  // prog_array: puts a program (null: empties the slot). Errors: invalid for other maps and bad indices.
  virtual Result<> set_program(std::uint32_t index, Program* program);

 protected:
  Map(Machine& machine, MapSpec spec) : machine_(machine), spec_(std::move(spec)) {}

  Machine& machine_;
  MapSpec spec_;

 private:
  friend class Machine;
  GuestAddress handle_ = 0;
};

}  // namespace skep::vm
