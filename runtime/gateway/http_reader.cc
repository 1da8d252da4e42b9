#include "gateway/http_reader.h"

#include "base/text.h"
#include "gateway/asio.h"

#include <boost/beast/http/basic_parser.hpp>

#include "base/check.h"
#include "base/limits.h"

namespace smhost {
namespace http = boost::beast::http;
namespace {

std::string TooLong() { return "HTTP content length exceeded " + std::to_string(limits::kRequestBodyBytes) + " bytes."; }

// Where a header's value goes; null for one that nobody reads.
std::string* PlaceOf(HttpRequest& request, http::field field, boost::beast::string_view name) {
  switch (field) {
    case http::field::content_type: return &request.content_type;
    case http::field::accept: return &request.accept;
    case http::field::unknown: break;
    default: return nullptr;
  }
  struct Known {
    boost::beast::string_view name;
    std::string HttpRequest::*place;
  };
  static const Known kKnown[] = {
      {"X-Amzn-SageMaker-Custom-Attributes", &HttpRequest::custom_attributes},
      {"X-Amzn-SageMaker-Target-Model", &HttpRequest::target_model},
      {"X-Amzn-SageMaker-Target-Variant", &HttpRequest::target_variant},
      {"X-Amzn-SageMaker-Target-Container-Hostname", &HttpRequest::target_container},
      {"X-Amzn-SageMaker-Inference-Id", &HttpRequest::inference_id},
      {"X-Amzn-SageMaker-Inference-Component", &HttpRequest::inference_component},
      {"X-Amzn-SageMaker-Session-Id", &HttpRequest::session_id},
      {"X-Amzn-SageMaker-Enable-Explanations", &HttpRequest::enable_explanations},
      {"X-Amzn-SageMaker-Accept", &HttpRequest::stream_accept},
      {"X-Smhost-Account", &HttpRequest::account},
  };
  if (name.size() < 12 || (name[0] | 32) != 'x') return nullptr;
  for (const auto& known : kKnown)
    if (boost::beast::iequals(known.name, name)) return &(request.*known.place);
  return nullptr;
}

}  // namespace

class HttpReader::Parser final : public http::basic_parser<true> {
 public:
  explicit Parser(HttpRequest& request) : request_(request) {
    header_limit(static_cast<std::uint32_t>(limits::kRequestHeaderBytes) + 1);
    body_limit(boost::none);
  }
  bool too_long() const { return too_long_; }
  void AllowAnyLength() { limited_ = false; }

 private:
  using Text = boost::beast::string_view;

  void on_request_impl(http::verb, Text method, Text target, int version, ErrorCode&) override {
    request_.method.assign(method.data(), method.size());
    request_.target.assign(target.data(), target.size());
    request_.http11 = version == 11;
  }
  void on_response_impl(int, Text, int, ErrorCode&) override {}
  void on_field_impl(http::field field, Text name, Text value, ErrorCode& error) override {
    if (in_trailer_) {
      // Who calls, and what for, was settled before the body: a trailer that says it again is up to no good.
      bool settled = field == http::field::host || field == http::field::content_encoding || field == http::field::authorization ||
                     boost::beast::iequals(name, "X-Amz-Target");
      if (settled || PlaceOf(request_, field, name) != nullptr) error = http::error::bad_field;
      return;
    }
    if (field == http::field::expect) request_.expects_continue = request_.http11;
    Keep(name, value);
    std::string* place = PlaceOf(request_, field, name);
    if (place == nullptr) return;
    if (!place->empty()) place->append(", ");
    place->append(value.data(), value.size());
  }
  void on_header_impl(ErrorCode&) override {
    in_trailer_ = true;
    request_.keep_alive = keep_alive();
    request_.chunked = chunked();
    if (auto length = content_length()) request_.content_length = *length;
  }
  void on_body_init_impl(const boost::optional<std::uint64_t>&, ErrorCode&) override {}
  std::size_t on_body_impl(Text body, ErrorCode& error) override { return Append(body, error); }
  void on_chunk_header_impl(std::uint64_t size, Text extensions, ErrorCode& error) override {
    if (!AllowedChunkExtensions({extensions.data(), extensions.size()})) error = http::error::bad_chunk_extension;
    if (limited_ && size > limits::kRequestBodyBytes - request_.body.size()) TooLong(error);
  }
  std::size_t on_chunk_body_impl(std::uint64_t, Text body, ErrorCode& error) override { return Append(body, error); }
  void on_finish_impl(ErrorCode&) override {}

  std::size_t Append(Text body, ErrorCode& error) {
    if (limited_ && body.size() > limits::kRequestBodyBytes - request_.body.size()) {
      TooLong(error);
      return 0;
    }
    request_.body.append(body.data(), body.size());
    return body.size();
  }
  void Keep(Text name, Text value) {
    request_.headers.emplace_back(LowerCase({name.data(), name.size()}), std::string(value.data(), value.size()));
  }
  void TooLong(ErrorCode& error) {
    too_long_ = true;
    error = http::error::body_limit;
  }

