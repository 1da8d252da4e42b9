// run/children.json: who the supervisor's children are, so that the next supervisor finds them if this one is killed.
// Replaced before a child's program runs, hence no child is ever missing in it; ended ones may still be named, which a
// reader sees by pid, start time and boot id together.
#pragma once

#include <string>
#include <vector>

#include "base/files.h"
#include "base/process.h"
#include "base/result.h"

namespace smhost {

struct ChildRecord {
  std::string role;
  ProcessId process;
  bool operator==(const ChildRecord&) const = default;
};

std::string EncodeChildren(const std::vector<ChildRecord>& children);
Result<std::vector<ChildRecord>> DecodeChildren(const std::string& text, const std::string& path);

Status WriteChildren(Files& files, const std::string& path, const std::vector<ChildRecord>& children);
// Empty where there is no file.
Result<std::vector<ChildRecord>> ReadChildren(Files& files, const std::string& path);

}  // namespace smhost
