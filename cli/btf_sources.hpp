// Kernels to look at one after the other: files of types, and folders of them.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "skep/btf/core.hpp"

namespace skep::cli {

struct BtfSource {
  std::string path;        // also its name
  bool is_folder = false;  // of one kernel: the file vmlinux, and beside it modules
  bool is_named = true;    // by the user; otherwise it was found in a folder, and may be anything
  std::string problem;     // why a folder in a folder cannot be looked into
};

// What words on the command line mean. A file is one kernel; so is a folder that holds a file `vmlinux`; any other
// folder stands for what is in it, sorted, folders below included (links to folders are not followed). Errors: os (a
// file or folder that is not there, or may not be read), naming it.
Result<std::vector<BtfSource>> find_btf_sources(std::span<const std::string> words);

// Its types, the kernel's first. Nothing: a file in a folder that holds no BTF. `skipped` counts files beside a kernel
// that hold none. Errors: those of reading and parsing.
Result<std::optional<btf::CoreTargets>> open_btf_source(const BtfSource& source, std::size_t& skipped);

}  // namespace skep::cli
