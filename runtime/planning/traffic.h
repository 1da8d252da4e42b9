// Splits requests among variants by weight, exactly: after any n requests each variant has had its share of n to within
// one request. Pure and deterministic; one object belongs to one thread and is made anew when the weights change.
#pragma once

#include <cstddef>
#include <optional>
#include <vector>

namespace smhost {

class TrafficSplit {
 public:
  TrafficSplit() = default;
  // Weights are ratios; those that are zero, negative or no number get nothing.
  explicit TrafficSplit(std::vector<double> weights);

  // The index of the variant that the next request goes to; nothing where no weight is positive.
  std::optional<std::size_t> Next();

  const std::vector<double>& weights() const { return weights_; }

 private:
  struct Share {
    std::size_t index;
    double part;       // of all requests, 0 < part <= 1
    double owed = 0;   // part × requests so far − requests it got; stays between −1 and 1
  };
  std::vector<double> weights_;
  std::vector<Share> shares_;
};

}  // namespace smhost
