// BPF_MAP_TYPE_ARRAY and PERCPU_ARRAY, data sections among them. Every index exists from the start and holds zeros;
// nothing is ever deleted. kernel/bpf/arraymap.c of Linux 6.18.
#include "skep/vm/machine.hpp"
#include "skep/vm/maps/families.hpp"
#include "skep/vm/maps/value_slab.hpp"

namespace skep::vm {
namespace {

class ArrayMap final : public Map {
 public:
  ArrayMap(Machine& machine, const MapSpec& spec, ValueSlab values)
      : Map(machine, spec), per_cpu_(spec.type == MapType::percpu_array), values_(std::move(values)) {}

  GuestAddress lookup(Cpu& cpu, Bytes key) override { return address(index_of(key), per_cpu_ ? cpu.id() : 0); }

  GuestAddress lookup_cpu(Cpu&, Bytes key, std::uint32_t on_cpu) override {
    return per_cpu_ && on_cpu < values_.cpus() ? address(index_of(key), on_cpu) : 0;
  }

  int update(Cpu& cpu, Bytes key, Bytes value, std::uint64_t flags) override {
    if (read_only_for_programs()) return -kEACCES;
    if (const int refused = check(key, flags & ~kLock); refused != 0) return refused;
    const auto plain = [&](std::uint64_t) {
      values_.write(index_of(key), per_cpu_ ? cpu.id() : 0, value, fields_);
      return 0;
    };
    return (flags & kLock) != 0 ? locked_update(&cpu, key, flags, plain) : plain(flags);
  }

  int erase(Cpu&, Bytes) override { return read_only_for_programs() ? -kEACCES : -kEINVAL; }

  std::int64_t for_each(Cpu& cpu, const Each& each) override {
    for (std::uint32_t index = 0; index < spec_.max_entries; ++index) {
      std::byte key[4];
      store(key, index);
      if (!each(key, address(index, per_cpu_ ? cpu.id() : 0))) return std::int64_t{index} + 1;
    }
    return spec_.max_entries;
  }

  std::size_t host_value_size() const override {
    return per_cpu_ ? std::size_t{values_.stride()} * values_.cpus() : spec_.value_size;
  }
  GuestAddress values() const override { return per_cpu_ ? 0 : values_.address(0); }

 protected:
  int sys_lookup(Bytes key, MutableBytes value) override {
    if (index_of(key) >= spec_.max_entries) return -kENOENT;
    values_.read_all(index_of(key), value, fields_);
    return 0;
  }

  int sys_update(Bytes key, Bytes value, std::uint64_t flags) override {
    if (const int refused = check(key, flags); refused != 0) return refused;
    values_.write_all(index_of(key), value, fields_);
    return 0;
  }

  int sys_erase(Bytes) override { return -kEINVAL; }
  GuestAddress find_value(Bytes key) override { return address(index_of(key), 0); }

  int sys_next_key(std::optional<Bytes> key, MutableBytes next) override {
    return next_index(spec_.max_entries, key, next);
  }

 private:
  GuestAddress address(std::uint32_t index, std::uint32_t cpu) const {
    return index < spec_.max_entries ? values_.address(index, cpu) : 0;
  }

  int check(Bytes key, std::uint64_t flags) const {
    if (flags > kExist) return -kEINVAL;
    if (index_of(key) >= spec_.max_entries) return -kE2BIG;
    return flags == kNoExist ? -kEEXIST : 0;
  }

  bool per_cpu_;
  ValueSlab values_;
};

}  // namespace

MapResult create_array(Machine& machine, const MapSpec& spec) {
  const bool per_cpu = spec.type == MapType::percpu_array;
  SKEP_TRY(check_flags(spec, kAccessFlags | (per_cpu ? 0 : kNumaNode | kMmapable | kInnerMap)));
  SKEP_TRY(check_entries(spec));
  if (spec.value_size == 0) return refuse(kEINVAL, "value_size 0");
  SKEP_TRY(check_sizes(spec, 4, spec.value_size));
  if (const std::uint32_t most = per_cpu ? kMaxPerCpuValue : INT32_MAX; spec.value_size > most)
    return refuse(kE2BIG, "value_size {}: values of type {} have at most {} bytes", spec.value_size,
                  to_string(spec.type), most);
  auto values = SKEP_TRY(ValueSlab::allocate(machine.memory(), spec.name, spec.max_entries, spec.value_size,
                                             per_cpu ? machine.cpu_count() : 1, (spec.flags & kRdonlyProg) != 0));
  return std::make_unique<ArrayMap>(machine, spec, std::move(values));
}

}  // namespace skep::vm
