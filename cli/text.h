// Small work on text: splitting, wrapping, making it safe to print. Pure.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace smhost::cli {

std::vector<std::string> SplitText(std::string_view text, char separator);
std::vector<std::string> SplitLines(
    std::string_view text);  // a last line without its end counts, an empty rest does not
std::string JoinWords(const std::vector<std::string>& words, std::string_view separator);

// Columns that the text takes on a terminal: UTF-8 sequences count once.
std::size_t DisplayWidth(std::string_view text);

// Lines of at most `width` columns, broken at blanks; a line break in the text stays.
std::vector<std::string> Wrap(std::string_view text, std::size_t width);

// "; did you mean apply?" (the only candidate that the word begins, else the one most like it), or an empty text.
std::string Suggestion(std::string_view word, const std::vector<std::string>& candidates);

// Text of unknown origin on a terminal: control bytes become visible, so that a log or a model's message moves no
// cursor.
std::string Harmless(std::string_view text);

// 'text' for a POSIX shell.
std::string ShellQuoted(std::string_view text);

}  // namespace smhost::cli
