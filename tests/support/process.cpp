// Input and outputs are memory files, so that no pipe can fill up and nobody has to poll.
#include "skep/tests/support/process.hpp"

#include <cstdio>
#include <cstdlib>

#include <spawn.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "skep/base/fd.hpp"

extern char** environ;

namespace skep::test {
namespace {

Fd memory_file(std::string_view contents) {
  Fd fd(memfd_create("test", MFD_CLOEXEC));
  while (!contents.empty()) {
    const auto written = write(fd.get(), contents.data(), contents.size());
    if (written <= 0) std::abort();
    contents.remove_prefix(static_cast<std::size_t>(written));
  }
  lseek(fd.get(), 0, SEEK_SET);
  return fd;
}

std::string contents(const Fd& fd) {
  std::string text;
  char buffer[65536];
  lseek(fd.get(), 0, SEEK_SET);
  for (ssize_t got; (got = read(fd.get(), buffer, sizeof buffer)) > 0;)
    text.append(buffer, static_cast<std::size_t>(got));
  return text;
}

}  // namespace

Finished run_process(const std::vector<std::string>& argv, std::string_view input, const std::string& directory) {
  const Fd in = memory_file(input), out = memory_file({}), err = memory_file({});
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  if (!directory.empty()) posix_spawn_file_actions_addchdir_np(&actions, directory.c_str());
  posix_spawn_file_actions_adddup2(&actions, in.get(), STDIN_FILENO);
  posix_spawn_file_actions_adddup2(&actions, out.get(), STDOUT_FILENO);
  posix_spawn_file_actions_adddup2(&actions, err.get(), STDERR_FILENO);
  std::vector<char*> words;
  for (const auto& word : argv) words.push_back(const_cast<char*>(word.c_str()));
  words.push_back(nullptr);

  Finished finished;
  pid_t pid = 0;
  const int failed = posix_spawn(&pid, words[0], &actions, nullptr, words.data(), environ);
  posix_spawn_file_actions_destroy(&actions);
  if (failed != 0) {
    finished.err = "cannot start " + argv[0];
    return finished;
  }
  int status = 0;
  waitpid(pid, &status, 0);
  finished.exit = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  finished.out = contents(out);
  finished.err = contents(err);
  return finished;
}

Finished run_skep(std::vector<std::string> arguments, std::string_view input, const std::string& directory) {
  arguments.insert(arguments.begin(), skep_path());
  return run_process(arguments, input, directory);
}

}  // namespace skep::test
