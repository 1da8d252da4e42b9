// An exchange in memory, and a service that says what it was asked: for the tests of the protocols.
#pragma once

#include <algorithm>
#include <string>
#include <vector>

#include "api/dispatch.h"

namespace smhost {

class StringBody : public BodyReader {
 public:
  explicit StringBody(std::string text) : text_(std::move(text)) {}
  Result<std::size_t> Read(char* to, std::size_t room) override {
    const std::size_t count = std::min(room, text_.size() - at_);
    text_.copy(to, count, at_);
    at_ += count;
    return count;
  }

 private:
  std::string text_;
  std::size_t at_ = 0;
};

class RecordingResponder : public Responder {
 public:
  ApiAnswerHead head;
  std::string body;
  Status Begin(const ApiAnswerHead& answer) override {
    head = answer;
    begun_ = true;
    return {};
  }
  Status Write(std::string_view bytes) override {
    body += bytes;
    return {};
  }
  std::string Header(std::string_view name) const {
    for (const auto& [key, value] : head.headers)
      if (key == name) return value;
    return "";
  }
};

class RecordingService : public ApiService {
 public:
  ApiResult<Json> answer = Json::object();
  std::string operation, account;
  Json input;
  int calls = 0;
  ApiResult<Json> Call(const std::string& name, const Json& sent, const Caller& caller, const std::string&) override {
    operation = name;
    input = sent;
    account = caller.account;
    ++calls;
    return answer;
  }
};

// One request at a time, to four services.
struct ApiWorld {
  RecordingService sagemaker, sts, monitoring, cloudformation;
  RecordingResponder responder;

  const RecordingResponder& Ask(const HttpHead& head, const std::string& body, const std::string& claimed = "") {
    responder = {};
    StringBody reader(body);
    ApiExchange exchange{head, body.size(), true, false, "request-1", reader, responder};
    const Caller caller{"123456789012"};
    REQUIRE(ServeApi(exchange, RouteOf(head, claimed), caller, {&sagemaker, &sts, &monitoring, &cloudformation}));
    return responder;
  }
  const RecordingResponder& AskJson(const std::string& target, const std::string& body, const char* version = "1.1") {
    return Ask({"POST", "/", {{"content-type", std::string("application/x-amz-json-") + version}, {"x-amz-target", target}}}, body);
  }
  const RecordingResponder& AskForm(const std::string& body, const std::string& claimed = "") {
    return Ask({"POST", "/", {{"content-type", "application/x-www-form-urlencoded; charset=utf-8"}}}, body, claimed);
  }
  Json Answered() const { return Json::parse(responder.body); }
};

}  // namespace smhost
