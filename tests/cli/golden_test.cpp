// Every file of tests/cli/cases is a session: lines that begin with "$ " are commands for the shell, what
// follows is what they print (both streams), and "[4]" an exit status that is not 0. After a change that
// is meant, `build/test_cli --rebase` writes the files anew; the diff is the review.
//
// Commands run in an empty folder with the links obj (compiled fixtures), examples (compiled examples) and
// data (tests/cli/data); `skep` is the one of this build.
#include <algorithm>
#include <filesystem>
#include <fstream>

#include <gtest/gtest.h>
#include <unistd.h>

#include "skep/base/file.hpp"
#include "skep/tests/support/paths.hpp"
#include "skep/tests/support/process.hpp"
#include "skep/tests/support/result.hpp"

namespace skep::test {
namespace {

namespace fs = std::filesystem;

bool rebasing() {
  const auto command_line = read_file("/proc/self/cmdline");
  return command_line && as_text(*command_line).find(std::string_view("\0--rebase\0", 10)) != std::string_view::npos;
}

std::string read_text(const std::string& path) {
  const auto bytes = read_file(path);
  return bytes ? std::string(as_text(*bytes)) : bytes.error().what();
}

// A folder that is gone after the test.
class Folder {
 public:
  Folder() {
    std::string name = (fs::temp_directory_path() / "skep_golden_XXXXXX").string();
    path_ = mkdtemp(name.data());
    fs::create_directory_symlink(SKEP_BUILD_DIR "/bpf/tests", path_ + "/obj");
    fs::create_directory_symlink(SKEP_BUILD_DIR "/bpf/examples", path_ + "/examples");
    fs::create_directory_symlink(data("cli/data"), path_ + "/data");
  }
  ~Folder() { fs::remove_all(path_); }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

// The session with its commands run again.
std::string replay(const std::string& session, const Folder& folder) {
  std::string out, line;
  std::istringstream lines(session);
  bool after_command = false;
  while (std::getline(lines, line)) {
    // Comments stay.
    if (!line.starts_with("$ ")) {
      const bool comment = line.starts_with("# ") && !line.starts_with("#  ");  // a table may begin with "#  len"
      if (after_command && comment) out += "\n";
      if (!after_command || comment) out += line + "\n";
      continue;
    }
    after_command = true;
    out += line + "\n";
    const auto done = run_process({"/bin/sh", "-c", "PATH=" SKEP_BUILD_DIR ":$PATH; exec 2>&1; " + line.substr(2)}, {},
                                  folder.path());
    out += done.out;
    if (!done.out.empty() && done.out.back() != '\n') out += "\n";
    if (done.exit != 0) out += "[" + std::to_string(done.exit) + "]\n";
  }
  return out;
}

class Golden : public testing::TestWithParam<std::string> {};

TEST_P(Golden, PrintsWhatTheFileSays) {
  const auto path = data("cli/cases/" + GetParam() + ".txt");
  const auto expected = read_text(path);
  const auto got = replay(expected, Folder());
  if (rebasing() && got != expected) {
    ASSERT_OK(write_file(path, as_bytes(got)));
    return;
  }
  EXPECT_EQ(got, expected) << path << " (build/test_cli --rebase writes it anew)";
}

std::vector<std::string> cases() {
  std::vector<std::string> names;
  for (const auto& entry : fs::directory_iterator(data("cli/cases")))
    if (entry.path().extension() == ".txt") names.push_back(entry.path().stem().string());
  std::ranges::sort(names);
  return names;
}

INSTANTIATE_TEST_SUITE_P(Cases, Golden, testing::ValuesIn(cases()), [](const auto& one) { return one.param; });

}  // namespace
}  // namespace skep::test
