// What a shell may offer for the word at the cursor: verbs, options, kinds, and the names of resources that there are.
// Reads; never fails: where nothing can be said, nothing is offered. One thread.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "command.h"

namespace smhost::cli {

struct Candidate {
  std::string word;
  std::string help;  // may be empty
};

// Where names come from, so that a test needs no state directory.
struct NameSources {
  std::function<std::vector<std::string>(const std::string& kind)> resources;
  std::function<std::vector<std::string>(const std::string& endpoint)> variants;
  std::function<std::vector<std::string>()> accounts;  // their ids
  std::function<std::vector<std::string>(const std::string& begun)> objects;  // s3://… that begin so
  std::function<std::vector<std::string>(const std::string& begun, bool folders_only)> files;
};

// `words`: those after the program's name, the last one is at the cursor and may be empty.
std::vector<Candidate> CompleteWords(const std::vector<Command>& commands, const std::vector<std::string>& words,
                                     const NameSources& sources);

// The value of a global option among the words, e.g. "--home"; empty where it is not there.
std::string ValueAmong(const std::vector<std::string>& words, const std::string& option);

}  // namespace smhost::cli
