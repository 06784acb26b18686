// The instructions that libbpf makes of a program, as an oracle: a handler of ours stops it just before it hands them to
// the kernel, so poison can be compared as well.
#pragma once

#include <algorithm>
#include <cstring>

#include "skep/asm/codec.hpp"
#include "skep/spec/resolve.hpp"
#include "skep/tests/support/libbpf.hpp"
#include "skep/tests/support/result.hpp"

namespace skep::test {

inline std::vector<bpf_insn>* seen = nullptr;

inline int take_instructions(bpf_program* program, bpf_prog_load_opts*, long) {
  if (!seen) return 0;  // another test, which loads for good
  const auto* insns = SKEP_LIBBPF(bpf_program__insns)(program);
  seen->assign(insns, insns + SKEP_LIBBPF(bpf_program__insn_cnt)(program));
  return -ECANCELED;
}

// Programs of the fixtures' sections end in take_instructions. For the whole life of the process: libbpf 1.1 corrupts
// its heap when the last handler is taken away.
inline void add_handlers() {
  libbpf_prog_handler_opts options{};
  options.sz = sizeof options;
  options.prog_prepare_load_fn = take_instructions;
  const auto add = SKEP_LIBBPF(libbpf_register_prog_handler);
  static const bool added = add("raw_tracepoint+", BPF_PROG_TYPE_RAW_TRACEPOINT, bpf_attach_type{}, &options) > 0 &&
                            add("kprobe+", BPF_PROG_TYPE_KPROBE, bpf_attach_type{}, &options) > 0;
  EXPECT_TRUE(added);
}

// The instructions of one program after relocation against the BTF of a file ("": the running kernel's); none if libbpf
// refuses it. `errno` says why.
inline std::vector<bpf_insn> libbpf_relocated(const std::string& object, const std::string& name,
                                              const std::string& btf) {
  add_handlers();
  std::vector<bpf_insn> insns;
  bpf_object_open_opts options{};
  options.sz = sizeof options;
  if (!btf.empty()) options.btf_custom_path = btf.c_str();
  const BpfObject opened(SKEP_LIBBPF(bpf_object__open_file)(object.c_str(), &options));
  EXPECT_NE(opened, nullptr) << object;
  if (!opened) return insns;
  bpf_program* program = nullptr;
  while ((program = SKEP_LIBBPF(bpf_object__next_program)(opened.get(), program)))
    SKEP_LIBBPF(bpf_program__set_autoload)(program, name == SKEP_LIBBPF(bpf_program__name)(program));
  seen = &insns;
  EXPECT_NE(SKEP_LIBBPF(bpf_object__load)(opened.get()), 0);
  seen = nullptr;
  return insns;
}

inline bool may_load() {
  return SKEP_LIBBPF(libbpf_probe_bpf_prog_type)(BPF_PROG_TYPE_RAW_TRACEPOINT, nullptr) == 1;
}

// Bytes of both, map numbers apart: theirs are file descriptors, ours are names. A call of a missing weak kfunc is one of
// type 0 for libbpf 1.1; newer ones have the poison that we have.
inline void expect_equal(const Code& ours, const std::vector<bpf_insn>& theirs) {
  const auto bytes = encode(ours.insns);
  ASSERT_EQ(bytes.size(), theirs.size() * sizeof(bpf_insn));
  for (std::size_t slot = 0; slot < theirs.size(); ++slot) {
    auto expected = theirs[slot];
    bpf_insn insn;
    std::memcpy(&insn, bytes.data() + slot * sizeof insn, sizeof insn);
    if (expected.code == 0x85 && expected.src_reg == 2 && expected.imm == 0)
      expected = {.code = 0x85, .dst_reg = 0, .src_reg = 0, .off = 0,
                  .imm = static_cast<std::int32_t>(std::max(ours.insns[slot].imm, spec::kKfuncPoison))};
    if (expected.code == 0x18 && (expected.src_reg == 1 || expected.src_reg == 2)) expected.imm = insn.imm;
    EXPECT_EQ(std::memcmp(&insn, &expected, sizeof insn), 0)
        << "slot " << slot << ": " << to_hex(std::as_bytes(std::span(&insn, 1))) << ", libbpf "
        << to_hex(std::as_bytes(std::span(&expected, 1)));
  }
}

}  // namespace skep::test
