// The running kernel's types as C: clang must accept them, and see every size and offset that the BTF says.
#include <unistd.h>

#include <gtest/gtest.h>

#include "skep/btf/c_format.hpp"
#include "skep/btf/c_name.hpp"
#include "skep/tests/btf/c_asserts.hpp"
#include "skep/tests/support/result.hpp"

namespace skep::btf {
namespace {

constexpr const char* kPath = "/sys/kernel/btf/vmlinux";

bool is_tag(Kind kind) {
  return kind == Kind::Struct || kind == Kind::Union || kind == Kind::Enum || kind == Kind::Enum64;
}

class CFormatVmlinux : public testing::Test {
 protected:
  void SetUp() override {
    if (::access(kPath, R_OK) != 0) GTEST_SKIP() << kPath << " cannot be read: no BTF of a running kernel";
    const auto opened = Btf::open(kPath);
    ASSERT_OK(opened);
    btf = *opened;
  }

  // Types of a name that others have too are called otherwise in C.
  bool is_only_one(TypeId id) const {
    std::size_t count = 0;
    for (const auto same : btf.find_all(btf.name(id)))
      count += is_tag(btf.kind(id)) ? is_tag(btf.kind(same)) : btf.kind(same) == btf.kind(id);
    return count == 1;
  }

  Btf btf;
};

TEST_F(CFormatVmlinux, EverySizeAndOffsetIsThatOfTheBtf) {
  const auto header = c_header(btf);
  ASSERT_OK(header);
  test::LayoutAsserts asserts(btf);
  for (std::uint32_t i = 1; i < btf.type_count(); ++i) {
    const TypeId id{i};
    const auto kind = btf.kind(id);
    if (kind != Kind::Struct && kind != Kind::Union && kind != Kind::Typedef) continue;
    if (btf.name(id).empty() || !is_only_one(id)) continue;
    // A typedef is the name of a structure that has none.
    const auto composite = btf.strip(id).value_or(TypeId::none);
    if (kind == Kind::Typedef && !btf.name(composite).empty()) continue;
    asserts.add(composite, c_name(btf, id));
  }
  EXPECT_GT(asserts.count(), 100'000u);
  EXPECT_EQ(test::compile_errors(*header + asserts.text(), {"-fsyntax-only"}), "") << asserts.count() << " assertions";
}

TEST_F(CFormatVmlinux, CompilesAsOlderCToo) {
  EXPECT_EQ(test::compile_errors(*c_header(btf), {"-std=gnu11", "-fsyntax-only"}), "");
}

// A program that relies on what others write about vmlinux.h.
TEST_F(CFormatVmlinux, AProgramUsesIt) {
  const auto header = c_header(btf);
  ASSERT_OK(header);
  EXPECT_EQ(test::compile_errors(*header + R"(
int probe(struct task_struct *task, struct sk_buff *skb) {
  enum bpf_prog_type type = BPF_PROG_TYPE_XDP;
  u32 pid = task->pid;
  struct task_struct *again = bpf_task_from_pid ? bpf_task_from_pid(pid) : 0;
  return skb->len + type + (again != 0);
}
)"),
            "");
}

TEST_F(CFormatVmlinux, RootsBringWhatTheyNeed) {
  const TypeId roots[] = {*btf.find("sk_buff", Kind::Struct), *btf.find("bpf_prog_run_xdp", Kind::Func).or_else([] {
    return std::optional(TypeId::none);
  })};
  const auto header = c_header(btf, roots);
  ASSERT_OK(header);
  EXPECT_LT(header->size(), c_header(btf)->size() / 2);
  test::LayoutAsserts asserts(btf);
  asserts.add(roots[0], "struct sk_buff");
  EXPECT_EQ(test::compile_errors(*header + asserts.text()), "");
}

TEST_F(CFormatVmlinux, EachTypeAlone) {
  for (const auto* name : {"task_struct", "list_head", "bpf_attr"}) {
    const auto text = c_declaration(btf, *btf.find(name));
    ASSERT_OK(text);
    EXPECT_TRUE(text->starts_with(name == std::string("bpf_attr") ? "union bpf_attr {\n" : "struct ")) << *text;
    EXPECT_TRUE(text->ends_with("};") || text->ends_with(";")) << *text;
  }
  EXPECT_EQ(*c_declaration(btf, *btf.find("list_head", Kind::Struct)),
            "struct list_head {\n"
            "\tstruct list_head *next; /* offset 0, size 8 */\n"
            "\tstruct list_head *prev; /* offset 8, size 8 */\n"
            "};");
}

}  // namespace
}  // namespace skep::btf
