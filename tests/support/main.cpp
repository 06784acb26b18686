// The main of every test binary: GoogleTest, and a check that no test leaks a file descriptor.
#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <string>
#include <vector>

#include <gtest/gtest.h>

namespace {

std::vector<std::string> open_fds() {
  std::vector<std::string> fds;
  for (const auto& entry : std::filesystem::directory_iterator("/proc/self/fd")) {
    std::error_code ignored;
    const auto target = std::filesystem::read_symlink(entry.path(), ignored);
    // The iterator's own descriptor is gone again by now and has no target.
    if (!ignored && target.string().find("/proc/") != 0) fds.push_back(entry.path().filename().string() + " -> " + target.string());
  }
  std::sort(fds.begin(), fds.end());
  return fds;
}

class FdLeak : public testing::EmptyTestEventListener {
  std::vector<std::string> before_;
  void OnTestStart(const testing::TestInfo&) override { before_ = open_fds(); }
  void OnTestEnd(const testing::TestInfo&) override {
    for (const auto& fd : open_fds())
      if (!std::binary_search(before_.begin(), before_.end(), fd)) ADD_FAILURE() << "leaked file descriptor " << fd;
  }
};

}  // namespace

int main(int argc, char** argv) {
  testing::InitGoogleTest(&argc, argv);
  testing::UnitTest::GetInstance()->listeners().Append(new FdLeak);
  return RUN_ALL_TESTS();
}
