#include "state/object_uploads.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <tuple>

#include "base/json.h"
#include "base/limits_api.h"
#include "base/random.h"
#include "state/object_writer.h"

namespace smhost {
namespace {

constexpr std::size_t kRecordBytes = 64 * 1024;
constexpr std::size_t kIdBytes = 16;
constexpr const char* kRecord = "upload.json";
constexpr std::string_view kPartPrefix = "part-";

bool IsId(std::string_view id) {
  return id.size() == 2 * kIdBytes && id.find_first_not_of("0123456789abcdef") == std::string_view::npos;
}

tl::unexpected<Error> NoSuchUpload(const std::string& id) {
  return Fail(Code::kNotFound, "there is no upload with the id " + (IsId(id) ? id : std::string("given")) +
                                   " for that key: it may have been completed or aborted");
}

// "part-NUMBER-MD5-CHECKSUM": all there is to know of a part, so that a rename records it.
std::string FileOfPart(const UploadedPart& part) {
  std::string checksum = part.checksum;
  std::replace(checksum.begin(), checksum.end(), '/', '_');
  return std::string(kPartPrefix) + std::to_string(part.number) + "-" + part.md5 + "-" + checksum;
}

std::optional<UploadedPart> PartOfFile(const std::string& name) {
  if (!name.starts_with(kPartPrefix)) return std::nullopt;
  UploadedPart part;
  const char* end = name.data() + name.size();
  auto [rest, fault] = std::from_chars(name.data() + kPartPrefix.size(), end, part.number);
  auto dash = name.find('-', static_cast<std::size_t>(rest - name.data()) + 1);
  if (fault != std::errc() || rest == end || *rest != '-' || dash == std::string::npos) return std::nullopt;
  part.md5 = name.substr(static_cast<std::size_t>(rest - name.data()) + 1, dash - (rest - name.data()) - 1);
  part.checksum = name.substr(dash + 1);
  std::replace(part.checksum.begin(), part.checksum.end(), '_', '/');
  part.file = name;
  return part;
}

}  // namespace

Result<std::string> ObjectUploads::Create(const UploadInfo& upload) {
  SMHOST_TRY_STATUS(files_.MakeFolders(root_, 0700));
  SMHOST_TRY(auto present, files_.List(root_));
  if (present.size() >= limits::kS3Uploads)
    return Fail(Code::kTooLarge, "there are " + std::to_string(present.size()) +
                                     " unfinished multipart uploads already: complete or abort some first");
  std::string id = RandomHex(kIdBytes);
  Json record = {{"bucket", upload.address.bucket},
                 {"key", upload.address.key},
                 {"initiated", FormatIso8601(upload.initiated)},
                 {"whole_checksum", upload.whole_checksum},
                 {"attributes", EncodeAttributes(upload.attributes, 0, upload.initiated)}};
  SMHOST_TRY_STATUS(files_.MakeFolders(FolderOfUpload(id), 0700));
  if (auto written = WriteDurably(files_, FolderOfUpload(id) + "/" + kRecord, CompactJson(record)); !written) {
    (void)files_.RemoveTree(FolderOfUpload(id));
    return Fail(std::move(written).error());
  }
  return id;
}

Result<UploadInfo> ObjectUploads::Read(const std::string& id) {
  std::string path = FolderOfUpload(id) + "/" + kRecord;
  SMHOST_TRY(std::string text, files_.Read(path, kRecordBytes));
  SMHOST_TRY(Json record, ParseJson(text, path, kRecordBytes));
  UploadInfo upload;
  upload.id = id;
  upload.address = {StringOr(record, "bucket"), StringOr(record, "key")};
  upload.initiated = ParseIso8601(StringOr(record, "initiated"));
  upload.whole_checksum = BoolOr(record, "whole_checksum");
  auto attributes = DecodeAttributes(StringOr(record, "attributes"));
  if (!attributes) return Fail(Code::kCorrupt, path + ": does not hold an upload: remove its folder");
  upload.attributes = std::move(attributes->attributes);
  return upload;
}

Result<UploadInfo> ObjectUploads::Find(const std::string& id, const ObjectAddress& address) {
  if (!IsId(id)) return NoSuchUpload(id);
  auto upload = Read(id);
  if (!upload && upload.error().code != Code::kNotFound) return upload;
  if (!upload || upload->address != address) return NoSuchUpload(id);
  return upload;
}

Result<std::vector<UploadInfo>> ObjectUploads::List(const std::string& bucket) {
  std::vector<UploadInfo> uploads;
  auto entries = files_.List(root_);
  if (!entries && entries.error().code == Code::kNotFound) return uploads;
  if (!entries) return Fail(std::move(entries).error());
  for (const FileEntry& entry : *entries) {
    if (!IsId(entry.name)) continue;
    auto upload = Read(entry.name);
    if (upload && upload->address.bucket == bucket) uploads.push_back(std::move(*upload));
  }
  std::sort(uploads.begin(), uploads.end(), [](const auto& a, const auto& b) {
    return std::tie(a.address.key, a.initiated, a.id) < std::tie(b.address.key, b.initiated, b.id);
  });
  return uploads;
}

Status ObjectUploads::PutPart(const UploadInfo& upload, ObjectWriter& writer, const UploadedPart& part) {
  std::string folder_path = FolderOfUpload(upload.id), name = FileOfPart(part);
  Descriptor folder(::open(folder_path.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
  if (!folder && errno == ENOENT) return NoSuchUpload(upload.id);
  if (!folder) return FailErrno("open", folder_path, errno);
  if (::fsync(writer.fd()) != 0) return FailErrno("sync", folder_path + "/" + name, errno);
  int error = writer.unnamed_->temporary.RenameTo(folder.get(), name);
  if (error == ENOENT) return NoSuchUpload(upload.id);
  if (error != 0) return FailErrno("write", folder_path + "/" + name, error);
  if (::fsync(folder.get()) != 0) return FailErrno("sync", folder_path, errno);
  SMHOST_TRY(auto entries, files_.List(folder_path));
  for (const FileEntry& entry : entries) {
    auto other = PartOfFile(entry.name);
    if (other && other->number == part.number && entry.name != name)
      (void)::unlinkat(folder.get(), entry.name.c_str(), 0);
  }
  return {};
}

Result<std::vector<UploadedPart>> ObjectUploads::Parts(const UploadInfo& upload) {
  std::string folder = FolderOfUpload(upload.id);
  auto entries = files_.List(folder);
  if (!entries && entries.error().code == Code::kNotFound) return NoSuchUpload(upload.id);
  if (!entries) return Fail(std::move(entries).error());
  std::vector<UploadedPart> parts;
  for (const FileEntry& entry : *entries) {
    auto part = PartOfFile(entry.name);
    if (!part) continue;
    auto info = files_.Info(folder + "/" + entry.name);
    if (!info) continue;  // replaced just now
    part->size_bytes = info->size_bytes;
    part->modified = info->modified;
    parts.push_back(std::move(*part));
  }
  // Two of a number: their writer was killed before it removed the older one.
  std::sort(parts.begin(), parts.end(), [](const auto& a, const auto& b) {
    return std::make_tuple(a.number, b.modified) < std::make_tuple(b.number, a.modified);
  });
  parts.erase(
      std::unique(parts.begin(), parts.end(), [](const auto& a, const auto& b) { return a.number == b.number; }),
      parts.end());
  return parts;
}

Result<Descriptor> ObjectUploads::OpenPart(const UploadInfo& upload, const UploadedPart& part) {
  std::string path = FolderOfUpload(upload.id) + "/" + part.file;
  Descriptor fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW));
  if (!fd && errno == ENOENT) return NoSuchUpload(upload.id);
  if (!fd) return FailErrno("open", path, errno);
  return fd;
}

Status ObjectUploads::Sweep() {
  auto entries = files_.List(root_);
  if (!entries && entries.error().code == Code::kNotFound) return {};
  if (!entries) return Fail(std::move(entries).error());
  for (const FileEntry& entry : *entries)
    if (IsId(entry.name) && !files_.Exists(FolderOfUpload(entry.name) + "/" + kRecord))
      SMHOST_TRY_STATUS(files_.RemoveTree(FolderOfUpload(entry.name)));
  return {};
}

Status ObjectUploads::Remove(const UploadInfo& upload) {
  // Without its record it is no upload any more, whenever this is interrupted.
  SMHOST_TRY_STATUS(RemoveDurably(files_, FolderOfUpload(upload.id) + "/" + kRecord));
  return files_.RemoveTree(FolderOfUpload(upload.id));
}

}  // namespace smhost
