#include "planning/traffic.h"

#include <cmath>
#include <utility>

namespace smhost {

TrafficSplit::TrafficSplit(std::vector<double> weights) : weights_(std::move(weights)) {
  double sum = 0;
  for (double weight : weights_)
    if (std::isfinite(weight) && weight > 0) sum += weight;
  for (std::size_t i = 0; i < weights_.size(); ++i)
    if (std::isfinite(weights_[i]) && weights_[i] > 0) shares_.push_back({i, weights_[i] / sum});
}

// Tijdeman's answer to the chairman assignment problem (1980): of those that may have one more without being more than
// 1 − 1/(2k−2) ahead, take the one that would be the first to fall that far behind. Taking the one that is owed most, as
// smooth weighted round robin does, can leave one of many variants more than a whole request behind.
std::optional<std::size_t> TrafficSplit::Next() {
  if (shares_.empty()) return std::nullopt;
  if (shares_.size() == 1) return shares_[0].index;
  const double least = 1.0 / (2.0 * static_cast<double>(shares_.size()) - 2.0);
  constexpr double kRounding = 1e-9;
  Share* chosen = nullptr;
  double chosen_wait = 0;
  for (auto& share : shares_) {
    share.owed += share.part;
    if (share.owed < least - kRounding) continue;
    double wait = (1 - least - share.owed) / share.part;
    if (chosen != nullptr && wait >= chosen_wait) continue;
    chosen = &share;
    chosen_wait = wait;
  }
  if (chosen == nullptr) {  // only rounding can bring this about
    chosen = &shares_[0];
    for (auto& share : shares_)
      if (share.owed > chosen->owed) chosen = &share;
  }
  chosen->owed -= 1;
  return chosen->index;
}

}  // namespace smhost
