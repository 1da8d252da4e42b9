#include "kind_argument.h"

#include <vector>

#include "base/text.h"
#include "text.h"

namespace smhost::cli {

std::string KindList() {
  std::vector<std::string> words;
  for (const KindInfo& info : Kinds()) words.push_back(std::string(info.word) + " (" + info.short_word + ")");
  const std::string last = words.back();
  words.pop_back();
  return JoinWords(words, ", ") + " or " + last;
}

tl::expected<Kind, Failure> ParseKind(const std::string& text) {
  if (auto kind = FindKind(text)) return *kind;
  std::vector<std::string> words, all;
  for (const KindInfo& info : Kinds()) {
    if (LowerCase(text) == info.word || LowerCase(text) == info.word + std::string("s") || LowerCase(text) == LowerCase(info.type))
      return info.kind;
    words.push_back(std::string(info.word) + " (" + info.short_word + ")");
    all.push_back(info.word);
    all.push_back(info.type);
  }
  return FailUsage("there is no kind \"" + text + "\"; there are " + JoinWords(words, ", ") + Suggestion(text, all));
}

}  // namespace smhost::cli
