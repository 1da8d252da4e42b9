// What unpacking found out about archives that can be read twice, kept beside their snapshots:
// artifacts/known-<sha256 of the archive>.json. With it a fetch tells from an archive's bytes alone that they are unpacked
// already. All of it is derived: what is lost or damaged is as if it had never been known, and costs one more unpacking. Written by fetch processes (any number at once),
// swept by the controller.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "artifacts/source.h"
#include "base/files.h"
#include "base/result.h"
#include "state/home.h"

namespace smhost {

struct KnownArchive {
  std::string digest;  // "sha256:<64 hex>" of the archive, and so the name of its snapshot
  SourceOutline outline;
  std::uint64_t bytes = 0, entries = 0;  // unpacked
};

class KnownArchives {
 public:
  KnownArchives(Files& files, const Home& home) : files_(files), folder_(home.Artifacts()) {}

  // Those that a source of this outline may hold. Whether their snapshots are there is the caller's to see.
  std::vector<KnownArchive> Like(const SourceOutline& outline) const;

  // Not durable, and no failure: a disk without room for it costs an unpacking, not the fetch.
  void Remember(const KnownArchive& archive);

  // Forgets those which `keep` does not want, damaged ones, and what killed writers left. Goes on after a failure and
  // returns the first.
  Status Sweep(const std::function<bool(const std::string& digest)>& keep);

 private:
  std::string NameOf(const std::string& digest) const;
  Result<KnownArchive> Read(const std::string& name) const;

  Files& files_;
  std::string folder_;
};

}  // namespace smhost
