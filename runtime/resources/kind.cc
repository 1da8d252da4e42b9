#include "resources/kind.h"

#include "base/check.h"

namespace smhost {

const std::vector<KindInfo>& Kinds() {
  static const std::vector<KindInfo> kKinds = {
      {Kind::kGoldenSet, "golden-set", "gs", "Smhost::GoldenSet", "GoldenSetName", "GoldenSetArn", "golden set"},
      {Kind::kModel, "model", "m", "AWS::SageMaker::Model", "ModelName", "ModelArn", "model"},
      {Kind::kEndpointConfig, "endpoint-config", "ec", "AWS::SageMaker::EndpointConfig", "EndpointConfigName",
       "EndpointConfigArn", "endpoint configuration"},
      {Kind::kAlarm, "alarm", "al", "AWS::CloudWatch::Alarm", "AlarmName", "AlarmArn", "alarm"},
      {Kind::kEndpoint, "endpoint", "ep", "AWS::SageMaker::Endpoint", "EndpointName", "EndpointArn", "endpoint"},
      {Kind::kPublicRoute, "public-route", "pr", "Smhost::PublicRoute", "PublicRouteName", "PublicRouteArn", "public route"},
  };
  return kKinds;
}

const KindInfo& InfoOf(Kind kind) {
  const auto index = static_cast<std::size_t>(kind);
  SMHOST_CHECK(index < Kinds().size() && Kinds()[index].kind == kind);
  return Kinds()[index];
}

std::optional<Kind> FindKind(const std::string& text) {
  for (const KindInfo& info : Kinds()) {
    const std::string word = info.word;
    if (text == word || text == word + "s" || text == info.short_word || text == info.type) return info.kind;
  }
  return std::nullopt;
}

}  // namespace smhost
