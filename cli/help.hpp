// Texts made of the rows: what `skep help` prints, and the man pages below docs/man.
#pragma once

#include <string>

#include "skep/cli/verb.hpp"

namespace skep::cli {

// "skep disasm [OPTIONS] OBJ"; "" for a group of commands.
std::string usage(const VerbRow& verb);
// All commands, one line each.
std::string overview();
// One command: synopsis, description, options, exit status, examples; 80 columns.
std::string help(const VerbRow& verb);
// The same as a man page (man(7) macros): docs/man/skep-VERB.1. That of a group tells all about its commands.
std::string man_page(const VerbRow& verb);

}  // namespace skep::cli