  HttpRequest& request_;
  bool in_trailer_ = false, too_long_ = false, limited_ = true;
};

HttpReader::HttpReader() = default;
HttpReader::~HttpReader() = default;

HttpReader::Event HttpReader::Refuse(Refusal refusal) {
  refusal_ = std::move(refusal);
  return Event::kRefused;
}

HttpReader::Event HttpReader::Feed(std::string_view& bytes) {
  if (!in_request_) {
    // One empty line before a request is let pass (RFC 9112, 2.2), a flood of them is not.
    if (!skipped_line_ && carry_.empty() && bytes.size() >= 2 && bytes.substr(0, 2) == "\r\n") {
      bytes.remove_prefix(2);
      skipped_line_ = true;
    }
    if (bytes.empty() && carry_.empty()) return Event::kMore;
    if (!skipped_line_ && carry_.empty() && bytes == "\r") {
      bytes.remove_prefix(1);
      carry_ = "\r";
      return Event::kMore;
    }
    if (carry_ == "\r") {
      if (bytes.empty()) return Event::kMore;
      carry_.clear();
      skipped_line_ = true;
      if (bytes[0] != '\n') return Refuse({400, "This is not an HTTP request."});
      bytes.remove_prefix(1);
      return Feed(bytes);
    }
    in_request_ = true;
    head_done_ = false;
    request_ = HttpRequest{};
    scan_ = HeadScan{};
    overhead_bytes_ = 0;
    streaming_ = body_begun_ = false;
    streamed_bytes_ = 0;
  }
  return head_done_ ? FeedBody(bytes) : FeedHead(bytes);
}

HttpReader::Event HttpReader::FeedHead(std::string_view& bytes) {
  std::size_t before = carry_.size();
  std::string_view all = bytes;
  if (before != 0) {
    // One byte more than allowed is enough to see that it is too much.
    carry_.append(bytes.substr(0, limits::kRequestHeaderBytes + 1 - std::min(before, limits::kRequestHeaderBytes + 1)));
    all = carry_;
  }
  if (auto refusal = scan_.Look(all)) return Refuse(std::move(*refusal));
  if (scan_.head_bytes == 0) {
    if (before == 0) carry_.assign(bytes);
    bytes = {};
    return Event::kMore;
  }
  bytes.remove_prefix(scan_.head_bytes - before);
  auto head = all.substr(0, scan_.head_bytes);
  if (auto refusal = CheckHead(head)) return Refuse(std::move(*refusal));
  Event event = ParseHead(head);
  carry_.clear();
  return event;
}

HttpReader::Event HttpReader::ParseHead(std::string_view head) {
  parser_ = std::make_unique<Parser>(request_);
  bool more = false;
  std::size_t used = Parse(head, more);
  if (!refusal_.reason.empty()) return Event::kRefused;
  SMHOST_CHECK(used == head.size() && parser_->is_header_done());
  parser_->eager(true);
  head_done_ = true;
  return Event::kHead;
}

std::size_t HttpReader::Parse(std::string_view bytes, bool& more) {
  ErrorCode error;
  std::size_t used = parser_->put({bytes.data(), bytes.size()}, error);
  more = error == http::error::need_more;
  if (!error || more) return used;
  if (parser_->too_long())
    Refuse({413, TooLong()});
  else
    Refuse({400, "The request is not well formed: " + error.message() + "."});
  return used;
}

HttpReader::Event HttpReader::FeedBody(std::string_view& bytes) {
  constexpr std::uint64_t kFirstRoom = 64 * 1024;  // a length that is only promised gets no more
  if (!body_begun_) {
    body_begun_ = true;
    if (streaming_) parser_->AllowAnyLength();
    else if (request_.content_length.value_or(0) > limits::kRequestBodyBytes) return Refuse({413, TooLong()});
  }
  if (request_.body.empty() && !streaming_) request_.body.reserve(std::min(request_.content_length.value_or(0), kFirstRoom));
  while (!parser_->is_done()) {
    if (bytes.empty()) return Event::kMore;
    std::string_view all = bytes;
    std::size_t before = carry_.size();
    if (before != 0) {
      carry_.append(bytes);
      all = carry_;
    }
    std::size_t body_before = request_.body.size();
    bool more = false;
    std::size_t used = Parse(all, more);
    if (!refusal_.reason.empty()) return Event::kRefused;
    overhead_bytes_ += used - (request_.body.size() - body_before);
    streamed_bytes_ += request_.body.size() - body_before;
    std::size_t left = all.size() - used;
    // Where the body has no bound, what frames it may grow with it.
    std::size_t most_overhead = limits::kChunkOverheadBytes + (streaming_ ? streamed_bytes_ / 8 : 0);
    if (overhead_bytes_ + (more ? left : 0) > most_overhead)
      return Refuse({400, "The request's chunks carry more than " + std::to_string(most_overhead) +
                              " bytes beside the body."});
    if (!more && used >= before) {
      bytes.remove_prefix(used - before);
      carry_.clear();
      continue;
    }
    // What is left is the beginning of a chunk's header or trailer: it is shown to the parser again, with more.
    std::string rest(all.substr(used));
    carry_ = std::move(rest);
    bytes = {};
    if (more) return Event::kMore;
  }
  parser_.reset();
  in_request_ = false;
  skipped_line_ = false;
  return Event::kRequest;
}

}  // namespace smhost
