// The head of an HTTP request as its client sent it, for those who check signatures or read headers that the gateway has no
// member for. A value; any thread.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace smhost {

struct HttpHead {
  std::string method, target;  // the target as sent: path and query, still encoded
  // Names in lower case, values trimmed, in the order sent; a name that came twice is there twice.
  std::vector<std::pair<std::string, std::string>> headers;

  // The first of that name; null where there is none. `name` in lower case.
  const std::string* Find(std::string_view name) const {
    for (const auto& [key, value] : headers)
      if (key == name) return &value;
    return nullptr;
  }
  std::string_view Get(std::string_view name) const {
    const std::string* value = Find(name);
    return value == nullptr ? std::string_view() : std::string_view(*value);
  }
};

}  // namespace smhost
