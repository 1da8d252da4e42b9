// The tar inside an artifact: takes packed bytes from a source, undoes gzip (or passes a plain tar on), and keeps the books
// on the way: the digest of all packed bytes, sizes, ratio, where the last byte that is not zero stands. Every checksum of
// gzip is verified, and nothing may follow it. One thread.
//
// zlib and not libarchive's own filter: that one ignores gzip's checksum and whatever follows the compressed data.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "artifacts/source.h"
#include "artifacts/unpack_limits.h"
#include "base/digest.h"
#include "base/result.h"

struct z_stream_s;

namespace smhost {

class TarStream {
 public:
  TarStream(Source& source, const UnpackLimits& limits);
  ~TarStream();

  // The next bytes of the tar, valid until the next call; empty: the whole artifact has been read and was sound.
  Result<std::string_view> Next();

  bool gzip() const { return gzip_; }
  std::uint64_t packed_bytes() const { return packed_bytes_; }
  std::uint64_t tar_bytes() const { return tar_bytes_; }
  // Past the last byte that is not zero, of what Next() has given.
  std::uint64_t last_content() const { return last_content_; }
  // "sha256:<64 hex>" of all packed bytes. Once, after Next() gave the end.
  std::string Digest() { return "sha256:" + hash_.FinishHex(); }

 private:
  Status Refill();
  Status Begin();
  Result<std::string_view> Inflate();
  Status AfterMember();
  Status CheckSize() const;
  tl::unexpected<Error> Refuse(const std::string& why) const;

  Source& source_;
  const UnpackLimits limits_;
  Sha256 hash_;
  std::unique_ptr<z_stream_s> zlib_;  // null: a plain tar
  std::string head_;                  // the first bytes, until they tell what it is
  std::string_view packed_;           // read and not yet used
  std::vector<char> block_;
  bool begun_ = false, gzip_ = false, source_ended_ = false, member_open_ = false;
  std::uint64_t packed_bytes_ = 0, tar_bytes_ = 0, last_content_ = 0;
};

}  // namespace smhost
