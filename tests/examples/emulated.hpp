// The emulated world: how a user of the library loads an object, changes it, and runs packets through a
// program of it. Needs no privileges, and every run is a function of its inputs.
#pragma once

#include <optional>

#include "skep/base/file.hpp"
#include "skep/elf/load.hpp"
#include "skep/tests/examples/world.hpp"
#include "skep/tests/support/engine.hpp"
#include "skep/tests/support/paths.hpp"
#include "skep/vm/collection.hpp"
#include "skep/vm/context/context.hpp"
#include "skep/vm/engine.hpp"
#include "skep/vm/machine.hpp"
#include "skep/vm/maps/ringbuf.hpp"

namespace skep::test {

class Emulated : public World {
 public:
  static Result<std::unique_ptr<Emulated>> create(const WorldOptions& options) {
    // From bytes to a value that says what the object declares; nothing of it runs yet.
    const auto object = SKEP_TRY(read_file(example(options.example)));
    CollectionSpec spec = SKEP_TRY(elf::load(object));
    for (const auto& [name, value] : options.variables) SKEP_TRY(spec.set_variable(name, value));
    for (const auto& [name, entries] : options.max_entries) spec.map(name)->max_entries = entries;

    // From the value to a world of its own: memory, clock, maps, and the program that packets go to.
    auto world = std::unique_ptr<Emulated>(new Emulated);
    world->machine_ = SKEP_TRY(vm::Machine::create());
    world->collection_.emplace(SKEP_TRY(vm::Collection::create(*world->machine_, std::move(spec))));
    world->program_ = SKEP_TRY(world->collection_->program(options.program));
    // Records wait in their ring until events() is called, as they wait for a slow reader.
    for (const auto& map : world->machine_->maps())
      if (auto* ring = vm::RingbufMap::from(map.get())) ring->set_consumer(false);
    world->executable_ = SKEP_TRY(world->program_->executable(test::engine()));
    world->context_ = SKEP_TRY(vm::Context::create(*world->machine_, world->program_->type()));
    return world;
  }

  Result<Verdict> run(const Packet& packet) override {
    constexpr std::uint64_t fuel = 1'000'000;  // instructions: more than any packet needs
    SKEP_TRY(context_->reset(packet));
    auto& cpu = machine_->cpu();
    const auto result = executable_->run(cpu, context_.get(), context_->address(), 0, fuel);
    if (result.fault) return fail(Errc::fault, "{}", to_string(*result.fault));
    return Verdict{static_cast<std::uint32_t>(result.r0), context_->data_out()};
  }

  Result<std::vector<std::byte>> lookup(const std::string& map, Bytes key) override {
    return machine_->map(map)->host_lookup(key);
  }
  Result<> update(const std::string& map, Bytes key, Bytes value) override {
    return machine_->map(map)->host_update(key, value, vm::kAny);
  }
  Result<> erase(const std::string& map, Bytes key) override { return machine_->map(map)->host_erase(key); }
  Result<std::vector<std::vector<std::byte>>> events(const std::string& map) override {
    std::vector<vm::Event> events;
    vm::RingbufMap::from(machine_->map(map))->drain(events);
    std::vector<std::vector<std::byte>> records;
    for (auto& event : events) records.push_back(std::move(event.data));
    return records;
  }

  vm::Machine& machine() { return *machine_; }

 private:
  Emulated() = default;

  std::unique_ptr<vm::Machine> machine_;  // outlives everything below
  std::optional<vm::Collection> collection_;
  vm::Program* program_ = nullptr;
  vm::Executable* executable_ = nullptr;
  std::unique_ptr<vm::Context> context_;
};

}  // namespace skep::test
