#include "planning/journal.h"

namespace smhost {

std::vector<const Fleet*> FleetsOf(const Journal& journal) {
  std::vector<const Fleet*> fleets;
  if (journal.serving) fleets.push_back(&*journal.serving);
  if (journal.coming) fleets.push_back(&*journal.coming);
  for (const auto& leaving : journal.leaving) fleets.push_back(&leaving.fleet);
  return fleets;
}

}  // namespace smhost
