// The running kernel's own BTF: large, real, and not written by us.
#include <algorithm>
#include <atomic>
#include <cstdlib>
#include <new>

#include <malloc.h>
#include <unistd.h>

#include <gtest/gtest.h>

#include "skep/base/file.hpp"
#include "skep/btf/c_name.hpp"
#include "skep/tests/support/result.hpp"

namespace {
// Bytes from operator new that are in use.
std::atomic<std::int64_t> live_bytes = 0;
}  // namespace

void* operator new(std::size_t size) {
  void* at = std::malloc(size);
  if (!at) throw std::bad_alloc();
  live_bytes += static_cast<std::int64_t>(malloc_usable_size(at));
  return at;
}
void operator delete(void* at) noexcept {
  if (at) live_bytes -= static_cast<std::int64_t>(malloc_usable_size(at));
  std::free(at);
}
void operator delete(void* at, std::size_t) noexcept { operator delete(at); }

namespace skep::btf {
namespace {

constexpr const char* kPath = "/sys/kernel/btf/vmlinux";

class Vmlinux : public testing::Test {
 protected:
  void SetUp() override {
    if (::access(kPath, R_OK) != 0) GTEST_SKIP() << kPath << " cannot be read: no BTF of a running kernel";
    const auto opened = Btf::open(kPath);
    ASSERT_OK(opened);
    btf = *opened;
  }
  Btf btf;
};

TEST_F(Vmlinux, EveryTypeDecodes) {
  std::size_t fields = 0;
  for (std::uint32_t id = 0; id < btf.type_count(); ++id) {
    const auto type = btf.type(TypeId{id});
    ASSERT_OK(type);
    if (const auto* composite = std::get_if<Composite>(&*type)) fields += composite->members.size();
  }
  EXPECT_GT(btf.type_count(), 10'000u);
  EXPECT_GT(fields, 10'000u);
}

TEST_F(Vmlinux, KnownTypes) {
  for (const auto* name : {"task_struct", "sk_buff", "file", "inode"}) {
    const auto id = btf.find(name, Kind::Struct);
    ASSERT_TRUE(id) << name;
    const auto composite = btf.get<Composite>(*id);
    ASSERT_OK(composite);
    EXPECT_EQ(*btf.size_of(*id), composite->size);
    EXPECT_EQ(c_name(btf, *id), std::string("struct ") + name);
    // No member reaches beyond the structure.
    for (const auto& member : composite->members) {
      const auto bits = member.bitfield_size ? member.bitfield_size : *btf.size_of(member.type) * 8;
      EXPECT_LE(member.bit_offset + bits, std::uint64_t{composite->size} * 8) << name << "." << member.name;
    }
  }
  EXPECT_GT(*btf.size_of(*btf.find("task_struct", Kind::Struct)), 1000u);
  EXPECT_GE(*btf.size_of(*btf.find("sk_buff", Kind::Struct)), 200u);
  EXPECT_EQ(btf.pointer_size(), 8u);

  // A value that the interface fixes for ever.
  const auto types = btf.get<Enum>(btf.find("bpf_prog_type", Kind::Enum).value());
  ASSERT_OK(types);
  EXPECT_EQ(types->values.at(6), (Enumerator{"BPF_PROG_TYPE_XDP", 6}));
}

TEST_F(Vmlinux, NamesAgreeWithASearchOfAllTypes) {
  for (std::uint32_t id = 1; id < btf.type_count(); id += 97) {
    const auto name = btf.name(TypeId{id});
    if (name.empty()) continue;
    const auto all = btf.find_all(name);
    EXPECT_TRUE(std::binary_search(all.begin(), all.end(), TypeId{id})) << name;
    EXPECT_EQ(btf.find(name), all.front());
    EXPECT_LE(number(*btf.find(name, btf.kind(TypeId{id}))), id);
    for (const auto same : all) EXPECT_EQ(btf.name(same), name);
  }
}

TEST_F(Vmlinux, SizesAndNamesOfAllTypes) {
  for (std::uint32_t id = 1; id < btf.type_count(); ++id) {
    const auto size = btf.size_of(TypeId{id});
    EXPECT_TRUE(size || size.error().code() == Errc::invalid) << test::message(size);
    ASSERT_OK(btf.strip(TypeId{id}));
    const auto name = c_name(btf, TypeId{id});
    EXPECT_EQ(name.find('?'), std::string::npos) << name;
  }
}

TEST_F(Vmlinux, OpeningDecodesNothing) {
  auto raw = read_file(kPath);
  ASSERT_OK(raw);
  const auto before = live_bytes.load();
  const auto parsed = Btf::parse(std::move(*raw));
  ASSERT_OK(parsed);
  // Beyond the bytes that it was given: less than two integers a type.
  EXPECT_LT(live_bytes - before, std::int64_t{parsed->type_count()} * 8);
  EXPECT_TRUE(*parsed == btf);

  // And a name index of about as much when names are asked for, but not again.
  const auto opened = live_bytes.load();
  ASSERT_TRUE(parsed->find("task_struct"));
  const auto indexed = live_bytes.load();
  EXPECT_LT(indexed - opened, std::int64_t{parsed->type_count()} * 10);
  ASSERT_TRUE(parsed->find("sk_buff"));
  EXPECT_EQ(live_bytes, indexed);
}

}  // namespace
}  // namespace skep::btf
