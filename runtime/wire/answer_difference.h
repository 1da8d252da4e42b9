// How far two answers to one request lie apart: an expected and a given one (golden sets), or the caller's and a shadow's.
// JSON is walked in parallel, text and CSV field by field, npy element by element, all else byte by byte. Pure and bounded:
// one pass over bodies of at most `limit` bytes; any thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace smhost {

// A number passes that differs from the expected one by at most absolute + relative * |expected|.
struct AnswerTolerance {
  double absolute = 0;
  double relative = 0;
};

struct AnswerDifference {
  // The same type, structure and texts. Numbers may differ, unless one of them is not finite: NaN equals NaN alone, an
  // infinity itself alone.
  bool same_shape = true;
  bool within = true;         // same_shape, and every number passes
  std::uint64_t numbers = 0;  // compared
  double mean = 0, largest = 0;
  std::string where;  // "$.predictions[0][3]": of the first that does not pass; where all pass, of the largest difference
  std::string text;   // of the first that does not pass: "at $.predictions[0] expected 0.5, got 0.7"; empty where all pass
};

inline constexpr std::size_t kAnswerCompareBytes = 4u << 20;

// Bodies of more than `limit` bytes are the same only where their bytes are.
AnswerDifference CompareAnswers(std::string_view expected_type, std::string_view expected, std::string_view given_type,
                                std::string_view given, AnswerTolerance tolerance = {},
                                std::size_t limit = kAnswerCompareBytes);

// "application/json" of "Application/JSON; charset=utf-8".
std::string MediaTypeOf(std::string_view content_type);

}  // namespace smhost
