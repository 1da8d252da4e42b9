// Reads the command line (by CLI11, which nothing else sees) into the targets of the chosen verb's options.
#pragma once

#include <string>
#include <vector>

#include "command.h"

namespace smhost::cli {

struct Parsed {
  GlobalOptions global;
  const Command* command = nullptr;  // absent where no verb stands there
  std::vector<std::string> raw;      // the words after a raw verb
};

// `words` without the program's name. Wrong usage: a failure with kUsage that names the word and what could be meant.
tl::expected<Parsed, Failure> ParseCommandLine(const std::vector<Command>& commands,
                                               const std::vector<std::string>& words);

}  // namespace smhost::cli
