// Opening the running kernel's BTF and finding types in it, beside libbpf doing the same, which is opened at run time
// and skipped where there is none.
#include <cstdio>
#include <cstdlib>
#include <cstring>

#include <benchmark/benchmark.h>
#include <bpf/btf.h>
#include <sys/wait.h>
#include <unistd.h>

#include "skep/base/file.hpp"
#include "skep/btf/build.hpp"
#include "skep/tests/support/libbpf.hpp"

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

// What the two are measured at: from nothing to 100 types by name.
void open_and_find(const std::vector<std::string>& names) {
  const auto kernel = btf::Btf::open(kPath);
  for (const auto& name : names) benchmark::DoNotOptimize(kernel->find(name));
}
void open_and_find_with_libbpf(const std::vector<std::string>& names) {
  auto* kernel = SKEP_LIBBPF(btf__load_vmlinux_btf)();
  const auto find = SKEP_LIBBPF(btf__find_by_name);
  for (const auto& name : names) benchmark::DoNotOptimize(find(kernel, name.c_str()));
  SKEP_LIBBPF(btf__free)(kernel);
}

// A line "VmHWM:  123 kB" of /proc/self/status.
double status_kib(const char* key) {
  const auto text = read_file("/proc/self/status");
  const auto at = text ? as_text(*text).find(key) : std::string_view::npos;
  return at == std::string_view::npos ? 0 : std::atof(as_text(*text).data() + at + std::strlen(key) + 1);
}

// By how many KiB the resident memory of a fresh child grows at most: heap, and pages of files that it touches.
double peak_kib(void (*work)(const std::vector<std::string>&), const std::vector<std::string>& names) {
  int ends[2];
  if (::pipe(ends) != 0) return 0;
  const auto child = ::fork();
  if (child == 0) {
    (void)write_file("/proc/self/clear_refs", as_bytes("5"));  // the peak so far is forgotten
    const auto before = status_kib("VmRSS");
    work(names);
    const double grown = status_kib("VmHWM") - before;
    _exit(::write(ends[1], &grown, sizeof grown) == sizeof grown ? 0 : 1);
  }
  ::close(ends[1]);
  double grown = 0;
  if (::read(ends[0], &grown, sizeof grown) != sizeof grown) grown = 0;
  ::close(ends[0]);
  if (child > 0) ::waitpid(child, nullptr, 0);
  return grown;
}

void run_side(benchmark::State& state, void (*work)(const std::vector<std::string>&)) {
  const auto names = some_names(open_or_skip(state));
  for (auto _ : state) work(names);
  state.counters["peak_KiB"] = peak_kib(work, names);
}

void open_and_find_100(benchmark::State& state) { run_side(state, open_and_find); }
BENCHMARK(open_and_find_100)->Unit(benchmark::kMicrosecond);

void open_and_find_100_libbpf(benchmark::State& state) {
  if (!test::Libbpf::get()) return state.SkipWithError("no libbpf.so.1");
  run_side(state, open_and_find_with_libbpf);
}
BENCHMARK(open_and_find_100_libbpf)->Unit(benchmark::kMicrosecond);

// All types of the kernel: found out to have no duplicates.
void deduplicate_vmlinux(benchmark::State& state) {
  const auto kernel = open_or_skip(state);
  for (auto _ : state) {
    btf::Builder builder(kernel.byte_order());
    benchmark::DoNotOptimize(builder.append(kernel));
    benchmark::DoNotOptimize(builder.deduplicate());
  }
}
BENCHMARK(deduplicate_vmlinux)->Unit(benchmark::kMillisecond);

void deduplicate_vmlinux_libbpf(benchmark::State& state) {
  if (!test::Libbpf::get()) return state.SkipWithError("no libbpf.so.1");
  const auto kernel = open_or_skip(state);
  for (auto _ : state) {
    auto* copy = SKEP_LIBBPF(btf__new)(kernel.raw().data(), static_cast<std::uint32_t>(kernel.raw().size()));
    benchmark::DoNotOptimize(SKEP_LIBBPF(btf__dedup)(copy, nullptr));
    SKEP_LIBBPF(btf__free)(copy);
  }
}
BENCHMARK(deduplicate_vmlinux_libbpf)->Unit(benchmark::kMillisecond);

}  // namespace
