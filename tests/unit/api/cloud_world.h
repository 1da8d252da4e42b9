// A service over a home in a scratch folder, for tests of CloudWatch's and CloudFormation's operations.
#pragma once

#include <catch2/catch.hpp>
#include <memory>
#include <string>

#include "api/service.h"
#include "fakes/fake_clock.h"
#include "fakes/scratch_folder.h"
#include "state/layout.h"

namespace smhost {

template <typename Service>
struct CloudWorld {
  ScratchFolder folder;
  std::unique_ptr<Files> files = MakeSystemFiles();
  FakeClock clock;
  Home home{folder.path() + "/home"};
  std::string account = kLocalAccount;
  Store store{*files, clock, home};
  ApiContext context{*files, clock, home, "us-east-1", store, "http://127.0.0.1:8790"};
  Service service{context};
  Caller caller{account, "arn:aws:iam::000000000000:root", account, "", nullptr};

  CloudWorld() { REQUIRE(PrepareHome(*files, home)); }

  Json Call(const std::string& operation, const Json& input = Json::object()) {
    const auto answer = service.Call(operation, input, caller, "r");
    INFO(operation << ": " << (answer ? "" : answer.error().code + ": " + answer.error().message));
    REQUIRE(answer);
    return *answer;
  }
  // "Code: message"
  std::string Refusal(const std::string& operation, const Json& input = Json::object()) {
    const auto answer = service.Call(operation, input, caller, "r");
    REQUIRE_FALSE(answer);
    return answer.error().code + ": " + answer.error().message;
  }
  double Now() const { return std::chrono::duration<double>(clock.Wall().time_since_epoch()).count(); }
};

}  // namespace smhost
