// The command line of one command, parsed as its row says.
#pragma once

#include "skep/cli/verb.hpp"

namespace skep::cli {

// `words`: what follows the command's name. --help (-h) is always accepted and stops all checks: then
// the result has "--help". Errors: invalid.
Result<Arguments> parse(const VerbRow& verb, std::span<const std::string> words);

}  // namespace skep::cli
