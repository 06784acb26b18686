// Kernel configuration (libbpf's bpf_object__resolve_externs and set_kcfg_value_*).
#include <optional>
#include <variant>

#include "skep/spec/resolve.hpp"

namespace skep::spec {
namespace {

// What the target has of that name: the text of an option, or a virtual value.
using Told = std::variant<std::string_view, std::uint64_t>;

std::optional<Told> told(std::string_view name, const Target& target) {
  if (name.starts_with("CONFIG_")) {
    const auto option = target.kconfig.find(name);
    return option == target.kconfig.end() ? std::nullopt : std::optional<Told>(option->second);
  }
  if (name == "LINUX_KERNEL_VERSION") return target.kernel_version;
  if (name == "LINUX_HAS_BPF_COOKIE") return target.has_bpf_cookie;
  if (name == "LINUX_HAS_SYSCALL_WRAPPER") return target.has_syscall_wrapper;
  return std::nullopt;
}

}  // namespace

Result<> resolve_kconfig(CollectionSpec& collection, const Target& target) {
  for (const auto& symbol : collection.externs) {
    if (symbol.kind != ExternSpec::Kind::kconfig || symbol.given) continue;
    const auto value = told(symbol.name, target);
    const auto* variable = value ? collection.variable(symbol.name) : nullptr;
    if (variable == nullptr) continue;
    const auto bytes_of = [&](const auto& each) -> Result<std::vector<std::byte>> {
      return SKEP_TRY_CTX(kconfig_bytes(collection.types, variable->type, variable->size, each, collection.byte_order),
                          "{}={}", symbol.name, each);
    };
    const auto bytes = std::visit(bytes_of, *value);
    // The object and the target do not fit each other: nobody called this wrongly.
    if (!bytes) return fail(Errc::rejected, "{}", bytes.error().what());
    SKEP_TRY(collection.set_variable(symbol.name, *bytes));
  }
  return {};
}

}  // namespace skep::spec
