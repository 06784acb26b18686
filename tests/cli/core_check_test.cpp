// skep core check: its JSON, and what kernels can be given as. The text is in tests/cli/cases/core.txt.
#include <filesystem>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>
#include <sys/stat.h>
#include <unistd.h>

#include "skep/base/file.hpp"
#include "skep/tests/support/core_kernels.hpp"
#include "skep/tests/support/paths.hpp"
#include "skep/tests/support/process.hpp"
#include "skep/tests/support/result.hpp"
#include "skep/tests/support/schema.hpp"

namespace skep::test {
namespace {

using nlohmann::json;
namespace fs = std::filesystem;

const std::string kObject = fixture("spec/core_check.bpf");

// A folder that is gone after the test.
class Kernels : public testing::Test {
 protected:
  Kernels() {
    auto name = (fs::temp_directory_path() / "skep_kernels_XXXXXX").string();
    path_ = mkdtemp(name.data());
  }
  ~Kernels() override { fs::remove_all(path_); }

  std::string path(const std::string& name = "") const { return path_ + (name.empty() ? "" : "/" + name); }
  std::string add(const std::string& name, const std::vector<std::byte>& bytes) const {
    fs::create_directories(fs::path(path(name)).parent_path());
    EXPECT_OK(write_file(path(name), bytes));
    return path(name);
  }

