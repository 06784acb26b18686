// bpf_spin_lock and bpf_spin_unlock. As the verifier demands, a run holds at most one lock, and gives back
// the one that it holds; anything else is a fault. A CPU waits for another's lock, and burns fuel
// meanwhile. A lock that is still held when a run ends is released then.
#include "skep/vm/helpers/locks.hpp"

#include <thread>

#include "skep/vm/helpers/support.hpp"
#include "skep/vm/machine.hpp"

namespace skep::vm {
namespace {

using U = std::uint64_t;

U lock(U address, U, U, U, U, Cpu& cpu) {
  std::uint32_t word = 0;
  cpu.charge(helper::work::kLock);
  if (helper::read(cpu, "spin_lock", address, &word, sizeof word)) take_lock(cpu, "spin_lock", address);
  return 0;
}

U unlock(U address, U, U, U, U, Cpu& cpu) {
  cpu.charge(helper::work::kLock);
  if (cpu.held_lock == 0 || cpu.held_lock != address)
    helper::bad_argument(cpu, "spin_unlock", "no lock that this run holds", address);
  else
    release_lock(cpu);
  return 0;
}

}  // namespace

bool take_lock(Cpu& cpu, std::string_view name, U address) {
  if (cpu.held_lock != 0) {
    helper::bad_argument(cpu, name, "another lock is held, so none can be taken", address);
    return false;
  }
  while (!cpu.machine().locks().try_take(static_cast<GuestAddress>(address))) {
    cpu.charge(1);
    if (cpu.fuel_left <= 0) {
      cpu.fault(FaultKind::out_of_fuel, fmt::format("bpf_{}: out of fuel while another CPU held the lock", name),
                address);
      return false;
    }
    std::this_thread::yield();
  }
  cpu.held_lock = static_cast<GuestAddress>(address);
  return true;
}

void release_lock(Cpu& cpu) {
  if (cpu.held_lock == 0) return;
  cpu.machine().locks().release(cpu.held_lock);
  cpu.held_lock = 0;
}

void register_lock_helpers(HelperTable& table) {
  table.set(93, lock);
  table.set(94, unlock);
}

}  // namespace skep::vm
