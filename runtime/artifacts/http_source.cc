#include "artifacts/http_source.h"

#include <curl/curl.h>

#include <algorithm>
#include <mutex>
#include <vector>

#include "artifacts/entry_name.h"
#include "base/check.h"
#include "base/text.h"

namespace smhost {
namespace {

constexpr long kReceiveBytes = 256 * 1024;
constexpr std::size_t kErrorBodyBytes = 4 * 1024;
constexpr int kPollMs = 500;

using Easy = std::unique_ptr<CURL, decltype(&curl_easy_cleanup)>;
using Multi = std::unique_ptr<CURLM, decltype(&curl_multi_cleanup)>;
using Headers = std::unique_ptr<curl_slist, decltype(&curl_slist_free_all)>;

void StartCurlOnce() {
  static std::once_flag once;
  std::call_once(once, [] { SMHOST_CHECK(curl_global_init(CURL_GLOBAL_DEFAULT) == CURLE_OK); });
}

// The text between <tag> and </tag>, as S3 puts Code and Message into an error's body.
std::string XmlValue(const std::string& body, const std::string& tag) {
  auto from = body.find("<" + tag + ">");
  if (from == std::string::npos) return {};
  from += tag.size() + 2;
  auto to = body.find("</" + tag + ">", from);
  return to == std::string::npos ? std::string() : body.substr(from, to - from);
}

bool MayPass(long status) { return status == 408 || status == 429 || status >= 500; }

class HttpSource final : public Source {
 public:
  HttpSource(DownloadRequest request, const FetchSettings& settings, std::uint64_t max_bytes)
      : request_(std::move(request)), settings_(settings), max_bytes_(max_bytes), address_(request_.address) {
    StartCurlOnce();
  }
  ~HttpSource() override { Detach(); }

  Result<std::string_view> Next() override {
    if (!easy_) SMHOST_TRY_STATUS(Start());
    buffer_.clear();
    last_progress_ = SystemClock().Monotonic();  // the caller's own time does not count as the server's silence
    while (buffer_.empty() && !done_) {
      int running = 0;
      if (CURLMcode rc = curl_multi_perform(multi_.get(), &running); rc != CURLM_OK)
        return Fail(Code::kInternal, Cannot(curl_multi_strerror(rc)));
      SMHOST_TRY_STATUS(TakeResult());
      if (!buffer_.empty() || done_) break;
      SMHOST_TRY_STATUS(CheckTime());
      curl_multi_poll(multi_.get(), nullptr, 0, kPollMs, nullptr);
    }
    received_bytes_ += buffer_.size();
    if (received_bytes_ > max_bytes_) return Fail(TooLarge());
    return std::string_view(buffer_);
  }

  const std::string& name() const override { return request_.name; }

 private:
  std::string Cannot(const std::string& why) const { return request_.name + ": cannot download: " + why; }
  Error TooLarge() const {
    return Error{Code::kTooLarge, Cannot("it has more than the " + std::to_string(max_bytes_) +
                                         " bytes allowed; choose an instance type with a larger volume")};
  }

  void Detach() {
    if (easy_ && multi_) curl_multi_remove_handle(multi_.get(), easy_.get());
  }

  Status CheckTime() const {
    auto now = SystemClock().Monotonic();
    if (settings_.deadline && now >= *settings_.deadline)
      return Fail(Code::kTimedOut, Cannot("it was not done by its deadline; allow more time or use a nearer store"));
    if (now - last_progress_ >= settings_.stall_timeout)
      return Fail(Code::kUnavailable,
                  Cannot("timed out: nothing came for " + std::to_string(settings_.stall_timeout.count()) + " s"));
    return {};
  }

  // One request; anew for each address of a chain of redirects, so that nothing of an earlier one is sent along.
  Status Start() {
    Detach();
    easy_.reset(curl_easy_init());
    if (!multi_) multi_.reset(curl_multi_init());
    SMHOST_CHECK(easy_ && multi_);
    error_text_[0] = '\0';
    error_body_.clear();
    bucket_region_.clear();
    curl_easy_setopt(easy_.get(), CURLOPT_URL, address_.c_str());
    SetWaits();
    SetTrust();
    SetCallbacks();
    if (request_.s3) SetS3();
    CURLMcode rc = curl_multi_add_handle(multi_.get(), easy_.get());
    if (rc != CURLM_OK) return Fail(Code::kInternal, Cannot(curl_multi_strerror(rc)));
    return {};
  }

