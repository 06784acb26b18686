// Running a program in a test.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace skep::test {

struct Finished {
  int exit = -1;     // 128 + signal if one ended it
  std::string out, err;
};

// Runs a program (argv[0] is its path) with `input` as standard input, in `directory` unless that is empty,
// and waits for it.
Finished run_process(const std::vector<std::string>& argv, std::string_view input = {},
                     const std::string& directory = {});

// The skep of this build.
inline std::string skep_path() { return SKEP_BUILD_DIR "/skep"; }
Finished run_skep(std::vector<std::string> arguments, std::string_view input = {}, const std::string& directory = {});

}  // namespace skep::test
