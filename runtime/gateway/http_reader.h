// Turns the bytes of one connection into requests, one after the other: http_rules first, then Beast's parser on the same
// bytes. Does no I/O and knows no clock. Belongs to the thread of its connection. The only file that knows Beast is its .cc.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "gateway/http_rules.h"
#include "wire/http_head.h"

namespace smhost {

// A request: its head as it was sent, and what of it is read here on the way of every request.
struct HttpRequest : HttpHead {
  bool http11 = true;
  bool keep_alive = true;        // what the client wishes
  bool expects_continue = false;
  std::optional<std::uint64_t> content_length;
  bool chunked = false;
  std::string content_type, accept, account;
  std::string custom_attributes, target_model, target_variant, target_container, inference_id, inference_component;
  std::string session_id, enable_explanations, stream_accept;
  std::string body;
};

class HttpReader {
 public:
  enum class Event {
    kMore,     // all bytes are taken and more are needed
    kHead,     // the head of request() stands; its body does not yet. Feed again, with no bytes too.
    kRequest,  // request() is whole; the next Feed begins another
    kRefused,  // refusal() says why. Feed no more.
  };

  HttpReader();
  ~HttpReader();

  // Takes bytes off the front of `bytes`, as many as it can use before the next event.
  Event Feed(std::string_view& bytes);
  // After kHead, before the next Feed: the body is not gathered but given as it comes. Each Feed leaves what it took in
  // request().body, to be taken away; its length has no limit here.
  void StreamBody() { streaming_ = true; }

  HttpRequest& request() { return request_; }
  const HttpRequest& request() const { return request_; }
  const Refusal& refusal() const { return refusal_; }
  // Has a request begun that is not whole yet? And is its head still incomplete?
  bool InRequest() const { return in_request_; }
  bool InHead() const { return in_request_ && !head_done_; }

 private:
  class Parser;
  Event Refuse(Refusal refusal);
  Event FeedHead(std::string_view& bytes);
  Event ParseHead(std::string_view head);
  Event FeedBody(std::string_view& bytes);
  std::size_t Parse(std::string_view bytes, bool& more);

  HttpRequest request_;
  Refusal refusal_;
  std::unique_ptr<Parser> parser_;
  HeadScan scan_;
  std::string carry_;              // the incomplete part: a head, or a chunk's header or trailer
  std::size_t overhead_bytes_ = 0;  // of chunk headers and trailers
  bool in_request_ = false, head_done_ = false, skipped_line_ = false;
  bool streaming_ = false, body_begun_ = false;
  std::uint64_t streamed_bytes_ = 0;
};

}  // namespace smhost
