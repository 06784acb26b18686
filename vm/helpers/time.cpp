// Clocks and numbers: one virtual clock (ns since boot), a seeded generator, the virtual CPU.
//
// The machine never sleeps, so that time since boot is the monotonic clock; TAI starts at the epoch. Each
// reading advances the clock by MachineOptions::clock_step. The coarse clock and jiffies tick 1000 times a second.
#include "skep/vm/helpers/support.hpp"
#include "skep/vm/machine.hpp"

namespace skep::vm {
namespace {

constexpr std::uint64_t kTick = 1'000'000;  // ns, HZ = 1000

// INITIAL_JIFFIES: the kernel's counter starts five minutes before it wraps 32 bits.
constexpr std::uint64_t kFirstJiffy = std::uint64_t{0x1'0000'0000} - 300 * 1000;

using U = std::uint64_t;

U clock_ns(U, U, U, U, U, Cpu& cpu) { return cpu.machine().read_clock(); }
U coarse_ns(U, U, U, U, U, Cpu& cpu) { return cpu.machine().read_clock() / kTick * kTick; }
U jiffies(U, U, U, U, U, Cpu& cpu) { return kFirstJiffy + cpu.machine().read_clock() / kTick; }
U random(U, U, U, U, U, Cpu& cpu) { return cpu.machine().random(); }
U cpu_id(U, U, U, U, U, Cpu& cpu) { return cpu.id(); }
U numa_node(U, U, U, U, U, Cpu&) { return 0; }

}  // namespace

void register_time_helpers(HelperTable& table) {
  table.set(5, clock_ns);     // ktime_get_ns
  table.set(7, random);       // get_prandom_u32
  table.set(8, cpu_id);       // get_smp_processor_id
  table.set(42, numa_node);   // get_numa_node_id
  table.set(118, jiffies);    // jiffies64
  table.set(125, clock_ns);   // ktime_get_boot_ns
  table.set(160, coarse_ns);  // ktime_get_coarse_ns
  table.set(208, clock_ns);   // ktime_get_tai_ns
}

}  // namespace skep::vm
