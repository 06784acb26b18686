// CO-RE over an object with a thousand records, against the running kernel's types: from the bytes of the object to
// relocated instructions, side by side with libbpf. Both open the kernel's BTF each time.
//
// libbpf relocates on the way to the kernel and cannot be asked for less; a handler of ours stops it before the first
// program is loaded, when all are relocated. What it does besides (creating no map, loading the object's own BTF) is
// measured by the same object without its records.
#include <algorithm>

#include <benchmark/benchmark.h>

#include "skep/base/file.hpp"
#include "skep/elf/file.hpp"
#include "skep/elf/load.hpp"
#include "skep/spec/link.hpp"
#include "skep/spec/resolve.hpp"
#include "skep/tests/support/libbpf.hpp"

namespace {

using namespace skep;

constexpr const char* kKernel = "/sys/kernel/btf/vmlinux";
constexpr const char* kObject = SKEP_BUILD_DIR "/bpf/bench/many_core.bpf.o";

// The relocated programs; how many records there were, 0 after an error.
std::size_t resolve_all(benchmark::State& state, const CollectionSpec& spec, const Target& target) {
  std::size_t records = 0;
  for (const auto& program : spec.programs) {
    const auto linked = spec::link(spec, program);
    const auto resolved = linked ? spec::resolve_core(*linked, spec.types, spec.byte_order, target)
                                 : std::unexpected(linked.error());
    if (!resolved) {
      state.SkipWithError(resolved.error().what().c_str());
      return 0;
    }
    records += resolved->outcomes.size();
  }
  return records;
}

void skep_from_object(benchmark::State& state) {
  const auto bytes = read_file(kObject);
  if (!bytes) return state.SkipWithError(bytes.error().what().c_str());
  std::size_t records = 0;
  for (auto _ : state) {
    const auto spec = elf::load(*bytes);
    const auto kernel = btf::Btf::open(kKernel);
    if (!spec || !kernel) return state.SkipWithError("no object, or no BTF of the kernel");
    records = resolve_all(state, *spec, Target{btf::CoreTargets({{"vmlinux", *kernel}})});
  }
  state.counters["records"] = static_cast<double>(records);
}
BENCHMARK(skep_from_object)->Unit(benchmark::kMillisecond);

int stop(bpf_program*, bpf_prog_load_opts*, long) { return -ECANCELED; }

// Opens and relocates, and is stopped there.
void libbpf_relocate(benchmark::State& state, const std::vector<std::byte>& object) {
  if (!test::Libbpf::get()) return state.SkipWithError("libbpf.so.1 is not installed");
  const auto open = SKEP_LIBBPF(bpf_object__open_mem);
  const auto load = SKEP_LIBBPF(bpf_object__load);
  // Stays for the life of the process: libbpf 1.1 corrupts its heap when the last handler is taken away.
  static const int handler = [] {
    libbpf_prog_handler_opts options{};
    options.sz = sizeof options;
    options.prog_prepare_load_fn = stop;
    return SKEP_LIBBPF(libbpf_register_prog_handler)("raw_tracepoint+", BPF_PROG_TYPE_RAW_TRACEPOINT,
                                                     bpf_attach_type{}, &options);
  }();
  if (handler < 0) return state.SkipWithError("libbpf takes no handler");
  for (auto _ : state) {
    const test::BpfObject opened(open(object.data(), object.size(), nullptr));
    if (!opened || load(opened.get()) != -ECANCELED) {
      state.SkipWithError("libbpf did not come to loading; bpf(2) may not be permitted");
      break;
    }
  }
}

void libbpf_from_object(benchmark::State& state) {
  const auto bytes = read_file(kObject);
  if (!bytes) return state.SkipWithError(bytes.error().what().c_str());
  libbpf_relocate(state, *bytes);
}
BENCHMARK(libbpf_from_object)->Unit(benchmark::kMillisecond);

// .BTF.ext hidden behind another name of the same length: no records.
void libbpf_without_records(benchmark::State& state) {
  auto bytes = read_file(kObject);
  if (!bytes) return state.SkipWithError(bytes.error().what().c_str());
  for (const std::string name : {".rel.BTF.ext"}) {
    const auto name_bytes = as_bytes(name);
    const auto at = std::search(bytes->begin(), bytes->end(), name_bytes.begin(), name_bytes.end());
    if (at == bytes->end()) return state.SkipWithError("the object has no .BTF.ext");
    *(at + 8) = std::byte{'_'};  // ".rel.BTF_ext": the section is the tail of that string
  }
  libbpf_relocate(state, *bytes);
}
BENCHMARK(libbpf_without_records)->Unit(benchmark::kMillisecond);

// With the object and the kernel's types at hand, as when many objects are relocated.
void skep_with_types_open(benchmark::State& state) {
  const auto bytes = read_file(kObject);
  const auto spec = bytes ? elf::load(*bytes) : std::unexpected(bytes.error());
  const auto kernel = btf::Btf::open(kKernel);
  if (!spec || !kernel) return state.SkipWithError("no object, or no BTF of the kernel");
  const Target target{btf::CoreTargets({{"vmlinux", *kernel}})};
  std::size_t records = 0;
  for (auto _ : state) records = resolve_all(state, *spec, target);
  state.counters["records"] = static_cast<double>(records);
}
BENCHMARK(skep_with_types_open)->Unit(benchmark::kMillisecond);

}  // namespace
