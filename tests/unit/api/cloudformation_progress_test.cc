#include "api/cloudformation_progress.h"

#include <catch2/catch.hpp>

using namespace smhost;
using namespace smhost::cloudformation;

namespace {

constexpr const char* kNow = "2026-01-31T12:00:00.000Z";
const Seen kThere{true, true, false, false, ""};
const Seen kComing{true, false, false, false, ""};
const Seen kFailed{true, true, true, true, "no room"};
const Seen kServesOld{true, true, true, false, "no room"};  // its update failed; it is up

Json Wanted(const char* logical_id, const char* type, const char* name) { return {{"LogicalId", logical_id}, {"Type", type}, {"Name", name}, {"Properties", Json::object()}}; }

// A model and an endpoint, both being made.
Stack Creating() {
  Stack stack;
  stack.name = "s";
  stack.id = "arn:s/1";
  stack.content.documents = {Wanted("Model", "AWS::SageMaker::Model", "m"), Wanted("Endpoint", "AWS::SageMaker::Endpoint", "e")};
  stack.Become("CREATE_IN_PROGRESS", "", kNow);
  stack.resources = {{"Model", Kind::kModel, "m", "m", "u1", "CREATE_IN_PROGRESS", "", kNow}, {"Endpoint", Kind::kEndpoint, "e", "e", "u2", "CREATE_IN_PROGRESS", "", kNow}};
  return stack;
}

// The endpoint is being updated, a model is new, another one goes.
Stack Updating() {
  Stack stack = Creating();
  for (StackResource& resource : stack.resources) resource.status = "CREATE_COMPLETE";
  stack.former = stack.content;
  stack.content.documents[0] = Wanted("New", "AWS::SageMaker::Model", "n");
  stack.resources.push_back({"New", Kind::kModel, "n", "n", "u3", "CREATE_IN_PROGRESS", "", kNow});
  stack.Find("Endpoint")->status = "UPDATE_IN_PROGRESS";
  stack.status = "UPDATE_IN_PROGRESS";
  return stack;
}

std::string StatusOf(const Stack& stack, const char* logical_id) { return stack.Find(logical_id) == nullptr ? "gone" : stack.Find(logical_id)->status; }

}  // namespace

TEST_CASE("a stack is created once its endpoints are in service") {
  Stack stack = Creating();
  Advance(stack, {{"model/m", kThere}, {"endpoint/e", kComing}}, kNow);
  CHECK(stack.status == "CREATE_IN_PROGRESS");
  CHECK(StatusOf(stack, "Model") == "CREATE_COMPLETE");
  Advance(stack, {{"endpoint/e", kThere}}, kNow);
  CHECK(stack.status == "CREATE_COMPLETE");
  const std::size_t events = stack.events.size();
  Advance(stack, {}, kNow);
  CHECK(stack.events.size() == events);
}

TEST_CASE("a creation that fails is rolled back, or goes, or stays, as was asked for") {
  Stack stack = Creating();
  SECTION("rolled back") {
    Advance(stack, {{"model/m", kThere}, {"endpoint/e", kFailed}}, kNow);
    CHECK(stack.status == "ROLLBACK_IN_PROGRESS");
    CHECK_THAT(stack.reason, Catch::Contains("failed to create: [Endpoint]"));
    CHECK(StatusOf(stack, "Model") == "DELETE_IN_PROGRESS");
    CHECK(std::any_of(stack.events.begin(), stack.events.end(), [](const StackEvent& e) { return e.status == "CREATE_FAILED" && e.reason == "no room"; }));
    Advance(stack, {{"endpoint/e", kComing}}, kNow);
    CHECK(stack.status == "ROLLBACK_IN_PROGRESS");
    Advance(stack, {}, kNow);
    CHECK(stack.status == "ROLLBACK_COMPLETE");
  }
  SECTION("deleted") {
    stack.on_failure = "DELETE";
    Advance(stack, {{"model/m", kThere}, {"endpoint/e", kFailed}}, kNow);
    Advance(stack, {}, kNow);
    CHECK(stack.status == "DELETE_COMPLETE");
    CHECK(stack.deleted == kNow);
  }
  SECTION("left as it is") {
    stack.on_failure = "DO_NOTHING";
    Advance(stack, {{"model/m", kThere}, {"endpoint/e", kFailed}}, kNow);
    CHECK(stack.status == "CREATE_FAILED");
    CHECK(StatusOf(stack, "Model") == "CREATE_COMPLETE");
  }
}

