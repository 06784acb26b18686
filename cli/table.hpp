// Columns of text for people.
#pragma once

#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

namespace skep::cli {

// Bytes from a hostile file as text for a terminal: control characters become '?'.
std::string printable(std::string_view text);

class Table {
 public:
  // `right`: the columns that hold numbers and stand to the right.
  Table(std::initializer_list<std::string_view> headings, std::initializer_list<std::size_t> right);

  void add(std::vector<std::string> cells);
  // A line of its own below the last row.
  void add_line(std::string line);
  // An empty line, the headings, and the rows.
  std::string text() const;

 private:
  struct Row {
    std::vector<std::string> cells;
    std::string line;  // if there are no cells
  };
  std::vector<std::string> headings_;
  std::vector<bool> right_;
  std::vector<Row> rows_;
};

}  // namespace skep::cli
