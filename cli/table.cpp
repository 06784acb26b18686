#include "skep/cli/table.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "skep/cli/output.hpp"
#include "skep/cli/printable.hpp"

namespace skep::cli {
namespace {

// Columns on a terminal: UTF-8 continuation bytes take none.
std::size_t width(std::string_view text) {
  return static_cast<std::size_t>(std::ranges::count_if(text, [](char c) { return (c & 0xc0) != 0x80; }));
}

}  // namespace

Table::Table(std::initializer_list<std::string_view> headings, std::initializer_list<std::size_t> right)
    : headings_(headings.begin(), headings.end()), right_(headings.size()) {
  for (const auto column : right) right_[column] = true;
}

void Table::add(std::vector<std::string> cells) {
  cells.resize(headings_.size());
  for (auto& cell : cells) {
    cell = printable(cell);
    held_ += sizeof cell + cell.size();
  }
  rows_.push_back({std::move(cells), {}});
}

void Table::add_line(std::string line) {
  held_ += sizeof line + line.size();
  rows_.push_back({{}, printable(line)});
}

std::string Table::text() {
  const bool first = widths_.empty();
  widths_.resize(headings_.size());
  for (std::size_t column = 0; column < headings_.size(); column++) {
    widths_[column] = std::max(widths_[column], width(headings_[column]));
    for (const auto& row : rows_)
      if (!row.cells.empty()) widths_[column] = std::max(widths_[column], width(row.cells[column]));
  }
  const auto line = [&](const std::vector<std::string>& cells) {
    std::string out;
    for (std::size_t column = 0; column < cells.size(); column++) {
      const std::string padding(widths_[column] - width(cells[column]), ' ');
      out += column == 0 ? "" : "  ";
      out += right_[column] ? padding + cells[column] : cells[column] + padding;
    }
    out.erase(out.find_last_not_of(' ') + 1);
    return out;
  };
  std::string out = first ? "\n" + paint(Colour::bold, line(headings_)) + "\n" : "";
  for (const auto& row : rows_) out += (row.cells.empty() ? row.line : line(row.cells)) + "\n";
  rows_.clear();
  held_ = 0;
  return out;
}

}  // namespace skep::cli
