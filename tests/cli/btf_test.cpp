// skep btf: what it prints as JSON, and errors that a session of tests/cli/cases cannot show.
#include <unistd.h>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "skep/tests/support/btf_builder.hpp"
#include "skep/tests/support/paths.hpp"
#include "skep/tests/support/process.hpp"
#include "skep/tests/support/schema.hpp"
#include "skep/tests/support/temporary_file.hpp"

namespace skep::test {
namespace {

using nlohmann::json;

const std::string kObject = fixture("cli/packets.bpf");

json run(const std::string& schema, std::vector<std::string> arguments) {
  const auto done = run_skep(std::move(arguments));
  EXPECT_EQ(done.exit, 0) << done.err;
  EXPECT_EQ(schema_error(schema + ".schema.json", done.out), "");
  EXPECT_NE(done.out.find("\"schema\": \"skep/" + schema + "/1\""), std::string::npos);
  return json::parse(done.out, nullptr, false);
}

TEST(BtfCommand, DumpAsJson) {
  const auto document = run("btf-dump", {"btf", "dump", kObject, "--json"});
  const auto& types = document["types"];
  ASSERT_GT(types.size(), 50u);
  for (std::size_t i = 0; i < types.size(); i++) EXPECT_EQ(types[i]["id"], i + 1);
  EXPECT_EQ(types[0], (json{{"id", 1}, {"kind", "PTR"}, {"name", "(anon)"}, {"type_id", 3}}));
  EXPECT_EQ(run("btf-dump", {"btf", "dump", kObject, "--format", "json"}), document);
  EXPECT_EQ(run("btf-dump", {"btf", "dump", kObject, "--json", "--root", "1"})["types"], json::array({types[0]}));
}

TEST(BtfCommand, EveryKindAsJson) {
  BtfBuilder builder;
  const auto number = builder.integer("int", 4, BtfBuilder::kSigned);
  builder.enum64("big", 8, false, {{"MOST", -1}});
  builder.structure("bits", 4, {{"a", number, 3, 5}}, true);
  builder.record(7, "forward", 0, true, 0);
  builder.decl_tag("tag", number);
  builder.floating("double", 8);
  const auto x = builder.var("x", number);
  builder.datasec(".data", 4, {{x, 0, 4}});
  builder.func("f", builder.proto(number, {{"a", number}}));
  const TemporaryFile file(".btf", builder.build());
  const auto types = run("btf-dump", {"btf", "dump", file.path(), "--json"})["types"];
  EXPECT_EQ(types[1]["values"][0], (json{{"name", "MOST"}, {"val", "18446744073709551615"}}));
  EXPECT_EQ(types[2]["members"][0]["bitfield_size"], 5);
  EXPECT_EQ(types[3]["fwd_kind"], "union");
  EXPECT_EQ(types[4]["component_idx"], -1);
  EXPECT_EQ(types[7]["vars"][0], (json{{"type_id", 7}, {"offset", 0}, {"size", 4}}));
}

TEST(BtfCommand, ShowAndFindAsJson) {
  const auto shown = run("btf-show", {"btf", "show", kObject, "--json"});
  EXPECT_EQ(shown["byte_order"], "little");
  EXPECT_EQ(shown["base"], nullptr);
  std::size_t sum = 0;
  for (const auto& count : shown["kinds"]) sum += count.get<std::size_t>();
  EXPECT_EQ(shown["types"], sum);

  const auto found = run("btf-find", {"btf", "find", kObject, "flow", "--json"})["types"];
  ASSERT_EQ(found.size(), 1u);
  EXPECT_EQ(found[0]["size"], 4);
  EXPECT_EQ(found[0]["type"]["kind"], "STRUCT");
  EXPECT_NE(found[0]["c"].get<std::string>().find("/* offset 2, size 2 */"), std::string::npos);
}

TEST(BtfCommand, SplitBtfNeedsItsBase) {
  BtfBuilder below;
  const auto number = below.integer("int", 4, BtfBuilder::kSigned);
  const auto parsed = btf::Btf::parse(below.build());
  ASSERT_OK(parsed);
  BtfBuilder above(*parsed);
  above.structure("pair", 8, {{"a", number, 0}, {"b", number, 32}});
  const TemporaryFile base(".base", below.build()), file(".split", above.build());
  EXPECT_EQ(run_skep({"btf", "dump", file.path(), "--base", base.path()}).out,
            "[2] STRUCT 'pair' size=8 vlen=2\n\t'a' type_id=1 bits_offset=0\n\t'b' type_id=1 bits_offset=32\n");
  EXPECT_EQ(run("btf-show", {"btf", "show", file.path(), "--base", base.path(), "--json"})["base"], base.path());
  EXPECT_EQ(run_skep({"btf", "dump", file.path()}).exit, 3);
  const auto wrong = run_skep({"btf", "dump", file.path(), "--base", "/nonexistent"});
  EXPECT_EQ(wrong.exit, 3);
  EXPECT_NE(wrong.err.find("--base: "), std::string::npos) << wrong.err;
}

TEST(BtfCommand, NamesReachTheTerminalWithoutControlCharacters) {
  BtfBuilder builder;
  builder.integer("in\033[31mt", 4);
  builder.enumeration("e\nvil */", 4, false, {{"A\a", 1}});
  const TemporaryFile file(".btf", builder.build());
  EXPECT_EQ(run_skep({"btf", "dump", file.path(), "--root", "1"}).out,
            "[1] INT 'in?[31mt' size=4 bits_offset=0 nr_bits=32 encoding=(none)\n");
  const auto c = run_skep({"btf", "find", file.path(), "e\nvil */"});
  EXPECT_EQ(c.out, "/* type 2, ENUM, size 4 */\nenum e_vil___ {\n\tA_ = 1,\n};\n");
}

TEST(BtfCommand, TheRunningKernel) {
  if (::access("/sys/kernel/btf/vmlinux", R_OK) != 0) GTEST_SKIP() << "no BTF of a running kernel";
  EXPECT_EQ(run("btf-show", {"btf", "show", "vmlinux", "--json"})["file"], "/sys/kernel/btf/vmlinux");
  EXPECT_GT(run("btf-find", {"btf", "find", "vmlinux", "task_struct", "--json"})["types"][0]["size"], 1000);
  const auto header = run_skep({"btf", "dump", "vmlinux", "--format", "c"});
  EXPECT_EQ(header.exit, 0);
  EXPECT_EQ(header.out, run_skep({"btf", "dump", "--format", "c"}).out);
  EXPECT_TRUE(header.out.starts_with("#ifndef __VMLINUX_H__\n"));
  EXPECT_TRUE(header.out.ends_with("#endif /* __VMLINUX_H__ */\n"));
}

}  // namespace
}  // namespace skep::test
