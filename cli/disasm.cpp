// skep disasm: the code of an object as text.
#include "skep/asm/text/print.hpp"
#include "skep/cli/load.hpp"
#include "skep/cli/output.hpp"
#include "skep/cli/table.hpp"
#include "skep/cli/verb.hpp"
#include "skep/harness/names.hpp"
#include "skep/spec/link.hpp"

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
};

constexpr ExampleRow kExamples[] = {
    {"skep disasm lb.bpf.o", "All programs, each with the functions that it calls."},
    {"skep disasm --source --prog xdp_lb lb.bpf.o", "One program between its source lines."},
    {"skep disasm --dialect mnemonic lb.bpf.o", "The same instructions as mnemonics."},
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
Result<> print_program(const CollectionSpec& spec, const ProgramSpec& program, const text::PrintOptions& options) {
  const auto linked = spec::link(spec, program.name);
  auto shown = linked ? *linked : program;
  if (!linked && shown.problem.empty()) shown.problem = linked.error().what();
  put(heading(shown) + text::print(shown.code, options) + "\n");
  return {};
}

Result<Exit> run_disasm(const Arguments& arguments) {
  const auto options = SKEP_TRY(print_options(arguments));
  const auto spec = SKEP_TRY(load_object(arguments.get("OBJ")));
  const auto names = arguments.all("--prog");
  if (names.empty()) {
    for (const auto& program : spec.programs) SKEP_TRY(print_program(spec, program, options));
    // Functions that belong to no program would be lost otherwise.
    if (spec.programs.empty())
      for (const auto& function : spec.subprograms) SKEP_TRY(print_program(spec, function, options));
  }
  for (const auto& name : names) {
    const auto* program = harness::find_code(spec, name);
    if (program == nullptr)
      return fail(Errc::invalid, "there is no program or function \"{}\"; {}", name, harness::list_code(spec));
    SKEP_TRY(print_program(spec, *program, options));
  }
  return Exit::ok;
}

}  // namespace

const VerbRow kDisasm = {
    .name = "disasm",
    .summary = "print the instructions of an object",
    .description =
        "Prints each program of a BPF object, linked with the functions that it calls, as an assembler would read it: "
        "maps, functions and variables by name, jump targets as labels. The number before an instruction is its slot, "
        "as in verifier messages and fault reports.",
    .arguments = kArguments,
    .options = kOptions,
    .examples = kExamples,
    .notes = "",
    .run = run_disasm,
};

}  // namespace skep::cli
