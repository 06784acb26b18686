// Texts made of the rows: what `skep help` prints, and the man pages below docs/man.
#pragma once

#include <string>

#include "skep/cli/verb.hpp"

namespace skep::cli {

// All commands, one line each.
std::string overview();
// One command: synopsis, description, options, exit status, examples; 80 columns.
std::string help(const VerbRow& verb);
// The same as a man page (man(7) macros): docs/man/skep-VERB.1.
std::string man_page(const VerbRow& verb);

}  // namespace skep::cli
