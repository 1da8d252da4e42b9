#include "artifacts/tree_plan.h"

namespace smhost {
namespace {

std::string ParentOf(const std::string& path) {
  auto slash = path.rfind('/');
  return slash == std::string::npos ? std::string() : path.substr(0, slash);
}

}  // namespace

// Entries that name a folder again cost time too: they count.
Status TreePlan::Count() {
  if (++counted_ > limits_.entries)
    return Fail(Code::kTooLarge, "the archive has more than " + std::to_string(limits_.entries) + " files and folders");
  return {};
}

Status TreePlan::AddMissing(const std::string& folder, std::vector<std::string>& missing) {
  if (folder.empty()) return {};
  auto known = kinds_.find(folder);
  if (known != kinds_.end() && known->second == Kind::kFile)
    return Fail(Code::kInvalid, "it lies below " + folder + ", which the archive made a file before");
  if (known != kinds_.end()) return {};
  SMHOST_TRY_STATUS(AddMissing(ParentOf(folder), missing));
  SMHOST_TRY_STATUS(Count());
  kinds_.emplace(folder, Kind::kFolder);
  missing.push_back(folder);
  return {};
}

Result<std::vector<std::string>> TreePlan::AddFile(const std::string& path) {
  if (path.empty()) return Fail(Code::kInvalid, "it is a file where the archive's root must be a folder");
  if (auto known = kinds_.find(path); known != kinds_.end())
    return Fail(Code::kInvalid, known->second == Kind::kFile ? "it comes twice" : "it is a file, and a folder before");
  std::vector<std::string> missing;
  SMHOST_TRY_STATUS(AddMissing(ParentOf(path), missing));
  SMHOST_TRY_STATUS(Count());
  kinds_.emplace(path, Kind::kFile);
  ++files_;
  return missing;
}

Result<std::vector<std::string>> TreePlan::AddFolder(const std::string& path) {
  std::vector<std::string> missing;
  auto known = kinds_.find(path);
  if (path.empty() || (known != kinds_.end() && known->second == Kind::kFolder)) {
    SMHOST_TRY_STATUS(Count());
    return missing;
  }
  if (known != kinds_.end()) return Fail(Code::kInvalid, "it is a folder, and a file before");
  SMHOST_TRY_STATUS(AddMissing(path, missing));
  return missing;
}

std::vector<std::string> TreePlan::Folders() const {
  std::vector<std::string> folders;
  for (const auto& [path, kind] : kinds_)
    if (kind == Kind::kFolder) folders.push_back(path);
  return folders;  // sorted, so that a folder stands before what is in it
}

}  // namespace smhost
