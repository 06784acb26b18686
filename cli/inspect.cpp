// skep inspect: what an object declares.
#include <map>

#include "skep/cli/load.hpp"
#include "skep/cli/output.hpp"
#include "skep/cli/printable.hpp"
#include "skep/cli/table.hpp"
#include "skep/cli/target.hpp"
#include "skep/cli/verb.hpp"
#include "skep/harness/inspect.hpp"
#include "skep/harness/inspect_code.hpp"

#include <nlohmann/json.hpp>

namespace skep::cli {
namespace {

using harness::Json;

constexpr ArgumentRow kArguments[] = {
    {"OBJ", "A BPF object as clang or `bpftool gen object` writes it, of either byte order; - is standard input."},
};

constexpr OptionRow kOptions[] = {
    {"Output", "--json", "", "One JSON document instead of tables (docs/inspect.schema.json)."},
    {"Output", "--code", "",
     "The instructions of each program as an engine gets them: functions linked, CO-RE applied for --btf, externs in "
     "place. What the kernel's options below do not tell stays open and is listed."},
    kTargetBtf,
    kTargetKconfig,
    kTargetSymbols,
    kTargetVersion,
};

constexpr ExampleRow kExamples[] = {
    {"skep inspect lb.bpf.o", "Tables of programs, maps, variables and externs."},
    {"skep inspect --json lb.bpf.o | jq -r '.programs[].name'", "The names of the programs."},
    {"skep inspect --json --code --btf vmlinux lb.bpf.o", "With the code that the running kernel would get."},
};

std::string text(const Json& value) {
  if (value.is_null()) return "-";
  return value.is_string() ? value.get<std::string>() : value.dump(-1, ' ', false, Json::error_handler_t::replace);
}

// At most `width` characters of a value.
std::string shortened(const Json& value, std::size_t width) {
  auto all = text(value);
  if (all.size() <= width) return all;
  all.resize(width);
  return all + "…";
}

std::string joined(const std::vector<std::string>& notes) { return fmt::format("{}", fmt::join(notes, ", ")); }

void print_programs(const Json& programs) {
  Table table({"program", "section", "type", "attach type", "attach to", "insns", "own", ""}, {5, 6});
  for (const auto& program : programs) {
    std::vector<std::string> notes;
    if (!program["autoload"].get<bool>()) notes.emplace_back("not loaded by default");
    if (program["sleepable"].get<bool>()) notes.emplace_back("sleepable");
    table.add({text(program["name"]), text(program["section"]), text(program["type"]), text(program["attach_type"]),
               text(program["attach_to"]), text(program["instructions"]), text(program["instructions_own"]),
               joined(notes)});
    if (!program["problem"].is_null()) table.add_line("  problem: " + text(program["problem"]));
  }
  put(table.text());
}

// What few maps have.
std::vector<std::string> notes_on(const Json& map) {
  std::vector<std::string> notes;
  if (!map["key_type"].is_null())
    notes.push_back(fmt::format("{} → {}", text(map["key_type"]), text(map["value_type"])));
  if (map["pinning"] != "none") notes.emplace_back("pinned by name");
  if (map["map_extra"] != 0) notes.push_back("extra " + text(map["map_extra"]));
  if (!map["numa_node"].is_null()) notes.push_back("NUMA node " + text(map["numa_node"]));
  if (!map["autocreate"].get<bool>()) notes.emplace_back("not created by default");
  if (map["libbpf_name"] != map["name"]) notes.push_back("libbpf: " + text(map["libbpf_name"]));
  return notes;
}

std::string flags_text(const Json& map) { return fmt::format("{:#x}", map["flags"].get<std::uint32_t>()); }

void print_maps(const Json& maps) {
  Table table({"map", "type", "key", "value", "entries", "flags", ""}, {2, 3, 4});
  for (const auto& map : maps) {
    const auto add = [&](const Json& one, std::string name) {
      table.add({std::move(name), text(one["type"]), text(one["key_size"]), text(one["value_size"]),
                 text(one["max_entries"]), flags_text(one), joined(notes_on(one))});
    };
    add(map, text(map["name"]));
    if (!map["inner"].is_null()) add(map["inner"], "  of");
    for (const auto& slot : map["slots"])
      table.add_line(fmt::format("  {}: {}", text(slot["index"]), text(slot["symbol"])));
  }
  put(table.text());
}

void print_variables(const Json& variables) {
  Table table({"variable", "section", "size", "type", "value"}, {2});
  for (const auto& variable : variables)
    table.add({text(variable["name"]), text(variable["section"]), text(variable["size"]), text(variable["type"]),
               shortened(variable["value"], 40)});
  put(table.text());
}

void print_externs(const Json& externs) {
  Table table({"extern", "kind", "type", ""}, {});
  for (const auto& symbol : externs)
    table.add(
        {text(symbol["name"]), text(symbol["kind"]), text(symbol["type"]), symbol["weak"].get<bool>() ? "weak" : ""});
  put(table.text());
}

// A slot a line, as `code` of the document has them.
void print_code(const Json& programs) {
  for (const auto& program : programs) {
    if (program["code"].is_null()) continue;
    put(fmt::format("\n{}:\n", printable(text(program["name"]))));
    std::map<std::size_t, std::string> open;
    for (const auto& one : program["unresolved"])
      open[one["slot"]] = fmt::format("  {} {}: {}", text(one["kind"]), text(one["symbol"]), text(one["reason"]));
    std::size_t slot = 0;
    for (const auto& bytes : program["code"]) {
      put(fmt::format("{:5}: {}{}\n", slot, text(bytes), printable(open[slot])));
      ++slot;
    }
  }
}

// ", version 5.10.3 (0x50a03)", as KERNEL_VERSION() of linux/version.h puts numbers together.
std::string version_text(std::uint32_t version) {
  if (version == 0) return {};
  return fmt::format(", version {}.{}.{} ({:#x})", version >> 16, version >> 8 & 0xff, version & 0xff, version);
}

Result<Exit> run_inspect(const Arguments& arguments) {
  const auto path = arguments.get("OBJ");
  const auto spec = SKEP_TRY(load_object(path));
  const bool with_code = arguments.has("--code");
  for (const auto* option : {&kTargetBtf, &kTargetKconfig, &kTargetSymbols, &kTargetVersion})
    if (!with_code && arguments.has(option->name)) return fail(Errc::invalid, "{} needs --code", option->name);
  Target target;
  SKEP_TRY(add_target(arguments, target));
  if (target.types) SKEP_TRY(check_byte_order(path, spec, *target.types));
  auto json = harness::inspect(spec, path);
  if (with_code) SKEP_TRY_CTX(harness::add_code(json, spec, target), "{}", path);
  if (arguments.has("--json")) {
    put(harness::to_text(json));
    return Exit::ok;
  }
  put(fmt::format("{}: {}-endian, license \"{}\"{}, {} CO-RE relocation{}\n", printable(path), text(json["byte_order"]),
                  printable(spec.license), version_text(spec.version), text(json["core_relocations"]),
                  json["core_relocations"] == 1 ? "" : "s"));
  if (!json["programs"].empty()) print_programs(json["programs"]);
  if (!json["maps"].empty()) print_maps(json["maps"]);
  if (!json["variables"].empty()) print_variables(json["variables"]);
  if (!json["externs"].empty()) print_externs(json["externs"]);
  if (with_code) print_code(json["programs"]);
  return Exit::ok;
}

}  // namespace

const VerbRow kInspect = {
    .name = "inspect",
    .summary = "show what an object declares",
    .description =
        "Shows the programs, maps, global variables and externs of a BPF object, as libbpf would understand it, "
        "without loading anything: no privileges, no kernel, the same answer on every machine.\n"
        "\n"
        "Values are as declared. What depends on the running system (page size, number of CPUs) is adjusted only "
        "when maps are created. Names of types are libbpf's.\n"
        "\n"
        "A program that cannot be used is listed with its problem, and the rest is still there; the exit status is "
        "0 as long as the object itself could be read.",
    .arguments = kArguments,
    .options = kOptions,
    .examples = kExamples,
    .notes =
        "COLUMNS\n"
        "\n"
        "insns counts 8-byte slots after the functions that a program calls were linked to it, own counts them "
        "before. key and value are bytes. Below a map of maps stands the template of its inner maps (of), below a "
        "map with initial elements each of them, by its index. libbpf: what libbpf and bpftool call the map, for "
        "this path.",
    .run = run_inspect,
};

}  // namespace skep::cli
