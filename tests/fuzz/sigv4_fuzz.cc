// Signatures from strangers. An input is either a whole request, which nobody could sign, or a list of changes to a request
// that is signed: what is accepted then must still say what was signed.
#include <cstddef>
#include <cstdint>
#include <cstdlib>

#include "api/canonical_request.h"
#include "api/sigv4.h"
#include "base/digest.h"
#include "fakes/aws_signer.h"

namespace smhost {
namespace {

const WallTime kNow{std::chrono::seconds(1769860800)};  // 2026-01-31T12:00:00Z, when AwsSigner signs

std::optional<SigningKey> FindKey(std::string_view id, std::string_view) {
  if (id.empty()) return std::nullopt;
  SigningKey key;
  key.secret = AwsSigner().secret;
  return key;
}

class Bytes {
 public:
  explicit Bytes(std::string_view all) : all_(all) {}
  bool empty() const { return all_.empty(); }
  unsigned char Byte() {
    if (all_.empty()) return 0;
    auto byte = static_cast<unsigned char>(all_.front());
    all_.remove_prefix(1);
    return byte;
  }
  std::string_view Line() {
    auto line = all_.substr(0, all_.find('\n'));
    all_.remove_prefix(std::min(line.size() + 1, all_.size()));
    return line;
  }
  std::string_view Rest() { return all_; }

 private:
  std::string_view all_;
};

void Require(bool held) {
  if (!held) std::abort();
}

struct Request {
  HttpHead head;
  std::string body;
};

bool Accepted(const Request& request) {
  bool told = CarriesSignature(request.head);
  ClaimedService(request.head);
  auto early = CheckSignatureHead(request.head, kNow, FindKey);
  auto verdict = CheckSignature({request.head, Sha256Hex(request.body), kNow}, FindKey);
  if (verdict.accepted) Require(told && !early);
  if (!verdict.accepted) Require(!verdict.failure.message.empty());
  return verdict.accepted.has_value();
}

// METHOD, target, "name:value" lines, an empty one, the body.
void CheckStranger(Bytes input) {
  Request request;
  request.head.method = input.Line();
  request.head.target = input.Line();
  for (auto line = input.Line(); !line.empty(); line = input.Line()) {
    auto colon = std::min(line.find(':'), line.size());
    request.head.headers.emplace_back(line.substr(0, colon), line.substr(std::min(colon + 1, line.size())));
  }
  request.body = input.Rest();
  Require(!Accepted(request));
}

const Request& Original() {
  static const Request made = [] {
    AwsSigner signer;
    signer.path = "/a/b%2520c";
    signer.query = "x=1&y=~z";
    Request request{{"POST", "/a/b%20c?y=~z&x=1", {{"host", "localhost"}, {"content-type", "text/csv"}, {"x-two", "a b"}}}, "1,2"};
    request.head = signer.Signed(request.head, request.body);
    return request;
  }();
  return made;
}

std::string HeaderOf(const HttpHead& head, std::string_view name) {
  std::string text;
  canonical::AppendHeader(head, name, text);
  return text;
}

// Edits of one byte: which part, where, and what is put there.
void CheckChanged(Bytes input) {
  Request request = Original();
  for (int edits = 0; edits < 8 && !input.empty(); ++edits) {
    std::size_t part = input.Byte() % (3 + 2 * request.head.headers.size());
    std::string* text = part == 0 ? &request.head.method : part == 1 ? &request.head.target : part == 2 ? &request.body : nullptr;
    if (text == nullptr) {
      auto& header = request.head.headers[(part - 3) / 2];
      text = (part - 3) % 2 == 0 ? &header.first : &header.second;
    }
    std::size_t at = input.Byte() % (text->size() + 1);
    unsigned char kind = input.Byte();
    char byte = static_cast<char>(input.Byte());
    if (kind % 3 == 0 || at == text->size())
      text->insert(at, 1, byte);
    else if (kind % 3 == 1)
      text->erase(at, 1);
    else
      (*text)[at] = byte;
  }
  if (!Accepted(request)) return;
  const Request& signed_one = Original();
  auto target = canonical::SplitTarget(request.head.target), was = canonical::SplitTarget(signed_one.head.target);
  Require(request.head.method == signed_one.head.method && request.body == signed_one.body);
  Require(canonical::NormalPath(target.path) == canonical::NormalPath(was.path));
  Require(canonical::SortedQuery(canonical::ReadQuery(target.query), "") == canonical::SortedQuery(canonical::ReadQuery(was.query), ""));
  for (const char* name : {"host", "content-type", "x-two", "x-amz-date"}) Require(HeaderOf(request.head, name) == HeaderOf(signed_one.head, name));
}

}  // namespace
}  // namespace smhost

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  smhost::Bytes input({reinterpret_cast<const char*>(data), size});
  if (input.Byte() % 2 == 0)
    smhost::CheckStranger(input);
  else
    smhost::CheckChanged(input);
  return 0;
}
