// The demo as a new user starts it: it ends well, says the same each time, and is plain text in a pipe.
#include <cstdio>
#include <memory>
#include <string>

#include <gtest/gtest.h>

#include "skep/tests/support/paths.hpp"

namespace skep::test {
namespace {

struct Run {
  std::string output;
  int status = -1;
};

Run run_demo() {
  Run run;
  FILE* pipe = popen("bash " SKEP_SOURCE_DIR "/examples/demo.sh " SKEP_BUILD_DIR " 2>&1", "re");
  if (!pipe) return run;
  char buffer[4096];
  while (const std::size_t size = fread(buffer, 1, sizeof buffer, pipe)) run.output.append(buffer, size);
  run.status = pclose(pipe);
  return run;
}

TEST(Demo, RunsAndIsDeterministic) {
  const auto once = run_demo(), again = run_demo();
  EXPECT_EQ(once.status, 0) << once.output;
  EXPECT_EQ(once.output, again.output);
  for (const char* word : {"XDP_TX", "XDP_PASS", "XDP_DROP", "vips", "backends", "forwarded", "others"})
    EXPECT_NE(once.output.find(word), std::string::npos) << "no " << word << " in:\n" << once.output;
  EXPECT_EQ(once.output.find('\x1b'), std::string::npos);
}

}  // namespace
}  // namespace skep::test
