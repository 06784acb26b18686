// skep core min: what a session of tests/cli/cases cannot show.
#include <filesystem>

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

const std::string kObject = fixture("elf/core.bpf");

TEST(CoreMinCommand, Json) {
  const TemporaryFile out(".min.btf", {});
  const auto done = run_skep({"core", "min", kObject, kObject, "--btf", kObject, "-o", out.path(), "--json"});
  ASSERT_EQ(done.exit, 0) << done.err;
  EXPECT_EQ(done.err, "");
  EXPECT_EQ(schema_error("core-min.schema.json", done.out), "");
  EXPECT_EQ(done.out.find("{\n  \"schema\": \"skep/core-min/1\""), 0u);
  const auto document = json::parse(done.out, nullptr, false);
  ASSERT_EQ(document["objects"].size(), 2u);
  EXPECT_EQ(document["objects"][0], (json{{"object", kObject}, {"relocations", 4}, {"missing", 0}, {"errors", 0}}));
  EXPECT_EQ(document["minimal"]["size"], std::filesystem::file_size(out.path()));
  EXPECT_GT(document["btf"]["types"], document["minimal"]["types"]);
}

TEST(CoreMinCommand, OfTheRunningKernel) {
  if (!std::filesystem::exists("/sys/kernel/btf/vmlinux")) GTEST_SKIP() << "no BTF of the running kernel";
  const auto object = fixture("spec/core/reads.bpf");
  const auto done = run_skep({"core", "min", object, "-o", "-"});
  EXPECT_EQ(done.exit, 0);
  EXPECT_EQ(done.err, "");
  EXPECT_LT(done.out.size(), 1000u);
  EXPECT_EQ(run_skep({"core", "min", object, object, "--btf", "vmlinux", "-o", "-"}).out, done.out);
}

TEST(CoreMinCommand, RefusesSplitBtf) {
  BtfBuilder base;
  base.integer("int", 4);
  const auto kernel = base.parse();
  ASSERT_OK(kernel);
  BtfBuilder module(*kernel);
  module.structure("s", 4, {{"a", btf::TypeId{1}, 0}});
  const TemporaryFile file(".split.btf", module.build());
  const auto done = run_skep({"core", "min", kObject, "--btf", file.path(), "-o", "-"});
  EXPECT_EQ(done.exit, 3);  // by itself it makes no sense
  EXPECT_NE(done.err.find(file.path()), std::string::npos) << done.err;
  EXPECT_EQ(done.out, "");
}

}  // namespace
}  // namespace skep::test
