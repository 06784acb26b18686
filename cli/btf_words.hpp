// What the commands of `skep btf` say alike.
#pragma once

#include <string>

#include "skep/btf/types.hpp"
#include "skep/cli/verb.hpp"

namespace skep::cli {

inline constexpr std::string_view kBtfFileHelp =
    "Raw BTF (/sys/kernel/btf/…), or a BPF object with a .BTF section, of either byte order. The word vmlinux means the "
    "running kernel's types, /sys/kernel/btf/vmlinux; - is standard input.";

inline constexpr OptionRow kBtfBase = {
    "Input", "--base", "FILE",
    "The BTF that FILE extends (split BTF). Modules below /sys/kernel/btf extend the running kernel's unless this says "
    "otherwise."};

// "STRUCT"; "kind 25" of one that has no name.
std::string kind_text(btf::Kind kind);

}  // namespace skep::cli
