// Unpacks an artifact (a tar, gzip'd as model.tar.gz is, or plain) while it is read. The caller of it is the fetch process,
// which may be killed at any moment: what counts is the rename that follows (snapshots.h). Regular files and folders only;
// the archive's owners, modes and times are ignored; the first entry that is refused fails the whole.
#pragma once

#include <cstdint>
#include <string>

#include "artifacts/source.h"
#include "artifacts/unpack_limits.h"
#include "base/result.h"

namespace smhost {

struct Unpacked {
  std::string digest;              // "sha256:<64 hex>" of the packed bytes
  std::uint64_t bytes = 0;         // of all files
  std::uint64_t entries = 0;       // files and folders
  std::uint64_t packed_bytes = 0;
};

// Into `fresh_folder`, which exists and is empty; afterwards all in it is read-only and on the disk. On failure it holds
// whatever was written until then: remove it. kInvalid: a bad archive, naming the entry and why; kTooLarge: a limit;
// kUnavailable: the disk; or the source's own error.
Result<Unpacked> Unpack(Source& source, const std::string& fresh_folder, const UnpackLimits& limits);

}  // namespace smhost
