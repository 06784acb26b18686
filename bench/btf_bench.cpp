// Opening the running kernel's BTF and finding types in it.
#include <benchmark/benchmark.h>

#include "skep/base/file.hpp"
#include "skep/btf/btf.hpp"

namespace {

using namespace skep;

constexpr const char* kPath = "/sys/kernel/btf/vmlinux";

// A sample of 100 names, evenly over all types.
std::vector<std::string> some_names(const btf::Btf& kernel) {
  std::vector<std::string> names;
  for (std::uint32_t id = 1; id < kernel.type_count() && names.size() < 100; id += kernel.type_count() / 150)
    if (const auto name = kernel.name(btf::TypeId{id}); !name.empty()) names.emplace_back(name);
  return names;
}

btf::Btf open_or_skip(benchmark::State& state) {
  auto kernel = btf::Btf::open(kPath);
  if (!kernel) {
    state.SkipWithError(kernel.error().what().c_str());
    return {};
  }
  return *kernel;
}

void open_vmlinux(benchmark::State& state) {
  for (auto _ : state) benchmark::DoNotOptimize(open_or_skip(state).type_count());
}
BENCHMARK(open_vmlinux)->Unit(benchmark::kMicrosecond);

// Of bytes in memory, which are copied first.
void parse_vmlinux(benchmark::State& state) {
  const auto raw = read_file(kPath);
  if (!raw) return state.SkipWithError(raw.error().what().c_str());
  for (auto _ : state) {
    state.PauseTiming();
    auto copy = *raw;
    state.ResumeTiming();
    benchmark::DoNotOptimize(btf::Btf::parse(std::move(copy))->type_count());
  }
}
BENCHMARK(parse_vmlinux)->Unit(benchmark::kMicrosecond);

void first_find(benchmark::State& state) {
  for (auto _ : state) {
    state.PauseTiming();
    const auto kernel = open_or_skip(state);
    state.ResumeTiming();
    benchmark::DoNotOptimize(kernel.find("task_struct", btf::Kind::Struct));
  }
}
BENCHMARK(first_find)->Unit(benchmark::kMicrosecond);

void hundred_finds(benchmark::State& state) {
  const auto kernel = open_or_skip(state);
  const auto names = some_names(kernel);
  for (auto _ : state)
    for (const auto& name : names) benchmark::DoNotOptimize(kernel.find(name));
  state.SetItemsProcessed(state.iterations() * static_cast<std::int64_t>(names.size()));
}
BENCHMARK(hundred_finds)->Unit(benchmark::kMicrosecond);

void decode_all(benchmark::State& state) {
  const auto kernel = open_or_skip(state);
  for (auto _ : state)
    for (std::uint32_t id = 1; id < kernel.type_count(); ++id) benchmark::DoNotOptimize(kernel.type(btf::TypeId{id}));
  state.SetItemsProcessed(state.iterations() * kernel.type_count());
}
BENCHMARK(decode_all)->Unit(benchmark::kMillisecond);

}  // namespace
