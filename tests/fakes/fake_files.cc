#include "fakes/fake_files.h"

#include <unistd.h>

#include <cerrno>
#include <limits>
#include <vector>

namespace smhost {

struct FakeFiles::Node {
  bool folder = false;
  int mode = 0;
  unsigned owner = ::geteuid();
  WallTime modified;
  std::string bytes;
  bool bytes_synced = true;
  std::map<std::string, NodePointer> names;
  std::map<std::string, NodePointer> durable_names;
  // The names after each call since the last sync.
  std::vector<std::pair<int, std::map<std::string, NodePointer>>> unsynced_names;
};

class FakeFiles::Hold final : public HeldLock {
 public:
  Hold(FakeFiles& files, std::string path) : files_(files), path_(std::move(path)) {}
  ~Hold() override {
    std::lock_guard guard(files_.mutex_);
    files_.locked_.erase(path_);
    files_.unlocked_.notify_all();
  }

 private:
  FakeFiles& files_;
  std::string path_;
};

namespace {
std::string NameOf(const std::string& path) { return path.substr(path.find_last_of('/') + 1); }

std::vector<std::string> PartsOf(const std::string& path) {
  std::vector<std::string> parts;
  std::size_t at = 0;
  while (at < path.size()) {
    auto slash = path.find('/', at);
    if (slash == std::string::npos) slash = path.size();
    if (slash > at) parts.push_back(path.substr(at, slash - at));
    at = slash + 1;
  }
  return parts;
}
}  // namespace

FakeFiles::FakeFiles() : root_(std::make_shared<Node>()) {
  root_->folder = true;
  root_->mode = 0755;
}
FakeFiles::~FakeFiles() = default;

// --- faults

int FakeFiles::calls() const {
  std::lock_guard guard(mutex_);
  return calls_;
}

void FakeFiles::FailCall(int n, int error_number) { FailCalls(n, 1, error_number); }

void FakeFiles::FailFrom(int n, int error_number) { FailCalls(n, std::numeric_limits<int>::max(), error_number); }

void FakeFiles::FailCalls(int n, int count, int error_number) {
  std::lock_guard guard(mutex_);
  fail_at_ = calls_ + n;
  fail_count_ = count;
  fail_error_ = error_number;
}

void FakeFiles::StopFailing() {
  std::lock_guard guard(mutex_);
  fail_count_ = 0;
}

void FakeFiles::FailRead(const std::string& path, int error_number) {
  std::lock_guard guard(mutex_);
  read_errors_[path] = error_number;
}

void FakeFiles::CutPower(int n, std::size_t torn_bytes) {
  std::lock_guard guard(mutex_);
  power_at_ = calls_ + n;
  torn_bytes_ = torn_bytes;
}

Status FakeFiles::Enter(const char* act, const std::string& path) {
  ++calls_;
  if (power_at_ != 0 && calls_ >= power_at_) return FailErrno(act, path, EIO);
  if (calls_ >= fail_at_ && calls_ - fail_at_ < fail_count_) return FailErrno(act, path, fail_error_);
  return {};
}

void FakeFiles::Changed(const NodePointer& folder) { folder->unsynced_names.emplace_back(calls_, folder->names); }

void FakeFiles::Crash(int kept, Unsynced bytes) {
  std::lock_guard guard(mutex_);
  ForgetUnsynced(*root_, kept, bytes);
  locked_.clear();
  power_at_ = 0;
  fail_count_ = 0;
}

void FakeFiles::ForgetUnsynced(Node& folder, int kept, Unsynced bytes) {
  folder.names = folder.durable_names;
  for (const auto& [call, names] : folder.unsynced_names)
    if (call <= kept) folder.names = names;
  folder.durable_names = folder.names;
  folder.unsynced_names.clear();
  for (auto& [name, node] : folder.names) {
    if (node->folder) {
      ForgetUnsynced(*node, kept, bytes);
    } else if (!node->bytes_synced) {
      if (bytes == Unsynced::kEmpty) node->bytes.clear();
      if (bytes == Unsynced::kZeros) node->bytes.assign(node->bytes.size(), '\0');
      if (bytes == Unsynced::kHalf) node->bytes.resize(node->bytes.size() / 2);
      node->bytes_synced = true;
    }
  }
}

// --- looking at it

FakeFiles::NodePointer FakeFiles::Find(const std::string& path) const {
  NodePointer node = root_;
  for (const std::string& part : PartsOf(path)) {
    if (!node->folder) return nullptr;
    auto it = node->names.find(part);
    if (it == node->names.end()) return nullptr;
    node = it->second;
  }
  return node;
}

Result<FakeFiles::NodePointer> FakeFiles::Parent(const std::string& path, const char* act) const {
  NodePointer folder = Find(FolderOf(path));
  if (!folder) return FailErrno(act, path, ENOENT);
  if (!folder->folder) return FailErrno(act, path, ENOTDIR);
  return folder;
}

FakeFiles::NodePointer FakeFiles::MakeFile(std::string_view bytes, int mode, bool synced) const {
  auto file = std::make_shared<Node>();
  file->mode = mode;
  file->bytes = bytes;
  file->bytes_synced = synced;
  file->modified = now_;
  return file;
}

void FakeFiles::Put(const std::string& path, std::string_view bytes, int mode) {
  std::lock_guard guard(mutex_);
  NodePointer folder = root_;
  for (const std::string& part : PartsOf(FolderOf(path))) {
    NodePointer& next = folder->names[part];
    if (!next) {
      next = std::make_shared<Node>();
      next->folder = true;
      next->mode = 0700;
      folder->durable_names[part] = next;
    }
    folder = next;
  }
  folder->names[NameOf(path)] = folder->durable_names[NameOf(path)] = MakeFile(bytes, mode, true);
}

std::string FakeFiles::Get(const std::string& path) const {
  std::lock_guard guard(mutex_);
  NodePointer node = Find(path);
  return node ? node->bytes : std::string();
}

std::map<std::string, std::string> FakeFiles::AllFiles() const {
  std::lock_guard guard(mutex_);
  std::map<std::string, std::string> out;
  Collect(*root_, "", out);
  return out;
}

void FakeFiles::Collect(const Node& folder, const std::string& path, std::map<std::string, std::string>& out) const {
  for (const auto& [name, node] : folder.names) {
    if (node->folder)
      Collect(*node, path + "/" + name, out);
    else
      out[path + "/" + name] = node->bytes;
  }
}

void FakeFiles::SetOwner(const std::string& path, unsigned owner) {
  std::lock_guard guard(mutex_);
  if (NodePointer node = Find(path)) node->owner = owner;
}

void FakeFiles::SetNow(WallTime now) {
  std::lock_guard guard(mutex_);
  now_ = now;
}

// --- Files

Result<std::string> FakeFiles::Read(const std::string& path, std::size_t max_bytes) {
  std::lock_guard guard(mutex_);
  if (auto it = read_errors_.find(path); it != read_errors_.end() && it->second != 0)
    return FailErrno("read", path, it->second);
  NodePointer node = Find(path);
  if (!node) return FailErrno("open", path, ENOENT);
  if (node->folder) return Fail(Code::kInvalid, path + ": not a regular file");
  if (node->bytes.size() > max_bytes)
    return Fail(Code::kTooLarge, path + ": larger than the " + std::to_string(max_bytes) + " bytes allowed");
  return node->bytes;
}

Status FakeFiles::Write(const std::string& path, std::string_view bytes, int mode, bool synced) {
  std::lock_guard guard(mutex_);
  Status entered = Enter("write", path);
  bool torn = !entered && power_at_ != 0 && calls_ == power_at_;
  if (!entered && !torn) return entered;
  SMHOST_TRY(NodePointer folder, Parent(path, "create"));
  if (folder->names.count(NameOf(path)) != 0) return FailErrno("create", path, EEXIST);
  folder->names[NameOf(path)] = MakeFile(torn ? bytes.substr(0, torn_bytes_) : bytes, mode, synced || torn);
  Changed(folder);
  return entered;
}

Status FakeFiles::WriteNew(const std::string& path, std::string_view bytes, int mode) {
  return Write(path, bytes, mode, true);
}

Status FakeFiles::WriteNewUnsynced(const std::string& path, std::string_view bytes, int mode) {
  return Write(path, bytes, mode, false);
}

Status FakeFiles::Rename(const std::string& from, const std::string& to) {
  std::lock_guard guard(mutex_);
  SMHOST_TRY_STATUS(Enter("rename to it", to));
  NodePointer node = Find(from);
  if (!node) return FailErrno("rename to it", to, ENOENT);
  SMHOST_TRY(NodePointer source, Parent(from, "rename to it"));
  SMHOST_TRY(NodePointer target, Parent(to, "rename to it"));
  NodePointer replaced = Find(to);
  if (replaced == node) return {};
  if (replaced && replaced->folder && !node->folder) return FailErrno("rename to it", to, EISDIR);
  if (replaced && !replaced->folder && node->folder) return FailErrno("rename to it", to, ENOTDIR);
  if (replaced && replaced->folder && !replaced->names.empty()) return FailErrno("rename to it", to, ENOTEMPTY);
  source->names.erase(NameOf(from));
  target->names[NameOf(to)] = node;
  Changed(target);
  if (source != target) Changed(source);
  return {};
}

Status FakeFiles::Link(const std::string& from, const std::string& to) {
  std::lock_guard guard(mutex_);
  SMHOST_TRY_STATUS(Enter("link", to));
  NodePointer node = Find(from);
  if (!node) return FailErrno("link", to, ENOENT);
  SMHOST_TRY(NodePointer folder, Parent(to, "link"));
  folder->names[NameOf(to)] = node;
  Changed(folder);
  return {};
}

Status FakeFiles::Remove(const std::string& path) {
  std::lock_guard guard(mutex_);
  SMHOST_TRY_STATUS(Enter("remove", path));
  NodePointer node = Find(path);
  if (!node) return FailErrno("remove", path, ENOENT);
  if (node->folder) return FailErrno("remove", path, EISDIR);
  NodePointer folder = Find(FolderOf(path));
  folder->names.erase(NameOf(path));
  Changed(folder);
  return {};
}

Status FakeFiles::RemoveTree(const std::string& path) {
  std::lock_guard guard(mutex_);
  SMHOST_TRY_STATUS(Enter("remove", path));
  if (!Find(path)) return {};
  NodePointer folder = Find(FolderOf(path));
  folder->names.erase(NameOf(path));
  Changed(folder);
  return {};
}

Status FakeFiles::SyncFolder(const std::string& path) {
  std::lock_guard guard(mutex_);
  SMHOST_TRY_STATUS(Enter("sync", path));
  NodePointer folder = Find(path);
  if (!folder) return FailErrno("open", path, ENOENT);
  if (!folder->folder) return FailErrno("open", path, ENOTDIR);
  folder->durable_names = folder->names;
  folder->unsynced_names.clear();
  return {};
}

Status FakeFiles::MakeFolders(const std::string& path, int mode) {
  std::lock_guard guard(mutex_);
  SMHOST_TRY_STATUS(Enter("make folder", path));
  return MakeFoldersLocked(path, mode);
}

Status FakeFiles::MakeFoldersLocked(const std::string& path, int mode) {
  if (NodePointer node = Find(path)) {
    if (!node->folder) return FailErrno("make folder", path, ENOTDIR);
    return {};
  }
  SMHOST_TRY_STATUS(MakeFoldersLocked(FolderOf(path), mode));
  NodePointer parent = Find(FolderOf(path));
  auto folder = std::make_shared<Node>();
  folder->folder = true;
  folder->mode = mode;
  folder->modified = now_;
  parent->names[NameOf(path)] = folder;
  parent->durable_names = parent->names;
  parent->unsynced_names.clear();
  return {};
}

Result<std::vector<FileEntry>> FakeFiles::List(const std::string& path) {
  std::lock_guard guard(mutex_);
  NodePointer folder = Find(path);
  if (!folder) return FailErrno("list", path, ENOENT);
  if (!folder->folder) return FailErrno("list", path, ENOTDIR);
  std::vector<FileEntry> entries;
  for (const auto& [name, node] : folder->names) entries.push_back({name, node->folder});
  return entries;
}

bool FakeFiles::Exists(const std::string& path) {
  std::lock_guard guard(mutex_);
  return Find(path) != nullptr;
}

Result<FileInfo> FakeFiles::Info(const std::string& path) {
  std::lock_guard guard(mutex_);
  NodePointer node = Find(path);
  if (!node) return FailErrno("stat", path, ENOENT);
  return FileInfo{node->folder, !node->folder, node->mode, node->owner, node->bytes.size(), node->modified};
}

Status FakeFiles::SetMode(const std::string& path, int mode) {
  std::lock_guard guard(mutex_);
  SMHOST_TRY_STATUS(Enter("change the mode of", path));
  NodePointer node = Find(path);
  if (!node) return FailErrno("open", path, ENOENT);
  node->mode = mode;
  return {};
}

Result<std::unique_ptr<HeldLock>> FakeFiles::Lock(const std::string& path, std::chrono::milliseconds wait) {
  std::unique_lock guard(mutex_);
  if (!Find(FolderOf(path))) return FailErrno("open", path, ENOENT);
  auto until = std::chrono::system_clock::now() + wait;
  if (!unlocked_.wait_until(guard, until, [&] { return locked_.count(path) == 0; }))
    return Fail(Code::kConflict, path + ": locked by another process");
  locked_.insert(path);
  return std::make_unique<Hold>(*this, path);
}

}  // namespace smhost
