// libbpf's names for maps. The rules by example, and libbpf itself asked for many paths.
#include "skep/spec/libbpf_name.hpp"

#include <filesystem>

#include <gtest/gtest.h>
#include <unistd.h>

#include "skep/tests/support/libbpf.hpp"
#include "skep/tests/support/objects.hpp"
#include "skep/tests/support/result.hpp"

namespace skep {
namespace {

std::string name(const std::string& map, MapKind kind, const std::string& path) {
  MapSpec spec;
  spec.name = map;
  spec.kind = kind;
  return libbpf_name(spec, path);
}

TEST(LibbpfName, UserMapsKeepTheirNames) {
  EXPECT_EQ(name("a_map_with_a_very_long_name", MapKind::user, "x.o"), "a_map_with_a_very_long_name");
  EXPECT_EQ(name("ops", MapKind::struct_ops, "x.o"), "ops");
}

TEST(LibbpfName, DataSectionsAreNamedAfterTheObject) {
  EXPECT_EQ(name(".rodata", MapKind::rodata, "dir/my_object_name.bpf.o"), "my_objec.rodata");
  EXPECT_EQ(name(".bss", MapKind::bss, "my_object_name.o"), "my_objec.bss");
  EXPECT_EQ(name(".kconfig", MapKind::kconfig, "my_object_name.o"), "my_obje.kconfig");
  EXPECT_EQ(name(".data", MapKind::data, "lb.bpf.o"), "lb.data");
  EXPECT_EQ(name(".data", MapKind::data, "a-b c.o"), "a_b_c.data");
}

TEST(LibbpfName, CustomSectionsKeepTheirOwn) {
  EXPECT_EQ(name(".rodata.a_very_long_section", MapKind::rodata, "x.o"), ".rodata.a_very_long_section");
  EXPECT_EQ(name(".bss.a_very_long_section", MapKind::bss, "x.o"), ".bss.a_very_lon");
}

TEST(LibbpfName, IsWhatLibbpfSaysForAnyPath) {
  if (!test::Libbpf::get()) GTEST_SKIP() << "libbpf.so.1 is not installed";
  const auto folder = std::filesystem::temp_directory_path() / ("skep_names_" + std::to_string(getpid()));
  std::filesystem::create_directories(folder);
  for (const std::string fixture : {"elf/data.bpf", "elf/externs.bpf"})
    for (const std::string file :
         {"a.o", "lb.bpf.o", ".hidden.o", "exactly_fifteen.o", "more_than_fifteen_characters.o",
          "with-dash and blank.o", "no_extension", "d.o.t.s", "\xc3\xa4.o"}) {
      const auto path = (folder / file).string();
      std::filesystem::copy_file(test::fixture(fixture), path);
      const auto object = test::libbpf_open(path);
      ASSERT_NE(object, nullptr) << path;
      bpf_map* map = nullptr;
      for (const auto& ours : test::load_fixture(fixture).maps) {
        map = SKEP_LIBBPF(bpf_object__next_map)(object.get(), map);
        ASSERT_NE(map, nullptr);
        EXPECT_EQ(libbpf_name(ours, path), SKEP_LIBBPF(bpf_map__name)(map)) << path;
      }
      std::filesystem::remove(path);
    }
  std::filesystem::remove_all(folder);
}

}  // namespace
}  // namespace skep
