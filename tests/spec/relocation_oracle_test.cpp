// Every object that the build makes, on its way into the running kernel: what libbpf 1.1 hands to bpf(2) and what comes of
// our linking and resolving must be the same bytes.
#include <array>
#include <cstdarg>

#include "skep/spec/link.hpp"
#include "skep/spec/resolve.hpp"
#include "skep/tests/support/libbpf_relocated.hpp"
#include "skep/tests/support/objects.hpp"
#include "skep/tests/support/running_kernel.hpp"

namespace skep {
namespace {

// Whether libbpf came as far as the program itself: instructions are relocated by then, whatever the kernel says to them.
bool came_to_the_program = false;

int listen(libbpf_print_level, const char* format, va_list arguments) {
  char text[512];
  std::vsnprintf(text, sizeof text, format, arguments);
  if (std::string_view(text).find("BPF program load failed") != std::string_view::npos) came_to_the_program = true;
  return 0;
}

class Listening {
 public:
  Listening() { SKEP_LIBBPF(libbpf_set_print)(listen); }
  ~Listening() { SKEP_LIBBPF(libbpf_set_print)(nullptr); }
  Listening(const Listening&) = delete;
  Listening& operator=(const Listening&) = delete;
};

// Loads one program of an object; its instructions, or none if libbpf did not come so far.
std::vector<bpf_insn> loaded(const std::string& object, const std::string& name) {
  const Listening listening;
  came_to_the_program = false;
  // A log of ours: libbpf 1.1 prints its own also where the kernel has written nothing into it.
  static std::array<char, 1 << 16> log;
  log[0] = '\0';
  bpf_object_open_opts options{};
  options.sz = sizeof options;
  options.kernel_log_buf = log.data();
  options.kernel_log_size = log.size();
  const test::BpfObject opened(SKEP_LIBBPF(bpf_object__open_file)(object.c_str(), &options));
  if (!opened) return {};
  bpf_program *program = nullptr, *wanted = nullptr;
  while ((program = SKEP_LIBBPF(bpf_object__next_program)(opened.get(), program))) {
    const bool is_wanted = name == SKEP_LIBBPF(bpf_program__name)(program);
    SKEP_LIBBPF(bpf_program__set_autoload)(program, is_wanted);
    if (is_wanted) wanted = program;
  }
  const bool done = SKEP_LIBBPF(bpf_object__load)(opened.get()) == 0;
  if (!wanted || !(done || came_to_the_program)) return {};
  const auto* insns = SKEP_LIBBPF(bpf_program__insns)(wanted);
  return std::vector<bpf_insn>(insns, insns + SKEP_LIBBPF(bpf_program__insn_cnt)(wanted));
}

TEST(RelocationOracle, EveryProgramThatLibbpfLoads) {
  if (!test::Libbpf::get()) GTEST_SKIP() << "libbpf.so.1 is not installed";
  if (!test::may_load()) GTEST_SKIP() << "bpf(2) is not permitted, and libbpf relocates nothing without it";
  const auto target = test::running_kernel();
  if (!target) GTEST_SKIP() << "this kernel does not tell about itself: " << target.error().what();
  std::size_t compared = 0;
  for (const auto& path : test::built_objects(".bpf.o")) {
    const auto spec = elf::load(test::bytes_of(path));
    if (!spec) continue;
    const spec::Resolver resolver(*spec, *target);
    for (const auto& program : spec->programs) {
      // libbpf 1.1 passes over addresses in data, and knows neither exception callbacks nor flavours of kfuncs.
      if (!program.problem.empty() || path.ends_with("/exceptions.bpf.o") || path.ends_with("/flavoured_externs.bpf.o"))
        continue;
      SCOPED_TRACE(path + ": " + program.name);
      const auto theirs = loaded(path, program.name);
      if (theirs.empty()) continue;
      auto linked = spec::link(*spec, program);
      EXPECT_OK(linked);
      if (!linked) continue;
      const auto ours = resolver.resolve(std::move(*linked));
      EXPECT_OK(ours);
      if (!ours) continue;
      test::expect_equal(ours->program.code, theirs);
      ++compared;
    }
  }
  EXPECT_GT(compared, 250u);
}

}  // namespace
}  // namespace skep
