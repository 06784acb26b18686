// The formatter behind bpf_trace_printk, bpf_trace_vprintk and bpf_snprintf: the kernel's printf, as far as
// the kernel lets BPF programs use it (bpf_bprintf_prepare and bstr_printf of Linux 6.18).
//
//   %[0+- ][width](d i u x X, with l or ll)    %[width]c    %[width]s
//   %p %px %pK (16 digits)    %ps %pS %pB (0x…: there are no symbols)    %pks %pus (strings)
//   %pi4 %pI4 %pi6 %pI6 (from memory)    %%
//
// No '#', no precision, no '*'. Letters and digits behind a %p conversion are swallowed. Copies of arguments share
// 512 bytes: longer strings are cut, and what finds no room is -ENOSPC.
// Unlike the kernel: %p prints the guest's pointer, which is the same everywhere, in place of a hash.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace skep::vm {

class Cpu;

// Length of the whole text, or a negative errno: -EINVAL (bad format, too few arguments), -ENOSPC. `text` gets
// at most `room` bytes of it; what it holds after an error is nothing. The work is charged to `cpu`.
std::int64_t format(Cpu& cpu, std::string_view format, std::span<const std::uint64_t> arguments,
                    std::size_t room, std::string& text);

}  // namespace skep::vm
