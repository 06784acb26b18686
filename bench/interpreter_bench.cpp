// The interpreter's speed: nanoseconds per executed instruction over the hot programs of hot.bpf.c, all memory inside
// the sandbox, and the geometric mean over them on the last line.
#include <algorithm>
#include <cmath>
#include <map>

#include <benchmark/benchmark.h>

#include "skep/bench/hot.hpp"

namespace {

using namespace skep;
using namespace skep::bench;

// Nanoseconds per instruction by program, of the best repetition.
using Results = std::map<std::string, double>;

void run_program(benchmark::State& state, World& world, const std::string& name, Results& results) {
  vm::Program* const program = must(world.collection.program(name));
  vm::Executable* const executable = must(program->executable(vm::interpreter()));
  world.fill(name == "packet_parse");
  std::uint64_t executed = 0;
  const double start = cpu_nanoseconds();
  for (auto _ : state) {
    const auto result = executable->run(world.machine->cpu(), nullptr, world.memory, kMemory, UINT64_MAX);
    if (result.fault) return state.SkipWithError(to_string(*result.fault).c_str());
    benchmark::DoNotOptimize(result.r0);
    executed += result.instructions;
  }
  const double per_instruction = (cpu_nanoseconds() - start) / static_cast<double>(executed);
  state.counters["instructions"] = static_cast<double>(executed) / static_cast<double>(state.iterations());
  state.counters["ns/instruction"] = per_instruction;
  // Single runs, with which the library finds out how many it wants, are no results.
  if (state.iterations() == 1) return;
  const auto best = results.emplace(name, per_instruction).first;
  best->second = std::min(best->second, per_instruction);
}

}  // namespace

int main(int argc, char** argv) {
  benchmark::Initialize(&argc, argv);
  const auto spec = hot_programs();
  World world(spec);
  Results results;
  for (const auto& program : spec.programs)
    benchmark::RegisterBenchmark(
        ("interpreter/" + program.name).c_str(),
        [&, name = program.name](benchmark::State& state) { run_program(state, world, name, results); });
  benchmark::RunSpecifiedBenchmarks();
  double logarithms = 0;
  for (const auto& [name, nanoseconds] : results) logarithms += std::log(nanoseconds);
  if (!results.empty())
    std::printf("geometric mean over %zu programs: %.3f ns per instruction\n", results.size(),
                std::exp(logarithms / static_cast<double>(results.size())));
  benchmark::Shutdown();
}
