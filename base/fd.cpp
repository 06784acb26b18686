#include "skep/base/fd.hpp"

#include <unistd.h>

namespace skep {

void Fd::reset() {
  if (fd_ >= 0) ::close(std::exchange(fd_, -1));
}

}  // namespace skep
