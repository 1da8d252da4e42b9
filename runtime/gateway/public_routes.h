// The paths on which endpoints are reached without AWS keys, and what has passed on each of them. Immutable but for that; made
// by the main thread whenever routes come, shared by the loops.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>

#include "gateway/token_bucket.h"
#include "wire/routes.h"

namespace smhost {

struct OpenPath {
  PublicRoute route;
  std::shared_ptr<TokenBucket> bucket;
};

class PublicRoutes {
 public:
  // What has passed on a route that `before` has too still counts. `before` may be null.
  PublicRoutes(const std::vector<PublicRoute>& routes, const PublicRoutes* before);

  bool empty() const { return by_path_.empty(); }
  // `path`: without the query. Null: it is no public route's.
  std::shared_ptr<const OpenPath> Find(std::string_view path) const;

 private:
  struct Hash {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const { return std::hash<std::string_view>()(text); }
  };
  std::unordered_map<std::string, std::shared_ptr<const OpenPath>, Hash, std::equal_to<>> by_path_;
};

}  // namespace smhost
