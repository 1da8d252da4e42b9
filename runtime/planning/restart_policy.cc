#include "planning/restart_policy.h"

#include <algorithm>

#include "base/check.h"

namespace smhost {
namespace {

// 100 ms doubled twelve times is past 300 s: more lives cannot change a decision under the default rules, unless excused
// ones lie between them.
constexpr std::size_t kLivesKept = 64;

bool Healthy(const RestartRules& rules, const Life& life) {
  return rules.healthy_life > Duration::zero() && life.ended - life.started >= rules.healthy_life;
}

struct Row {
  int deaths = 0, counted = 0;  // `counted`: those that are not excused
};

Row RowOf(const RestartRules& rules, const std::vector<Life>& lives) {
  Row row;
  for (auto life = lives.rbegin(); life != lives.rend(); ++life) {
    ++row.deaths;
    row.counted += !life->excused;
    if (Healthy(rules, *life)) break;
    if (life->ended - life->started >= rules.forget_after) break;
  }
  return row;
}

bool LimitReached(const RestartRules& rules, const std::vector<Life>& lives) {
  if (rules.start_limit <= 0) return false;
  auto since = lives.back().ended - rules.start_limit_window;
  auto recent = std::count_if(lives.begin(), lives.end(), [&](const Life& life) {
    return life.ended >= since && !life.excused && !Healthy(rules, life);
  });
  return recent >= rules.start_limit;
}

// Of the first delay; below 0: there is no delay.
int Doublings(const RestartRules& rules, int deaths) { return deaths - 1 - (rules.first_at_once ? 1 : 0); }

Duration Step(const RestartRules& rules, int deaths) {
  const int doublings = Doublings(rules, deaths);
  if (doublings < 0) return Duration::zero();
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

bool RestartHistory::Excuse(const std::string& id) {
  auto life = std::find_if(lives_.begin(), lives_.end(), [&](const Life& one) { return one.id == id && !one.excused; });
  if (id.empty() || life == lives_.end()) return false;
  life->excused = true;
  return true;
}

RestartDecision DecideRestart(const RestartRules& rules, const RestartHistory& history, std::uint64_t seed) {
  SMHOST_CHECK(!history.lives().empty());
  RestartDecision decision;
  const Row row = RowOf(rules, history.lives());
  decision.deaths_in_row = row.deaths;
  decision.limit_reached = LimitReached(rules, history.lives());
  const Duration step = std::max(Step(rules, row.counted), std::min(Step(rules, row.deaths), rules.last_excused_delay));
  decision.delay = WithJitter(step, Mix(seed) + static_cast<std::uint64_t>(Doublings(rules, row.deaths)));
  return decision;
}

}  // namespace smhost
