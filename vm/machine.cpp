// Declared values in, a machine out. Handles and code addresses are given in the order of creation, so that the same
// calls give the same guest numbers.
#include "skep/vm/machine.hpp"

#include <algorithm>
#include <utility>

namespace skep::vm {
namespace {

constexpr std::uint32_t kMaxCpus = 64;
constexpr std::size_t kMaxMaps = (kCodeBase - kHandlesBase) / kHandleStride;

}  // namespace

Machine::Machine(const MachineOptions& options, Memory memory)
    : options_(options),
      memory_(std::move(memory)),
      helpers_(HelperTable::standard()),
      clock_(options.clock),
      random_state_(options.seed) {}

Machine::~Machine() = default;

Result<std::unique_ptr<Machine>> Machine::create(const MachineOptions& options) {
  if (options.cpus < 1 || options.cpus > kMaxCpus)
    return fail(Errc::invalid, "a machine has 1 to {} virtual CPUs, not {}", kMaxCpus, options.cpus);
  auto memory = SKEP_TRY(Memory::reserve());
  std::unique_ptr<Machine> machine(new Machine(options, std::move(memory)));
  constexpr std::uint32_t kStackSize = kMaxFrames * kMaxFrameSize;
  for (std::uint32_t id = 0; id < options.cpus; ++id) {
    const auto stack = SKEP_TRY(machine->memory_.allocate(kStackSize, fmt::format("stack of cpu {}", id)));
    machine->cpus_.push_back(std::make_unique<Cpu>(*machine, id, stack + kStackSize));
  }
  return machine;
}

Result<Map*> Machine::create_map(const MapSpec& spec, const btf::Btf& types) {
  if (map(spec.name) != nullptr) return fail(Errc::invalid, "map \"{}\" exists already", spec.name);
  if (maps_.size() == kMaxMaps)
    return fail(Errc::rejected, "map \"{}\": a machine has at most {} maps", spec.name, kMaxMaps);
  auto created = SKEP_TRY(Map::create(*this, spec, types));
  created->handle_ = kHandlesBase + static_cast<GuestAddress>(maps_.size()) * kHandleStride;
  maps_.push_back(std::move(created));
  return maps_.back().get();
}

Map* Machine::map(std::string_view name) const {
  for (const auto& map : maps_)
    if (map->name() == name) return map.get();
  return nullptr;
}

Result<Program*> Machine::load(const ProgramSpec& linked) {
  auto program = SKEP_TRY_CTX(Program::load(*this, linked), "program \"{}\"", linked.name);
  next_code_ += 8 * program->code().size();
  programs_.push_back(std::move(program));
  return programs_.back().get();
}

Program* Machine::program_at(std::uint64_t address, std::uint32_t& slot) const {
  const auto after = std::upper_bound(programs_.begin(), programs_.end(), address,
                                      [](std::uint64_t at, const auto& program) { return at < program->code_base(); });
  if (after == programs_.begin()) return nullptr;
  Program* const program = std::prev(after)->get();
  const std::uint64_t distance = address - program->code_base();
  if (distance % 8 != 0 || distance / 8 >= program->code().size()) return nullptr;
  slot = static_cast<std::uint32_t>(distance / 8);
  return program;
}

// splitmix64, the upper half.
std::uint32_t Machine::random() {
  std::uint64_t z = random_state_ += 0x9e37'79b9'7f4a'7c15;
  z = (z ^ (z >> 30)) * 0xbf58'476d'1ce4'e5b9;
  z = (z ^ (z >> 27)) * 0x94d0'49bb'1331'11eb;
  return static_cast<std::uint32_t>((z ^ (z >> 31)) >> 32);
}

}  // namespace skep::vm
