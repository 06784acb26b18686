// The frame of vmlinux.h, macro names included, is bpftool's: programs and build rules rely on them.
#include "skep/btf/c_format.hpp"

#include <algorithm>
#include <utility>
#include <vector>

#include "skep/btf/c_writer.hpp"

namespace skep::btf {
namespace {

constexpr std::string_view kBegin = R"(#ifndef __VMLINUX_H__
#define __VMLINUX_H__

#ifndef BPF_NO_PRESERVE_ACCESS_INDEX
#pragma clang attribute push (__attribute__((preserve_access_index)), apply_to = record)
#endif

#ifndef __ksym
#define __ksym __attribute__((section(".ksyms")))
#endif

#ifndef __weak
#define __weak __attribute__((weak))
#endif

#ifndef __bpf_fastcall
#if __has_attribute(bpf_fastcall)
#define __bpf_fastcall __attribute__((bpf_fastcall))
#else
#define __bpf_fastcall
#endif
#endif

)";

constexpr std::string_view kEnd = R"(#ifndef BPF_NO_PRESERVE_ACCESS_INDEX
#pragma clang attribute pop
#endif

#endif /* __VMLINUX_H__ */
)";

// Whether it has a definition of its own, so that a header of everything must hold it.
bool is_definition(const Btf& btf, TypeId id) {
  switch (btf.kind(id)) {
    case Kind::Struct:
    case Kind::Union:
    case Kind::Enum:
    case Kind::Enum64: return !btf.name(id).empty();
    case Kind::Typedef: return true;
    default: return false;
  }
}

struct Kfunc {
  TypeId id;
  bool is_fast = false;
};

// By name, as they are looked for.
Result<std::vector<Kfunc>> kfuncs_of(const Btf& btf) {
  std::vector<Kfunc> found;
  std::vector<TypeId> fast;
  for (std::uint32_t i = 1; i < btf.type_count(); ++i) {
    if (btf.kind(TypeId{i}) != Kind::DeclTag) continue;
    const auto tag = SKEP_TRY(btf.get<DeclTag>(TypeId{i}));
    if (tag.component != -1 || btf.kind(tag.type) != Kind::Func) continue;
    if (tag.value == "bpf_kfunc") found.push_back({tag.type});
    if (tag.value == "bpf_fastcall") fast.push_back(tag.type);
  }
  std::ranges::sort(fast);
  for (auto& each : found) each.is_fast = std::ranges::binary_search(fast, each.id);
  std::ranges::sort(found, {}, [&](const Kfunc& each) { return std::pair(btf.name(each.id), each.id); });
  return found;
}

Result<> put_kfuncs(const Btf& btf, detail::CWriter& writer) {
  const auto kfuncs = SKEP_TRY(kfuncs_of(btf));
  if (kfuncs.empty()) return {};
  // What they need first: a program may leave the prototypes out, not the types.
  for (const auto& each : kfuncs) {
    const auto func = SKEP_TRY(btf.get<Func>(each.id));
    SKEP_TRY(writer.define(func.proto));
  }
  writer.out() += "/* BPF kfuncs */\n#ifndef BPF_NO_KFUNC_PROTOTYPES\n";
  for (const auto& each : kfuncs) {
    SKEP_TRY(writer.define(each.id, each.is_fast ? "extern __bpf_fastcall " : "extern ", " __weak __ksym"));
    if (writer.out().ends_with("\n\n")) writer.out().pop_back();
  }
  writer.out() += "#endif\n\n";
  return {};
}

}  // namespace

Result<std::string> c_header(const Btf& btf, std::span<const TypeId> roots) {
  detail::CWriter writer(btf);
  writer.out() = kBegin;
  for (const auto id : roots) SKEP_TRY(writer.define(id));
  if (roots.empty()) {
    for (std::uint32_t id = 1; id < btf.type_count(); ++id)
      if (is_definition(btf, TypeId{id})) SKEP_TRY(writer.define(TypeId{id}));
    SKEP_TRY(writer.define_leftovers());
    SKEP_TRY(put_kfuncs(btf, writer));
  }
  writer.out() += kEnd;
  return std::move(writer.out());
}

Result<std::string> c_declaration(const Btf& btf, TypeId id) { return detail::CWriter(btf).describe(id); }

}  // namespace skep::btf
