// Columns of text for people.
#pragma once

#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

namespace skep::cli {

class Table {
 public:
  // `right`: the columns that hold numbers and stand to the right.
  Table(std::initializer_list<std::string_view> headings, std::initializer_list<std::size_t> right);

  void add(std::vector<std::string> cells);
  // A line of its own below the last row.
  void add_line(std::string line);
  // An empty line, the headings, and the rows. A long table comes in pieces: each call gives the rows that were added
  // since the last one, only the first the headings, and columns never get narrower.
  std::string text();
  // Bytes held, about.
  std::size_t held() const { return held_; }

 private:
  struct Row {
    std::vector<std::string> cells;
    std::string line;  // if there are no cells
  };
  std::vector<std::string> headings_;
  std::vector<bool> right_;
  std::vector<Row> rows_;
  std::vector<std::size_t> widths_;  // empty before the first piece
  std::size_t held_ = 0;
};

}  // namespace skep::cli
