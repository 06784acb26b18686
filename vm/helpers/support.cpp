#include "skep/vm/helpers/support.hpp"

#include <algorithm>

#include "skep/vm/context/skb.hpp"
#include "skep/vm/context/xdp.hpp"
#include "skep/vm/machine.hpp"

namespace skep::vm::helper {

void bad_argument(Cpu& cpu, std::string_view name, std::string_view what, std::uint64_t address) {
  cpu.fault(FaultKind::bad_argument, fmt::format("bpf_{}: {} at {:#x}", name, what, address), address);
}

bool is_context(Cpu& cpu, std::string_view name, std::uint64_t context) {
  cpu.charge(work::kContext);
  if (cpu.context() != nullptr && cpu.context()->address() == context) return true;
  bad_argument(cpu, name, "no context", context);
  return false;
}

XdpContext* xdp(Cpu& cpu, std::string_view name, std::uint64_t context) {
  if (!is_context(cpu, name, context)) return nullptr;
  if (cpu.context()->type() == ProgramType::xdp) return static_cast<XdpContext*>(cpu.context());
  bad_argument(cpu, name, "no xdp_md", context);
  return nullptr;
}

SkbContext* skb(Cpu& cpu, std::string_view name, std::uint64_t context) {
  if (!is_context(cpu, name, context)) return nullptr;
  if (SkbContext::is_for(cpu.context()->type())) {
    cpu.context()->settle();
    return static_cast<SkbContext*>(cpu.context());
  }
  bad_argument(cpu, name, "no __sk_buff", context);
  return nullptr;
}

bool read(Cpu& cpu, std::string_view name, std::uint64_t from, void* to, std::size_t size) {
  cpu.charge(size / 8);
  if (size == 0 || cpu.machine().memory().copy_in(to, from, size)) return true;
  bad_argument(cpu, name, fmt::format("{} unreadable bytes", size), from);
  return false;
}

bool write(Cpu& cpu, std::string_view name, std::uint64_t to, const void* from, std::size_t size) {
  cpu.charge(size / 8);
  if (size == 0 || cpu.machine().memory().copy_out(to, from, size)) return true;
  bad_argument(cpu, name, fmt::format("{} unwritable bytes", size), to);
  return false;
}

bool clear(Cpu& cpu, std::string_view name, std::uint64_t to, std::size_t size) {
  static constexpr std::byte kZeroes[1024]{};
  for (std::size_t done = 0; done < size; done += sizeof kZeroes)
    if (!write(cpu, name, to + done, kZeroes, std::min(sizeof kZeroes, size - done))) return false;
  return true;
}

bool Buffer::read(Cpu& cpu, std::string_view name, std::uint64_t from, std::size_t size) {
  if (size > kMaxCopy) {
    bad_argument(cpu, name, fmt::format("an argument of {} bytes", size), from);
    return false;
  }
  return helper::read(cpu, name, from, resize(size).data(), size);
}

MutableBytes Buffer::resize(std::size_t size) {
  heap_ = size > sizeof inline_ ? std::make_unique_for_overwrite<std::byte[]>(size) : nullptr;
  size_ = size;
  return {heap_ ? heap_.get() : inline_, size};
}

}  // namespace skep::vm::helper
