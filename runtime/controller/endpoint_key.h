// Which endpoint of which account: names are unique within an account alone.
#pragma once

#include <string>

namespace smhost {

struct EndpointKey {
  std::string account, name;
  auto operator<=>(const EndpointKey&) const = default;
};

}  // namespace smhost
