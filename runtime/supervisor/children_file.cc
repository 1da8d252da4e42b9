#include "supervisor/children_file.h"

#include "base/json.h"

namespace smhost {
namespace {

constexpr std::size_t kChildrenFileBytes = 64 * 1024;  // a handful of children take under 1 KiB

}  // namespace

std::string EncodeChildren(const std::vector<ChildRecord>& children) {
  Json list = Json::array();
  for (const ChildRecord& child : children) {
    list.push_back({{"role", child.role},
                    {"pid", child.process.pid},
                    {"start_time", child.process.start_time},
                    {"boot_id", child.process.boot_id}});
  }
  return PrettyJson(Json{{"children", list}});
}

Result<std::vector<ChildRecord>> DecodeChildren(const std::string& text, const std::string& path) {
  SMHOST_TRY(Json json, ParseJson(text, path, kChildrenFileBytes));
  const Json& list = MemberOr(json, "children");
  if (!list.is_array()) return Fail(Code::kCorrupt, path + ": no list of children");
  std::vector<ChildRecord> children;
  for (const Json& item : list) {
    ChildRecord child;
    child.role = StringOr(item, "role");
    child.process.pid = static_cast<pid_t>(IntOr(item, "pid"));
    child.process.start_time = static_cast<std::uint64_t>(IntOr(item, "start_time"));
    child.process.boot_id = StringOr(item, "boot_id");
    if (child.process.pid <= 1 || child.process.start_time == 0 || child.process.boot_id.empty())
      return Fail(Code::kCorrupt, path + ": an entry without pid, start_time or boot_id");
    children.push_back(std::move(child));
  }
  return children;
}

Status WriteChildren(Files& files, const std::string& path, const std::vector<ChildRecord>& children) {
  // Worthless after a power cut (another boot id), so nothing is synced.
  return WriteAtomically(files, path, EncodeChildren(children));
}

Result<std::vector<ChildRecord>> ReadChildren(Files& files, const std::string& path) {
  auto text = files.Read(path, kChildrenFileBytes);
  if (!text && text.error().code == Code::kNotFound) return std::vector<ChildRecord>();
  if (!text) return Fail(text.error());
  return DecodeChildren(*text, path);
}

}  // namespace smhost
