// BPF_MAP_TYPE_PROG_ARRAY: what bpf_tail_call jumps through. kernel/bpf/arraymap.c of Linux 6.18.
//
// User space writes an fd there and reads a program id. An emulated machine has no fds: the value is the program's id in
// both directions, its place in the order in which the machine loaded programs, from 1. All programs of an
// array have one type, as bpf_prog_map_compatible demands.
#include <mutex>

#include "skep/vm/machine.hpp"
#include "skep/vm/maps/families.hpp"
#include "skep/vm/maps/slot_table.hpp"

namespace skep::vm {
namespace {

class ProgArrayMap final : public Map {
 public:
  ProgArrayMap(Machine& machine, const MapSpec& spec) : Map(machine, spec) {}

  Program* program_at(std::uint32_t index) override {
    if (index >= spec_.max_entries) return nullptr;
    const std::lock_guard locked(lock_);
    return programs_.get(index);
  }

  Result<> set_program(std::uint32_t index, Program* program) override {
    const int result = put(index, program);
    if (result == -kE2BIG)
      return fail(Errc::invalid, "map \"{}\": index {} of {} slots", name(), index, spec_.max_entries);
    if (result != 0)
      return fail(Errc::invalid, "map \"{}\": program \"{}\" has type {}, the programs of this array have type {}", name(),
                  program->name(), to_string(program->type()), to_string(*program_type_));
    return {};
  }

 protected:
  int sys_lookup(Bytes key, MutableBytes value) override {
    const Program* const program = program_at(index_of(key));
    if (program == nullptr) return -kENOENT;
    const auto& all = machine_.programs();
    const auto found = std::ranges::find(all, program, [](const auto& one) { return one.get(); });
    store(value.data(), static_cast<std::uint32_t>(found - all.begin()) + 1);
    return 0;
  }

  int sys_update(Bytes key, Bytes value, std::uint64_t flags) override {
    if (flags != kAny) return -kEINVAL;
    if (index_of(key) >= spec_.max_entries) return -kE2BIG;
    const auto id = load<std::uint32_t>(value.data());
    if (id == 0 || id > machine_.programs().size()) return -kEBADF;
    return put(index_of(key), machine_.programs()[id - 1].get());
  }

  int sys_erase(Bytes key) override {
    if (index_of(key) >= spec_.max_entries) return -kE2BIG;
    if (program_at(index_of(key)) == nullptr) return -kENOENT;
    return put(index_of(key), nullptr);
  }

  int sys_next_key(std::optional<Bytes> key, MutableBytes next) override {
    return next_index(spec_.max_entries, key, next);
  }

 private:
  int put(std::uint32_t index, Program* program) {
    if (index >= spec_.max_entries) return -kE2BIG;
    const std::lock_guard locked(lock_);
    if (program != nullptr) {
      if (program_type_ && *program_type_ != program->type()) return -kEINVAL;
      program_type_ = program->type();
    }
    programs_.set(index, program);
    return 0;
  }

  SlotTable<Program*> programs_;
  std::optional<ProgramType> program_type_;
};

}  // namespace

MapResult create_prog_array(Machine& machine, const MapSpec& spec) {
  SKEP_TRY(check_flags(spec, kRdonly | kWronly | kNumaNode));
  SKEP_TRY(check_entries(spec));
  SKEP_TRY(check_sizes(spec, 4, 4));
  return std::make_unique<ProgArrayMap>(machine, spec);
}

}  // namespace skep::vm
