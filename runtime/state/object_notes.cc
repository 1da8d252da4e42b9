#include "state/object_notes.h"

#include <sys/xattr.h>

#include <cerrno>

#include "base/digest.h"
#include "base/files.h"

namespace smhost {
namespace {

constexpr const char* kAttribute = "user.smhost";
constexpr std::size_t kMostNoteBytes = 64 * 1024;  // what Linux lets an attribute have

}  // namespace

std::string ObjectNotes::PathBeside(const std::string& bucket, const std::string& of) const {
  return FolderOfBucket(bucket) + "/" + (of.empty() ? "bucket" : Sha256Hex(of));
}

std::optional<std::string> ObjectNotes::Read(int fd, const std::string& bucket, const std::string& of) const {
  if (use_attributes_) {
    std::string text(kMostNoteBytes, '\0');
    ssize_t size = ::fgetxattr(fd, kAttribute, text.data(), text.size());
    if (size >= 0) {
      text.resize(static_cast<std::size_t>(size));
      return text;
    }
  }
  auto beside = MakeSystemFiles()->Read(PathBeside(bucket, of), kMostNoteBytes);
  if (!beside) return std::nullopt;
  return std::move(*beside);
}

bool ObjectNotes::Attach(int fd, const std::string& text) const {
  return use_attributes_ && ::fsetxattr(fd, kAttribute, text.data(), text.size(), 0) == 0;
}

void ObjectNotes::Detach(int fd) const { (void)::fremovexattr(fd, kAttribute); }

Status ObjectNotes::WriteBeside(const std::string& bucket, const std::string& of, const std::string& text) const {
  auto files = MakeSystemFiles();
  SMHOST_TRY_STATUS(files->MakeFolders(FolderOfBucket(bucket), 0700));
  return WriteDurably(*files, PathBeside(bucket, of), text);
}

void ObjectNotes::RemoveBeside(const std::string& bucket, const std::string& of) const {
  (void)MakeSystemFiles()->Remove(PathBeside(bucket, of));
}

void ObjectNotes::ForgetBucket(const std::string& bucket) const {
  (void)MakeSystemFiles()->RemoveTree(FolderOfBucket(bucket));
}

}  // namespace smhost
