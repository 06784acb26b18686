// Every kind of bad input: the exit status, one line on standard error that says what and where, and nothing
// on standard output.
#include <filesystem>

#include <gtest/gtest.h>
#include <unistd.h>

#include "skep/base/file.hpp"
#include "skep/tests/support/paths.hpp"
#include "skep/tests/support/process.hpp"
#include "skep/tests/support/result.hpp"

namespace skep::test {
namespace {

const std::string kObject = fixture("cli/packets.bpf");

// The message after "skep: error: ".
std::string error_of(int exit, const std::vector<std::string>& arguments, std::string_view input = {}) {
  const auto done = run_skep(arguments, input);
  EXPECT_EQ(done.exit, exit) << done.err << done.out;
  EXPECT_EQ(done.out, "");
  EXPECT_EQ(std::count(done.err.begin(), done.err.end(), '\n'), 1) << done.err;
  EXPECT_EQ(done.err.find("skep: error: "), 0u) << done.err;
  return done.err.size() > 13 ? done.err.substr(13, done.err.size() - 14) : done.err;
}

class File {
 public:
  File(const std::string& suffix, Bytes contents)
      : path_(
            (std::filesystem::temp_directory_path() / ("skep_errors_" + std::to_string(getpid()) + suffix)).string()) {
    EXPECT_OK(write_file(path_, contents));
  }
  File(const std::string& suffix, std::string_view text) : File(suffix, as_bytes(text)) {}
  ~File() { std::filesystem::remove(path_); }
  File(const File&) = delete;
  File& operator=(const File&) = delete;
  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

#define EXPECT_HAS(text, part)                                       \
  do {                                                               \
    const std::string got_ = (text);                                 \
    EXPECT_NE(got_.find(part), std::string::npos) << "got: " << got_; \
  } while (false)

TEST(CliErrors, Usage) {
  EXPECT_EQ(error_of(2, {"inspekt"}), "\"inspekt\" is neither a command nor a file (see `skep help`)");
  EXPECT_EQ(error_of(2, {"help", "inspekt"}), "there is no command \"inspekt\" (see `skep help`)");
  EXPECT_HAS(error_of(2, {"run"}), "OBJ");
  EXPECT_EQ(error_of(2, {"inspect", kObject, "more"}),
            "The following argument was not expected: more (see `skep help inspect`)");
  EXPECT_HAS(error_of(2, {"inspect", kObject, "--nonsense"}), "--nonsense");
  EXPECT_HAS(error_of(2, {"inspect", kObject, "--nonsense"}), "skep help inspect");
  EXPECT_HAS(error_of(2, {"run", kObject, "--prog"}), "--prog");
  EXPECT_HAS(error_of(2, {"run", kObject, "--prog", "count", "--prog", "jump"}), "--prog");
  EXPECT_EQ(error_of(2, {"run", kObject, "--repeat", "0"}), "--repeat: 0 is not between 1 and 1000000");
  EXPECT_HAS(error_of(2, {"run", kObject, "--seed", "x"}), "--seed: \"x\" is not an integer");
  EXPECT_EQ(error_of(2, {"run", kObject, "--engine", "warp"}), "there is no engine \"warp\"; there are interp and jit");
  EXPECT_HAS(error_of(2, {"run", kObject, "--hex", "00", "--pcap", "x"}), "only one of");
  EXPECT_EQ(error_of(2, {"run", kObject, "--arg", "1"}), "--arg needs --func");
  EXPECT_HAS(error_of(2, {"run", kObject, "--func", "f", "--repeat", "2"}), "--repeat means nothing with --func");
  EXPECT_HAS(error_of(2, {"run", kObject, "--json", "--maps-out", "-"}), "standard output");
  EXPECT_HAS(error_of(2, {"run", kObject, "--out", "-", "--maps-out", "-"}), "standard output");
  EXPECT_HAS(error_of(2, {"disasm", kObject, "--dialect", "intel"}), "neither llvm nor mnemonic");
}

TEST(CliErrors, Objects) {
  EXPECT_EQ(error_of(3, {"inspect", "/nonexistent.o"}), "open /nonexistent.o: No such file or directory (errno 2)");
  EXPECT_EQ(error_of(3, {"./nonexistent.o"}), "open ./nonexistent.o: No such file or directory (errno 2)");
  const File text(".o", "no ELF at all");
  for (const auto* verb : {"inspect", "disasm", "run"})
    EXPECT_HAS(error_of(3, {verb, text.path()}), text.path() + ": ");
  const auto whole = *read_file(kObject);
  for (const std::size_t size : {0uz, 63uz, 64uz, whole.size() / 2, whole.size() - 100}) {
    const File part(".o", Bytes(whole).first(size));
    EXPECT_HAS(error_of(3, {"inspect", part.path()}), part.path() + ": ");
  }
}

TEST(CliErrors, ProgramsAndFunctions) {
  EXPECT_EQ(error_of(2, {"run", kObject}),
            "the object has several programs: choose one with --prog; it has count, forward, jump, crash, forever");
  EXPECT_EQ(error_of(2, {"run", kObject, "--prog", "nobody"}),
            "the object has no program \"nobody\"; it has count, forward, jump, crash, forever");
  EXPECT_HAS(error_of(2, {"run", kObject, "--func", "nobody"}),
             "it has count, forward, jump, crash, forever, clamp, sum");
  EXPECT_HAS(error_of(2, {"disasm", kObject, "--prog", "nobody"}), "there is no program or function \"nobody\"");
  EXPECT_HAS(error_of(2, {"run", kObject, "--func", "sum", "--arg", "1"}), "takes 2 arguments, 1 given");
  EXPECT_HAS(error_of(2, {"run", kObject, "--func", "sum", "--arg", "[1, 70000]", "2"}),
             "argument 1 (const __u16 * words)");
  EXPECT_HAS(error_of(2, {"run", kObject, "--func", "sum", "--arg", "[1, 2]", "many"}), "argument 2 (__u32 count)");
}

TEST(CliErrors, Packets) {
  const std::vector<std::string> run = {"run", kObject, "--prog", "count"};
  const auto with = [&](std::initializer_list<std::string> more) {
    auto arguments = run;
    arguments.insert(arguments.end(), more);
    return arguments;
  };
  EXPECT_HAS(error_of(2, with({"--hex", "0g"})), "--hex: ");
  EXPECT_HAS(error_of(3, with({"--packet", "/nonexistent"})), "/nonexistent");
  EXPECT_HAS(error_of(3, with({"--pcap", "/nonexistent"})), "/nonexistent");
  const File text(".pcap", "no capture");
  EXPECT_HAS(error_of(3, with({"--pcap", text.path()})), text.path() + ": no capture file");
  EXPECT_HAS(error_of(2, {"run", fixture("cli/single.bpf"), "--hex", "00"}), "packet of at least 14 bytes, this has 1");
  EXPECT_HAS(error_of(2, with({"--ctx", "{"})), "--ctx: JSON, line 1");
  EXPECT_HAS(error_of(2, with({"--ctx", "[1]"})), "expected an object of fields, got an array");
  EXPECT_HAS(error_of(2, with({"--ctx", R"({"nonsense": 1})"})), "nonsense");
  EXPECT_HAS(error_of(2, with({"--ctx", R"({"ingress_ifindex": "x"})"})), "ingress_ifindex");
}

TEST(CliErrors, MapsAndVariables) {
  const std::vector<std::string> run = {"run", kObject, "--prog", "count"};
  const auto map = [&](const std::string& name, const std::string& json) {
    const File file(".json", json);
    auto text =
        error_of(name == "nobody" ? 2 : 3, {"run", kObject, "--prog", "count", "--map", name + "=" + file.path()});
    const auto at = text.find(file.path());
    return at == std::string::npos ? text : text.replace(at, file.path().size(), "FILE");
  };
  EXPECT_HAS(map("nobody", "[]"), "the object has no map \"nobody\"; it has flows, stats, events, ports, next");
  EXPECT_HAS(map("flows", "[1"), "FILE: JSON, line 1, column 3");
  EXPECT_HAS(map("flows", "7"), "the entries are an integer, not an array");
  EXPECT_HAS(map("flows", "{}"), "neither \"maps\" nor \"entries\"");
  EXPECT_HAS(map("flows", R"({"maps": []})"), "the document has no map \"flows\"");
  EXPECT_HAS(map("flows", R"([{"value": 1}])"), "entry 0: there is neither \"key\" nor \"key_hex\"");
  EXPECT_HAS(map("flows", R"([{"key_hex": "00", "value": 1}])"), "entry 0: key: expected 4 bytes, got 1");
  EXPECT_HAS(map("flows", R"([{"key": {"protocol": 1}}])"), "entry 0: there is neither \"value\" nor \"value_hex\"");
  EXPECT_HAS(map("flows", R"([{"key": {"protocol": "x"}, "value": 1}])"), "entry 0: key: protocol");
  EXPECT_HAS(map("flows", R"([{"key": {"nonsense": 1}, "value": 1}])"), "nonsense");
  EXPECT_HAS(map("stats", R"([{"key": 0, "values": [{}, {}]}])"), "2 values for 1 CPU");
  EXPECT_HAS(map("stats", R"([{"key": 7, "value": {}}])"), "entry 0: ");
  EXPECT_HAS(map("next", R"([{"key": 0, "value": "nobody"}])"), "nobody");
  EXPECT_HAS(error_of(2, {"run", kObject, "--prog", "count", "--map", "flows"}), "expected NAME=FILE.json");

  const auto set = [&](const std::string& text) {
    return error_of(2, {"run", kObject, "--prog", "count", "--set", text});
  };
  EXPECT_HAS(set("seen"), "is not VAR=VALUE");
  EXPECT_HAS(set("nobody=1"), "the object has no global variable \"nobody\"; it has ");
  EXPECT_HAS(set("seen=x"), "\"x\"");
  EXPECT_HAS(set("threshold=3000000000"), "3000000000");
  EXPECT_HAS(set("config.nobody=1"),
             "no field \"nobody\" in const volatile struct config; it has mtu, verdict, mac, debug, range");
  EXPECT_HAS(set("config.range[2].low=1"), "the array has 2 elements");
  EXPECT_HAS(set("config[1]=1"), "is no array");
  EXPECT_HAS(set("seen.x=1"), "has no fields");
  EXPECT_HAS(set("label=much too long"), "label");
  EXPECT_HAS(set("config={"), "JSON, line 1");
}

TEST(CliErrors, Exec) {
  EXPECT_HAS(error_of(3, {"exec"}, ""), "the program is empty");
  EXPECT_HAS(error_of(3, {"exec"}, "9500"), "");
  EXPECT_HAS(error_of(3, {"exec"}, "xyz"), "standard input: ");
  EXPECT_HAS(error_of(3, {"exec"}, "ff00000000000000"), "");
  EXPECT_HAS(error_of(2, {"exec", "0g"}, "9500000000000000"), "HEXMEM: ");
  EXPECT_HAS(error_of(4, {"exec"}, "7900000000000000 9500000000000000"), "memory fault");
  EXPECT_HAS(error_of(4, {"exec", "--fuel", "100"}, "0500ffff00000000 9500000000000000"), "out_of_fuel");
  EXPECT_HAS(error_of(6, {"exec"}, "8500000038ff0f00 9500000000000000"), "helper");
}

TEST(CliErrors, OutputThatCannotBeWritten) {
  const std::string base = "run " + kObject + " --prog count ";
  EXPECT_EQ(run_skep({"run", kObject, "--prog", "count", "--out", "/nonexistent/out.pcap"}).exit, 3);
  EXPECT_EQ(run_skep({"run", kObject, "--prog", "count", "--maps-out", "/nonexistent/maps.json"}).exit, 3);
  const auto full = run_process({"/bin/sh", "-c", skep_path() + " inspect " + kObject + " > /dev/full"});
  EXPECT_EQ(full.exit, 3);
  EXPECT_EQ(full.err, "skep: error: cannot write to standard output\n");
}

TEST(CliErrors, SilentInPipes) {
  const auto closed = run_process({"/bin/sh", "-c", skep_path() + " inspect --json " + kObject + " | true"});
  EXPECT_EQ(closed.err, "");
  // No colours unless there is a terminal.
  EXPECT_EQ(run_skep({"inspect", kObject}).out.find('\033'), std::string::npos);
}

TEST(CliErrors, StandardInputAsAnObject) {
  const auto whole = *read_file(kObject);
  EXPECT_EQ(run_skep({"inspect", "--json", "-"}, as_text(whole)).exit, 0);
}

}  // namespace
}  // namespace skep::test
