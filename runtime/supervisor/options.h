// The words after `smhostd up`. Pure.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/result.h"

namespace smhost {

struct UpOptions {
  std::string home;          // as given; empty: where state/home.h looks
  std::optional<int> port;   // absent: the default one or the next free; 0: any free one
  std::string address = "127.0.0.1";
  bool foreground = false;
  int inherit = -1;  // of ourselves, before our program was run anew: supervisor/inheritance.h
};

// kInvalid names the word that is wrong.
Result<UpOptions> ParseUpOptions(const std::vector<std::string>& words);

// The ports to try in turn where none was asked for: the one a runtime of this home had before, then the default ones.
std::vector<int> PortsToTry(int previous);

}  // namespace smhost
