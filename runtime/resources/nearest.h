// "Did you mean": the candidate that a mistyped word most resembles. Any thread; pure.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace smhost {

// The candidate with the fewest edits, case aside; empty when none is close enough to be meant.
std::string Nearest(std::string_view word, const std::vector<std::string>& candidates);

// "; did you mean X?" or nothing.
std::string DidYouMean(std::string_view word, const std::vector<std::string>& candidates);

}  // namespace smhost
