// The BTF of every object that the build makes: what clang writes, in both byte orders.
#pragma once

#include <algorithm>
#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "skep/base/file.hpp"
#include "skep/btf/btf.hpp"
#include "skep/elf/file.hpp"

namespace skep::test {

// Path and BTF, in the order of their names.
inline std::vector<std::pair<std::string, btf::Btf>> all_btf() {
  std::vector<std::pair<std::string, btf::Btf>> all;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(SKEP_BUILD_DIR "/bpf")) {
    if (entry.path().extension() != ".o") continue;
    const auto bytes = read_file(entry.path().string());
    if (!bytes) continue;
    const auto file = elf::File::open(*bytes);
    if (!file) continue;
    const auto* section = file->section(".BTF");
    if (!section) continue;
    auto btf = btf::Btf::parse({section->data.begin(), section->data.end()});
    if (btf) all.emplace_back(entry.path().string(), std::move(*btf));
  }
  std::sort(all.begin(), all.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
  return all;
}

// The same types under the same ids; their strings may lie elsewhere.
inline testing::AssertionResult same_types(const btf::Btf& a, const btf::Btf& b) {
  if (a.type_count() != b.type_count())
    return testing::AssertionFailure() << a.type_count() << " types and " << b.type_count();
  for (std::uint32_t id = 0; id < a.type_count(); ++id) {
    const auto x = a.type(btf::TypeId{id}), y = b.type(btf::TypeId{id});
    if (x.has_value() != y.has_value() || (x && *x != *y))
      return testing::AssertionFailure() << a.describe(btf::TypeId{id}) << " and " << b.describe(btf::TypeId{id})
                                         << ": " << (x ? "" : x.error().what()) << (y ? "" : y.error().what());
  }
  return testing::AssertionSuccess();
}

}  // namespace skep::test
