#include "follow.h"

#include <catch2/catch.hpp>

#include "unit/api/endpoint_statuses.h"

namespace smhost::cli {
namespace {

TEST_CASE("after an apply only the wanted generations count") {
  CHECK(JudgeApplied(Running(StatusDocument("InService", 1))) == Verdict::kPending);
  CHECK(JudgeApplied(Running(StatusDocument("Failed", 1))) == Verdict::kPending);
  CHECK(JudgeApplied(Running(StatusDocument("Updating"))) == Verdict::kPending);
  CHECK(JudgeApplied(Running(StatusDocument("InService"))) == Verdict::kReached);
  CHECK(JudgeApplied(Running(StatusDocument("Failed"))) == Verdict::kUnreachable);
  CHECK(JudgeApplied(ComposeEndpointState(std::nullopt, {}, StatusDocument("InService"), true)) ==
        Verdict::kUnreachable);
}

TEST_CASE("an update that failed ends the wait although the version before it serves") {
  Json status = StatusDocument("InService");
  status["FailureReason"] = "no such artifact";
  CHECK(JudgeApplied(Running(status)) == Verdict::kUnreachable);
  CHECK(JudgeStatus(Running(status), "InService") == Verdict::kReached);
}

TEST_CASE("waiting for a status ends where it can no longer come") {
  CHECK(JudgeStatus(Running(StatusDocument("Creating")), "InService") == Verdict::kPending);
  CHECK(JudgeStatus(Running(StatusDocument("Failed")), "InService") == Verdict::kUnreachable);
  CHECK(JudgeStatus(Running(StatusDocument("Failed")), "Failed") == Verdict::kReached);
  CHECK(JudgeStatus(ComposeEndpointState(std::nullopt, {}, StatusDocument("InService"), true), "InService") ==
        Verdict::kUnreachable);
  CHECK(JudgeStatus(EndpointState{}, "InService") == Verdict::kUnreachable);
  CHECK(JudgeDeleted(EndpointState{}) == Verdict::kReached);
  CHECK(JudgeDeleted(Running(StatusDocument("Failed"))) == Verdict::kPending);
}

TEST_CASE("a deployment has settled when it came to an end, a good one or not") {
  CHECK(JudgeSettled(Running(StatusDocument("Updating"))) == Verdict::kPending);
  CHECK(JudgeSettled(Running(StatusDocument("RollingBack"))) == Verdict::kPending);
  CHECK(JudgeSettled(Running(StatusDocument("InService", 1))) == Verdict::kPending);
  Json status = StatusDocument("InService");
  status["FailureReason"] = "aborted";
  CHECK(JudgeSettled(Running(status)) == Verdict::kReached);
  CHECK(JudgeSettled(Running(StatusDocument("Failed"))) == Verdict::kReached);
  CHECK(JudgeSettled(Running(StatusDocument("UpdateRollbackFailed"))) == Verdict::kUnreachable);
  CHECK(JudgeSettled(EndpointState{}) == Verdict::kUnreachable);
}

}  // namespace
}  // namespace smhost::cli
