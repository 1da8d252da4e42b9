#include "api_server/front_door.h"

#include <algorithm>
#include <cstdlib>

#include "api/auth_error.h"
#include "api/cloudformation_service.h"
#include "api/cloudwatch_service.h"
#include "api/dispatch.h"
#include "api/route.h"
#include "api/s3.h"
#include "api/s3_errors.h"
#include "api/sagemaker_service.h"
#include "api/sts_service.h"
#include "api_server/keys.h"
#include "artifacts/fetch_settings.h"
#include "base/digest.h"
#include "base/limits_api.h"
#include "base/log.h"
#include "state/runtime_info.h"
#include "state/store.h"

namespace smhost {
namespace {

constexpr const char* kAccountHeader = "x-smhost-account";

std::string Region() {
  const char* region = std::getenv("AWS_DEFAULT_REGION");
  return region != nullptr && *region != '\0' ? region : kRegion;
}

// The scope that a signature for the service must have; empty: any.
std::string_view ScopeOf(const ApiRoute& route, std::string_view claimed) {
  switch (route.service) {
    case ServiceKind::kSageMaker: return "sagemaker";
    case ServiceKind::kSts: return "sts";
    case ServiceKind::kMonitoring: return "monitoring";
    case ServiceKind::kCloudFormation: return "cloudformation";
    case ServiceKind::kS3: return "s3";
    case ServiceKind::kUnknown: break;
  }
  return claimed;
}

ServiceForm FormOf(const ApiRoute& route) {
  if (route.service == ServiceKind::kS3) return ServiceForm::kS3;
  return route.protocol == WireProtocol::kQuery ? ServiceForm::kQuery : ServiceForm::kJson;
}

bool IsAccount(std::string_view text) {
  return text.size() == 12 && std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

std::string UrlOf(const Home& home) {
  auto info = RunningRuntime(home);
  return info ? "http://" + info->address + ":" + std::to_string(info->port) : "";
}

}  // namespace

struct FrontDoor::Impl {
  explicit Impl(Home h)
      : home(std::move(h)), region(Region()), store(*files, clock, home, region),
        context{*files, clock, home, region, store, UrlOf(home)}, keys(*files, home),
        sagemaker(context, !FetchSettings::FromEnvironment().s3_endpoint.empty()), sts(MakeStsService(context)),
        monitoring(context), cloudformation(context), services{&sagemaker, sts.get(), &monitoring, &cloudformation} {}

  Status Serve(ApiExchange& exchange);
  Status ServeOwner(ApiExchange& exchange, const ApiRoute& route);
  Status ServeSigned(ApiExchange& exchange, const ApiRoute& route);
  Status ServeSignedS3(ApiExchange& exchange, const ApiRoute& route, const SignatureQuestion& question, const FindSigningKey& find);
  Status Refuse(ApiExchange& exchange, const ApiRoute& route, const ApiError& error);

  const Home home;
  const std::string region;
  std::unique_ptr<Files> files = MakeSystemFiles();
  SystemClock clock;
  Store store;
  ApiContext context;
  Keys keys;
  SagemakerService sagemaker;
  std::unique_ptr<ApiService> sts;
  CloudwatchService monitoring;
  CloudformationService cloudformation;
  ApiServices services;
};

FrontDoor::FrontDoor(Home home) : impl_(std::make_unique<Impl>(std::move(home))) {}
FrontDoor::~FrontDoor() = default;

Status FrontDoor::Serve(ApiExchange& exchange) { return impl_->Serve(exchange); }

Status FrontDoor::Impl::Serve(ApiExchange& exchange) {
  ApiRoute route = RouteOf(exchange.head, ClaimedService(exchange.head));
  return exchange.owner && !CarriesSignature(exchange.head) ? ServeOwner(exchange, route) : ServeSigned(exchange, route);
}

Status FrontDoor::Impl::Refuse(ApiExchange& exchange, const ApiRoute& route, const ApiError& error) {
  return route.service == ServiceKind::kS3 ? Send(exchange.responder, S3ErrorAnswer(error, exchange.head.target.substr(0, exchange.head.target.find('?')), exchange.request_id), exchange.head.method == "HEAD") : SendApiError(exchange, route, error);
}

// --- the owner's socket

Status FrontDoor::Impl::ServeOwner(ApiExchange& exchange, const ApiRoute& route) {
  std::string account(exchange.head.Get(kAccountHeader));
  if (account.empty()) account = kLocalAccount;
  auto ring = keys.Now();
  bool known = IsAccount(account) && (account == kLocalAccount || (ring && ring->HasAccount(account)));
  if (!known)
    return Refuse(exchange, route, {"ValidationException", "X-Smhost-Account: there is no account " + account.substr(0, 64) +
                                                               "; `smhost account list` tells those there are", 400, {}});
  Caller caller = OwnerOf(account);
  if (route.service == ServiceKind::kS3) return ServeS3(exchange, caller, nullptr, context);
  return ServeApi(exchange, route, caller, services);
}

// --- everybody else

Status FrontDoor::Impl::ServeSigned(ApiExchange& exchange, const ApiRoute& route) {
  auto ring = keys.Now();
  const WallTime now = clock.Wall();
  FindSigningKey find = [&](std::string_view id, std::string_view token) {
    return ring ? ring->Find(id, token, now) : std::optional<SigningKey>();
  };
  const std::string claimed = ClaimedService(exchange.head);
  SignatureQuestion question{exchange.head, "", now, ScopeOf(route, claimed)};
  if (route.service == ServiceKind::kS3) return ServeSignedS3(exchange, route, question, find);
  // By the head alone where that is enough: nobody unknown has us read a body.
  if (auto failure = CheckSignatureHead(exchange.head, now, find, question.service))
    return Refuse(exchange, route, AuthErrorOf(*failure, FormOf(route)));
  auto body = ReadAll(exchange.body, limits::kApiBodyBytes);
  if (!body && body.error().code == Code::kTooLarge)
    return Refuse(exchange, route, {"RequestEntityTooLargeException", body.error().message, 413, {}});
  if (!body) return Fail(body.error());
  question.body_hash = Sha256Hex(*body);
  auto verdict = CheckSignature(question, find);
  if (!verdict.accepted) return Refuse(exchange, route, AuthErrorOf(verdict.failure, FormOf(route)));
  const std::string_view account = exchange.head.Get(kAccountHeader);
  if (!account.empty() && account != verdict.accepted->caller.account)
    return Refuse(exchange, route, {"AccessDeniedException", "X-Smhost-Account names another account than the key's; leave it out", 400, {}});
  return ServeApiBody(exchange, route, verdict.accepted->caller, services, std::move(*body));
}

// The body is not read here: it may be of any size, and its proof comes with it.
Status FrontDoor::Impl::ServeSignedS3(ApiExchange& exchange, const ApiRoute& route, const SignatureQuestion& question, const FindSigningKey& find) {
  auto verdict = CheckSignature(question, find);
  if (!verdict.accepted) return Refuse(exchange, route, AuthErrorOf(verdict.failure, ServiceForm::kS3));
  return ServeS3(exchange, verdict.accepted->caller, &*verdict.accepted, context);
}

}  // namespace smhost
