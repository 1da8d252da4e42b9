#include "api/dispatch.h"

#include <optional>

#include "api/constraints.h"
#include "api/form.h"
#include "api/gzip_body.h"
#include "api/protocol_cbor.h"
#include "api/protocol_json.h"
#include "api/protocol_query.h"
#include "base/limits_api.h"

namespace smhost {
namespace {

constexpr const char* kServed = "smhost serves SageMaker, STS, CloudWatch, CloudFormation and S3";

bool HasShapes(ServiceKind service) { return service != ServiceKind::kUnknown && service != ServiceKind::kS3; }

ApiService* ServiceOf(const ApiServices& services, ServiceKind kind) {
  switch (kind) {
    case ServiceKind::kSageMaker: return services.sagemaker;
    case ServiceKind::kSts: return services.sts;
    case ServiceKind::kMonitoring: return services.monitoring;
    case ServiceKind::kCloudFormation: return services.cloudformation;
    case ServiceKind::kUnknown:
    case ServiceKind::kS3: break;
  }
  return nullptr;
}

std::string QueryOf(const std::string& target) {
  const std::size_t mark = target.find('?');
  return mark == target.npos ? "" : target.substr(mark + 1);
}

const std::string* ParameterOf(const FormParameters& parameters, std::string_view name) {
  for (const auto& [key, value] : parameters)
    if (key == name) return &value;
  return nullptr;
}

ApiError TooLarge(const std::string& message) { return {"RequestEntityTooLargeException", message, 413}; }

// One request on its way: what is known of it so far decides how even an error looks.
class Request {
 public:
  Request(ApiExchange& exchange, const ApiRoute& route) : exchange_(exchange), route_(route) {}

  ApiAnswer Serve(std::string body, const Caller& caller, const ApiServices& services) {
    ApiResult<Json> output = Call(std::move(body), caller, services);
    return output ? AnswerOf(*output) : ErrorOf(output.error());
  }

  ApiAnswer ErrorOf(const ApiError& error) const {
    const ServiceShapes* shapes = HasShapes(route_.service) ? &ShapesOf(route_.service) : nullptr;
    const bool query_compatible = shapes != nullptr && shapes->query_compatible();
    switch (route_.protocol) {
      case WireProtocol::kCbor: return EncodeCborError(error, operation_, query_compatible);
      case WireProtocol::kQuery: return EncodeQueryError(shapes, operation_, error, exchange_.request_id);
      default: return EncodeJsonError(error, operation_, query_compatible, route_.protocol);
    }
  }

 private:
  ApiResult<Json> Call(std::string body, const Caller& caller, const ApiServices& services) {
    if (auto error = Unpack(body)) return tl::unexpected<ApiError>(std::move(*error));
    if (route_.protocol == WireProtocol::kQuery)
      if (auto error = ReadForm(body)) return tl::unexpected<ApiError>(std::move(*error));
    if (auto error = FindOperation(services)) return tl::unexpected<ApiError>(std::move(*error));
    ApiResult<Json> input = Decode(body);
    if (!input) return input;
    if (operation_->input != nullptr)
      if (auto error = CheckConstraints(*operation_->input, *input)) return tl::unexpected<ApiError>(std::move(*error));
    return ServiceOf(services, route_.service)->Call(operation_->name, *input, caller, exchange_.request_id);
  }

  std::optional<ApiError> Unpack(std::string& body) const {
    const std::string_view encoding = exchange_.head.Get("content-encoding");
    if (encoding.empty() || encoding == "identity") return std::nullopt;
    if (encoding != "gzip")
      return ApiError{"UnsupportedMediaTypeException", "the Content-Encoding " + std::string(encoding) + " is not known: send gzip or none", 415};
    auto unpacked = Gunzip(body, limits::kApiBodyBytes);
    if (!unpacked && unpacked.error().code == Code::kTooLarge) return TooLarge(unpacked.error().message);
    if (!unpacked) return ApiError{"SerializationException", unpacked.error().message};
    body = std::move(*unpacked);
    return std::nullopt;
  }