  void SetWaits() {
    CURL* easy = easy_.get();
    curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT, static_cast<long>(settings_.connect_timeout.count()));
    curl_easy_setopt(easy, CURLOPT_BUFFERSIZE, kReceiveBytes);
    curl_easy_setopt(easy, CURLOPT_MAXFILESIZE_LARGE, static_cast<curl_off_t>(std::min<std::uint64_t>(max_bytes_, INT64_MAX)));
  }

  void SetTrust() {
    CURL* easy = easy_.get();
    curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, loopback() ? "http,https" : "https");
    curl_easy_setopt(easy, CURLOPT_FOLLOWLOCATION, 0L);
    curl_easy_setopt(easy, CURLOPT_USERAGENT, "smhost");
    if (loopback()) curl_easy_setopt(easy, CURLOPT_PROXY, "");  // a proxy's localhost is another machine
    if (!settings_.ca_file.empty()) curl_easy_setopt(easy, CURLOPT_CAINFO, settings_.ca_file.c_str());
    if (!settings_.ca_folder.empty()) curl_easy_setopt(easy, CURLOPT_CAPATH, settings_.ca_folder.c_str());
  }

  void SetCallbacks() {
    CURL* easy = easy_.get();
    curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, error_text_);
    curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, &HttpSource::OnBody);
    curl_easy_setopt(easy, CURLOPT_WRITEDATA, this);
    curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, &HttpSource::OnHeader);
    curl_easy_setopt(easy, CURLOPT_HEADERDATA, this);
  }

  void SetS3() {
    CURL* easy = easy_.get();
    curl_easy_setopt(easy, CURLOPT_PATH_AS_IS, 1L);  // a key may hold "..": S3 knows no folders
    if (!settings_.credentials) return;
    const AwsCredentials& own = *settings_.credentials;
    curl_easy_setopt(easy, CURLOPT_AWS_SIGV4, ("aws:amz:" + settings_.region + ":s3").c_str());
    curl_easy_setopt(easy, CURLOPT_USERNAME, own.access_key.c_str());
    curl_easy_setopt(easy, CURLOPT_PASSWORD, own.secret_key.c_str());
    headers_.reset();
    // SHA-256 of no bytes: the body of a GET. S3 wants it said, and signed.
    AddHeader("x-amz-content-sha256: e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    if (!own.session_token.empty()) AddHeader("x-amz-security-token: " + own.session_token);
    curl_easy_setopt(easy, CURLOPT_HTTPHEADER, headers_.get());
  }

  void AddHeader(const std::string& line) { headers_.reset(curl_slist_append(headers_.release(), line.c_str())); }

  bool loopback() const { return request_.loopback; }

  long StatusCode() const {
    long status = 0;
    curl_easy_getinfo(easy_.get(), CURLINFO_RESPONSE_CODE, &status);
    return status;
  }

  static std::size_t OnBody(char* data, std::size_t one, std::size_t count, void* self) {
    auto* source = static_cast<HttpSource*>(self);
    std::size_t bytes = one * count;
    source->last_progress_ = SystemClock().Monotonic();
    if (source->StatusCode() == 200) {
      source->buffer_.append(data, bytes);
    } else if (source->error_body_.size() < kErrorBodyBytes) {
      source->error_body_.append(data, std::min(bytes, kErrorBodyBytes - source->error_body_.size()));
    }
    return bytes;
  }

  static std::size_t OnHeader(char* data, std::size_t one, std::size_t count, void* self) {
    static_cast<HttpSource*>(self)->last_progress_ = SystemClock().Monotonic();
    std::string_view line(data, one * count);
    constexpr std::string_view kRegionHeader = "x-amz-bucket-region:";
    if (LowerCase(line.substr(0, kRegionHeader.size())) == kRegionHeader) {
      std::string_view value = line.substr(kRegionHeader.size());
      auto from = value.find_first_not_of(" \t"), to = value.find_last_not_of(" \t\r\n");
      if (from <= to && to != std::string_view::npos)
        static_cast<HttpSource*>(self)->bucket_region_ = value.substr(from, to - from + 1);
    }
    return one * count;
  }

  // The transfer's end, if it has come: the next address of a chain, the end of the body, or what went wrong.
  Status TakeResult() {
    int left = 0;
    CURLMsg* message = curl_multi_info_read(multi_.get(), &left);
    if (message == nullptr || message->msg != CURLMSG_DONE) return {};
    CURLcode result = message->data.result;
    long status = StatusCode();
    if (result != CURLE_OK) return FailTransfer(result);
    if (status >= 300 && status < 400) return Redirect(status);
    if (status != 200) return FailStatus(status);
    done_ = true;
    return {};
  }

  Status Redirect(long status) {
    char* target = nullptr;
    curl_easy_getinfo(easy_.get(), CURLINFO_REDIRECT_URL, &target);
    if (request_.s3 || target == nullptr) return FailStatus(status);
    auto next = ParseArtifactUrl(target);
    if (!next) return Fail(Code::kInvalid, Cannot("redirected to a place that is not allowed: " + next.error().message));
    bool web = next->scheme == ArtifactUrl::Scheme::kHttps || (next->scheme == ArtifactUrl::Scheme::kHttp && next->loopback);
    bool plain = next->scheme == ArtifactUrl::Scheme::kHttp;
    if (!web || (plain && address_.starts_with("https")))
      return Fail(Code::kInvalid, Cannot("redirected from " + shown() + " to " + QuoteName(next->shown) +
                                         ": only https:// may follow"));
    if (next->loopback && !loopback())
      return Fail(Code::kInvalid, Cannot("redirected to an address of this machine, " + QuoteName(next->shown)));
    if (++redirects_ > limits::kFetchRedirects)
      return Fail(Code::kInvalid, Cannot("redirected more than " + std::to_string(limits::kFetchRedirects) +
                                         " times, at last to " + QuoteName(next->shown)));
    address_ = next->address;
    request_.loopback = next->loopback;
    return Start();
  }

  std::string shown() const { return QuoteName(address_.substr(0, address_.find_first_of("?#"))); }

  Status FailStatus(long status) const {
    std::string why = "the server answered " + std::to_string(status);
    if (redirects_ > 0) why += " at " + shown();
    std::string code = request_.s3 ? XmlValue(error_body_, "Code") : "";
    if (!code.empty()) why += " " + QuoteName(code) + ": " + QuoteName(XmlValue(error_body_, "Message"));
    if (!bucket_region_.empty() && bucket_region_ != settings_.region && request_.s3)
      why += "; the bucket is in region " + QuoteName(bucket_region_) + ": set AWS_REGION";
    if (status == 404 || status == 410) return Fail(Code::kNotFound, Cannot(why + "; check the address"));
    if (status == 401 || status == 403)
      return Fail(Code::kDenied, Cannot(why + (request_.s3 ? "; check AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, "
                                                             "AWS_SESSION_TOKEN and their rights"
                                                           : "; use a presigned address or open it for reading")));
    if (MayPass(status)) return Fail(Code::kUnavailable, Cannot(why));
    return Fail(Code::kInvalid, Cannot(why));
  }

  Status FailTransfer(CURLcode result) const {
    std::string why = error_text_[0] != '\0' ? error_text_ : curl_easy_strerror(result);
    if (redirects_ > 0) why += " (at " + shown() + ")";
    switch (result) {
      case CURLE_FILESIZE_EXCEEDED: return Fail(TooLarge());
      case CURLE_PARTIAL_FILE: return Fail(Code::kUnavailable, Cannot("the transfer ended early: " + why));
      case CURLE_OPERATION_TIMEDOUT: return Fail(Code::kUnavailable, Cannot("timed out: " + why));
      case CURLE_PEER_FAILED_VERIFICATION:
        return Fail(Code::kDenied, Cannot(why + "; CURL_CA_BUNDLE names the file of certificates to trust"));
      case CURLE_SSL_CACERT_BADFILE:
        return Fail(Code::kInvalid, Cannot(why + "; check CURL_CA_BUNDLE and SSL_CERT_FILE"));
      case CURLE_URL_MALFORMAT:
      case CURLE_UNSUPPORTED_PROTOCOL: return Fail(Code::kInvalid, Cannot(why));
      default: return Fail(Code::kUnavailable, Cannot(why));
    }
  }

  DownloadRequest request_;
  FetchSettings settings_;
  std::uint64_t max_bytes_;
  std::string address_;  // of the current hop
  int redirects_ = 0;
  std::uint64_t received_bytes_ = 0;
  MonotonicTime last_progress_;
  std::string buffer_, error_body_, bucket_region_;
  bool done_ = false;
  char error_text_[CURL_ERROR_SIZE] = {};
  Headers headers_{nullptr, &curl_slist_free_all};
  Multi multi_{nullptr, &curl_multi_cleanup};
  Easy easy_{nullptr, &curl_easy_cleanup};
};

}  // namespace

std::unique_ptr<Source> MakeHttpSource(DownloadRequest request, const FetchSettings& settings, std::uint64_t max_bytes) {
  return std::make_unique<HttpSource>(std::move(request), settings, max_bytes);
}

}  // namespace smhost
