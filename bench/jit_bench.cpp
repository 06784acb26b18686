// Compiled code against the interpreter, in one run: the same programs, turn by turn, medians of both and their ratio; then
// what it costs to compile, and to enter and leave a run.
#include <algorithm>
#include <cmath>
#include <vector>

#include "skep/bench/hot.hpp"
#include "skep/jit/engine.hpp"

namespace {

using namespace skep;
using namespace skep::bench;

constexpr int kTurns = 9;
constexpr double kTurnNanoseconds = 20e6;

double median(std::vector<double> values) {
  std::ranges::sort(values);
  return values[values.size() / 2];
}

// ns a run, over about `kTurnNanoseconds`.
double time_runs(vm::Executable& executable, World& world, std::uint64_t runs) {
  const double start = cpu_nanoseconds();
  for (std::uint64_t i = 0; i < runs; ++i) {
    const auto result = executable.run(world.machine->cpu(), nullptr, world.memory, kMemory, UINT64_MAX);
    if (result.fault) {
      std::fprintf(stderr, "jit_bench: %s\n", to_string(*result.fault).c_str());
      std::exit(3);
    }
  }
  return (cpu_nanoseconds() - start) / static_cast<double>(runs);
}

std::uint64_t runs_for(vm::Executable& executable, World& world) {
  std::uint64_t runs = 1;
  while (time_runs(executable, world, runs) * static_cast<double>(runs) < kTurnNanoseconds) runs *= 2;
  return runs;
}

void compare(const CollectionSpec& spec) {
  World world(spec);
  double logarithms = 0;
  std::printf("%-16s %12s %12s %8s\n", "program", "interp ns", "jit ns", "ratio");
  for (const auto& one : spec.programs) {
    auto* const program = must(world.collection.program(one.name));
    auto& interpreted = *must(program->executable(vm::interpreter()));
    auto& compiled = *must(program->executable(jit::engine()));
    world.fill(one.name == "packet_parse");
    const auto slow_runs = runs_for(interpreted, world), fast_runs = runs_for(compiled, world);
    std::vector<double> slow, fast, ratios;
    for (int turn = 0; turn < kTurns; ++turn) {
      slow.push_back(time_runs(interpreted, world, slow_runs));
      fast.push_back(time_runs(compiled, world, fast_runs));
      ratios.push_back(slow.back() / fast.back());
    }
    logarithms += std::log(median(ratios));
    std::printf("%-16s %12.1f %12.1f %8.2f\n", one.name.c_str(), median(slow), median(fast), median(ratios));
  }
  std::printf("geometric mean over %zu programs: %.2f times the interpreter\n", spec.programs.size(),
              std::exp(logarithms / static_cast<double>(spec.programs.size())));
}

void enter_and_leave() {
  const auto machine = must(vm::Machine::create());
  ProgramSpec spec;
  spec.name = "empty";
  spec.code.insns = {{.op = Op::mov64_imm}, {.op = Op::exit}};
  auto* const program = must(machine->load(spec));
  auto& executable = *must(program->executable(jit::engine()));
  std::vector<double> times;
  for (int turn = 0; turn < kTurns; ++turn) {
    constexpr int kRuns = 1'000'000;
    const double start = cpu_nanoseconds();
    for (int i = 0; i < kRuns; ++i) executable.run(machine->cpu(), nullptr, 0, 0, 1000);
    times.push_back((cpu_nanoseconds() - start) / kRuns);
  }
  std::printf("entering and leaving a run: %.1f ns\n", median(times));
}

// End to end: from a loaded program to code that can run.
void compile_time(const CollectionSpec& spec) {
  World world(spec);
  std::uint64_t instructions = 0;
  std::vector<double> times;
  std::vector<vm::Program*> programs;
  for (const auto& one : spec.programs) programs.push_back(must(world.collection.program(one.name)));
  for (const auto* program : programs) instructions += program->code().size();
  for (int turn = 0; turn < kTurns; ++turn) {
    constexpr int kRepeat = 200;
    const double start = cpu_nanoseconds();
    for (int i = 0; i < kRepeat; ++i)
      for (auto* const program : programs) must(jit::engine().prepare(*program));
    times.push_back((cpu_nanoseconds() - start) / kRepeat / static_cast<double>(instructions));
  }
  std::printf("compiling: %.1f ns an instruction (%llu instructions in %zu programs)\n", median(times),
              static_cast<unsigned long long>(instructions), programs.size());
}

}  // namespace

int main() {
  const auto spec = hot_programs();
  compare(spec);
  enter_and_leave();
  compile_time(spec);
}
