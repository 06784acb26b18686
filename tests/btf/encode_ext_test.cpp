// .BTF.ext written again, from everything that clang wrote.
#include <gtest/gtest.h>

#include "skep/btf/encode_ext.hpp"
#include "skep/elf/file.hpp"
#include "skep/tests/support/objects.hpp"
#include "skep/tests/support/result.hpp"

namespace skep::btf {
namespace {

template <class Record>
bool same(const std::vector<SectionRecords<Record>>& a, const std::vector<SectionRecords<Record>>& b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [](const auto& x, const auto& y) { return x.section == y.section && x.records == y.records; });
}

TEST(EncodeExt, ComesBackInBothByteOrders) {
  for (const auto* name : {"elf/calls.bpf", "elf/calls.bpfeb", "elf/core.bpf", "elf/externs.bpfeb"}) {
    SCOPED_TRACE(name);
    const auto object = test::bytes_of(test::fixture(name));
    const auto file = elf::File::open(object);
    ASSERT_OK(file);
    const auto types = file->section(".BTF")->data, records = file->section(".BTF.ext")->data;
    const auto btf = Btf::parse({types.begin(), types.end()});
    ASSERT_OK(btf);
    const auto ext = Ext::parse(records, *btf);
    ASSERT_OK(ext);

    Builder builder(btf->byte_order());
    ASSERT_OK(builder.append(*btf));  // ids stay
    const auto written = encode_ext(*ext, builder);
    ASSERT_OK(written);
    const auto again = builder.build();
    ASSERT_OK(again);
    const auto read = Ext::parse(*written, *again);
    ASSERT_OK(read);
    EXPECT_TRUE(same(ext->funcs, read->funcs));
    EXPECT_TRUE(same(ext->lines, read->lines));
    EXPECT_TRUE(same(ext->core, read->core));
    EXPECT_FALSE(read->lines.empty());
    EXPECT_EQ(load<std::uint32_t>(written->data() + 4, btf->byte_order()), ext->core.empty() ? 24u : 32u);
  }
}

TEST(EncodeExt, Nothing) {
  Builder builder;
  const auto written = encode_ext({.funcs = {}, .lines = {}, .core = {}}, builder);
  ASSERT_OK(written);
  EXPECT_EQ(written->size(), 24u);
  // A group without records is refused by readers.
  EXPECT_EQ(encode_ext({.funcs = {{"tc", {}}}, .lines = {}, .core = {}}, builder)->size(), 24u);
}

TEST(EncodeExt, RefusesWhatARecordCannotHold) {
  Builder builder;
  EXPECT_EQ(test::message(encode_ext({.funcs = {{"tc", {{0, TypeId{7}}}}}, .lines = {}, .core = {}}, builder)),
            "func_info: section \"tc\": record 0: type 7, there are 1");
  EXPECT_EQ(test::message(encode_ext({.funcs = {{"", {{0, TypeId{}}}}}, .lines = {}, .core = {}}, builder)),
            "func_info: a section without a name");
  EXPECT_EQ(
      test::message(encode_ext({.funcs = {}, .lines = {{"tc", {{0, "f", "t", 1u << 22, 0}}}}, .core = {}}, builder)),
      "line_info: section \"tc\": record 0: line 4194304, column 0: at most 4194303 and 1023");
}

}  // namespace
}  // namespace skep::btf
