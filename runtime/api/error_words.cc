#include "api/error_words.h"

namespace smhost {
namespace {

// Errors that every service may answer, which no model has; the words that AWS's services use.
struct CommonError {
  const char *shape, *query_code;
  int query_status;
};
constexpr CommonError kCommon[] = {
    {"ValidationException", "ValidationError", 400},
    {"SerializationException", "MalformedInput", 400},
    {"UnknownOperationException", "InvalidAction", 400},
    {"UnsupportedOperationException", "UnsupportedOperation", 400},
    {"ThrottlingException", "Throttling", 400},
    {"AccessDeniedException", "AccessDenied", 403},
    {"MissingAuthenticationTokenException", "MissingAuthenticationToken", 403},
    {"InvalidSignatureException", "SignatureDoesNotMatch", 403},
    {"UnrecognizedClientException", "InvalidClientTokenId", 403},
    {"ExpiredTokenException", "ExpiredToken", 403},
    {"IncompleteSignatureException", "IncompleteSignature", 400},
};

}  // namespace

Json OtherMembers(const ApiError& error) {
  Json others = error.members.is_object() ? error.members : Json::object();
  for (const char* name : {"message", "Message"}) others.erase(name);
  return others;
}

ErrorWords WordsFor(const ApiError& error, const ApiOperation* operation) {
  ErrorWords words{error.code, error.code, error.status, error.status, "message"};
  if (const Shape* shape = operation == nullptr ? nullptr : operation->FindError(error.code)) {
    words.error_shape = shape;
    words.shape = shape->name;
    if (shape->error) words.query_code = shape->error->query_code;
    // 400 is what an error has that says nothing of its status.
    if (shape->error && shape->error->status != 0 && error.status == 400) words.status = words.query_status = shape->error->status;
    if (shape->FindMember("Message") != nullptr) words.message_member = "Message";
    return words;
  }
  for (const CommonError& common : kCommon) {
    if (error.code != common.shape && error.code != common.query_code) continue;
    words.shape = common.shape;
    words.query_code = common.query_code;
    if (error.status == 400) words.query_status = common.query_status;
  }
  return words;
}

}  // namespace smhost
