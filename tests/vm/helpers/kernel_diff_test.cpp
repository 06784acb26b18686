// The same programs on the kernel (BPF_PROG_TEST_RUN) and on the interpreter: return value, packet, and what helpers
// answered (each program writes that into .bss) must be the same. The fixtures are the list of what is
// compared: a case is a line in a *.bpf.c beside this file.
#include <gtest/gtest.h>

#include <bpf/bpf.h>

#include <cerrno>
#include <cstring>

#include "skep/tests/support/engine.hpp"
#include "skep/tests/support/libbpf.hpp"
#include "skep/tests/support/objects.hpp"
#include "skep/tests/support/result.hpp"
#include "skep/vm/collection.hpp"
#include "skep/vm/context/context.hpp"
#include "skep/vm/machine.hpp"
#include "skep/vm/maps/ringbuf.hpp"

namespace skep::vm {
namespace {

using ByteVector = std::vector<std::byte>;

// What a run shows.
struct Answers {
  int refused = 0;  // errno of a packet that is not run
  std::uint32_t return_value = 0;
  ByteVector packet, variables;
};

ByteVector bytes_of_hex(std::string_view hex) {
  auto bytes = from_hex(hex);
  EXPECT_OK(bytes);
  return *bytes;
}

// A frame that begins as `hex` says, filled up with counting bytes.
ByteVector frame(std::string_view hex, std::size_t size) {
  ByteVector bytes = bytes_of_hex(hex);
  for (std::size_t i = bytes.size(); i < size; ++i) bytes.push_back(static_cast<std::byte>(i));
  return bytes;
}

constexpr std::string_view kIpv4 = "000000000001 000000000002 0800 4500 0032 1234 4000 4006 0000 0a000001 0a000002";

std::vector<ByteVector> frames() {
  return {
      frame(kIpv4, 64),
      frame(kIpv4, 1514),
      frame("333300000001 000000000002 86dd 60200000 0006 0640 20010db8000000000000000000000001"
            "20010db8000000000000000000000002 01020304",
            80),
      frame("ffffffffffff 000000000002 0806 0001 0800", 60),
      frame("000000000000 000000000002 8100 0005 0800 45000014", 60),
      frame("000000000000 000000000002 88a8 0005 8100 0007 0800 4500 0020 0000 0000 4006", 60),
      frame("000000000000 000000000002 8100 0005 86dd 60300000", 60),
      frame("000000000000 000000000002 8100 0005 0020 ffff", 60),
      frame("000000000000 000000000002 0020 fffe", 60),
      frame(kIpv4, 14),
  };
}

// --- The kernel, through libbpf. ---

class Kernel {
 public:
  // Why it cannot be asked, in words; empty if it can.
  static std::string unavailable() {
    if (test::Libbpf::get() == nullptr) return "libbpf.so.1 is not installed";
    bpf_insn code[2] = {};
    code[0].code = BPF_ALU64 | BPF_MOV | BPF_K;
    code[1].code = BPF_JMP | BPF_EXIT;
    const int fd = SKEP_LIBBPF(bpf_prog_load)(BPF_PROG_TYPE_XDP, "probe", "GPL", code, 2, nullptr);
    if (fd < 0) return std::string("bpf(2) does not let us load programs: ") + std::strerror(-fd);
    close(fd);
    return {};
  }

  Kernel(const std::string& path, const std::string& name) : object_(test::libbpf_open(path)) {
    if (!object_) return;
    bpf_program* program = nullptr;
    while ((program = SKEP_LIBBPF(bpf_object__next_program)(object_.get(), program)) != nullptr)
      SKEP_LIBBPF(bpf_program__set_autoload)(program, SKEP_LIBBPF(bpf_program__name)(program) == name);
    if (SKEP_LIBBPF(bpf_object__load)(object_.get()) != 0) return;
    program = SKEP_LIBBPF(bpf_object__find_program_by_name)(object_.get(), name.c_str());
    program_ = SKEP_LIBBPF(bpf_program__fd)(program);
    variables_ = SKEP_LIBBPF(bpf_object__find_map_by_name)(object_.get(), ".bss");
  }
  bool loaded() const { return program_ >= 0 && variables_ != nullptr; }

  // `with_context`: a zeroed one is given, from which the kernel fills wire_len in.
  Answers run(const ByteVector& packet, bool with_context) const {
    const int fd = SKEP_LIBBPF(bpf_map__fd)(variables_);
    const std::uint32_t zero = 0;
    Answers answers;
    answers.variables.resize(SKEP_LIBBPF(bpf_map__value_size)(variables_));
    EXPECT_EQ(SKEP_LIBBPF(bpf_map_update_elem)(fd, &zero, answers.variables.data(), 0), 0);
    answers.packet.resize(70000);
    const __sk_buff context{};
    bpf_test_run_opts options{};
    options.sz = sizeof options;
    options.data_in = packet.data();
    options.data_size_in = static_cast<std::uint32_t>(packet.size());
    options.data_out = answers.packet.data();
    options.data_size_out = static_cast<std::uint32_t>(answers.packet.size());
    options.repeat = 1;
    options.ctx_in = with_context ? &context : nullptr;
    options.ctx_size_in = with_context ? sizeof context : 0;
    answers.refused = -SKEP_LIBBPF(bpf_prog_test_run_opts)(program_, &options);
    answers.return_value = options.retval;
    answers.packet.resize(options.data_size_out);
    EXPECT_EQ(SKEP_LIBBPF(bpf_map_lookup_elem)(fd, &zero, answers.variables.data()), 0);
    return answers;
  }

