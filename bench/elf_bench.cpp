// Time and memory of elf::load: a small object, and one of 2 MB with 100 programs. `allocated` is what one load
// asked the heap for, in multiples of the object's size: it must stay in proportion.
#include <cstdlib>
#include <new>

#include <benchmark/benchmark.h>

#include "skep/base/file.hpp"
#include "skep/elf/load.hpp"
#include "skep/spec/link.hpp"

namespace {

std::size_t allocated_bytes = 0, allocations = 0;

std::vector<std::byte> object(benchmark::State& state, const char* name) {
  auto bytes = skep::read_file(std::string(SKEP_BUILD_DIR "/bpf/") + name);
  if (!bytes) state.SkipWithError(bytes.error().what().c_str());
  return bytes ? std::move(*bytes) : std::vector<std::byte>();
}

void load(benchmark::State& state, const char* name) {
  const auto bytes = object(state, name);
  std::size_t programs = 0;
  allocated_bytes = allocations = 0;
  for (auto _ : state) {
    const auto spec = skep::elf::load(bytes);
    if (!spec) return state.SkipWithError(spec.error().what().c_str());
    programs = spec->programs.size();
    benchmark::DoNotOptimize(spec);
  }
  const auto runs = static_cast<double>(state.iterations());
  state.SetBytesProcessed(static_cast<std::int64_t>(bytes.size()) * static_cast<std::int64_t>(state.iterations()));
  state.counters["programs"] = static_cast<double>(programs);
  state.counters["allocations"] = static_cast<double>(allocations) / runs;
  state.counters["allocated"] = static_cast<double>(allocated_bytes) / runs / static_cast<double>(bytes.size());
}
BENCHMARK_CAPTURE(load, small, "tests/elf/calls.bpf.o");
BENCHMARK_CAPTURE(load, many_programs, "bench/many_programs.bpf.o")->Unit(benchmark::kMillisecond);

void link_all(benchmark::State& state) {
  const auto spec = skep::elf::load(object(state, "bench/many_programs.bpf.o"));
  if (!spec) return state.SkipWithError(spec.error().what().c_str());
  for (auto _ : state)
    for (const auto& program : spec->programs) benchmark::DoNotOptimize(skep::spec::link(*spec, program.name));
}
BENCHMARK(link_all)->Unit(benchmark::kMillisecond);

}  // namespace

// Not inlined, or the compiler holds new and free against each other.
[[gnu::noinline]] void* operator new(std::size_t size) {
  allocated_bytes += size;
  ++allocations;
  if (void* memory = std::malloc(size ? size : 1)) return memory;
  throw std::bad_alloc();
}
[[gnu::noinline]] void operator delete(void* memory) noexcept { std::free(memory); }
[[gnu::noinline]] void operator delete(void* memory, std::size_t) noexcept { std::free(memory); }
