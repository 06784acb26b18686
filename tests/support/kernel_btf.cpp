#include "skep/tests/support/kernel_btf.hpp"

#include <cerrno>
#include <cstring>
#include <linux/bpf.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "skep/btf/build.hpp"

namespace skep::test {
namespace {

constexpr std::uint32_t kLogSize = 1 << 16;

bpf_attr zeroed() {
  bpf_attr attr;
  std::memset(&attr, 0, sizeof attr);
  return attr;
}

std::uint64_t address(const void* pointer) { return reinterpret_cast<std::uintptr_t>(pointer); }

// The new fd, or an error with what `log` says.
Result<Fd> bpf(int command, bpf_attr& attr, const std::vector<char>& log) {
  const long fd = syscall(SYS_bpf, command, &attr, sizeof attr);
  if (fd >= 0) return Fd(static_cast<int>(fd));
  return fail_errno(errno, "bpf({}): {}", command, log.data());
}

Result<Fd> load_btf(Bytes btf) {
  std::vector<char> log(kLogSize, '\0');
  auto attr = zeroed();
  attr.btf = address(btf.data());
  attr.btf_size = static_cast<std::uint32_t>(btf.size());
  attr.btf_log_buf = address(log.data());
  attr.btf_log_size = kLogSize;
  attr.btf_log_level = 1;
  return bpf(BPF_BTF_LOAD, attr, log);
}

}  // namespace

std::string kernel_btf_unavailable() {
  btf::Builder builder;
  if (!builder.add(btf::Int{.name = "int", .size = 4, .bits = 32})) return "no BTF could be made";
  const auto loaded = load_btf(*builder.encode());
  return loaded ? std::string() : loaded.error().what();
}

std::string load_kernel_btf(Bytes btf) {
  const auto loaded = load_btf(btf);
  return loaded ? std::string() : loaded.error().what();
}

std::string load_kernel_program(std::uint32_t type, Bytes code, const btf::ProgramBtf& info) {
  const auto btf = load_btf(info.btf);
  if (!btf) return btf.error().what();
  std::vector<char> log(kLogSize, '\0');
  auto attr = zeroed();
  attr.prog_type = type;
  attr.insns = address(code.data());
  attr.insn_cnt = static_cast<std::uint32_t>(code.size() / 8);
  attr.license = address("GPL");
  attr.prog_btf_fd = static_cast<std::uint32_t>(btf->get());
  attr.func_info = address(info.func_info.data());
  attr.func_info_rec_size = btf::ProgramBtf::kFuncInfoSize;
  attr.func_info_cnt = static_cast<std::uint32_t>(info.func_info.size() / btf::ProgramBtf::kFuncInfoSize);
  attr.line_info = address(info.line_info.data());
  attr.line_info_rec_size = btf::ProgramBtf::kLineInfoSize;
  attr.line_info_cnt = static_cast<std::uint32_t>(info.line_info.size() / btf::ProgramBtf::kLineInfoSize);
  attr.log_buf = address(log.data());
  attr.log_size = kLogSize;
  attr.log_level = 1;
  const auto loaded = bpf(BPF_PROG_LOAD, attr, log);
  return loaded ? std::string() : loaded.error().what();
}

}  // namespace skep::test
