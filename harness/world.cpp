#include "skep/harness/world.hpp"

#include <algorithm>

#include <nlohmann/json.hpp>

#include "skep/harness/names.hpp"

namespace skep::harness {
namespace {

// A message of a lower level about something that the user asked for.
std::unexpected<Error> as_invalid(const Error& error) { return std::unexpected(Error(Errc::invalid, error.what())); }

Result<> set_field(vm::Context& context, const std::string& name, std::uint32_t index, const Json& value) {
  const auto number = SKEP_TRY_CTX(integer_of(value), "context field \"{}\"", name);
  const auto set = context.set(name, index, number.bits);
  if (!set) return as_invalid(set.error());
  return {};
}

}  // namespace

Bytes packet_after(const RunRecord& record) {
  if (!record.result.fault && record.data_out) return record.frame;
  return record.data_in ? Bytes(*record.data_in) : Bytes();
}

World::World(std::unique_ptr<vm::Machine> machine, vm::Collection collection)
    : machine_(std::move(machine)), collection_(std::move(collection)) {}

Result<World> World::create(CollectionSpec spec, const vm::MachineOptions& options, Target target) {
  if (spec.byte_order != ByteOrder::little)
    return fail(Errc::not_supported, "a big-endian object can be inspected, but not run");
  auto machine = SKEP_TRY(vm::Machine::create(options));
  auto collection = SKEP_TRY(vm::Collection::create(*machine, std::move(spec), std::move(target)));
  return World(std::move(machine), std::move(collection));
}

Result<std::string> World::choose_program(std::string_view name) const {
  const auto& programs = spec().programs;
  if (!name.empty()) {
    if (spec().program(name) != nullptr) return std::string(name);
    return fail(Errc::invalid, "the object has no program \"{}\"; {}", name, list_names(programs));
  }
  if (programs.size() == 1) return programs.front().name;
  if (programs.empty()) return fail(Errc::malformed, "the object has no programs");
  return fail(Errc::invalid, "the object has several programs: choose one with --prog; {}", list_names(programs));
}

Result<> World::fill_map(std::string_view name, const Json& document) {
  const auto* map_spec = spec().map(name);
  auto* map = map_spec == nullptr ? nullptr : machine_->map(map_spec->name);
  if (const auto* missing = map_spec != nullptr ? collection_.missing_map(map_spec->name) : nullptr)
    return std::unexpected(*missing);
  if (map == nullptr) return fail(Errc::invalid, "the object has no map \"{}\"; {}", name, list_names(spec().maps));
  return harness::fill_map(*map, collection_, document);
}

Result<vm::Context*> World::context(ProgramType type) {
  auto& context = contexts_[type];
  if (!context) context = SKEP_TRY(vm::Context::create(*machine_, type));
  return context.get();
}

Result<> put_packet(vm::Context& context, Bytes packet, LinkType link) {
  return context.reset(packet, link == LinkType::raw_ip ? vm::LinkLayer::raw_ip : vm::LinkLayer::ethernet);
}

Result<> set_fields(vm::Context& context, const Json& fields) {
  if (fields.is_null()) return {};
  if (!fields.is_object()) return fail(Errc::invalid, "context: expected an object of fields, got {}", kind_of(fields));
  for (const auto& [name, value] : fields.items()) {
    if (!value.is_array()) {
      SKEP_TRY(set_field(context, name, 0, value));
      continue;
    }
    for (std::uint32_t i = 0; i < value.size(); i++) SKEP_TRY(set_field(context, name, i, value[i]));
  }
  return {};
}

Result<RunRecord> World::run(std::string_view name, Bytes packet, const Json& fields, const RunOptions& options) {
  if (options.cpu >= machine_->cpu_count())
    return fail(Errc::invalid, "there is no CPU {}: the machine has {}", options.cpu, machine_->cpu_count());
  auto* program = SKEP_TRY(collection_.program(name));
  auto* executable = SKEP_TRY(program->executable(*options.engine));
  if (const auto* declared = spec().program(name); declared != nullptr && declared->type == ProgramType::unspec)
    return fail(Errc::rejected, "program \"{}\": its section \"{}\" names no type of program", name, declared->section);
  auto* context = SKEP_TRY_CTX(this->context(program->type()), "program \"{}\"", name);
  RunRecord record;
  if (context->packet() != nullptr) record.data_in.emplace(packet.begin(), packet.end());
  if (const auto reset = put_packet(*context, record.data_in ? packet : Bytes(), options.link); !reset) {
    record.error = reset.error();
    return record;
  }
  SKEP_TRY(set_fields(*context, fields));
  auto& cpu = machine_->cpu(options.cpu);
  record.result = executable->run(cpu, context, context->address(), 0, options.fuel);
  record.outcome = cpu.outcome();
  if (!record.result.fault)
    if (const auto verdict = context->verdict(static_cast<std::uint32_t>(record.result.r0)))
      record.verdict = std::string(*verdict);
  if (const auto* place = context->packet()) {
    record.data_out = context->data_out();
    record.frame = context->frame();
    record.meta_size = program->type() == ProgramType::xdp ? place->data - place->meta : 0;
  }
  return record;
}

std::vector<vm::Map*> World::maps() const {
  std::vector<vm::Map*> maps;
  for (const auto& map : spec().maps)
    if (auto* made = machine_->map(map.name)) maps.push_back(made);
  return maps;
}

}  // namespace skep::harness
