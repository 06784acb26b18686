// An object alive in a machine of its own: the collection, a context for each kind of program, and one
// run after the other. Maps keep what runs put into them, as in a kernel; packets and contexts start anew.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "skep/harness/map_json.hpp"
#include "skep/harness/packets.hpp"
#include "skep/vm/collection.hpp"
#include "skep/vm/context/context.hpp"

namespace skep::harness {

struct RunOptions {
  const vm::Engine* engine = &vm::interpreter();
  std::uint64_t fuel = UINT64_MAX;
  std::uint32_t cpu = 0;
  LinkType link = LinkType::ethernet;  // what packets begin with
};

// What is known of one run.
struct RunRecord {
  vm::RunResult result;
  std::optional<std::string> verdict;         // "XDP_TX"; none after a fault, or where the type has no names
  std::optional<std::vector<std::byte>> data_in, data_out;  // as PROG_TEST_RUN has them; none without packet
  std::vector<std::byte> frame;               // the packet that goes on its way (vm::Context::frame)
  std::size_t meta_size = 0;                  // bytes of metadata that data_out begins with
  vm::Outcome outcome;
  std::optional<Error> error;                 // the packet could not be run (too short, too long)
};

// The packet as it left the program; as it came where the run faulted or could not be. Empty without packet.
Bytes packet_after(const RunRecord& record);

class World {
 public:
  // Creates the machine and all maps; programs are resolved against `target`. Errors: not_supported (a big-endian
  // object, a map type), invalid, os.
  static Result<World> create(CollectionSpec spec, const vm::MachineOptions& options = {},
                              Target target = vm::emulated_kernel());

  vm::Machine& machine() const { return *machine_; }
  vm::Collection& collection() { return collection_; }
  const CollectionSpec& spec() const { return collection_.spec(); }

  // The program to run when `name` is empty: the only one that is loaded by default. Errors: invalid, listing the
  // programs.
  Result<std::string> choose_program(std::string_view name) const;

  // Fills the map `name` from a document (harness/map_json.hpp). Errors: invalid (no such map; lists them), and
  // those of fill_map.
  Result<> fill_map(std::string_view name, const Json& document);

  // One run of a program over a packet, `context` null or an object of context fields ({"ingress_ifindex": 3,
  // "cb": [1, 2]}). A fault, and a packet that this type cannot take, is part of the record. Errors:
  // not_supported, rejected, not_found (loading), invalid (context field).
  Result<RunRecord> run(std::string_view program, Bytes packet, const Json& context, const RunOptions& options);

  // The context for programs of a type, made on first use.
  Result<vm::Context*> context(ProgramType type);

  // The maps of the collection that there are, in its order.
  std::vector<vm::Map*> maps() const;

 private:
  World(std::unique_ptr<vm::Machine> machine, vm::Collection collection);

  std::unique_ptr<vm::Machine> machine_;  // outlives what lives in it
  vm::Collection collection_;
  std::map<ProgramType, std::unique_ptr<vm::Context>> contexts_;
};

// The packet of a context's next run.
Result<> put_packet(vm::Context& context, Bytes packet, LinkType link);
// Sets fields of a context from a JSON object. Errors: invalid; an unknown field's message lists the fields.
Result<> set_fields(vm::Context& context, const Json& fields);

}  // namespace skep::harness
