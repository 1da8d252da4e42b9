#include "planning/restart_policy.h"

#include <algorithm>

#include "base/check.h"

namespace smhost {
namespace {

// 100 ms doubled twelve times is past 300 s: more lives cannot change a decision under the default rules.
constexpr std::size_t kLivesKept = 16;

bool Healthy(const RestartRules& rules, const Life& life) {
  return rules.healthy_life > Duration::zero() && life.ended - life.started >= rules.healthy_life;
}

int DeathsInRow(const RestartRules& rules, const std::vector<Life>& lives) {
  int deaths = 0;
  for (auto life = lives.rbegin(); life != lives.rend(); ++life) {
    ++deaths;
    if (Healthy(rules, *life)) break;
    if (life->ended - life->started >= rules.forget_after) break;
  }
  return deaths;
}

bool LimitReached(const RestartRules& rules, const std::vector<Life>& lives) {
  if (rules.start_limit <= 0) return false;
  auto since = lives.back().ended - rules.start_limit_window;
  auto recent = std::count_if(lives.begin(), lives.end(), [&](const Life& life) { return life.ended >= since && !Healthy(rules, life); });
  return recent >= rules.start_limit;
}

Duration Step(const RestartRules& rules, int doublings) {
  Duration step = rules.first_delay;
  for (int i = 0; i < doublings && step < rules.last_delay; ++i) step *= 2;
  return std::min(step, rules.last_delay);
}

// splitmix64 (public domain, S. Vigna): neighbouring seeds give unrelated numbers.
std::uint64_t Mix(std::uint64_t x) {
  x += 0x9e3779b97f4a7c15u;
  x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9u;
  x = (x ^ (x >> 27)) * 0x94d049bb133111ebu;
  return x ^ (x >> 31);
}

Duration WithJitter(Duration step, std::uint64_t seed) {
  auto half = step.count() / 2;
  return Duration(step.count() - half + static_cast<std::int64_t>(Mix(seed) % static_cast<std::uint64_t>(half + 1)));
}

}  // namespace

void RestartHistory::Remember(const Life& life) {
  lives_.push_back(life);
  if (lives_.size() > kLivesKept) lives_.erase(lives_.begin());
}

RestartDecision DecideRestart(const RestartRules& rules, const RestartHistory& history, std::uint64_t seed) {
  SMHOST_CHECK(!history.lives().empty());
  RestartDecision decision;
  decision.deaths_in_row = DeathsInRow(rules, history.lives());
  decision.limit_reached = LimitReached(rules, history.lives());
  int doublings = decision.deaths_in_row - 1 - (rules.first_at_once ? 1 : 0);
  if (doublings >= 0)
    decision.delay = WithJitter(Step(rules, doublings), Mix(seed) + static_cast<std::uint64_t>(doublings));
  return decision;
}

}  // namespace smhost
