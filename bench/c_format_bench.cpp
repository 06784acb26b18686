// Printing the running kernel's BTF as C, beside libbpf's btf_dump, which is what bpftool prints it with. Both read the
// types from memory; both texts go to memory. Needs libbpf.so.1 at run time (libbpf1, libbpf-dev).
#include <benchmark/benchmark.h>

#include <cstdarg>
#include <cstdio>

#include <bpf/btf.h>
#include <dlfcn.h>

#include "skep/base/file.hpp"
#include "skep/btf/c_format.hpp"

namespace {

using namespace skep;

constexpr const char* kPath = "/sys/kernel/btf/vmlinux";

void dump_skep(benchmark::State& state) {
  const auto kernel = btf::Btf::open(kPath);
  if (!kernel) return state.SkipWithError(kernel.error().what().c_str());
  std::size_t size = 0;
  for (auto _ : state) size = c_header(*kernel)->size();
  state.counters["bytes"] = static_cast<double>(size);
}
BENCHMARK(dump_skep)->Unit(benchmark::kMillisecond);

template <class Function>
Function* libbpf(const char* name) {
  static void* const library = dlopen("libbpf.so.1", RTLD_NOW | RTLD_LOCAL);
  return library == nullptr ? nullptr : reinterpret_cast<Function*>(dlsym(library, name));
}
#define LIBBPF(name) libbpf<decltype(name)>(#name)

void append(void* context, const char* format, std::va_list arguments) {
  char buffer[4096];
  const int size = std::vsnprintf(buffer, sizeof buffer, format, arguments);
  static_cast<std::string*>(context)->append(buffer, static_cast<std::size_t>(size));
}

void dump_libbpf(benchmark::State& state) {
  const auto raw = read_file(kPath);
  if (!raw) return state.SkipWithError(raw.error().what().c_str());
  if (LIBBPF(btf_dump__new) == nullptr) return state.SkipWithError("there is no libbpf.so.1");
  auto* const kernel = LIBBPF(btf__new)(raw->data(), static_cast<__u32>(raw->size()));
  const auto count = LIBBPF(btf__type_cnt)(kernel);
  auto* const dump_type = LIBBPF(btf_dump__dump_type);
  std::size_t size = 0;
  for (auto _ : state) {
    std::string text;
    auto* const dump = LIBBPF(btf_dump__new)(kernel, append, &text, nullptr);
    for (__u32 id = 1; id < count; ++id) dump_type(dump, id);
    LIBBPF(btf_dump__free)(dump);
    size = text.size();
  }
  state.counters["bytes"] = static_cast<double>(size);
  LIBBPF(btf__free)(kernel);
}
BENCHMARK(dump_libbpf)->Unit(benchmark::kMillisecond);

}  // namespace
