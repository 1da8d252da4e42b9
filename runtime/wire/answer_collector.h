// Gathers what the walkers of answer_difference.h find: one object a comparison, one thread.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "wire/answer_difference.h"

namespace smhost {

class AnswerCollector {
 public:
  explicit AnswerCollector(AnswerTolerance tolerance) : tolerance_(tolerance) {}

  // Where the walk is: "$", then a member or an index for each level.
  void Enter(std::string_view member) { path_.push_back({member, 0}); }
  void Enter(std::size_t index) { path_.push_back({{}, index}); }
  void Leave() { path_.pop_back(); }

  // `difference`: of two finite numbers, where it is known better than by subtracting them.
  void Number(double expected, double given);
  void Number(double expected, double given, double difference);
  void Mismatch(const std::string& expected, const std::string& given);

  AnswerDifference Finish();

 private:
  struct Step {
    std::string_view member;  // empty: the index counts
    std::size_t index;
  };
  std::string Where() const;
  void Fail(const std::string& expected, const std::string& given, const std::string& more);

  const AnswerTolerance tolerance_;
  std::vector<Step> path_;
  AnswerDifference found_;
  double sum_ = 0;
};

// The walkers. False: it cannot be read as what it should be; nothing was collected.
bool WalkJson(std::string_view expected, std::string_view given, bool lines, AnswerCollector& collector);
void WalkText(std::string_view expected, std::string_view given, AnswerCollector& collector);
bool WalkNpy(std::string_view expected, std::string_view given, AnswerCollector& collector);

// A number as JSON or Python's json writes it, NaN and infinities too; "nan" and "inf" in any case.
bool ReadAnswerNumber(std::string_view text, double& value);
// What a message shows of a text: at most 80 bytes, cut between two characters.
std::string CutAnswer(std::string_view text);

}  // namespace smhost
