// Kernels for tests/spec/core_check.bpf.c: what each has of the types that its programs name.
#pragma once

#include "skep/tests/support/btf_builder.hpp"

namespace skep::test {

// Everything, at other places.
inline std::vector<std::byte> full_kernel(ByteOrder order = ByteOrder::little) {
  BtfBuilder b(order);
  const auto integer = b.integer("int", 4, BtfBuilder::kSigned);
  const auto wide = b.integer("long", 8, BtfBuilder::kSigned);
  b.structure("task", 32,
              {{"new", wide, 0},
               {"pid", integer, 64},
               {"cpu", integer, 96},
               {"state", integer, 128},
               {"wide", wide, 192}});
  b.structure("gone", 4, {{"a", integer, 0}});
  b.enumeration("mode", 4, false, {{"MODE_SLOW", 0}, {"MODE_FAST", 9}});
  return b.build();
}

// `state` and `cpu` have other names, MODE_FAST as well; there is no struct gone; `wide` is narrow.
inline std::vector<std::byte> other_kernel() {
  BtfBuilder b;
  const auto integer = b.integer("int", 4, BtfBuilder::kSigned);
  b.structure("task", 16,
              {{"pid", integer, 0}, {"__state", integer, 32}, {"recent_used_cpu", integer, 64}, {"wide", integer, 96}});
  b.structure("gone_", 4, {{"a", integer, 0}});
  b.enumeration("mode", 4, false, {{"MODE_SLOW", 0}, {"MODE_FASTER", 9}});
  return b.build();
}

// Two structures of one name that do not agree on `pid`, and all the rest.
inline std::vector<std::byte> ambiguous_kernel() {
  BtfBuilder b;
  const auto integer = b.integer("int", 4, BtfBuilder::kSigned);
  const auto wide = b.integer("long", 8, BtfBuilder::kSigned);
  const auto task = [&](std::uint32_t shift) {
    b.structure("task", 48,
                {{"pid", integer, shift}, {"cpu", integer, 96}, {"state", integer, 128}, {"wide", wide, 192}});
  };
  task(0);
  task(32);
  b.structure("gone", 4, {{"a", integer, 0}});
  b.enumeration("mode", 4, false, {{"MODE_SLOW", 0}, {"MODE_FAST", 9}});
  return b.build();
}

}  // namespace skep::test
