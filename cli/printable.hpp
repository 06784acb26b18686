// Text from files that nobody vouches for, on its way to a terminal.
#pragma once

#include <string>
#include <string_view>

namespace skep::cli {

// Text of one line. '?' takes the place of whatever could do more than stand there: control characters (C0, DEL and
// C1, of which U+009B begins escape sequences), those that turn the direction of writing around (U+202A to U+202E and
// U+2066 to U+2069), and bytes that are no UTF-8, for a terminal may take them for C1.
std::string printable(std::string_view text);
// The same of several lines: newlines and tabs stay. Names in it must have been made printable before, if a line of
// theirs could be taken for one of the text's.
std::string printable_lines(std::string_view text);

}  // namespace skep::cli
