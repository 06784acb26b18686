// skep disasm: the code of an object as text.
#include <sstream>

#include "skep/asm/text/print.hpp"
#include "skep/cli/load.hpp"
#include "skep/cli/output.hpp"
#include "skep/cli/printable.hpp"
#include "skep/cli/verb.hpp"
#include "skep/harness/disasm.hpp"
#include "skep/harness/names.hpp"
#include "skep/spec/link.hpp"
#include "skep/spec/place.hpp"

#include <nlohmann/json.hpp>

namespace skep::cli {
namespace {

constexpr ArgumentRow kArguments[] = {
    {"OBJ", "A BPF object, of either byte order; - is standard input."},
};

constexpr OptionRow kOptions[] = {
    {"Selection", "--prog", "NAME", "Only this program, or this function of .text. May be given more than once.", true},
    {"Output", "--source", "", "Show the source lines that the instructions come from (from .BTF.ext)."},
    {"Output", "--bytes", "", "Show the raw bytes of each instruction, little-endian."},
    {"Output", "--dialect", "NAME",
     "llvm (the default): as llvm-objdump writes it, r0 += 1. mnemonic: as the conformance suite and ubpf do, "
     "add %r0, 1."},
    {"Output", "--json", "",
     "One JSON document instead of a listing (docs/disasm.schema.json); source lines and bytes are always in it."},
};

constexpr ExampleRow kExamples[] = {
    {"skep disasm lb.bpf.o", "All programs, each with the functions that it calls."},
    {"skep disasm --source --prog xdp_lb lb.bpf.o", "One program between its source lines."},
    {"skep disasm --dialect mnemonic lb.bpf.o", "The same instructions as mnemonics."},
    {"skep disasm --json lb.bpf.o | jq '.programs[].functions[].instructions | length'", "Instructions per function."},
};

Result<text::PrintOptions> print_options(const Arguments& arguments) {
  text::PrintOptions options;
  options.source = arguments.has("--source");
  options.bytes = arguments.has("--bytes");
  const auto dialect = arguments.has("--dialect") ? arguments.get("--dialect") : "llvm";
  if (dialect == "mnemonic") options.dialect = text::Dialect::mnemonic;
  else if (dialect != "llvm") return fail(Errc::invalid, "--dialect: \"{}\" is neither llvm nor mnemonic", dialect);
  return options;
}

std::string heading(const ProgramSpec& program) {
  const auto problem = program.problem.empty() ? "" : fmt::format(": problem: {}", program.problem);
  // Names come from the object: no control character of theirs reaches the terminal.
  return paint(Colour::bold, printable(fmt::format("; {} ({}){}", program.name, program.section, problem))) + "\n";
}

// A program as far as it can be linked; one with a problem is shown as the object has it.
ProgramSpec shown(const CollectionSpec& spec, const ProgramSpec& program) {
  const auto linked = spec::link(spec, program);
  if (linked) return *linked;
  auto as_it_is = program;
  if (as_it_is.problem.empty()) as_it_is.problem = linked.error().what();
  return as_it_is;
}

// Whether its bytes are no instructions, or none at all.
bool undecodable(const ProgramSpec& program) { return program.code.insns.empty(); }

// Those that were asked for, or all.
Result<std::vector<const ProgramSpec*>> chosen(const CollectionSpec& spec, std::span<const std::string> names) {
  std::vector<const ProgramSpec*> programs;
  if (names.empty()) {
    for (const auto& program : spec.programs) programs.push_back(&program);
    // Functions that are linked to no program would be lost otherwise.
    for (const auto& function : spec.subprograms)
      if (spec.programs.empty() || undecodable(function)) programs.push_back(&function);
  }
  for (const auto& name : names) {
    const auto* program = harness::find_code(spec, name);
    if (program == nullptr)
      return fail(Errc::invalid, "there is no program or function \"{}\"; {}", name, harness::list_code(spec));
    programs.push_back(program);
  }
  return programs;
}

// One program at a time: linked, each may hold the same functions again.
void print_listing(const CollectionSpec& spec, std::span<const ProgramSpec* const> programs,
                   const text::PrintOptions& options) {
  for (const auto* one : programs) {
    const auto program = shown(spec, *one);
    put(heading(program) + text::print(program.code, options) +
        text::print(program.undecoded, spec.byte_order, options) + "\n");
  }
}

void print_json(const CollectionSpec& spec, std::span<const ProgramSpec* const> programs,
                const text::PrintOptions& options) {
  put(fmt::format("{{\n  \"schema\": \"skep/disasm/1\",\n  \"byte_order\": \"{}\",\n  \"programs\": [",
                  to_string(spec.byte_order)));
  std::string_view separator = "\n";
  for (const auto* one : programs) {
    put(separator);
    separator = ",\n";
    std::istringstream lines(harness::to_text(harness::disassemble(shown(spec, *one), spec.byte_order, options)));
    std::string text, line;
    while (std::getline(lines, line)) text += (text.empty() ? "    " : "\n    ") + line;
    put(text);
  }
  put("\n  ]\n}\n");
}

Result<Exit> run_disasm(const Arguments& arguments) {
  auto options = SKEP_TRY(print_options(arguments));
  const auto spec = SKEP_TRY(load_object(arguments.get("OBJ")));
  options.find_place = [&](const Reference& reference, std::uint32_t offset) {
    return spec::find_place(spec, reference, offset);
  };
  const auto programs = SKEP_TRY(chosen(spec, arguments.all("--prog")));
  (arguments.has("--json") ? print_json : print_listing)(spec, programs, options);

  auto exit = Exit::ok;
  for (const auto* program : programs) {
    if (!undecodable(*program)) continue;
    complain(fmt::format("{}: program \"{}\": {}", arguments.get("OBJ"), program->name, program->problem));
    exit = Exit::input;
  }
  return exit;
}

}  // namespace

const VerbRow kDisasm = {
    .name = "disasm",
    .summary = "print the instructions of an object",
    .description =
        "Prints each program of a BPF object, linked with the functions that it calls, in an assembler's notation: "
        "maps, functions and variables by name, jump targets as labels. The number before an instruction is its slot, "
        "as in verifier messages and fault reports.\n"
        "\n"
        "A place in a data section is named by the variable that lies there: value .bss:counter + 0x4. That is for "
        "people: an assembler, which does not know where variables lie, needs value .bss + 0x14.\n"
        "\n"
        "A program that cannot be linked is shown alone, with its problem. Of one whose bytes are not all "
        "instructions, those that are none are shown as a comment with the reason, and the exit status is 3.",
    .arguments = kArguments,
    .options = kOptions,
    .examples = kExamples,
    .notes = "",
    .run = run_disasm,
};

}  // namespace skep::cli
