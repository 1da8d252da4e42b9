#include "api/wildcard.h"

namespace smhost {

bool WildcardMatches(std::string_view pattern, std::string_view text) {
  std::size_t p = 0, t = 0;
  // Where the last star stands, and how much of the text it takes so far: only the last one need ever take more.
  std::size_t star = pattern.npos, taken = 0;
  while (t < text.size()) {
    if (p < pattern.size() && pattern[p] == '*') {
      star = p++;
      taken = t;
    } else if (p < pattern.size() && (pattern[p] == '?' || pattern[p] == text[t])) {
      ++p;
      ++t;
    } else if (star != pattern.npos) {
      p = star + 1;
      t = ++taken;
    } else {
      return false;
    }
  }
  while (p < pattern.size() && pattern[p] == '*') ++p;
  return p == pattern.size();
}

}  // namespace smhost
