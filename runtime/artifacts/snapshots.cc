#include "artifacts/snapshots.h"

#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <cstdio>

#include "artifacts/remove_tree.h"
#include "artifacts/unpack.h"
#include "base/digest.h"
#include "base/failpoint.h"
#include "base/process.h"

namespace smhost {
namespace {

constexpr std::string_view kDigestPrefix = "sha256:", kFolderPrefix = "sha256-", kTemporaryPrefix = "tmp-";

// The hex digits of "sha256:…", or nothing.
std::optional<std::string> HexOf(const std::string& digest) {
  if (!digest.starts_with(kDigestPrefix)) return std::nullopt;
  std::string hex = digest.substr(kDigestPrefix.size());
  if (hex.size() != 64 || hex.find_first_not_of("0123456789abcdef") != std::string::npos) return std::nullopt;
  return hex;
}

// tmp-<pid>-<start time>-<number>: a pid that is used again does not keep a dead process's folder alive.
bool MakerLives(const std::string& name) {
  int pid = 0;
  unsigned long long start_time = 0;
  if (std::sscanf(name.c_str(), "tmp-%d-%llu-", &pid, &start_time) != 2 || pid <= 0) return false;
  return start_time != 0 && StartTimeOf(pid) == start_time;
}

std::string TemporaryName() {
  static std::atomic<unsigned> number{0};
  return std::string(kTemporaryPrefix) + std::to_string(::getpid()) + "-" + std::to_string(StartTimeOf(::getpid())) + "-" +
         std::to_string(number++);
}

Status CheckExpected(const std::string& artifact, const std::string& digest, const std::optional<std::string>& expected) {
  if (!expected || digest == *expected) return {};
  return Fail(Code::kConflict, artifact + ": its digest is " + digest + ", not " + *expected +
                                   ": the artifact was changed since; put that one back, or apply the documents to deploy this one");
}

// Of all the source's bytes; of one that grew while it was read, only so far that no archive of `bytes` has this digest.
Result<std::string> DigestOf(Source& source, std::uint64_t bytes) {
  Sha256 sha;
  for (std::uint64_t read = 0; read <= bytes;) {
    SMHOST_TRY(std::string_view next, source.Next());
    if (next.empty()) break;
    sha.Update(next);
    read += next.size();
  }
  return std::string(kDigestPrefix) + sha.FinishHex();
}

}  // namespace

bool SnapshotStore::IsFolder(const std::string& path) const {
  auto info = files_.Info(path);
  return info && info->is_folder;
}

Result<std::string> SnapshotStore::MakeTemporary() {
  SMHOST_TRY_STATUS(files_.MakeFolders(home_.Artifacts(), 0700));
  std::string path = home_.Artifacts() + "/" + TemporaryName();
  // Left by a process of the same identity before a reboot.
  if (files_.Exists(path)) SMHOST_TRY_STATUS(RemoveReadOnlyTree(path));
  if (::mkdir(path.c_str(), 0700) != 0) return FailErrno("make folder", path, errno);
  return path;
}

Result<Snapshot> SnapshotStore::Ensure(const std::string& url, const UnpackLimits& limits, const FetchSettings& settings,
                                       const std::optional<std::string>& expected) {
  SMHOST_TRY(ArtifactUrl parsed, ParseArtifactUrl(url));
  SMHOST_TRY(std::unique_ptr<Source> source, OpenSource(parsed, home_, settings, limits.bytes + limits.framing_bytes));
  auto outline = source->Outline();
  std::optional<Snapshot> there;
  if (outline) {
    SMHOST_TRY(there, Reuse(*source, *outline, limits));
  }
  if (!there) return Make(*source, outline, limits, expected);
  SMHOST_TRY_STATUS(CheckExpected(source->name(), there->digest, expected));
  return *there;
}

Result<std::optional<Snapshot>> SnapshotStore::Reuse(Source& source, const SourceOutline& outline,
                                                     const UnpackLimits& limits) {
  auto known = known_.Like(outline);
  // What is too large for this variant is refused in the unpacker's words.
  std::erase_if(known, [&](const KnownArchive& archive) {
    return archive.bytes > limits.bytes || archive.entries > limits.entries || !PathOf(archive.digest);
  });
  if (known.empty()) return std::nullopt;
  SMHOST_TRY(std::string digest, DigestOf(source, outline.bytes));
  for (const KnownArchive& archive : known) {
    if (archive.digest != digest) continue;
    // Who renamed it may have died before its own sync.
    SMHOST_TRY_STATUS(files_.SyncFolder(home_.Artifacts()));
    return Snapshot{digest, home_.Snapshot(*HexOf(digest)), archive.bytes, archive.entries, true};
  }
  SMHOST_TRY_STATUS(source.Rewind());
  return std::nullopt;
}

Result<Snapshot> SnapshotStore::Make(Source& source, const std::optional<SourceOutline>& outline,
                                     const UnpackLimits& limits, const std::optional<std::string>& expected) {
  SMHOST_TRY(std::string temporary, MakeTemporary());
  auto fetch = [&]() -> Result<Snapshot> {
    SMHOST_TRY(Unpacked unpacked, Unpack(source, temporary, limits));
    SMHOST_TRY_STATUS(CheckExpected(source.name(), unpacked.digest, expected));
    SMHOST_TRY(Snapshot snapshot, Publish(temporary, unpacked.digest));
    snapshot.bytes = unpacked.bytes;
    snapshot.entries = unpacked.entries;
    if (outline && outline->bytes == unpacked.packed_bytes)
      known_.Remember({unpacked.digest, *outline, unpacked.bytes, unpacked.entries});
    return snapshot;
  };
  auto snapshot = fetch();
  // Gone already where the rename took it away.
  if (Status removed = RemoveReadOnlyTree(temporary); snapshot && !removed) return Fail(removed.error());
  return snapshot;
}

Result<Snapshot> SnapshotStore::Publish(const std::string& temporary, const std::string& digest) {
  Snapshot snapshot{digest, home_.Snapshot(*HexOf(digest))};
  SMHOST_FAILPOINT_STATUS(snapshot_unpacked);
  if (!IsFolder(snapshot.folder)) {
    // Somebody else's rename may come first: theirs holds the same bytes.
    Status renamed = files_.Rename(temporary, snapshot.folder);
    if (!renamed && !IsFolder(snapshot.folder)) return Fail(renamed.error());
  }
  SMHOST_FAILPOINT_STATUS(snapshot_renamed);
  SMHOST_TRY_STATUS(files_.SyncFolder(home_.Artifacts()));
  return snapshot;
}

Result<std::string> SnapshotStore::PathOf(const std::string& digest) const {
  auto hex = HexOf(digest);
  if (!hex) return Fail(Code::kInvalid, "'" + digest + "' is no digest: sha256: and 64 hex digits are wanted");
  std::string folder = home_.Snapshot(*hex);
  if (!IsFolder(folder))
    return Fail(Code::kNotFound, folder + ": no such snapshot; it is fetched again when the model is deployed again");
  return folder;
}

// Out of sight first: a snapshot that is half removed when the power goes must not keep the name that says "complete".
Status SnapshotStore::RemoveSnapshot(const std::string& name) {
  std::string condemned = home_.Artifacts() + "/" + TemporaryName();
  SMHOST_TRY_STATUS(files_.Rename(home_.Artifacts() + "/" + name, condemned));
  SMHOST_TRY_STATUS(files_.SyncFolder(home_.Artifacts()));
  return RemoveReadOnlyTree(condemned);
}

Result<int> SnapshotStore::Sweep(const std::set<std::string>& referenced_digests) {
  if (!files_.Exists(home_.Artifacts())) return 0;
  SMHOST_TRY(auto entries, files_.List(home_.Artifacts()));
  int removed = 0;
  std::optional<Error> first_error;
  for (const auto& [name, is_folder] : entries) {
    Status done;
    if (name.starts_with(kFolderPrefix)) {
      std::string digest = std::string(kDigestPrefix) + name.substr(kFolderPrefix.size());
      if (!HexOf(digest) || referenced_digests.contains(digest)) continue;
      done = RemoveSnapshot(name);
    } else if (name.starts_with(kTemporaryPrefix) && !MakerLives(name)) {
      done = RemoveReadOnlyTree(home_.Artifacts() + "/" + name);
    } else {
      continue;
    }
    if (done) ++removed;
    if (!done && !first_error) first_error = done.error();
  }
  Status forgotten = known_.Sweep([this](const std::string& digest) { return PathOf(digest).has_value(); });
  if (!forgotten && !first_error) first_error = forgotten.error();
  if (first_error) return Fail(*first_error);
  return removed;
}

}  // namespace smhost
