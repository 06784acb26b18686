// Compiled code against the kernel's JIT (BPF_PROG_TEST_RUN), program by program over micro.bpf.c, in one run and turn by
// turn. What it costs to call a program is measured with an empty one and taken away from both. The last column is ours
// with every instruction counted, as `skep run` has it.
#include <algorithm>
#include <cmath>

#include "skep/bench/hot.hpp"
#include "skep/jit/engine.hpp"
#include "skep/tests/support/libbpf.hpp"
#include "skep/vm/context/context.hpp"

#include <bpf/bpf.h>

namespace {

using namespace skep;
using namespace skep::bench;

constexpr int kTurns = 9;
constexpr double kTurnNanoseconds = 10e6;
constexpr const char* kObject = SKEP_BUILD_DIR "/bpf/bench/micro.bpf.o";

double median(std::vector<double> values) {
  std::ranges::sort(values);
  return values[values.size() / 2];
}

std::vector<std::byte> make_packet() {
  std::vector<std::byte> packet(1024);
  std::uint64_t state = 1;
  for (auto& byte : packet) {
    state = state * 6364136223846793005u + 1;
    byte = static_cast<std::byte>(state >> 56);
  }
  for (std::size_t at = 0; at < packet.size(); at += 64) {
    store<std::uint16_t>(&packet[at + 12], at % 256 == 0 ? 0x8100 : 0x0800, ByteOrder::big);
    packet[at + 14] = std::byte{0x45};
    packet[at + 23] = at % 192 == 0 ? std::byte{17} : std::byte{6};
  }
  return packet;
}

// ns a run, and what the program returned.
struct Timed {
  double nanoseconds = 0;
  std::uint32_t result = 0;
};

class Kernel {
 public:
  Kernel() : object_(SKEP_LIBBPF(bpf_object__open_file)(kObject, nullptr)) {
    if (!object_ || SKEP_LIBBPF(bpf_object__load)(object_.get()) != 0) {
      std::fprintf(stderr, "kernel_bench: the kernel does not take %s (root is needed)\n", kObject);
      std::exit(77);
    }
    fill();
  }
  Timed run(const std::string& name, const std::vector<std::byte>& packet, std::uint32_t repeat) {
    const auto* const program = SKEP_LIBBPF(bpf_object__find_program_by_name)(object_.get(), name.c_str());
    bpf_test_run_opts options{};
    options.sz = sizeof options;
    options.data_in = packet.data();
    options.data_size_in = static_cast<__u32>(packet.size());
    options.repeat = static_cast<int>(repeat);
    SKEP_LIBBPF(bpf_prog_test_run_opts)(SKEP_LIBBPF(bpf_program__fd)(program), &options);
    return {static_cast<double>(options.duration), options.retval};
  }

 private:
  void fill() {
    const auto* const map = SKEP_LIBBPF(bpf_object__find_map_by_name)(object_.get(), "flows");
    for (std::uint32_t key = 0; key < 1024; key += 2) {
      const std::uint64_t value = 0;
      SKEP_LIBBPF(bpf_map__update_elem)(map, &key, sizeof key, &value, sizeof value, 0);
    }
  }
  test::BpfObject object_;
};

class Ours {
 public:
  Ours(const CollectionSpec& spec, const vm::Engine& engine, const std::vector<std::byte>& packet)
      : engine_(engine),
        machine_(must(vm::Machine::create())),
        collection_(must(vm::Collection::create(*machine_, spec))),
        context_(must(vm::Context::create(*machine_, ProgramType::xdp))) {
    must(context_->reset(packet));
    vm::Map& flows = *machine_->map("flows");
    for (std::uint32_t key = 0; key < 1024; key += 2) {
      std::byte raw[4];
      const std::byte value[8] = {};
      store(raw, key);
      must(flows.host_update(raw, value, vm::kAny));
    }
  }
  Timed run(const std::string& name, std::uint32_t repeat) {
    auto& executable = *must(must(collection_.program(name))->executable(engine_));
    vm::RunResult result;
    const double start = cpu_nanoseconds();
    for (std::uint32_t i = 0; i < repeat; ++i)
      result = executable.run(machine_->cpu(), context_.get(), context_->address(), 0, UINT64_MAX);
    return {(cpu_nanoseconds() - start) / repeat, static_cast<std::uint32_t>(result.r0)};
  }

 private:
  const vm::Engine& engine_;
  std::unique_ptr<vm::Machine> machine_;
  vm::Collection collection_;
  std::unique_ptr<vm::Context> context_;
};

// Dependent additions: nanoseconds of one, which is a cycle, so that figures of two machines can be compared.
double cycle() {
  std::uint64_t x = 1;
  constexpr int kCount = 100'000'000;
  const double start = cpu_nanoseconds();
  for (int i = 0; i < kCount; i += 10)
    __asm__ volatile(
        "add $1, %0\n add $1, %0\n add $1, %0\n add $1, %0\n add $1, %0\n"
        "add $1, %0\n add $1, %0\n add $1, %0\n add $1, %0\n add $1, %0\n"
        : "+r"(x));
  return (cpu_nanoseconds() - start) / kCount;
}

}  // namespace

int main() {
  const auto spec = must(elf::load(must(read_file(kObject))));
  const auto packet = make_packet();
  Kernel kernel;
  Ours ours(spec, jit::engine({.segment = true, .bmi2 = true, .counting = false}), packet);
  Ours counting(spec, jit::engine(), packet);
  std::printf("one addition: %.3f ns\n", cycle());
  std::printf("%-16s %10s %10s %8s %10s\n", "program", "kernel ns", "skep ns", "ratio", "counting");
  double logarithms = 0, counted = 0, worst = 0;
  std::size_t programs = 0;
  const auto repeat_for = [](double nanoseconds) {
    return static_cast<std::uint32_t>(std::max(100.0, kTurnNanoseconds / std::max(nanoseconds, 10.0)));
  };
  for (const auto& one : spec.programs) {
    if (one.name == "empty") continue;
    const auto repeat = repeat_for(kernel.run(one.name, packet, 1000).nanoseconds);
    std::vector<double> theirs, mine, ratios, slower;
    for (int turn = 0; turn < kTurns; ++turn) {
      const auto k = kernel.run(one.name, packet, repeat), k0 = kernel.run("empty", packet, repeat);
      const auto s = ours.run(one.name, repeat), s0 = ours.run("empty", repeat);
      const auto c = counting.run(one.name, repeat), c0 = counting.run("empty", repeat);
      theirs.push_back(k.nanoseconds - k0.nanoseconds);
      mine.push_back(s.nanoseconds - s0.nanoseconds);
      ratios.push_back(mine.back() / theirs.back());
      slower.push_back((c.nanoseconds - c0.nanoseconds) / theirs.back());
    }
    const double ratio = median(ratios);
    logarithms += std::log(ratio);
    counted += std::log(median(slower));
    worst = std::max(worst, ratio);
    ++programs;
    std::printf("%-16s %10.1f %10.1f %8.2f %10.2f\n", one.name.c_str(), median(theirs), median(mine), ratio,
                median(slower));
  }
  const auto count = static_cast<double>(programs);
  std::printf("geometric mean over %zu programs: %.3f of the kernel's time (worst %.2f), counting %.3f\n", programs,
              std::exp(logarithms / count), worst, std::exp(counted / count));
}
