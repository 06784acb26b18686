// skep inspect: what an object declares.
#include "skep/cli/load.hpp"
#include "skep/cli/output.hpp"
#include "skep/cli/table.hpp"
#include "skep/cli/verb.hpp"
#include "skep/harness/inspect.hpp"

#include <nlohmann/json.hpp>

namespace skep::cli {
namespace {

using harness::Json;

constexpr ArgumentRow kArguments[] = {
    {"OBJ", "A BPF object as clang or `bpftool gen object` writes it, of either byte order; - is standard input."},
};

constexpr OptionRow kOptions[] = {
    {"Output", "--json", "", "One JSON document instead of tables (docs/inspect.schema.json)."},
};

constexpr ExampleRow kExamples[] = {
    {"skep inspect lb.bpf.o", "Tables of programs, maps, variables and externs."},
    {"skep inspect --json lb.bpf.o | jq -r '.programs[].name'", "The names of the programs."},
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

void print_programs(const Json& programs) {
  Table table({"program", "section", "type", "attach type", "insns", "own", ""}, {4, 5});
  for (const auto& program : programs) {
    std::string marks;
    if (!program["autoload"].get<bool>()) marks += "not loaded by default ";
    if (program["sleepable"].get<bool>()) marks += "sleepable";
    table.add({text(program["name"]), text(program["section"]), text(program["type"]), text(program["attach_type"]),
               text(program["instructions"]), text(program["instructions_own"]), marks});
    if (!program["problem"].is_null()) table.add_line("  problem: " + text(program["problem"]));
  }
  put(table.text());
}

void print_maps(const Json& maps) {
  Table table({"map", "type", "key", "value", "entries", "flags", ""}, {2, 3, 4});
  for (const auto& map : maps) {
    std::string marks;
    if (map["pinning"] != "none") marks += "pinned ";
    if (!map["inner"].is_null()) marks += fmt::format("of {} ", text(map["inner"]["type"]));
    if (!map["key_type"].is_null()) marks += fmt::format("{} → {}", text(map["key_type"]), text(map["value_type"]));
    table.add({text(map["name"]), text(map["type"]), text(map["key_size"]), text(map["value_size"]),
               text(map["max_entries"]), fmt::format("{:#x}", map["flags"].get<std::uint32_t>()), marks});
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

Result<Exit> run_inspect(const Arguments& arguments) {
  const auto path = arguments.get("OBJ");
  const auto spec = SKEP_TRY(load_object(path));
  const auto json = harness::inspect(spec, path);
  if (arguments.has("--json")) {
    put(harness::to_text(json));
    return Exit::ok;
  }
  put(fmt::format("{}: {}-endian, license \"{}\", {} CO-RE relocation{}\n", path, text(json["byte_order"]),
                  printable(spec.license), text(json["core_relocations"]), json["core_relocations"] == 1 ? "" : "s"));
  if (!json["programs"].empty()) print_programs(json["programs"]);
  if (!json["maps"].empty()) print_maps(json["maps"]);
  if (!json["variables"].empty()) print_variables(json["variables"]);
  if (!json["externs"].empty()) print_externs(json["externs"]);
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
        "before. key and value are bytes.",
    .run = run_inspect,
};

}  // namespace skep::cli
