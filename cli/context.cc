#include "context.h"

#include <cstdlib>

#include "base/lock.h"
#include "text.h"

namespace smhost::cli {
namespace {

std::string RegionOf() {
  const char* region = std::getenv("AWS_DEFAULT_REGION");
  return region != nullptr && *region != '\0' ? region : kRegion;
}

}  // namespace

Context::Context(Home home, std::string account, Output& out, const std::vector<Command>& commands,
                 std::vector<std::string> raw)
    : home_(std::move(home)),
      account_(std::move(account)),
      region_(RegionOf()),
      out_(out),
      commands_(commands),
      raw_(std::move(raw)),
      files_(MakeSystemFiles()) {
  store_ = std::make_unique<Store>(*files_, clock_, home_, region_);
}

bool Context::RuntimeRuns() const { return FileLock::Held(home_.Lock()); }

Error Context::NoRuntime() const {
  return {Code::kUnavailable, "no runtime answers in " + home_.root() + "; start it with `smhost up`",
          kRuntimeResource};
}

Result<HttpResponse> Context::Call(const std::string& method, const std::string& target, HttpHeaders headers,
                                   std::string_view body, std::chrono::milliseconds timeout) {
  if (account_ != kLocalAccount) headers.emplace_back("X-Smhost-Account", account_);
  auto answer = HttpOverUnix(home_.Socket(), method, target, headers, body, timeout);
  if (!answer && (answer.error().code == Code::kNotFound || answer.error().code == Code::kUnavailable) &&
      !RuntimeRuns())
    return Fail(NoRuntime());
  return answer;
}

}  // namespace smhost::cli