 private:
  std::string path_;
};

json check(std::vector<std::string> words, int exit) {
  words.insert(words.begin(), {"core", "check", kObject, "--json"});
  const auto done = run_skep(std::move(words));
  EXPECT_EQ(done.exit, exit) << done.err;
  EXPECT_EQ(schema_error("core-check.schema.json", done.out), "") << done.out;
  EXPECT_TRUE(done.out.starts_with("{\n  \"schema\": \"skep/core-check/1\"")) << done.out;
  auto document = json::parse(done.out, nullptr, false);
  return document.is_discarded() ? json{{"targets", json::array()}, {"verdict", ""}} : document;
}

std::vector<std::string> verdicts(const json& document) {
  std::vector<std::string> all;
  for (const auto& target : document["targets"]) all.push_back(target["verdict"]);
  return all;
}

using Words = std::vector<std::string>;

TEST_F(Kernels, AsJson) {
  const auto other = add("other.btf", other_kernel());
  const auto document = check({"--btf", add("full.btf", full_kernel()), other}, 3);
  EXPECT_EQ(document["object"], kObject);
  EXPECT_EQ(document["verdict"], "fails");
  EXPECT_EQ(verdicts(document), (Words{"ok", "fails"}));
  EXPECT_EQ(document["targets"][0]["findings"], json::array());
  const auto& target = document["targets"][1];
  EXPECT_EQ(target["target"], other);
  EXPECT_EQ(target["error"], nullptr);
  const auto optional = target["programs"].back();
  EXPECT_EQ(optional, (json{{"name", "optional"}, {"autoload", false}, {"counts", false}, {"verdict", "fails"},
                            {"error", nullptr}}));
  bool found = false;
  for (const auto& finding : target["findings"]) {
    if (finding["function"] != "cpu_of") continue;
    found = true;
    EXPECT_EQ(finding["programs"], (json{"first", "second"}));
    EXPECT_EQ(finding["effect"], "fails");
    EXPECT_EQ(finding["file"], "./tests/spec/core_check.bpf.c");
    EXPECT_EQ(finding["text"], "  return t->cpu;  // shared");
    EXPECT_EQ(finding["kind"], "byte_off");
    EXPECT_EQ(finding["lack"], "name");
    EXPECT_EQ(finding["missing"], "cpu");
    EXPECT_EQ(finding["nearest"], "recent_used_cpu");
    EXPECT_EQ(finding["reach"], "reachable");
  }
  EXPECT_TRUE(found);
}

TEST_F(Kernels, ProgramsThatDecide) {
  const auto other = add("other.btf", other_kernel());
  EXPECT_EQ(check({"--prog", "guarded", "--btf", other}, 0)["verdict"], "guarded");
  EXPECT_EQ(check({"--prog", "plain", "--btf", other}, 0)["verdict"], "ok");
  EXPECT_EQ(check({"--prog", "optional", "--btf", other}, 3)["verdict"], "fails") << "it was asked for";
  EXPECT_EQ(check({"--prog", "cpu_of", "--btf", other}, 3)["verdict"], "fails") << "a function of .text";
  EXPECT_EQ(check({"--prog", "plain", "--prog", "plain", "--btf", other}, 0)["targets"][0]["programs"].size(), 1u);
}

TEST_F(Kernels, EveryFileOfAFolder) {
  add("b/2.btf", full_kernel(ByteOrder::big));
  add("b/1.btf", other_kernel());
  add("a.btf", full_kernel());
  add("notes.txt", {});
  add("b/short", {std::byte{0x9f}});
  fs::create_directory_symlink(path(), path("b/loop"));
  fs::create_directory_symlink(path("nowhere"), path("gone"));
  ASSERT_EQ(::mkfifo(path("pipe").c_str(), 0600), 0);
  const auto document = check({"--btf", path()}, 3);
  Words names;
  for (const auto& target : document["targets"]) names.push_back(target["target"]);
  EXPECT_EQ(names, (Words{path("a.btf"), path("b/1.btf")})) << "2.btf is of another byte order";
  EXPECT_EQ(verdicts(document), (Words{"ok", "fails"}));
  const auto done = run_skep({"core", "check", kObject, "--btf", path()});
  EXPECT_EQ(done.err,
            "skep: warning: 2 files in folders hold no BTF\n"
            "skep: warning: 1 kernel in a folder is of another byte order\n");
  EXPECT_EQ(done.out.find('\r'), std::string::npos) << "no progress in a pipe";
}

// libbpf takes such types. No kernel of that byte order runs the object.
TEST_F(Kernels, OfAnotherByteOrder) {
  const auto big = add("big.btf", full_kernel(ByteOrder::big));
  const auto document = check({"--btf", big}, 3);
  EXPECT_EQ(verdicts(document), (Words{"unreadable"}));
  const auto reason = kObject + " is little-endian, the types of big.btf are big-endian";
  EXPECT_EQ(document["targets"][0]["error"], reason);
  for (const auto& words : {Words{"inspect", "--code"}, Words{"run"}}) {
    auto all = words;
    all.insert(all.end(), {kObject, "--btf", big});
    const auto done = run_skep(all);
    EXPECT_EQ(done.exit, 3);
    EXPECT_EQ(done.err, "skep: error: " + reason + "\n");
  }
  EXPECT_NE(run_skep({"core", "check", kObject, "--btf", path()}).err.find("there is no BTF to check against"),
            std::string::npos);
}

TEST_F(Kernels, AFolderWithAVmlinuxIsOneKernel) {
  // The kernel lacks struct gone, a module has it.
  const auto kernel = btf::Btf::parse(other_kernel());
  ASSERT_OK(kernel);
  BtfBuilder module(*kernel);
  module.structure("gone", 4, {{"a", btf::TypeId{1}, 0}});
  add("k/6.1/vmlinux", other_kernel());
  add("k/6.1/nf_gone", module.build());
  add("k/6.1/README", {});
  for (const auto& folder : {path("k/6.1"), path("k")}) {
    const auto document = check({"--prog", "types", "--btf", folder}, 0);
    EXPECT_EQ(verdicts(document), (Words{"ok"}));
    EXPECT_EQ(document["targets"][0]["target"], path("k/6.1"));
  }
  // One that has all its types itself.
  add("k/6.1/nf_gone", full_kernel());
  EXPECT_EQ(check({"--prog", "types", "--btf", path("k/6.1")}, 0)["verdict"], "ok");
  // One whose strings begin as those of a whole do.
  BtfBuilder odd(*kernel);
  odd.string(std::string_view("\0", 1));
  odd.structure("gone", 4, {{"a", btf::TypeId{1}, 0}});
  add("k/6.1/nf_gone", odd.build());
  EXPECT_EQ(check({"--prog", "types", "--btf", path("k/6.1")}, 0)["verdict"], "ok");
  add("k/6.1/nf_gone", module.build());
  // Alone, it is the types of nobody.
  EXPECT_EQ(check({"--prog", "types", "--btf", path("k/6.1/nf_gone")}, 3)["verdict"], "unreadable");
}

TEST_F(Kernels, AnyElfFileWithBtf) {
  auto bytes = read_file(fixture("cli/kernels/new.bpf"));
  ASSERT_OK(bytes);
  (*bytes)[16] = std::byte{2};   // ET_EXEC
  (*bytes)[18] = std::byte{62};  // EM_X86_64
  EXPECT_EQ(check({"--btf", add("vmlinux-6.1", *bytes)}, 0)["verdict"], "ok");
  // In a folder, one without is none.
  const auto without = read_file(fixture("elf/no_btf.bpf"));
  ASSERT_OK(without);
  add("without.o", *without);
  EXPECT_EQ(check({"--btf", path()}, 0)["targets"].size(), 1u);
  EXPECT_EQ(check({"--btf", path("without.o")}, 3)["verdict"], "unreadable");
}

TEST_F(Kernels, WhatCannotBeReadIsTold) {
  auto cut = full_kernel();
  cut.resize(cut.size() - 10);
  add("cut.btf", cut);
  add("full.btf", full_kernel());
  const auto document = check({"--btf", path()}, 3);
  EXPECT_EQ(document["verdict"], "unreadable");
  EXPECT_EQ(verdicts(document), (Words{"unreadable", "ok"})) << "the others are checked all the same";
  EXPECT_NE(document["targets"][0]["error"].get<std::string>().find("cut.btf: "), std::string::npos);
  EXPECT_EQ(check({"--btf", add("empty.btf", {})}, 3)["verdict"], "unreadable");
  for (std::size_t size = 2; size < cut.size(); size += 7) {
    auto shorter = cut;
    shorter.resize(size);
    EXPECT_EQ(verdicts(check({"--btf", add("cut.btf", shorter)}, 3)), (Words{"unreadable"})) << size;
  }
}

TEST_F(Kernels, NothingToCheckAgainst) {
  const auto done = run_skep({"core", "check", kObject, "--json", "--btf", path()});
  EXPECT_EQ(done.exit, 3);
  EXPECT_NE(done.err.find("there is no BTF to check against"), std::string::npos) << done.err;
  EXPECT_EQ(done.out, "") << "no half of a document";
  EXPECT_EQ(run_skep({"core", "check", kObject, "--btf", path("nothing")}).exit, 3);
}

TEST_F(Kernels, FoldersWithoutPermission) {
  add("open/full.btf", full_kernel());
  add("open/shut/full.btf", full_kernel());
  fs::permissions(path(), fs::perms::all);
  fs::permissions(path("open"), fs::perms::all);
  fs::permissions(path("open/full.btf"), fs::perms::all);
  fs::permissions(path("open/shut"), fs::perms::none);
  // Root may read everything: as somebody else.
  const auto as_nobody = [](std::vector<std::string> words) {
    words.insert(words.begin(), {"/usr/bin/setpriv", "--reuid=65534", "--clear-groups", skep_path()});
    return run_process(words);
  };
  if (as_nobody({"--version"}).exit != 0) GTEST_SKIP() << "skep cannot be started as another user";
  const auto shut = as_nobody({"core", "check", kObject, "--btf", path("open/shut")});
  EXPECT_EQ(shut.exit, 3);
  EXPECT_NE(shut.err.find("Permission denied"), std::string::npos) << shut.err;
  const auto within = as_nobody({"core", "check", kObject, "--json", "--btf", path("open")});
  EXPECT_EQ(within.exit, 3);
  EXPECT_EQ(verdicts(json::parse(within.out, nullptr, false)), (Words{"ok", "unreadable"})) << within.out;
  fs::permissions(path("open/shut"), fs::perms::all);
}

TEST_F(Kernels, NamesReachTheTerminalWithoutControlCharacters) {
  BtfBuilder builder;
  const auto integer = builder.integer("int", 4);
  builder.structure("task", 4, {{"stat\033[31me", integer, 0}, {"state_\a", integer, 0}});
  const auto done = run_skep({"core", "check", kObject, "--btf", add("evil\033[1m.btf", builder.build())});
  EXPECT_EQ(done.exit, 3);
  EXPECT_EQ(done.out.find('\033'), std::string::npos);
  EXPECT_EQ(done.out.find('\a'), std::string::npos);
  EXPECT_NE(done.out.find("nearest: \"state_?\""), std::string::npos) << done.out;
}

TEST_F(Kernels, TheRunningOne) {
  if (::access("/sys/kernel/btf/vmlinux", R_OK) != 0) GTEST_SKIP() << "no BTF of a running kernel";
  const auto object = std::string(SKEP_BUILD_DIR "/bpf/bench/many_core.bpf.o");
  const auto one = run_skep({"core", "check", object});
  EXPECT_EQ(one.exit, 0) << one.out;
  EXPECT_EQ(one.out, run_skep({"core", "check", object, "--btf", "vmlinux"}).out);
  const auto folder = run_skep({"core", "check", object, "--json", "--btf", "/sys/kernel/btf"});
  EXPECT_EQ(folder.exit, 0) << folder.err;
  EXPECT_EQ(verdicts(json::parse(folder.out, nullptr, false)), (Words{"ok"}));
}

}  // namespace
}  // namespace skep::test
