#include "artifacts/url.h"

#include <curl/curl.h>

#include <algorithm>
#include <memory>

#include "artifacts/entry_name.h"
#include "base/limits.h"
#include "base/text.h"

namespace smhost {
namespace {

using Url = std::unique_ptr<CURLU, decltype(&curl_url_cleanup)>;

tl::unexpected<Error> Refuse(const std::string& shown, const std::string& why) {
  return Fail(Code::kInvalid, "artifact address " + QuoteName(shown) + ": " + why);
}

bool IsControl(char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; }

Result<std::string> PathIn(std::string_view text, const std::string& shown) {
  auto decoded = PercentDecoded(text);
  if (!decoded) return Refuse(shown, "% must be followed by two hex digits; a % in a name is written %25");
  if (decoded->find('\0') != std::string::npos) return Refuse(shown, "%00 cannot be in a path");
  return std::move(*decoded);
}

Result<ArtifactUrl> ParseFile(const std::string& text) {
  ArtifactUrl url{.scheme = ArtifactUrl::Scheme::kFile, .shown = text};
  std::string_view rest = std::string_view(text).substr(7);
  if (rest.starts_with("localhost/")) rest.remove_prefix(9);
  if (!rest.starts_with('/'))
    return Refuse(text, "names a host or a relative path; write file:///absolute/path (three slashes)");
  SMHOST_TRY(url.path, PathIn(rest, text));
  if (url.path.ends_with('/')) return Refuse(text, "names a folder; pack its content: tar czf model.tar.gz -C FOLDER .");
  return url;
}

Result<ArtifactUrl> ParseS3(const std::string& text) {
  ArtifactUrl url{.scheme = ArtifactUrl::Scheme::kS3, .shown = text};
  std::string rest = text.substr(5);
  auto slash = rest.find('/');
  url.bucket = rest.substr(0, slash);
  url.key = slash == std::string::npos ? "" : rest.substr(slash + 1);
  auto allowed = [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '.' || c == '-'; };
  if (url.bucket.size() < 3 || url.bucket.size() > 63 || !std::all_of(url.bucket.begin(), url.bucket.end(), allowed) ||
      !(allowed(url.bucket.front()) && url.bucket.front() != '.' && url.bucket.front() != '-') ||
      url.bucket.back() == '.' || url.bucket.back() == '-' || url.bucket.find("..") != std::string::npos)
    return Refuse(text, "a bucket's name has 3 to 63 of a-z, 0-9, '.' and '-', and begins and ends with a letter or digit");
  if (url.key.empty() || url.key.ends_with('/')) return Refuse(text, "names no object; write s3://bucket/key");
  if (url.key.size() > 1024) return Refuse(text, "a key has at most 1024 bytes");
  return url;
}

bool IsLoopback(const std::string& host) {
  if (host == "localhost" || host == "[::1]") return true;
  return host.starts_with("127.") && host.find_first_not_of("0123456789.") == std::string::npos;
}

// libcurl takes it apart, so that what is checked here is what it will connect to.
Result<std::string> Part(CURLU* url, CURLUPart part) {
  char* text = nullptr;
  CURLUcode rc = curl_url_get(url, part, &text, 0);
  std::unique_ptr<char, decltype(&curl_free)> owner(text, &curl_free);
  if (rc != CURLUE_OK) return Fail(Code::kInvalid, curl_url_strerror(rc));
  return std::string(text);
}

Result<ArtifactUrl> ParseHttp(const std::string& text, ArtifactUrl::Scheme scheme) {
  ArtifactUrl url{.scheme = scheme, .shown = text.substr(0, text.find_first_of("?#"))};
  auto authority_end = url.shown.find('/', url.shown.find("//") + 2);
  // Checked before libcurl sees it, and left out of the message: what stands before the @ is a secret.
  if (auto at = url.shown.rfind('@', authority_end); at != std::string::npos) {
    url.shown.erase(url.shown.find("//") + 2, at - url.shown.find("//") - 1);
    return Refuse(url.shown, "holds a user name or password; use a presigned address");
  }
  // libcurl would forgive more slashes and take the next word for the host.
  if (authority_end == url.shown.find("//") + 2) return Refuse(url.shown, "names no host");
  Url parsed(curl_url(), &curl_url_cleanup);
  if (CURLUcode rc = curl_url_set(parsed.get(), CURLUPART_URL, text.c_str(), 0); rc != CURLUE_OK)
    return Refuse(url.shown, curl_url_strerror(rc));
  auto host = Part(parsed.get(), CURLUPART_HOST);
  auto address = Part(parsed.get(), CURLUPART_URL);
  if (!host || !address) return Refuse(url.shown, (host ? address : host).error().message);
  url.loopback = IsLoopback(LowerCase(*host));
  url.address = *address;
  if (scheme == ArtifactUrl::Scheme::kHttp && !url.loopback)
    return Refuse(url.shown, "http:// is for this machine alone (localhost, 127.0.0.1, [::1]); use https://");
  return url;
}

}  // namespace

Result<ArtifactUrl> ParseArtifactUrl(const std::string& text) {
  std::string shown = text.substr(0, std::min<std::size_t>(text.find('?'), 200));
  if (text.size() > limits::kArtifactUrlBytes)
    return Refuse(shown, "longer than " + std::to_string(limits::kArtifactUrlBytes) + " bytes");
  if (std::any_of(text.begin(), text.end(), IsControl)) return Refuse(shown, "holds a control character");
  std::string scheme = LowerCase(text.substr(0, text.find("://")));
  if (text.find("://") == std::string::npos) return Refuse(shown, "no scheme; write file:///…, s3://bucket/key or https://…");
  if (scheme == "file") return ParseFile(text);
  if (scheme == "s3") return ParseS3(text);
  if (scheme == "http") return ParseHttp(text, ArtifactUrl::Scheme::kHttp);
  if (scheme == "https") return ParseHttp(text, ArtifactUrl::Scheme::kHttps);
  return Refuse(shown, "scheme " + QuoteName(scheme) + " is not one of file, s3, https");
}

std::string FileUrl(const std::string& absolute_path) { return "file://" + PercentEncode(absolute_path, true); }

std::string PercentEncode(std::string_view text, bool keep_slash) {
  static constexpr char kHex[] = "0123456789ABCDEF";
  std::string encoded;
  for (char c : text) {
    bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '.' ||
                 c == '_' || c == '~' || (keep_slash && c == '/');
    if (plain) {
      encoded += c;
      continue;
    }
    auto byte = static_cast<unsigned char>(c);
    encoded += {'%', kHex[byte >> 4], kHex[byte & 15]};
  }
  return encoded;
}

}  // namespace smhost