  // The target's query may have parameters too: all of them, where the method is GET.
  std::optional<ApiError> ReadForm(const std::string& body) {
    const std::string query = QueryOf(exchange_.head.target);
    auto parameters = ParseForm(query.empty() || body.empty() ? query + body : query + "&" + body);
    if (!parameters) return ApiError{"SerializationException", parameters.error().message};
    form_ = std::move(*parameters);
    const std::string* action = ParameterOf(form_, "Action");
    const std::string* version = ParameterOf(form_, "Version");
    if (action == nullptr)
      return ApiError{"MissingAction", "the form has no Action: it names the operation"};
    route_.operation = route_.target = *action;
    if (version == nullptr) return std::nullopt;
    route_.service = ServiceOfVersion(*version);
    if (route_.service != ServiceKind::kUnknown) return std::nullopt;
    return ApiError{"InvalidAction", "Could not find operation " + *action + " for version " + *version + ": " + kServed};
  }

  std::optional<ApiError> FindOperation(const ApiServices& services) {
    if (!HasShapes(route_.service)) {
      const std::string asked = route_.target.empty() ? "the request names no operation" : route_.target + " is of no service here";
      return ApiError{"UnknownOperationException", asked + ": " + kServed};
    }
    const ServiceShapes& shapes = ShapesOf(route_.service);
    if (ServiceOf(services, route_.service) == nullptr)
      return ApiError{"UnsupportedOperationException", "this smhost does not serve " + shapes.service_name()};
    operation_ = shapes.FindOperation(route_.operation);
    if (operation_ != nullptr) return std::nullopt;
    if (shapes.KnownOperation(route_.operation))
      return ApiError{"UnsupportedOperationException", "smhost does not implement " + shapes.service_name() + " " + route_.operation};
    if (route_.protocol == WireProtocol::kQuery)
      return ApiError{"InvalidAction", "Could not find operation " + route_.operation + " for version " + shapes.api_version()};
    return ApiError{"UnknownOperationException", shapes.service_name() + " has no operation " + route_.operation};
  }

  ApiResult<Json> Decode(const std::string& body) const {
    switch (route_.protocol) {
      case WireProtocol::kCbor: return DecodeCborInput(*operation_, body);
      case WireProtocol::kQuery: return DecodeQueryInput(*operation_, form_);
      default: return DecodeJsonInput(*operation_, body);
    }
  }

  ApiAnswer AnswerOf(const Json& output) const {
    switch (route_.protocol) {
      case WireProtocol::kCbor: return EncodeCborOutput(*operation_, output);
      case WireProtocol::kQuery: return EncodeQueryOutput(ShapesOf(route_.service), *operation_, output, exchange_.request_id);
      default: return EncodeJsonOutput(*operation_, output, route_.protocol);
    }
  }

  ApiExchange& exchange_;
  ApiRoute route_;
  FormParameters form_;
  const ApiOperation* operation_ = nullptr;
};

}  // namespace

Status ServeApi(ApiExchange& exchange, const ApiRoute& route, const Caller& caller, const ApiServices& services) {
  auto body = ReadAll(exchange.body, limits::kApiBodyBytes);
  if (body) return ServeApiBody(exchange, route, caller, services, std::move(*body));
  if (body.error().code == Code::kTooLarge) return SendApiError(exchange, route, TooLarge(body.error().message));
  return SendApiError(exchange, route, {"SerializationException", body.error().message});
}

Status ServeApiBody(ApiExchange& exchange, const ApiRoute& route, const Caller& caller, const ApiServices& services,
                    std::string body) {
  return Send(exchange.responder, Request(exchange, route).Serve(std::move(body), caller, services));
}

Status SendApiError(ApiExchange& exchange, const ApiRoute& route, const ApiError& error) {
  return Send(exchange.responder, Request(exchange, route).ErrorOf(error));
}

}  // namespace smhost
