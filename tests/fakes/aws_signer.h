// The client's side of AWS Signature Version 4, for requests that a test makes: given a head, it puts the signature in. Knows
// nothing of how signatures are checked; botocore's vectors stand for both.
#pragma once

#include <algorithm>
#include <string>
#include <vector>

#include "api/mac.h"
#include "base/digest.h"
#include "base/random.h"
#include "wire/http_head.h"

namespace smhost {

struct AwsSigner {
  std::string key_id = "AKIDEXAMPLE", secret = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY";
  std::string time = "20260131T120000Z", region = "us-east-1", service = "sagemaker";
  std::string path;   // canonical; empty: the target's as it is
  std::string query;  // canonical
  std::string token;

  std::string Scope() const { return time.substr(0, 8) + "/" + region + "/" + service + "/aws4_request"; }
  std::string Key() const {
    std::string key = "AWS4" + secret;
    for (const std::string& part : {time.substr(0, 8), region, service, std::string("aws4_request")}) key = HmacSha256(key, part);
    return key;
  }

  std::string Signature(const HttpHead& head, const std::vector<std::string>& names, const std::string& payload) const {
    std::string headers, list;
    for (const auto& name : names) {
      headers.append(name).append(":").append(head.Get(name)).append("\n");
      list.append(list.empty() ? "" : ";").append(name);
    }
    std::string where = path.empty() ? head.target.substr(0, head.target.find('?')) : path;
    std::string canonical = head.method + "\n" + where + "\n" + query + "\n" + headers + "\n" + list + "\n" + payload;
    return HexOf(HmacSha256(Key(), "AWS4-HMAC-SHA256\n" + time + "\n" + Scope() + "\n" + Sha256Hex(canonical)));
  }

  // Adds x-amz-date, the token and Authorization; all headers that are there are signed.
  HttpHead Signed(HttpHead head, const std::string& body, std::string payload = {}) const {
    head.headers.emplace_back("x-amz-date", time);
    if (!token.empty()) head.headers.emplace_back("x-amz-security-token", token);
    std::vector<std::string> names;
    for (const auto& header : head.headers) names.push_back(header.first);
    std::sort(names.begin(), names.end());
    std::string list;
    for (const auto& name : names) list.append(list.empty() ? "" : ";").append(name);
    if (payload.empty()) payload = Sha256Hex(body);
    head.headers.emplace_back("authorization", "AWS4-HMAC-SHA256 Credential=" + key_id + "/" + Scope() + ", SignedHeaders=" + list +
                                                   ", Signature=" + Signature(head, names, payload));
    return head;
  }
};

}  // namespace smhost
