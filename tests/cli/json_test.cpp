// What the commands print with --json, held against docs/*.schema.json and against what a reader relies on.
#include <filesystem>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "skep/tests/support/paths.hpp"
#include "skep/tests/support/process.hpp"
#include "skep/tests/support/schema.hpp"

namespace skep::test {
namespace {

using nlohmann::json;

const std::string kObject = fixture("cli/packets.bpf");

// Every fixture of the build, of every folder.
std::vector<std::string> objects() {
  std::vector<std::string> paths;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(SKEP_BUILD_DIR "/bpf"))
    if (entry.path().extension() == ".o") paths.push_back(entry.path().string());
  return paths;
}

TEST(InspectJson, EveryObjectFitsTheSchema) {
  for (const auto& path : objects()) {
    const auto done = run_skep({"inspect", "--json", path});
    // Fixtures of the loader's own tests that are refused as a whole.
    if (done.exit != 0 && path.find("/bad_") != std::string::npos) continue;
    EXPECT_EQ(done.exit, 0) << path << ": " << done.err;
    EXPECT_EQ(schema_error("inspect.schema.json", done.out), "") << path;
  }
}

TEST(InspectJson, CodeFitsTheSchema) {
  const auto done = run_skep({"inspect", "--json", "--code", SKEP_BUILD_DIR "/bpf/tests/cli/kernel.bpf.o", "--btf",
                              SKEP_BUILD_DIR "/bpf/tests/cli/kernel_types.bpf.o"});
  EXPECT_EQ(done.exit, 0) << done.err;
  EXPECT_EQ(schema_error("inspect.schema.json", done.out), "") << done.out;
  const auto program = nlohmann::json::parse(done.out)["programs"][0];
  EXPECT_EQ(program["code"].size(), program["instructions"]);
  for (const auto& one : program["unresolved"])
    EXPECT_LT(one["slot"].get<std::size_t>(), program["code"].size()) << one.dump();
}

// The second --btf is a module's, which may have all its types itself.
TEST(InspectJson, ModulesMayHaveTypesOfTheirOwn) {
  const auto code = [](const std::vector<std::string>& targets) {
    std::vector<std::string> words = {"inspect", "--json", "--code", SKEP_BUILD_DIR "/bpf/tests/cli/kernel.bpf.o"};
    for (const auto& each : targets) words.insert(words.end(), {"--btf", each});
    const auto done = run_skep(words);
    EXPECT_EQ(done.exit, 0) << done.err;
    return done.exit == 0 ? json::parse(done.out)["programs"][0]["code"] : json();
  };
  const std::string types = SKEP_BUILD_DIR "/bpf/tests/cli/kernel_types.bpf.o";
  EXPECT_EQ(code({kObject, types}), code({types}));
  EXPECT_NE(code({kObject}), code({types}));
}

TEST(InspectJson, SaysWhatTheObjectDeclares) {
  const auto done = run_skep({"inspect", "--json", kObject});
  ASSERT_EQ(done.exit, 0) << done.err;
  EXPECT_EQ(done.out.find("{\n  \"schema\": \"skep/inspect/1\""), 0u);
  const auto document = json::parse(done.out);
  EXPECT_EQ(document["byte_order"], "little");
  EXPECT_EQ(document["license"], "GPL");
  ASSERT_EQ(document["programs"].size(), 5u);
  const auto& count = document["programs"][0];
  EXPECT_EQ(count["name"], "count");
  EXPECT_EQ(count["section"], "xdp");
  EXPECT_EQ(count["type"], "xdp");
  EXPECT_EQ(count["attach_type"], "xdp");
  EXPECT_EQ(count["attach_to"], nullptr);
  EXPECT_EQ(count["autoload"], true);
  EXPECT_EQ(count["problem"], nullptr);
  const auto& crash = document["programs"][3];
  EXPECT_GT(crash["instructions"], crash["instructions_own"]);  // sum is appended

  const auto& maps = document["maps"];
  EXPECT_EQ(maps[0]["name"], "flows");
  EXPECT_EQ(maps[0]["libbpf_name"], "flows");
  EXPECT_EQ(maps[0]["type"], "hash");
  EXPECT_EQ(maps[0]["key_size"], 4);
  EXPECT_EQ(maps[0]["data_sha256"], nullptr);
  for (const auto& map : maps) {
    if (map["name"] != ".bss") continue;
    EXPECT_EQ(map["libbpf_name"], "packets.bss");
    // Eight zero bytes.
    EXPECT_EQ(map["data_sha256"], "af5570f5a1810b7af78caf4bc70a660f0df51e42baf91d4de5b2328de0e83dfc");
  }
  json values;
  for (const auto& variable : document["variables"]) values[variable["name"].get<std::string>()] = variable["value"];
  EXPECT_EQ(values["large"], "1152921504606846976");
  EXPECT_EQ(values["label"], "skep");
  EXPECT_EQ(values["threshold"], -5);
  EXPECT_EQ(values["config"]["mtu"], 1500);
  EXPECT_EQ(values["config"]["verdict"], "PASS_ALL");
}

json run(std::vector<std::string> arguments, int exit = 0) {
  arguments.insert(arguments.begin(), {"run", kObject, "--json"});
  const auto done = run_skep(arguments);
  EXPECT_EQ(done.exit, exit) << done.err;
  EXPECT_EQ(schema_error("run.schema.json", done.out), "") << done.out;
  EXPECT_EQ(done.out.find("{\n  \"schema\": \"skep/run/1\""), 0u);
  const auto document = json::parse(done.out, nullptr, false);
  return document.is_discarded() ? json{{"runs", json::array({json()})}, {"maps", json::array()}} : document;
}

json map_of(const json& document, const std::string& name) {
  for (const auto& map : document["maps"])
    if (map["name"] == name) return map;
  return {};
}

TEST(RunJson, PacketVerdictAndMaps) {
  const auto document =
      run({"--prog", "count", "--hex", "ffffffffffff 020000000001 0806 " + std::string(100, '0'), "--cpus", "2"});
  EXPECT_EQ(document["engine"], "jit");
  EXPECT_EQ(document["program"], "count");
  const auto& one = document["runs"][0];
  EXPECT_EQ(one["return_value"], 3);
  EXPECT_EQ(one["r0"], "0x3");
  EXPECT_EQ(one["verdict"], "XDP_TX");
  EXPECT_EQ(one["data_out"], "020000000009" "020000000001" "0806" + std::string(100, '0'));
  EXPECT_GT(one["instructions"], 20);
  EXPECT_EQ(one["redirect"], nullptr);
  EXPECT_EQ(one["fault"], nullptr);
  ASSERT_EQ(one["events"].size(), 1u);
  EXPECT_EQ(one["events"][0]["map"], "events");
  EXPECT_EQ(one["events"][0]["data"], "0100000000000000");

  const auto flows = map_of(document, "flows");
  ASSERT_EQ(flows["entries"].size(), 1u);
  EXPECT_EQ(flows["entries"][0]["key"], (json{{"protocol", 0x0608}, {"last", {0, 0}}}));
  EXPECT_EQ(flows["entries"][0]["value"], 1);
  EXPECT_EQ(flows["entries"][0]["key_hex"], "08060000");
  EXPECT_EQ(flows["entries"][0]["value_hex"], "0100000000000000");

  const auto stats = map_of(document, "stats");
  ASSERT_EQ(stats["entries"].size(), 2u);
  EXPECT_EQ(stats["entries"][0]["values"], (json{{{"packets", 1}, {"bytes", 64}}, {{"packets", 0}, {"bytes", 0}}}));
  EXPECT_EQ(map_of(document, ".bss")["entries"][0]["value"]["seen"], 1);
}

TEST(RunJson, ContextAndVariables) {
  const auto document = run({"--prog", "count", "--set", "config.debug=true", "--set", "config.verdict=DROP_SOME",
                             "--ctx", R"({"ingress_ifindex": 3})", "--hex", "ffffffffffff 020000000001 0806"});
  EXPECT_EQ(document["runs"][0]["verdict"], "XDP_DROP");
  EXPECT_EQ(document["runs"][0]["printk"], json::array({"14 bytes, interface 3"}));
}

TEST(RunJson, StateLastsFromRunToRun) {
  const auto document = run({"--prog", "count", "--repeat", "3"});
  ASSERT_EQ(document["runs"].size(), 3u);
  EXPECT_EQ(document["runs"][2]["events"][0]["data"], "0300000000000000");
  EXPECT_EQ(map_of(document, "flows")["entries"][0]["value"], 3);
}

TEST(RunJson, Redirect) {
  auto document = run({"--prog", "forward"});
  EXPECT_EQ(document["runs"][0]["verdict"], "XDP_DROP");  // the port is empty
  EXPECT_EQ(document["runs"][0]["redirect"], nullptr);
  document = run({"--prog", "forward", "--map", "ports=" + data("cli/data/ports.json")});
  EXPECT_EQ(document["runs"][0]["verdict"], "XDP_REDIRECT");
  EXPECT_EQ(document["runs"][0]["redirect"]["helper"], "redirect_map");
  EXPECT_EQ(document["runs"][0]["redirect"]["map"], "ports");
  EXPECT_EQ(document["runs"][0]["redirect"]["key"], 1);
  EXPECT_EQ(document["runs"][0]["redirect"]["ifindex"], 7);
}

TEST(RunJson, TailCallThroughAMapFromAFile) {
  EXPECT_EQ(run({"--prog", "jump"})["runs"][0]["verdict"], "XDP_PASS");
  const auto document = run({"--prog", "jump", "--map", "next=" + data("cli/data/next.json")});
  EXPECT_EQ(document["runs"][0]["verdict"], "XDP_TX");
  EXPECT_EQ(map_of(document, "next")["entries"][0]["value"], "count");
}

TEST(RunJson, AFaultIsAResult) {
  const auto document = run({"--prog", "crash"}, 4);
  const auto& fault = document["runs"][0]["fault"];
  EXPECT_EQ(fault["kind"], "memory");
  EXPECT_EQ(fault["program"], "crash");
  EXPECT_EQ(fault["file"], "./tests/cli/packets.bpf.c");
  EXPECT_EQ(fault["text"].get<std::string>().find("  return *nowhere"), 0u);
  EXPECT_EQ(fault["line"], 124);
  EXPECT_EQ(fault["address"], "0x0");
  EXPECT_EQ(fault["region"], "null page");
  EXPECT_EQ(document["runs"][0]["verdict"], nullptr);
}

TEST(RunJson, AnEndlessLoopEnds) {
  const auto document = run({"--prog", "forever", "--fuel", "1000"}, 4);
  EXPECT_EQ(document["runs"][0]["fault"]["kind"], "out_of_fuel");
}

TEST(RunJson, Functions) {
  auto document = run({"--func", "sum", "--arg", "[1, 2, 3]", "--arg", "3"});
  EXPECT_EQ(document["program"], nullptr);
  EXPECT_EQ(document["function"], "sum");
  EXPECT_EQ(document["runs"][0]["result"], 6);
  EXPECT_EQ(document["runs"][0]["result_type"], "__u32");
  EXPECT_EQ(document["runs"][0]["arguments"][0]["before"], (json{1, 2, 3}));

  // All values behind one option; what a pointer points to is shown again afterwards.
  document = run({"--func", "clamp", "--arg", R"({"packets": 9, "bytes": "0x10"})", "5", "ab"});
  EXPECT_EQ(document["runs"][0]["result"], -5);
  EXPECT_EQ(document["runs"][0]["return_value"], 0xfffffffb);
  EXPECT_EQ(document["runs"][0]["arguments"][0]["after"], (json{{"packets", 5}, {"bytes", 16 + 'a'}}));
  EXPECT_EQ(document["runs"][0]["arguments"][2]["before"], "ab");

  document = run({"--func", "clamp", "--arg", "null", "--arg", "-5", "--arg", "null"});
  EXPECT_EQ(document["runs"][0]["result"], -1);
}

TEST(RunJson, FunctionOverThePacket) {
  const auto document =
      run({"--func", "sum", "--arg", "data", "--arg", "2", "--hex", "0100 0200 ffffffffffffffffffffffff"});
  EXPECT_EQ(document["runs"][0]["result"], 3);
}

TEST(RunJson, MapsOutGoesInAgain) {
  const auto path =
      (std::filesystem::temp_directory_path() / ("skep_maps_" + std::to_string(getpid()) + ".json")).string();
  auto done = run_skep({"run", kObject, "--prog", "count", "--maps-out", path, "--cpus", "2"});
  ASSERT_EQ(done.exit, 0) << done.err;
  const auto written = run_process({"/bin/cat", path}).out;
  EXPECT_EQ(schema_error("maps.schema.json", written), "");
  const auto document = run(
      {"--prog", "count", "--map", "flows=" + path, "--map", "stats=" + path, "--map", ".bss=" + path, "--cpus", "2"});
  std::filesystem::remove(path);
  EXPECT_EQ(map_of(document, "flows")["entries"][0]["value"], 2);
  EXPECT_EQ(map_of(document, "stats")["entries"][0]["values"][0]["packets"], 2);
  EXPECT_EQ(map_of(document, ".bss")["entries"][0]["value"]["seen"], 2);
}

TEST(RunJson, TheSameEverywhere) {
  const std::vector<std::string> arguments = {"run", kObject, "--prog", "count", "--json"};
  EXPECT_EQ(run_skep(arguments).out, run_skep(arguments).out);
  EXPECT_EQ(run_skep(arguments).out, run_skep({kObject, "--prog", "count", "--json"}).out)
      << "run is the default command";
}

}  // namespace
}  // namespace skep::test
