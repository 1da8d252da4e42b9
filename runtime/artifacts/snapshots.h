// The unpacked artifacts of a home: artifacts/sha256-<digest of the packed bytes>/. A snapshot appears by one rename, after
// all of it is on the disk, and never changes: the name proves that it is complete. Made by fetch processes (any number at
// once), swept by the controller.
#pragma once

#include <cstdint>
#include <optional>
#include <set>
#include <string>

#include "artifacts/fetch_settings.h"
#include "artifacts/known_archives.h"
#include "artifacts/source.h"
#include "artifacts/unpack_limits.h"
#include "base/files.h"
#include "base/result.h"
#include "state/home.h"

namespace smhost {

struct Snapshot {
  std::string digest;  // "sha256:<64 hex>"
  std::string folder;  // absolute
  std::uint64_t bytes = 0, entries = 0;
  bool reused = false;  // it was there: nothing was unpacked
};

class SnapshotStore {
 public:
  SnapshotStore(Files& files, Home home) : files_(files), home_(std::move(home)), known_(files, home_) {}

  // Reads the artifact, always anew: only its bytes tell whether it changed. Unpacks it, unless it lies on this machine
  // and its bytes are those of a snapshot that is there. With `expected` another digest fails (kConflict). Leaves nothing
  // behind on failure.
  Result<Snapshot> Ensure(const std::string& url, const UnpackLimits& limits, const FetchSettings& settings,
                          const std::optional<std::string>& expected = {});

  // The folder of "sha256:<64 hex>"; kNotFound if it is not there (any more), kInvalid if that is no digest.
  Result<std::string> PathOf(const std::string& digest) const;

  // Removes all snapshots but the referenced ones, and what dead fetch processes left. Returns how many folders went.
  // Goes on after a failure and returns the first. The caller references what it uses, and does not call while a fetch
  // runs or has reported a digest that is not among the referenced yet.
  Result<int> Sweep(const std::set<std::string>& referenced_digests);

 private:
  bool IsFolder(const std::string& path) const;
  // The snapshot of the source's bytes where they are known, else nothing, and the source stands at its beginning.
  Result<std::optional<Snapshot>> Reuse(Source& source, const SourceOutline& outline, const UnpackLimits& limits);
  Result<Snapshot> Make(Source& source, const std::optional<SourceOutline>& outline, const UnpackLimits& limits,
                        const std::optional<std::string>& expected);
  Result<std::string> MakeTemporary();
  Result<Snapshot> Publish(const std::string& temporary, const std::string& digest);
  Status RemoveSnapshot(const std::string& name);

  Files& files_;
  Home home_;
  KnownArchives known_;
};

}  // namespace smhost
