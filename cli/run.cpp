// skep run: an object's program over packets, or one of its functions, in an emulated kernel.
#include <algorithm>

#include <nlohmann/json.hpp>

#include "skep/base/file.hpp"
#include "skep/cli/load.hpp"
#include "skep/cli/output.hpp"
#include "skep/cli/run_output.hpp"
#include "skep/cli/target.hpp"
#include "skep/cli/verb.hpp"
#include "skep/harness/engines.hpp"
#include "skep/harness/raw_program.hpp"
#include "skep/harness/run_json.hpp"
#include "skep/harness/variables.hpp"

namespace skep::cli {
namespace {

using harness::Json;
using harness::World;

// What the user asked for, checked before anything runs.
struct Request {
  harness::PacketList packets;
  bool default_packet = false;
  Json context;
  harness::RunOptions options;
  vm::MachineOptions machine;
  Target target = vm::emulated_kernel();
  std::uint64_t repeat = 1;
  bool tables = true;  // false: a file goes to standard output instead
};

Result<harness::PacketList> read_packets(const Arguments& arguments, bool& is_default) {
  const int given = arguments.has("--packet") + arguments.has("--hex") + arguments.has("--pcap");
  if (given > 1) return fail(Errc::invalid, "only one of --packet, --hex and --pcap can be given");
  is_default = given == 0;
  if (arguments.has("--pcap")) return harness::read_pcap(arguments.get("--pcap"));
  if (arguments.has("--packet")) return harness::single_packet(SKEP_TRY(read_file(arguments.get("--packet"))));
  if (!arguments.has("--hex")) return harness::default_packet();
  const auto bytes = from_hex(arguments.get("--hex"));
  if (!bytes) return fail(Errc::invalid, "--hex: {}", bytes.error().what());
  return harness::single_packet(*bytes);
}

Result<Json> read_context(const std::string& text) {
  if (text.empty()) return Json(nullptr);
  if (text.starts_with('@')) return harness::read_json(text.substr(1));
  auto json = harness::parse_json(text);
  if (!json) return fail(Errc::invalid, "--ctx: {}", json.error().what());
  return json;
}

Result<const vm::Engine*> choose_engine(const Arguments& arguments) {
  if (arguments.has("--engine")) return harness::find_engine(arguments.get("--engine"));
  const auto [engine, why] = harness::default_engine();
  if (!why.empty()) warn(fmt::format("the interpreter runs instead of the JIT: {}", why));
  return engine;
}

Result<Request> read_request(const Arguments& arguments) {
  Request request;
  request.options.engine = SKEP_TRY(choose_engine(arguments));
  request.options.fuel = SKEP_TRY(arguments.number("--fuel", harness::kDefaultFuel, 1));
  request.machine.cpus = static_cast<std::uint32_t>(SKEP_TRY(arguments.number("--cpus", 1, 1, 64)));
  request.options.cpu =
      static_cast<std::uint32_t>(SKEP_TRY(arguments.number("--cpu", 0, 0, request.machine.cpus - 1)));
  request.machine.seed = SKEP_TRY(arguments.number("--seed", 0));
  request.machine.clock = SKEP_TRY(arguments.number("--clock", 0));
  SKEP_TRY(add_target(arguments, request.target));
  request.repeat = SKEP_TRY(arguments.number("--repeat", 1, 1, 1'000'000));
  if (arguments.has("--arg") && !arguments.has("--func")) return fail(Errc::invalid, "--arg needs --func");
  if (arguments.has("--prog") && arguments.has("--func"))
    return fail(Errc::invalid, "only one of --prog and --func can be given");
  for (const char* option : {"--out", "--repeat"})
    if (arguments.has("--func") && arguments.has(option))
      return fail(Errc::invalid, "{} means nothing with --func, which makes one call", option);
  const int standard = (arguments.get("--out") == "-") + (arguments.get("--maps-out") == "-");
  if (standard + arguments.has("--json") > 1)
    return fail(Errc::invalid, "only one of --json, --out - and --maps-out - can have standard output");
  request.tables = standard == 0;
  request.context = SKEP_TRY(read_context(arguments.get("--ctx")));
  request.packets = SKEP_TRY(read_packets(arguments, request.default_packet));
  request.options.link = request.packets.link;
  if (arguments.has("--func") && request.packets.packets.size() > 1)
    return fail(Errc::invalid, "--func makes one call, over one packet: {} has {}", arguments.get("--pcap"),
                request.packets.packets.size());
  return request;
}

// --set before the maps exist, --map after.
Result<World> make_world(const Arguments& arguments, const Request& request) {
  const auto path = arguments.get("OBJ");
  auto spec = SKEP_TRY(load_object(path));
  if (request.target.types) SKEP_TRY(check_byte_order(path, spec, *request.target.types));
  for (const auto& assignment : arguments.all("--set"))
    SKEP_TRY_CTX(harness::set_variable(spec, assignment), "--set {}", assignment);
  auto world = SKEP_TRY_CTX(World::create(std::move(spec), request.machine, request.target), "{}", path);
  for (const auto& map : arguments.all("--map")) {
    const auto equals = map.find('=');
    if (equals == std::string::npos) return fail(Errc::invalid, "--map {}: expected NAME=FILE.json", map);
    const auto document = SKEP_TRY_CTX(harness::read_json(map.substr(equals + 1)), "--map {}", map.substr(0, equals));
    SKEP_TRY_CTX(world.fill_map(map.substr(0, equals), document), "--map {}", map);
  }
  return world;
}

OutputOptions output_options(const Arguments& arguments, const Request& request, const Json& program,
                             const Json& function) {
  OutputOptions options;
  options.json = arguments.has("--json");
  options.tables = request.tables;
  options.packets_path = arguments.get("--out");
  options.maps_path = arguments.get("--maps-out");
  options.link = request.packets.link;
  options.head = run_document(request.options.engine->name(), program, function);
  options.default_packet = request.default_packet;
  return options;
}

Result<Exit> run_function(const Arguments& arguments, const Request& request, World& world) {
  const auto name = arguments.get("--func");
  auto output = SKEP_TRY(RunOutput::begin(output_options(arguments, request, nullptr, name), world));
  const auto& packets = request.packets.packets;
  const auto packet = packets.empty() ? Bytes() : Bytes(packets.front().data);
  const auto& values = arguments.all("--arg");
  const auto call =
      SKEP_TRY(harness::call_function(world, name, values, packet, request.context, request.options));
  output.add(call, world);
  return output.end(world);
}

Result<Exit> run_program(const Arguments& arguments, const Request& request, World& world) {
  const auto program = SKEP_TRY(world.choose_program(arguments.get("--prog")));
  SKEP_TRY(world.collection().program(program));
  auto output = SKEP_TRY(RunOutput::begin(output_options(arguments, request, program, nullptr), world));
  const auto& packets = request.packets.packets;
  for (const auto& packet : packets) {
    // Between the packets of a capture as much time passes as there; a clock never goes back.
    auto& machine = world.machine();
    if (const auto first = packets.front().time_ns; packet.time_ns > first)
      machine.set_clock(std::max(machine.clock(), request.machine.clock + (packet.time_ns - first)));
    for (std::uint64_t i = 0; i < request.repeat; i++) {
      const auto run = SKEP_TRY(world.run(program, packet.data, request.context, request.options));
      // One bad packet of many does not stop the others; a single one is what the user asked about.
      if (run.error && packets.size() == 1) return std::unexpected(*run.error);
      output.add(run, packet.time_ns);
    }
  }
  return output.end(world);
}

Result<Exit> run_run(const Arguments& arguments) {
  const auto request = SKEP_TRY(read_request(arguments));
  auto world = SKEP_TRY(make_world(arguments, request));
  return arguments.has("--func") ? run_function(arguments, request, world) : run_program(arguments, request, world);
}

constexpr ArgumentRow kArguments[] = {
    {"OBJ", "A little-endian BPF object as clang or `bpftool gen object` writes it; - is standard input."},
};

constexpr OptionRow kOptions[] = {
    {"What to run", "--prog", "NAME", "The program. May be left out if the object has only one."},
    {"What to run", "--func", "NAME",
     "Call this function instead of a program: any function that the object still has, static ones included."},
    {"What to run", "--arg", "VALUE",
     "An argument of the function, in order; repeat the option, or give all values behind one. See ARGUMENTS OF "
     "FUNCTIONS.",
     true, true},
    {"Input", "--packet", "FILE", "One packet: the bytes of a file."},
    {"Input", "--hex", "BYTES", "One packet: hex; white space between bytes is skipped."},
    {"Input", "--pcap", "FILE",
     "All packets of a capture (pcap or pcapng; Ethernet or raw IP), one run each; the clock follows their time "
     "stamps."},
    {"Input", "--ctx", "JSON",
     "Fields of the program's context, as an object: {\"ingress_ifindex\": 3, \"cb\": [1, 2]}. @FILE reads the JSON "
     "from a file."},
    {"Input", "--map", "NAME=FILE.json",
     "Put entries into a map before the first run: a document of --maps-out or of --json, one map or list of "
     "entries from it, or the output of `bpftool -j map dump`.",
     true},
    {"Input", "--set", "VAR=VALUE",
     "Set a global variable before the object is loaded, typed by BTF: --set debug=true, --set limits[2]=0x10, "
     "--set cfg.mtu=1500, --set name=eth0, --set 'cfg={\"mtu\": 1500}'.",
     true},
    kTargetBtf,
    kTargetKconfig,
    kTargetSymbols,
    {kTargetVersion.group, kTargetVersion.name, kTargetVersion.value,
     "The value of LINUX_KERNEL_VERSION. Default: 6.18.0, the kernel that is emulated."},
    {"Machine", "--engine", "NAME",
     "What executes the program: jit (compiled to x86-64; the default where it can run) or interp (the reference "
     "interpreter). They give the same answers."},
    {"Machine", "--repeat", "N", "Run each packet N times. Maps keep their contents, packets start anew."},
    {"Machine", "--fuel", "N",
     "A run may execute N instructions; then it ends with a fault. The count is looked at where a program could run "
     "for ever: at jumps back, calls, callbacks and tail calls, and work inside of helpers counts, too. Default: "
     "500000000, about a second."},
    {"Machine", "--cpus", "N", "Virtual CPUs, 1 to 64. Default: 1."},
    {"Machine", "--cpu", "N", "The CPU to run on. Default: 0."},
    {"Machine", "--seed", "N", "Seed of bpf_get_prandom_u32. Default: 0."},
    {"Machine", "--clock", "NS", "What the clock shows at the start, in ns since boot. Default: 0."},
    {"Output", "--json", "", "One JSON document instead of tables (docs/run.schema.json)."},
    {"Output", "--out", "FILE.pcap",
     "Write the packets as the program left them, one a run, dropped ones included. - is standard output, "
     "which then has no tables."},
    {"Output", "--maps-out", "FILE.json",
     "Write the contents of all maps after the last run (docs/maps.schema.json). - is standard output, which then "
     "has no tables."},
};

constexpr ExampleRow kExamples[] = {
    {"skep run lb.bpf.o --pcap in.pcap --out out.pcap", "Verdicts for a capture, and the packets that come out."},
    {"skep run lb.bpf.o --prog xdp_lb --map vips=vips.json --set cfg.mtu=1500 --pcap in.pcap --json",
     "With a filled map and a configured global variable, as JSON."},
    {"skep run filter.bpf.o --hex 'ffffffffffff 020000000001 0806' --ctx '{\"ingress_ifindex\": 3}'",
     "One packet given on the command line, from a certain interface."},
    {"skep run parse.bpf.o --func checksum --arg '[1, 2, 3]' 3",
     "One function: a pointer to three elements, and a number."},
    {"skep run rate.bpf.o --hex ... --repeat 5 --maps-out after.json",
     "Five runs over the same packet; maps keep state."},
};

constexpr std::string_view kNotes =
    "WHAT RUNS\n"
    "\n"
    "The program sees an emulated kernel: maps, helpers, one CPU, a seeded random generator, and a clock that stands "
    "still while a program runs and passes between the packets of a capture as it did there. Nothing is loaded into "
    "the kernel of this machine, no privileges are needed, and the same inputs give the same output everywhere. No "
    "verifier looks at the program: one that a kernel would refuse runs here until it faults. What is not emulated is "
    "an error that names it (exit status 6).\n"
    "\n"
    "The kernel keeps queue_mapping, tc_index and tc_classid of a __sk_buff in 16 bits; here a program that stores "
    "more reads it back in full until its next helper call on the context or tail call, which sees what the kernel "
    "would have kept.\n"
    "\n"
    "Every packet is a run of its own with a new context, and maps keep what earlier runs put into them, as in a "
    "kernel. A program type that takes packets runs over a TCP SYN of 64 bytes if none is given.\n"
    "\n"
    "A fault (a bad memory access, too many instructions, calls nested too deep) ends one run; the others go on, and "
    "the exit status is 4. The program's own return value is output, never the exit status.\n"
    "\n"
    "ARGUMENTS OF FUNCTIONS\n"
    "\n"
    "Values are typed by the function's BTF. Integers: decimal, 0x hexadecimal, negative. Enums: the name. Pointers: "
    "JSON of what they point to, which is put into memory and shown again after the call: an object for a structure, "
    "an array for several elements, plain text for char *, hex in quotes for void *; null or an integer for an address "
    "as such. The words ctx, data and data_end stand for a context made of the packet options and --ctx, and for the "
    "start and end of its packet. A static function may have other arguments in the object than in its source: the "
    "compiler is free to change them.\n"
    "\n"
    "MAPS\n"
    "\n"
    "  {\"maps\": [{\"name\": \"flows\", \"type\": \"hash\",\n"
    "             \"entries\": [{\"key\": {\"port\": 80}, \"value\": 7}]}]}\n"
    "\n"
    "Keys and values are typed by BTF; integers of 2^53 and more are decimal strings. Without BTF they are hex, and "
    "key_hex and value_hex do for any map. Elements of arrays with more than 65536 are left out where they are zero. "
    "Per-CPU maps have \"values\", one for each CPU; one \"value\" goes to all. "
    "The value of a prog array is the name of a program.\n";

}  // namespace

const VerbRow kRun = {
    .name = "run",
    .summary = "run a program of an object over packets, or call one of its functions",
    .description =
        "Runs a program of a BPF object in an emulated kernel, over one packet or a whole capture, and shows verdicts, "
        "what changed in each packet, and which map entries changed: offline, without root, deterministic.",
    .arguments = kArguments,
    .options = kOptions,
    .examples = kExamples,
    .notes = kNotes,
    .run = run_run,
};

}  // namespace skep::cli
