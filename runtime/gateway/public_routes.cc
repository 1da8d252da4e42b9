#include "gateway/public_routes.h"

#include <map>
#include <utility>

namespace smhost {

PublicRoutes::PublicRoutes(const std::vector<PublicRoute>& routes, const PublicRoutes* before) {
  std::map<std::pair<std::string, std::string>, std::shared_ptr<TokenBucket>> buckets;
  if (before != nullptr)
    for (const auto& [path, open] : before->by_path_) buckets[{open->route.account, open->route.name}] = open->bucket;
  for (const PublicRoute& route : routes) {
    auto& bucket = buckets[{route.account, route.name}];
    if (!bucket) bucket = std::make_shared<TokenBucket>();
    by_path_.emplace(route.path, std::make_shared<const OpenPath>(OpenPath{route, bucket}));
  }
}

std::shared_ptr<const OpenPath> PublicRoutes::Find(std::string_view path) const {
  const auto found = by_path_.find(path);
  return found == by_path_.end() ? nullptr : found->second;
}

}  // namespace smhost
