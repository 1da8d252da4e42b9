#include "artifacts/fetch_settings.h"

#include <cstdlib>

#include "state/home.h"

namespace smhost {

FetchSettings FetchSettings::From(const std::function<const char*(const char*)>& lookup) {
  auto value = [&](const char* name) -> std::string {
    const char* text = lookup(name);
    return text == nullptr ? "" : text;
  };
  FetchSettings settings;
  settings.s3_endpoint = value("SMHOST_S3_ENDPOINT");
  while (settings.s3_endpoint.ends_with('/')) settings.s3_endpoint.pop_back();
  for (const char* name : {"AWS_REGION", "AWS_DEFAULT_REGION"})
    if (settings.region.empty()) settings.region = value(name);
  if (settings.region.empty()) settings.region = kRegion;
  AwsCredentials credentials{value("AWS_ACCESS_KEY_ID"), value("AWS_SECRET_ACCESS_KEY"), value("AWS_SESSION_TOKEN")};
  if (!credentials.access_key.empty() && !credentials.secret_key.empty()) settings.credentials = credentials;
  settings.ca_file = value("CURL_CA_BUNDLE");
  if (settings.ca_file.empty()) settings.ca_file = value("SSL_CERT_FILE");
  settings.ca_folder = value("SSL_CERT_DIR");
  return settings;
}

FetchSettings FetchSettings::FromEnvironment() {
  return From([](const char* name) -> const char* { return std::getenv(name); });
}

}  // namespace smhost
