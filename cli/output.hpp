// Where commands print: data to standard output, whole and checked. Colour only on a terminal, and not if
// NO_COLOR is set (https://no-color.org).
#pragma once

#include <string>
#include <string_view>

namespace skep::cli {

// Writes to standard output. A failed write is remembered for output_failed().
void put(std::string_view text);
// One line "skep: warning: …" to standard error.
void warn(std::string_view text);
// One line "skep: error: …" to standard error, behind what was printed so far.
void complain(std::string_view text);
// Flushes; whether any write failed (a full disk; a closed pipe ends the process before).
bool output_failed();

enum class Colour { red, green, yellow, dim, bold };
// The text in that colour if standard output is a terminal that may show it, the plain text otherwise.
std::string paint(Colour colour, std::string_view text);

}  // namespace skep::cli
