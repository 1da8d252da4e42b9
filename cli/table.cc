#include "table.h"

#include <algorithm>

#include "text.h"

namespace smhost::cli {
namespace {

std::size_t VisibleWidth(const std::string& cell) {
  std::string visible;
  for (std::size_t i = 0; i < cell.size(); ++i) {
    if (cell[i] == '\033') {
      i = std::min(cell.find('m', i), cell.size() - 1);
      continue;
    }
    visible += cell[i];
  }
  return DisplayWidth(visible);
}

}  // namespace

std::string Table::Text() const {
  std::vector<std::vector<std::string>> all;
  if (!heading_.empty()) all.push_back(heading_);
  all.insert(all.end(), rows_.begin(), rows_.end());
  std::vector<std::size_t> width;
  for (const auto& row : all) {
    width.resize(std::max(width.size(), row.size()));
    for (std::size_t i = 0; i < row.size(); ++i) width[i] = std::max(width[i], VisibleWidth(row[i]));
  }
  std::string out;
  for (const auto& row : all) {
    std::string line;
    for (std::size_t i = 0; i < row.size(); ++i) {
      line += row[i];
      if (i + 1 < row.size()) line.append(width[i] + 2 - VisibleWidth(row[i]), ' ');
    }
    while (!line.empty() && line.back() == ' ') line.pop_back();
    out += line + "\n";
  }
  return out;
}

}  // namespace smhost::cli
