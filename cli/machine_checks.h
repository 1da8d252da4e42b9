// What `smhost doctor` looks at: each check says how it stands and, where something is wrong, what to do. Changes
// nothing but a file that it makes and removes in the state directory. One thread.
#pragma once

#include <string>
#include <vector>

#include "context.h"

namespace smhost::cli {

enum class Health { kOk, kWarning, kFault };

struct Finding {
  std::string what;  // "disk"
  Health health = Health::kOk;
  std::string text;    // what is so
  std::string remedy;  // what to do; empty where all is well
};

std::vector<Finding> CheckMachine(Context& context);

// The single checks that are decisions alone. Pure.
Finding JudgeSpace(const std::string& path, std::uint64_t free_bytes, std::uint64_t free_files);
Finding JudgeMemory(std::uint64_t available_bytes, std::uint64_t total_bytes);
Finding JudgeDescriptors(std::uint64_t hard_limit);

}  // namespace smhost::cli