TEST_CASE("an update deletes what the template has no more, once the rest is there") {
  Stack stack = Updating();
  Advance(stack, {{"model/n", kThere}, {"endpoint/e", kComing}}, kNow);
  CHECK(StatusOf(stack, "Model") == "CREATE_COMPLETE");
  Advance(stack, {{"endpoint/e", kThere}}, kNow);
  CHECK(stack.status == "UPDATE_COMPLETE_CLEANUP_IN_PROGRESS");
  CHECK(StatusOf(stack, "Model") == "DELETE_IN_PROGRESS");
  Advance(stack, {{"model/m", kThere}}, kNow);
  CHECK(stack.status == "UPDATE_COMPLETE_CLEANUP_IN_PROGRESS");
  Advance(stack, {}, kNow);
  CHECK(stack.status == "UPDATE_COMPLETE");
  CHECK(StatusOf(stack, "Model") == "gone");
}

TEST_CASE("an update that fails goes back to the former documents, and what it made goes") {
  Stack stack = Updating();
  Advance(stack, {{"model/n", kThere}, {"endpoint/e", kServesOld}}, kNow);
  CHECK(stack.status == "UPDATE_ROLLBACK_IN_PROGRESS");
  CHECK_FALSE(stack.applied);
  CHECK(StringOr(stack.content.documents[0], "LogicalId") == "Model");
  CHECK(StatusOf(stack, "New") == "DELETE_IN_PROGRESS");
  Advance(stack, {}, kNow);
  CHECK(stack.status == "UPDATE_ROLLBACK_IN_PROGRESS");  // not before the former documents are stored
  stack.applied = true;
  SECTION("it is up again") {
    Advance(stack, {{"endpoint/e", kServesOld}}, kNow);
    CHECK(stack.status == "UPDATE_ROLLBACK_COMPLETE");
    CHECK(StatusOf(stack, "New") == "gone");
    CHECK(StatusOf(stack, "Endpoint") == "UPDATE_COMPLETE");
  }
  SECTION("it is not") {
    Advance(stack, {{"endpoint/e", kFailed}}, kNow);
    CHECK(stack.status == "UPDATE_ROLLBACK_FAILED");
  }
}

TEST_CASE("documents that were refused leave nothing to delete") {
  Stack stack = Creating();
  stack.applied = false;
  Refuse(stack, "Model", "exists already", kNow);
  CHECK(stack.status == "ROLLBACK_COMPLETE");
  CHECK(StatusOf(stack, "Model") == "DELETE_COMPLETE");
  Stack updating = Updating();
  updating.applied = false;
  Refuse(updating, "New", "exists already", kNow);
  CHECK(updating.status == "UPDATE_ROLLBACK_COMPLETE");
  CHECK(StatusOf(updating, "New") == "gone");
  CHECK(StatusOf(updating, "Endpoint") == "UPDATE_COMPLETE");
  CHECK(StatusOf(updating, "Model") == "CREATE_COMPLETE");
}

TEST_CASE("a stack's document holds all of it") {
  Stack stack = Updating();
  stack.change_sets.push_back({"c", "arn:c", "UPDATE", "d", kNow, {"body", Json::array(), Json::array()}, "FAILED", "why", "UNAVAILABLE", Json::array()});
  const auto again = StackFromJson(StackToJson(stack));
  REQUIRE(again);
  CHECK(StackToJson(*again) == StackToJson(stack));
  CHECK_FALSE(StackFromJson(Json::object()));
}
