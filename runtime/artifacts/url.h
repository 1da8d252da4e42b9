// The addresses an artifact may have (a model's ModelDataUrl), taken apart and checked. Pure: opens nothing. Any thread.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"

namespace smhost {

struct ArtifactUrl {
  enum class Scheme { kFile, kS3, kHttp, kHttps };
  Scheme scheme = Scheme::kFile;
  std::string shown;        // for messages: without the query, where presigned addresses keep their secret
  std::string path;         // file: absolute, percent-decoded
  std::string bucket, key;  // s3: as they are; AWS does not encode them in s3:// addresses
  std::string address;      // http, https: the whole, as libcurl understood it
  bool loopback = false;    // http, https: the host is this machine
};

// file:///path, s3://bucket/key, https://host/path, and http:// where the host is this machine. kInvalid, naming the
// address and the rule, for all else.
Result<ArtifactUrl> ParseArtifactUrl(const std::string& text);

// "file:///…" of an absolute path: what ParseArtifactUrl makes that path of again.
std::string FileUrl(const std::string& absolute_path);

// Percent-encodes what AWS signatures want encoded: all but letters, digits and -._~ (and '/' where it stays).
std::string PercentEncode(std::string_view text, bool keep_slash);

}  // namespace smhost