 private:
  test::BpfObject object_;
  int program_ = -1;
  bpf_map* variables_ = nullptr;
};

// --- The interpreter. ---

Answers interpreted(const CollectionSpec& spec, const std::string& name, const ByteVector& packet) {
  Answers answers;
  auto machine = Machine::create();
  if (!machine) return ADD_FAILURE() << machine.error().what(), answers;
  auto collection = Collection::create(**machine, spec);
  if (!collection) return ADD_FAILURE() << collection.error().what(), answers;
  for (const auto& map : (*machine)->maps())
    if (auto* ring = RingbufMap::from(map.get())) ring->set_consumer(false);
  auto program = collection->program(name);
  if (!program) return ADD_FAILURE() << program.error().what(), answers;
  auto executable = (*program)->executable(test::engine());
  auto context = Context::create(**machine, (*program)->type());
  if (!executable || !context) return ADD_FAILURE() << test::message(executable) << test::message(context), answers;
  EXPECT_OK((*context)->reset(packet));
  const RunResult result = (*executable)->run((*machine)->cpu(), context->get(), (*context)->address(), 0, 100'000'000);
  if (result.fault) ADD_FAILURE() << to_string(*result.fault);
  answers.return_value = static_cast<std::uint32_t>(result.r0);
  answers.packet = (*context)->data_out();
  const std::uint32_t zero = 0;
  auto variables = (*machine)->map(".bss")->host_lookup(std::as_bytes(std::span(&zero, 1)));
  EXPECT_OK(variables);
  if (variables) answers.variables = std::move(*variables);
  return answers;
}

// "slot 3: -22, the kernel says 0" for each answer that differs.
std::string differences(const CollectionSpec& spec, const Answers& ours, const Answers& kernels) {
  const VariableSpec* const out = spec.variable("out");
  std::string text;
  for (std::size_t slot = 0; slot < 64; ++slot) {
    const std::size_t at = out->offset + 8 * slot;
    const auto mine = load<std::int64_t>(ours.variables.data() + at),
               its = load<std::int64_t>(kernels.variables.data() + at);
    if (mine != its) text += fmt::format("slot {}: {}, the kernel says {}\n", slot, mine, its);
  }
  return text;
}

class KernelDiff : public testing::TestWithParam<const char*> {};

TEST_P(KernelDiff, SameAnswers) {
  if (const auto why = Kernel::unavailable(); !why.empty()) GTEST_SKIP() << why;
  const std::string path = test::fixture(std::string("vm/helpers/") + GetParam() + ".bpf");
  const CollectionSpec spec = test::load_fixture(std::string("vm/helpers/") + GetParam() + ".bpf");
  ASSERT_FALSE(spec.programs.empty());
  for (const ProgramSpec& program : spec.programs) {
    for (const ByteVector& packet : frames()) {
      SCOPED_TRACE(fmt::format("{} on {} bytes {}…", program.name, packet.size(), to_hex(Bytes(packet).first(14))));
      const Kernel kernel(path, program.name);
      ASSERT_TRUE(kernel.loaded()) << std::strerror(errno);
      const Answers its = kernel.run(packet, program.type != ProgramType::xdp);
      if (its.refused != 0) continue;  // frames cut inside of their IP header, which run here
      const Answers ours = interpreted(spec, program.name, packet);
      EXPECT_EQ(ours.return_value, its.return_value);
      EXPECT_EQ(to_hex(ours.packet), to_hex(its.packet));
      ASSERT_EQ(ours.variables.size(), its.variables.size());
      if (ours.variables != its.variables) {
        ADD_FAILURE() << differences(spec, ours, its);
        EXPECT_EQ(to_hex(ours.variables), to_hex(its.variables));
      }
    }
  }
}

// The one field that depends on whether a context is given: here it is always the packet's, as a device has it.
TEST(KernelDiff, WireLength) {
  if (const auto why = Kernel::unavailable(); !why.empty()) GTEST_SKIP() << why;
  const CollectionSpec spec = test::load_fixture("vm/helpers/skb_fields.bpf");
  const Kernel kernel(test::fixture("vm/helpers/skb_fields.bpf"), "tc_fields");
  ASSERT_TRUE(kernel.loaded());
  const ByteVector packet = frame(kIpv4, 64);
  const auto wire_length = [&](const Answers& answers) {
    return load<std::uint64_t>(answers.variables.data() + spec.variable("out")->offset + 8 * 32);
  };
  EXPECT_EQ(wire_length(kernel.run(packet, true)), 64u);
  EXPECT_EQ(wire_length(kernel.run(packet, false)), 0u);
  EXPECT_EQ(wire_length(interpreted(spec, "tc_fields", packet)), 64u);
}

INSTANTIATE_TEST_SUITE_P(Helpers, KernelDiff,
                         testing::Values("xdp_buffer", "skb_fields", "skb_shape", "checksum", "strings", "control",
                                         "probe", "redirect", "ringbuf", "packet_loads", "perf"),
                         [](const auto& test) { return std::string(test.param); });

}  // namespace
}  // namespace skep::vm
