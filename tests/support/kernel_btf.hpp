// BTF and programs given to the real kernel through raw bpf(2).
#pragma once

#include <string>

#include "skep/base/bytes.hpp"
#include "skep/base/fd.hpp"
#include "skep/btf/program_btf.hpp"

namespace skep::test {

// Why BTF cannot be loaded here, in words; empty if it can.
std::string kernel_btf_unavailable();

// "" if the kernel takes it, else the error and the end of its log.
std::string load_kernel_btf(Bytes btf);

// The same for a GPL program of a type (enum bpf_prog_type), code as the kernel wants it, with func_info and line_info.
std::string load_kernel_program(std::uint32_t type, Bytes code, const btf::ProgramBtf& info);

}  // namespace skep::test
