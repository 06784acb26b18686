// skep exec: the plugin protocol of the ISA conformance suite.
#include "skep/base/file.hpp"
#include "skep/cli/output.hpp"
#include "skep/cli/verb.hpp"
#include "skep/harness/engines.hpp"
#include "skep/harness/raw_program.hpp"

namespace skep::cli {
namespace {

constexpr ArgumentRow kArguments[] = {
    {"[HEXMEM]", "Memory for the program as hex bytes: its address is in r1, its length in r2. Without it both are 0."},
};

constexpr OptionRow kOptions[] = {
    {"Engine", "--engine", "NAME", "What executes the program: interp (the reference interpreter, and the default) or jit (compiled to x86-64)."},
    {"Engine", "--fuel", "N", "The program may execute N instructions; then it ends with a fault. Default: 500000000."},
};

constexpr ExampleRow kExamples[] = {
    {"echo b7000000 2a000000 95000000 00000000 | skep exec", "Prints 2a: r0 = 42; exit."},
    {"echo 71100000 00000000 95000000 00000000 | skep exec 'aa bb'", "Prints aa: the first byte of the memory."},
    {"bpf_conformance_runner --test_file_directory tests --plugin_path skep --plugin_options exec",
     "Runs the conformance suite."},
};

Result<Exit> run_exec(const Arguments& arguments) {
  const auto* engine = SKEP_TRY(harness::find_engine(arguments.has("--engine") ? arguments.get("--engine") : "interp"));
  const auto fuel = SKEP_TRY(arguments.number("--fuel", harness::kDefaultFuel, 1));
  auto memory = from_hex(arguments.get("HEXMEM"));
  if (!memory) return fail(Errc::invalid, "HEXMEM: {}", memory.error().what());
  const auto text = SKEP_TRY(read_file("-"));
  const auto program = SKEP_TRY_CTX(from_hex(as_text(text)), "standard input");
  const auto run = SKEP_TRY(harness::run_raw(program, *memory, *engine, fuel));
  if (run.result.fault) return fail(Errc::fault, "{}", to_string(*run.result.fault));
  put(fmt::format("{:x}\n", run.result.r0));
  return Exit::ok;
}

}  // namespace

const VerbRow kExec = {
    .name = "exec",
    .summary = "run bare instruction bytes and print r0",
    .description =
        "Reads a BPF program as hex from standard input (8 bytes an instruction, little-endian; white space between "
        "bytes is skipped), runs it, and prints r0 in hex without leading zeros.\n"
        "\n"
        "This is what the runner of the public bpf_conformance suite expects of a plugin. Calls of helpers work as far "
        "as they need no map and no context.",
    .arguments = kArguments,
    .options = kOptions,
    .examples = kExamples,
    .notes = "",
    .run = run_exec,
};

}  // namespace skep::cli
