// Kernel configuration (libbpf's bpf_object__resolve_externs and set_kcfg_value_*).
#include <optional>

#include "skep/spec/resolve.hpp"

namespace skep::spec {
namespace {

constexpr std::string_view kOption = "CONFIG_";

std::optional<std::uint64_t> virtual_value(std::string_view name, const Target& target) {
  if (name == "LINUX_KERNEL_VERSION") return target.kernel_version;
  if (name == "LINUX_HAS_BPF_COOKIE") return target.has_bpf_cookie;
  if (name == "LINUX_HAS_SYSCALL_WRAPPER") return target.has_syscall_wrapper;
  return std::nullopt;
}

// Nothing: the target does not tell.
Result<std::optional<std::vector<std::byte>>> value_of(const CollectionSpec& collection, const VariableSpec& variable,
                                                       const Target& target) {
  const auto order = collection.byte_order;
  if (variable.name.starts_with(kOption)) {
    const auto option = target.kconfig.find(variable.name);
    if (option == target.kconfig.end()) return std::nullopt;
    return SKEP_TRY_CTX(kconfig_bytes(collection.types, variable.type, variable.size, option->second, order), "{}={}",
                        variable.name, option->second);
  }
  const auto value = virtual_value(variable.name, target);
  if (!value) return std::nullopt;
  return SKEP_TRY_CTX(kconfig_bytes(collection.types, variable.type, variable.size, *value, order), "{}={}",
                      variable.name, *value);
}

}  // namespace

Result<> resolve_kconfig(CollectionSpec& collection, const Target& target) {
  for (const auto& symbol : collection.externs) {
    if (symbol.kind != ExternSpec::Kind::kconfig || symbol.given) continue;
    const auto* variable = collection.variable(symbol.name);
    if (variable == nullptr) continue;
    const auto value = SKEP_TRY(value_of(collection, *variable, target));
    if (value) SKEP_TRY(collection.set_variable(symbol.name, *value));
  }
  return {};
}

}  // namespace skep::spec
