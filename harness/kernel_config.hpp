// Kernel configurations as they lie about: /boot/config-*, .config, /proc/config.gz.
#pragma once

#include <string>

#include "skep/spec/kconfig.hpp"

namespace skep::harness {

// Adds the options of a file, text or gzip, to `values`; of several files the first that names an option counts. Errors:
// os, malformed (with the line; a broken or endless gzip; a text that names no option); the message names the path.
Result<> add_kconfig_file(const std::string& path, spec::Kconfig& values);

}  // namespace skep::harness
