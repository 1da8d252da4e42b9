#include "api/exchange.h"

namespace smhost {

Result<std::string> ReadAll(BodyReader& body, std::size_t most_bytes) {
  std::string all;
  char part[16 * 1024];
  for (;;) {
    SMHOST_TRY(std::size_t count, body.Read(part, sizeof part));
    if (count == 0) return all;
    if (all.size() + count > most_bytes)
      return Fail(Code::kTooLarge, "HTTP content length exceeded " + std::to_string(most_bytes) + " bytes.");
    all.append(part, count);
  }
}

Status Send(Responder& responder, const ApiAnswer& answer, bool head_only) {
  ApiAnswerHead head{answer.status, answer.headers, answer.body.size()};
  if (!answer.content_type.empty()) head.headers.emplace(head.headers.begin(), "Content-Type", answer.content_type);
  SMHOST_TRY_STATUS(responder.Begin(head));
  if (head_only || answer.body.empty()) return {};
  return responder.Write(answer.body);
}

}  // namespace smhost
