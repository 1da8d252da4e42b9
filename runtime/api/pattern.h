// A regular expression of a service model: does a whole text match it? Compiled once; any thread may ask.
//
// The models' expressions are Java's, with look-ahead, which automata without backtracking do not know. So each match has a
// limit on its steps, and no recursion: an expression that would take long is a text that does not match.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "base/result.h"

namespace smhost {

class TextPattern {
 public:
  // kInvalid where it is no expression.
  static Result<std::shared_ptr<const TextPattern>> Compile(const std::string& expression);
  ~TextPattern();
  TextPattern(const TextPattern&) = delete;
  TextPattern& operator=(const TextPattern&) = delete;

  bool Matches(std::string_view text) const;
  const std::string& text() const { return text_; }  // as the model has it

 private:
  TextPattern() = default;
  struct Compiled;
  std::unique_ptr<Compiled> compiled_;
  std::string text_;
};

}  // namespace smhost
