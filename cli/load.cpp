#include "skep/cli/load.hpp"

#include "skep/base/file.hpp"
#include "skep/cli/output.hpp"
#include "skep/elf/load.hpp"

namespace skep::cli {

Result<CollectionSpec> load_object(const std::string& path) {
  const auto bytes = SKEP_TRY(read_file(path));
  auto spec = SKEP_TRY_CTX(elf::load(bytes), "{}", path);
  for (const auto& warning : spec.warnings) warn(fmt::format("{}: {}", path, warning));
  return spec;
}

}  // namespace skep::cli
