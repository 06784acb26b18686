// Where tests find their data.
#pragma once

#include <string>

namespace skep::test {

// A file below tests/: data("asm/cases/add.data").
inline std::string data(const std::string& path) { return std::string(SKEP_SOURCE_DIR "/tests/") + path; }
// The object that the build made of tests/<path>.bpf.c (or .bpfeb.c): fixture("elf/loader.bpf").
inline std::string fixture(const std::string& path) { return std::string(SKEP_BUILD_DIR "/bpf/tests/") + path + ".o"; }
// The object of examples/NAME/NAME.bpf.c.
inline std::string example(const std::string& name) {
  return std::string(SKEP_BUILD_DIR "/bpf/examples/") + name + "/" + name + ".bpf.o";
}

}  // namespace skep::test
