// The S3 API on a scratch folder, with requests and answers in memory.
#pragma once

#include <algorithm>
#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>
#include <map>
#include <string>
#include <vector>

#include "api/s3.h"
#include "api/s3_address.h"
#include "fakes/fake_clock.h"
#include "fakes/scratch_folder.h"
#include "state/objects.h"

namespace smhost {

class TextBody final : public BodyReader {
 public:
  explicit TextBody(std::string text) : text_(std::move(text)) {}
  // In small pieces, as a slow client sends it.
  Result<std::size_t> Read(char* to, std::size_t room) override {
    std::size_t count = std::min({room, text_.size() - at_, kPiece});
    if (count == 0 && broken) return Fail(Code::kUnavailable, "the client went away");
    std::copy_n(text_.data() + at_, count, to);
    at_ += count;
    return count;
  }
  bool broken = false;

 private:
  static constexpr std::size_t kPiece = 100'000;
  std::string text_;
  std::size_t at_ = 0;
};

class KeptAnswer final : public Responder {
 public:
  Status Begin(const ApiAnswerHead& head) override {
    REQUIRE_FALSE(begun_);
    begun_ = true;
    head_ = head;
    return {};
  }
  Status Write(std::string_view bytes) override {
    body.append(bytes);
    return {};
  }
  int status() const { return head_.status; }
  std::string Header(std::string name) const {
    for (const auto& [key, value] : head_.headers)
      if (std::equal(key.begin(), key.end(), name.begin(), name.end(),
                     [](char a, char b) { return tolower(a) == tolower(b); }))
        return value;
    return "";
  }
  std::uint64_t length() const { return head_.length.value_or(0); }
  // The text of the first element of that name in an XML body.
  std::string Text(const std::string& element) const {
    auto texts = Texts(element);
    return texts.empty() ? "" : texts.front();
  }
  std::vector<std::string> Texts(const std::string& element) const {
    std::vector<std::string> texts;
    std::string open = "<" + element + ">", close = "</" + element + ">";
    for (auto at = body.find(open); at != std::string::npos; at = body.find(open, at + 1)) {
      auto begin = at + open.size();
      texts.push_back(body.substr(begin, body.find(close, begin) - begin));
    }
    return texts;
  }
  std::string body;

 private:
  ApiAnswerHead head_;
};

using S3Headers = std::vector<std::pair<std::string, std::string>>;

struct S3World {
  ScratchFolder scratch;
  Home home{scratch.path() + "/home"};
  std::unique_ptr<Files> files = MakeSystemFiles();
  FakeClock clock;
  Store store{*files, clock, home};
  ApiContext context{*files, clock, home, kRegion, store, "http://127.0.0.1:8790"};
  ObjectStore objects{home};
  std::optional<Signed> signature;  // none: by the owner's socket

  S3World() { std::filesystem::create_directories(home.Objects()); }

  static Caller CallerOf(const std::string& account) {
    Caller caller;
    caller.account = account;
    caller.arn = "arn:aws:iam::" + account + ":root";
    return caller;
  }

  KeptAnswer Ask(const std::string& method, const std::string& target, const std::string& body = "",
                 const S3Headers& headers = {}, const std::string& account = kLocalAccount, bool broken = false) {
    TextBody reader(body);
    reader.broken = broken;
    KeptAnswer answer;
    ApiExchange exchange{{method, target, headers}, body.size(), true, false, "REQUEST1", reader, answer};
    exchange.head.headers.emplace_back("host", "127.0.0.1:8790");
    bool chunked = std::any_of(headers.begin(), headers.end(),
                               [](const auto& header) { return header.first == "transfer-encoding"; });
    if (chunked) exchange.content_length.reset();
    REQUIRE(ServeS3(exchange, CallerOf(account), signature ? &*signature : nullptr, context));
    REQUIRE(answer.begun());
    return answer;
  }
  KeptAnswer Put(const std::string& target, const std::string& body, const S3Headers& headers = {}) {
    KeptAnswer answer = Ask("PUT", target, body, headers);
    INFO(answer.body);
    CHECK(answer.status() == 200);
    return answer;
  }
  std::string ErrorOf(const KeptAnswer& answer) { return std::to_string(answer.status()) + " " + answer.Text("Code"); }
  std::string OnDisk(const std::string& path) {
    std::ifstream file(home.Objects() + "/" + path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
  }
  // Names at the root of the store, without the folders of its own that may be there.
  std::vector<std::string> Leftovers() {
    std::vector<std::string> names;
    for (const auto& entry : std::filesystem::directory_iterator(home.Objects()))
      if (entry.path().filename().string().starts_with(".put-")) names.push_back(entry.path().filename().string());
    return names;
  }
};

}  // namespace smhost
