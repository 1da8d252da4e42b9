#include "artifacts/source.h"

#include "artifacts/entry_name.h"
#include "artifacts/file_source.h"
#include "artifacts/http_source.h"
#include "state/objects.h"

namespace smhost {
namespace {

Result<std::unique_ptr<Source>> OpenEndpoint(const ArtifactUrl& url, const FetchSettings& settings,
                                             std::uint64_t max_bytes) {
  auto endpoint = ParseArtifactUrl(settings.s3_endpoint + "/");
  if (!endpoint || endpoint->address.empty())
    return Fail(Code::kInvalid, "SMHOST_S3_ENDPOINT is no address of a store: " +
                                    (endpoint ? "not https://" : endpoint.error().message));
  DownloadRequest request{.address = settings.s3_endpoint + "/" + url.bucket + "/" + PercentEncode(url.key, true),
                      .name = url.shown + " at " + settings.s3_endpoint,
                      .loopback = endpoint->loopback,
                      .s3 = true};
  return MakeHttpSource(std::move(request), settings, max_bytes);
}

std::unique_ptr<Source> OpenAws(const ArtifactUrl& url, const FetchSettings& settings, std::uint64_t max_bytes) {
  std::string domain = settings.region.starts_with("cn-") ? "amazonaws.com.cn" : "amazonaws.com";
  std::string host = "s3." + settings.region + "." + domain;
  std::string key = PercentEncode(url.key, true);
  // AWS's certificate covers one label before s3: a bucket with dots goes into the path.
  bool dotted = url.bucket.find('.') != std::string::npos;
  DownloadRequest request{
      .address = dotted ? "https://" + host + "/" + url.bucket + "/" + key : "https://" + url.bucket + "." + host + "/" + key,
      .name = url.shown + " at " + host + " (it is not in the local object store)",
      .s3 = true};
  return MakeHttpSource(std::move(request), settings, max_bytes);
}

Result<std::unique_ptr<Source>> OpenS3(const ArtifactUrl& url, const Home& home, const FetchSettings& settings,
                                       std::uint64_t max_bytes) {
  if (!settings.s3_endpoint.empty()) return OpenEndpoint(url, settings, max_bytes);
  // A name that the local store cannot have may still be one of AWS's.
  auto local = ObjectStore(home).Open({url.bucket, url.key});
  if (local) return MakeFileSource(std::move(local->fd), home.Objects() + "/" + url.bucket + "/" + url.key, url.shown);
  bool absent = local.error().code == Code::kNotFound || local.error().code == Code::kInvalid;
  if (absent && settings.credentials) return OpenAws(url, settings, max_bytes);
  if (local.error().code != Code::kNotFound) return Fail(std::move(local).error());
  return Fail(Code::kNotFound, "no such object " + QuoteName(url.shown) +
                                   " in the local object store; put it there: smhost cp FILE " + url.shown);
}

}  // namespace

Result<std::unique_ptr<Source>> OpenSource(const ArtifactUrl& url, const Home& home, const FetchSettings& settings,
                                           std::uint64_t max_bytes) {
  switch (url.scheme) {
    case ArtifactUrl::Scheme::kFile: return OpenFileSource(url.path, url.shown);
    case ArtifactUrl::Scheme::kS3: return OpenS3(url, home, settings, max_bytes);
    case ArtifactUrl::Scheme::kHttp:
    case ArtifactUrl::Scheme::kHttps:
      return MakeHttpSource({.address = url.address, .name = url.shown, .loopback = url.loopback}, settings, max_bytes);
  }
  return Fail(Code::kInternal, "unknown scheme of " + url.shown);
}

}  // namespace smhost
