// The interpreter's speed: nanoseconds per executed instruction over the hot programs of hot.bpf.c, all memory inside
// the sandbox, and the geometric mean over them on the last line.
#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include <time.h>

#include <benchmark/benchmark.h>

#include "skep/base/file.hpp"
#include "skep/elf/load.hpp"
#include "skep/vm/collection.hpp"

namespace {

using namespace skep;

constexpr std::size_t kMemory = 64 << 10;                       // what r1 points to
constexpr std::size_t kSorted = 16 << 10, kSortedCount = 1024;  // where binary_search looks

template <class T>
T must(Result<T> result) {
  if (result) {
    if constexpr (!std::is_void_v<T>)
      return std::move(*result);
    else
      return;
  }
  std::fprintf(stderr, "interpreter_bench: %s\n", result.error().what().c_str());
  std::exit(3);
}

// A machine with the object's maps filled and its memory in place.
struct World {
  std::unique_ptr<vm::Machine> machine = must(vm::Machine::create());
  vm::Collection collection;
  vm::GuestAddress memory;

  explicit World(const CollectionSpec& spec)
      : collection(must(vm::Collection::create(*machine, spec))),
        memory(must(machine->memory().allocate(kMemory, "memory"))) {
    // Half of the keys that hash_lookup asks for are there.
    vm::Map& flows = *machine->map("flows");
    for (std::uint32_t key = 0; key < 1024; key += 2) {
      std::byte raw[4];
      const std::byte value[8] = {};
      store(raw, key);
      must(flows.host_update(raw, value, vm::kAny));
    }
  }

  void fill(bool packets) {
    std::vector<std::byte> bytes(kMemory);
    std::uint64_t state = 1;
    for (auto& byte : bytes) {
      state = state * 6364136223846793005u + 1;
      byte = static_cast<std::byte>(state >> 56);
    }
    for (std::uint32_t i = 0; i < kSortedCount; ++i) store(&bytes[kSorted + i * 4], i * 4);
    for (std::size_t at = 0; packets && at < 128 * 64; at += 64) {  // Ethernet, IPv4, TCP or UDP
      store<std::uint16_t>(&bytes[at + 12], 0x0800, ByteOrder::big);
      bytes[at + 14] = std::byte{0x45};
      bytes[at + 23] = at % 192 == 0 ? std::byte{17} : std::byte{6};
      store<std::uint16_t>(&bytes[at + 36], at % 128 == 0 ? 443 : 80, ByteOrder::big);
    }
    machine->memory().copy_out(memory, bytes.data(), bytes.size());
  }
};

// Nanoseconds per instruction by program, of the best repetition.
using Results = std::map<std::string, double>;

// CPU time of this thread: what other processes do on a busy machine is not the interpreter's.
double cpu_nanoseconds() {
  timespec now{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) * 1e9 + static_cast<double>(now.tv_nsec);
}

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
  const auto object = must(read_file(SKEP_BUILD_DIR "/bpf/bench/hot.bpf.o"));
  const auto spec = must(elf::load(object));
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
