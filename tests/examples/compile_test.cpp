// The command that the documentation gives compiles every example, from its folder, with the system's
// headers alone: with and without Debian's multiarch include path, to the same instructions.
#include <cstdlib>
#include <filesystem>

#include <gtest/gtest.h>

#include "skep/base/file.hpp"
#include "skep/elf/load.hpp"
#include "skep/tests/support/result.hpp"

namespace skep::test {
namespace {

namespace fs = std::filesystem;

class Compile : public testing::TestWithParam<const char*> {
 protected:
  void SetUp() override {
    folder_ = fs::temp_directory_path() / "skep-compile-XXXXXX";
    std::string pattern = folder_.string();
    ASSERT_NE(mkdtemp(pattern.data()), nullptr);
    folder_ = pattern;
  }
  void TearDown() override { fs::remove_all(folder_); }

  // The object, or what the compiler said.
  Result<CollectionSpec> compile(const std::string& flags) {
    const std::string name = GetParam(), object = folder_ / "out.o", log = folder_ / "log";
    const auto command = fmt::format("cd {}/examples/{} && {} -Wall -Wextra -Werror -O2 -g -target bpf {} -c {}.bpf.c "
                                     "-o {} >{} 2>&1",
                                     SKEP_SOURCE_DIR, name, SKEP_BPF_CLANG, flags, name, object, log);
    if (std::system(command.c_str()) != 0)
      return fail(Errc::rejected, "{}", as_text(read_file(log).value_or(std::vector<std::byte>{})));
    const auto bytes = SKEP_TRY(read_file(object));
    return elf::load(bytes);
  }

 private:
  fs::path folder_;
};
INSTANTIATE_TEST_SUITE_P(, Compile, testing::Values("xdp_firewall", "xdp_lb", "tc_rate_limiter", "packet_events"),
                         [](const auto& example) { return std::string(example.param); });

TEST_P(Compile, WithTheSystemsHeadersAlone) {
  const auto plain = compile(""), multiarch = compile("-I/usr/include/x86_64-linux-gnu");
  ASSERT_OK(plain);
  ASSERT_OK(multiarch);
  ASSERT_EQ(plain->programs.size(), multiarch->programs.size());
  for (std::size_t i = 0; i < plain->programs.size(); i++) {
    EXPECT_EQ(plain->programs[i].problem, "");
    EXPECT_EQ(plain->programs[i].code.insns, multiarch->programs[i].code.insns);
  }
}

}  // namespace
}  // namespace skep::test
