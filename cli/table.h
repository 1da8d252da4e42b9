// A table for people: columns as wide as their widest cell, two blanks between them, nothing after the last. Pure.
#pragma once

#include <string>
#include <vector>

namespace smhost::cli {

class Table {
 public:
  explicit Table(std::vector<std::string> heading) : heading_(std::move(heading)) {}
  Table() = default;  // without a heading

  // Cells may hold colour sequences; they take no room.
  void Add(std::vector<std::string> row) { rows_.push_back(std::move(row)); }
  bool empty() const { return rows_.empty(); }
  std::string Text() const;

 private:
  std::vector<std::string> heading_;
  std::vector<std::vector<std::string>> rows_;
};

}  // namespace smhost::cli
