#include <unistd.h>

#include <cstdio>
#include <fstream>
#include <memory>

#include "base/limits.h"
#include "base/text.h"
#include "context.h"
#include "input.h"
#include "text.h"
#include "verbs.h"

namespace smhost::cli {
namespace {

// The gateway gives a model limits::kResponseTimeout; queueing and reading come on top of it.
constexpr auto kPatience = limits::kResponseTimeout + limits::kBodyTimeout;

struct InvokeOptions {
  std::string endpoint, body, content_type, accept, variant, out;
  bool include = false;
};

Result<std::string> BodyOf(const std::string& option) {
  if (option.empty() || option[0] != '@') return option;
  return ReadInput(option.substr(1), limits::kRequestBodyBytes);
}

std::string GuessedType(const std::string& body_option) {
  static constexpr std::pair<const char*, const char*> kTypes[] = {{".csv", "text/csv"},
                                                                   {".npy", "application/x-npy"},
                                                                   {".npz", "application/x-npz"},
                                                                   {".jsonl", "application/jsonlines"}};
  if (!body_option.empty() && body_option[0] == '@')
    for (const auto& [ending, type] : kTypes)
      if (LowerCase(body_option).ends_with(ending)) return type;
  return "application/json";
}

std::string InTarget(const std::string& name) {
  std::string out;
  for (unsigned char c : name) {
    bool plain = std::isalnum(c) != 0 || c == '-' || c == '_' || c == '.';
    char escaped[4];
    std::snprintf(escaped, sizeof escaped, "%%%02X", c);
    out += plain ? std::string(1, static_cast<char>(c)) : escaped;
  }
  return out;
}

std::string HeadText(const HttpResponse& answer) {
  std::string out = "HTTP/1.1 " + std::to_string(answer.status) + " " + answer.reason + "\n";
  for (const auto& [name, value] : answer.headers) out += name + ": " + value + "\n";
  return Harmless(out) + "\n";
}

// What the service says of a request that it did not answer with 200.
Failure FailureOf(Context& context, const InvokeOptions& options, const HttpResponse& answer) {
  std::string type = answer.Header("x-amzn-ErrorType");
  type = type.substr(0, type.find(':'));
  auto body = ParseJson(answer.body, "answer", answer.body.size());
  std::string message = answer.body;
  std::string code;
  if (body && body->is_object()) {
    message = StringOr(*body, "OriginalMessage", StringOr(*body, "Message", StringOr(*body, "message", answer.body)));
    code = StringOr(*body, "ErrorCode");
  }
  while (!message.empty() && message.back() == '\n') message.pop_back();
  std::string resource = "endpoint/" + options.endpoint;
  std::string line = "endpoint " + options.endpoint + ": " + std::to_string(answer.status) + " " +
                     (type.empty() ? answer.reason : type) + (code.empty() ? "" : " (" + code + ")") + ": " + message;
  if (!context.files().Exists(context.home().Resource(context.account(), "endpoint", options.endpoint)))
    return {Exit::kNotFound, {Code::kNotFound, line + "; `smhost get endpoint` lists those that there are", resource}};
  if (answer.status == 413) return {Exit::kInvalid, {Code::kTooLarge, line, resource}};
  return {Exit::kFailed, {answer.status >= 500 ? Code::kUnavailable : Code::kInvalid, line, resource}};
}

bool IsBinary(const std::string& body) { return body.substr(0, 4096).find('\0') != std::string::npos; }

VerbResult ShowAnswer(Context& context, const InvokeOptions& options, const HttpResponse& answer) {
  Output& out = context.out();
  if (options.include) out.Print(HeadText(answer));
  if (!options.out.empty()) {
    std::ofstream file(options.out, std::ios::binary | std::ios::trunc);
    file.write(answer.body.data(), static_cast<std::streamsize>(answer.body.size()));
    file.close();
    if (!file) return FailWith(Exit::kFailed, Code::kUnavailable, options.out + ": cannot write the answer there");
    return Exit::kDone;
  }
  if (out.format() == Format::kJson || out.format() == Format::kJsonPath) {
    SMHOST_TRY(Json value, ParseJson(answer.body, "the answer of endpoint " + options.endpoint, answer.body.size()));
    SMHOST_TRY_STATUS(out.Show(value, {}, {}));
    return Exit::kDone;
  }
  bool terminal = ::isatty(STDOUT_FILENO) == 1;
  if (terminal && IsBinary(answer.body))
    return FailWith(Exit::kUsage, Code::kInvalid,
                    "the answer is " + std::to_string(answer.body.size()) + " bytes of " +
                        answer.Header("Content-Type") + ", not for a terminal; use --out FILE");
  out.Print(terminal ? Harmless(answer.body) : answer.body);
  if (terminal && !answer.body.ends_with('\n')) out.Print("\n");
  return Exit::kDone;
}

VerbResult Invoke(Context& context, const InvokeOptions& options) {
  SMHOST_TRY(std::string body, BodyOf(options.body));
  if (body.size() > limits::kRequestBodyBytes)
    return FailWith(Exit::kInvalid, Code::kTooLarge,
                    "the body has " + std::to_string(body.size()) + " bytes; an endpoint takes " +
                        std::to_string(limits::kRequestBodyBytes) + " at most, as AWS's do",
                    "endpoint/" + options.endpoint);
  HttpHeaders headers{
      {"Content-Type", options.content_type.empty() ? GuessedType(options.body) : options.content_type}};
  if (!options.accept.empty()) headers.emplace_back("Accept", options.accept);
  if (!options.variant.empty()) headers.emplace_back("X-Amzn-SageMaker-Target-Variant", options.variant);
  SMHOST_TRY(HttpResponse answer, context.Call("POST", "/endpoints/" + InTarget(options.endpoint) + "/invocations",
                                               headers, body, kPatience));
  if (answer.status / 100 == 2) return ShowAnswer(context, options, answer);
  if (options.include) std::fputs(HeadText(answer).c_str(), stderr);
  return tl::unexpected<Failure>(FailureOf(context, options, answer));
}

}  // namespace

Command InvokeCommand() {
  auto options = std::make_shared<InvokeOptions>();
  Command command;
  command.name = "invoke";
  command.group = "Use";
  command.summary = "send one request to an endpoint and print its answer";
  command.description =
      "Sends one InvokeEndpoint request through the runtime's socket and prints the answer's body as it came. "
      "What the model says of a request that it cannot answer goes to stderr with its status.";
  command.example =
      "smhost invoke vad --body '[[0.1, 0.2]]'\n"
      "smhost invoke vad --body @speech.npy --accept application/json\n"
      "generate | smhost invoke vad --body @- --content-type text/csv -i";
  command.positionals = {{"ENDPOINT", "its name", &options->endpoint, true, Complete::kEndpoint}};
  command.options = {
      {"-b,--body", "TEXT|@FILE|@-", "the request's body: the text itself, a file, or standard input; default empty",
       &options->body, Complete::kFile},
      {"--content-type", "T",
       "of the body; default by the file's ending (.json .csv .npy .npz .jsonl), else application/json",
       &options->content_type},
      {"--accept", "T", "the type that the answer should have", &options->accept},
      {"--variant", "V", "this production variant instead of one chosen by weight", &options->variant,
       Complete::kVariant},
      {"-i,--include", "", "print the answer's status and headers first", &options->include},
      {"--out", "FILE", "write the body there", &options->out, Complete::kFile},
  };
  command.run = [options](Context& context) { return Invoke(context, *options); };
  return command;
}

}  // namespace smhost::cli
