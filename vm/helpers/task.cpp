// The current task, from the values that the machine declares (MachineOptions::task).
#include <algorithm>

#include "skep/vm/helpers/support.hpp"
#include "skep/vm/machine.hpp"

namespace skep::vm {
namespace {

using U = std::uint64_t;

constexpr std::size_t kCommSize = 16;  // TASK_COMM_LEN

const Task& task(Cpu& cpu) { return cpu.machine().options().task; }

U pid_tgid(U, U, U, U, U, Cpu& cpu) { return U{task(cpu).tgid} << 32 | task(cpu).pid; }
U uid_gid(U, U, U, U, U, Cpu& cpu) { return U{task(cpu).gid} << 32 | task(cpu).uid; }
U cgroup_id(U, U, U, U, U, Cpu& cpu) { return task(cpu).cgroup_id; }

// The name, cut to fit with its NUL, zeroes behind it (strscpy_pad).
U comm(U buffer, U size, U, U, U, Cpu& cpu) {
  const auto& name = task(cpu).comm;
  std::byte text[kCommSize]{};
  if (low(size) == 0) return 0;
  const std::size_t kept = std::min({name.size(), kCommSize - 1, std::size_t{low(size)} - 1});
  std::copy_n(as_bytes(name).begin(), kept, text);
  const std::size_t written = std::min(kCommSize, std::size_t{low(size)});
  if (!helper::write(cpu, "get_current_comm", buffer, text, written)) return 0;
  helper::clear(cpu, "get_current_comm", buffer + written, low(size) - written);
  return 0;
}

}  // namespace

void register_task_helpers(HelperTable& table) {
  table.set(14, pid_tgid);
  table.set(15, uid_gid);
  table.set(16, comm);
  table.set(80, cgroup_id);
}

}  // namespace skep::vm
