// Reading memory that may not be there: probe_read and its relatives. Errors zero the destination.
//
// A guest has one address space. Addresses that the kernel's x86-64 says are a user's or are nobody's
// (below its half, or not canonical) answer -ERANGE to *_kernel as there, unless the guest has memory at
// them; other addresses answer -EFAULT. There is no user space, so that all memory of the guest is the user's
// as well: what a program shall find behind a user's pointer lies in it. *_user therefore reads any of it, maps and
// stacks too, where the kernel answers -EFAULT for memory of its own.
#include <algorithm>

#include "skep/vm/helpers/support.hpp"
#include "skep/vm/machine.hpp"

namespace skep::vm {
namespace {

using U = std::uint64_t;

enum class Space { kernel, user };

int failure(Space space, U from) {
  constexpr U kKernelHalf = 0xffff'8000'0000'0000;
  return space == Space::kernel && from < kKernelHalf ? -kERANGE : -kEFAULT;
}

// The destination is the program's own memory, checked by the verifier: unwritable is a fault.
U fail_with(Cpu& cpu, std::string_view name, U to, U size, int error) {
  cpu.charge(helper::work::kUnmapped);
  helper::clear(cpu, name, to, size);
  return answer(error);
}

U read_bytes(Cpu& cpu, std::string_view name, Space space, U to, U size, U from) {
  cpu.charge(helper::work::kText + size / 8);
  const Memory& memory = cpu.machine().memory();
  if (size == 0 && space == Space::user) return 0;
  // Tried first, so that nothing is written when the end cannot be read. Of nothing, the address must be good.
  if (!helper::for_each_piece(memory, from, std::max(size, U{1}), [](Bytes) {}))
    return fail_with(cpu, name, to, size, failure(space, from));
  U done = 0;
  bool written = true;
  const bool readable = helper::for_each_piece(memory, from, size, [&](Bytes piece) {
    written = written && helper::write(cpu, name, to + done, piece.data(), piece.size());
    done += piece.size();
  });
  return readable && written ? 0 : answer(-kEFAULT);
}

// Length with the NUL; a string that does not fit is cut and terminated. The rest of the destination stays.
U read_string(Cpu& cpu, std::string_view name, Space space, U to, U size, U from) {
  if (size == 0) return 0;
  cpu.charge(helper::work::kText);
  const Memory& memory = cpu.machine().memory();
  char text[1024];
  for (U done = 0; done < size;) {
    const std::size_t wanted = std::min(sizeof text, std::size_t{size - done});
    const std::size_t count = memory.copy_string(text, from + done, wanted);
    const bool ended = count != 0 && text[count - 1] == '\0';
    if (count < wanted && !ended) return fail_with(cpu, name, to, size, failure(space, from));
    if (!ended && done + count == size) text[count - 1] = '\0';
    if (!helper::write(cpu, name, to + done, text, count)) return 0;
    done += count;
    if (ended) return done;
  }
  return size;
}

U probe_read(U to, U size, U from, U, U, Cpu& cpu) {
  return read_bytes(cpu, "probe_read", Space::kernel, to, low(size), from);
}
U probe_read_str(U to, U size, U from, U, U, Cpu& cpu) {
  return read_string(cpu, "probe_read_str", Space::kernel, to, low(size), from);
}
U kernel(U to, U size, U from, U, U, Cpu& cpu) {
  return read_bytes(cpu, "probe_read_kernel", Space::kernel, to, low(size), from);
}
U kernel_string(U to, U size, U from, U, U, Cpu& cpu) {
  return read_string(cpu, "probe_read_kernel_str", Space::kernel, to, low(size), from);
}
U user(U to, U size, U from, U, U, Cpu& cpu) {
  return read_bytes(cpu, "probe_read_user", Space::user, to, low(size), from);
}
U user_string(U to, U size, U from, U, U, Cpu& cpu) {
  return read_string(cpu, "probe_read_user_str", Space::user, to, low(size), from);
}

}  // namespace

void register_probe_helpers(HelperTable& table) {
  table.set(4, probe_read);
  table.set(45, probe_read_str);
  table.set(112, user);
  table.set(113, kernel);
  table.set(114, user_string);
  table.set(115, kernel_string);
}

}  // namespace skep::vm
