#include "skep/base/error.hpp"

#include <system_error>

namespace skep {

std::string errno_text(int sys) {
  return fmt::format("{} (errno {})", std::generic_category().message(sys), sys);
}

}  // namespace skep
