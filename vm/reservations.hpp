// Which parts of the host's address space are guest memory: read by the fault handler, which may take no
// lock. A reservation is 4 GiB-aligned, so one bit for each 4 GiB of the 47-bit user space says it all.
#pragma once

#include <cstddef>
#include <cstdint>

namespace skep::vm::reservations {

void add(const std::byte* base);
void remove(const std::byte* base);
// Whether an access to guest memory can touch this address: a reservation, or the 64 KiB behind one. Async-signal-safe.
bool contains(std::uintptr_t address);

}  // namespace skep::vm::reservations
