// A program as its object declares it: a value.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "skep/asm/code.hpp"
#include "skep/base/bytes.hpp"
#include "skep/btf/types.hpp"
#include "skep/spec/types.hpp"

namespace skep {

// A CO-RE relocation of the instruction at `slot` (a record of .BTF.ext).
struct CoreRelocation {
  std::uint32_t slot = 0;
  btf::TypeId type{};   // local type
  std::string access;   // "0:1:2"
  std::uint32_t kind = 0;  // enum bpf_core_relo_kind
  bool operator==(const CoreRelocation&) const = default;
};

// BPF_PROG_LOAD flags that a section name brings.
inline constexpr std::uint32_t kFSleepable = 1u << 4, kFXdpHasFrags = 1u << 5;

struct ProgramSpec {
  std::string name;
  std::string section;  // as in the ELF, a leading '?' removed
  ProgramType type = ProgramType::unspec;
  std::optional<AttachType> attach_type;  // none where libbpf's table has none
  std::string attach_to;                  // what follows the section's '/': "tcp_connect"
  std::uint32_t flags = 0;                // BPF_F_*
  bool autoload = true;                   // false: the section name began with '?'
  bool sleepable = false;
  bool global = true;                     // its symbol is GLOBAL or WEAK
  bool hidden = false;                    // STV_HIDDEN: the verifier is to take its FUNC as static

  Code code;                                 // its own instructions; with subprograms after spec::link
  std::vector<std::byte> undecoded;  // its bytes as the object has them, if they are no instructions: no code then
  std::vector<CoreRelocation> core_relocations;  // sorted by slot
  std::string problem;  // why this program cannot be used, with its cause; empty if it can

  bool operator==(const ProgramSpec&) const = default;
};

}  // namespace skep
