#include "unit/api/sagemaker_world.h"

namespace smhost {
namespace {

// Models a, b, c, d, each made a second after the other.
struct Lists : SagemakerWorld {
  double first = 0;

  Lists() {
    for (const char* name : {"b", "a", "d", "c"}) {
      if (first == 0) first = Now();
      MakeModel(name);
      clock.Advance(std::chrono::seconds(1));
    }
  }
  std::string NamesOf(const Json& answer, const char* member = "Models", const char* name = "ModelName") {
    std::string names;
    for (const Json& one : answer[member]) names += (names.empty() ? "" : " ") + StringOr(one, name);
    return names;
  }
  std::string Models(const Json& input = Json::object()) { return NamesOf(Done("ListModels", input)); }
  // Page by page, "|" between them.
  std::string Pages(Json input, const char* operation = "ListModels", const char* member = "Models", const char* name = "ModelName") {
    std::string pages;
    for (;;) {
      const Json answer = Done(operation, input);
      pages += NamesOf(answer, member, name);
      if (!answer.contains("NextToken")) return pages;
      input["NextToken"] = answer["NextToken"];
      pages += "|";
    }
  }
};

TEST_CASE("models are listed newest first, each with its ARN and time") {
  Lists world;
  CHECK(world.Models() == "c d a b");
  CHECK(world.Done("ListModels")["Models"][3] == Json({{"ModelName", "b"}, {"ModelArn", HostingArn("model/b")}, {"CreationTime", world.first}}));
  CHECK(world.Done("ListEndpoints") == Json({{"Endpoints", Json::array()}}));
  CHECK(world.Done("ListEndpointConfigs") == Json({{"EndpointConfigs", Json::array()}}));
}

TEST_CASE("a listing is sorted by name or time, either way") {
  Lists world;
  CHECK(world.Models({{"SortOrder", "Ascending"}}) == "b a d c");
  CHECK(world.Models({{"SortBy", "Name"}, {"SortOrder", "Ascending"}}) == "a b c d");
  CHECK(world.Models({{"SortBy", "Name"}}) == "d c b a");
  CHECK(world.Models({{"SortBy", "CreationTime"}, {"SortOrder", "Descending"}}) == "c d a b");
}

TEST_CASE("a listing is filtered by a part of the name and by times, which are not included") {
  Lists world;
  world.MakeModel("Vad-2");
  CHECK(world.Models({{"NameContains", "ad-"}}) == "Vad-2");
  CHECK(world.Models({{"NameContains", "vad"}}) == "");
  CHECK(world.Models({{"CreationTimeAfter", world.first + 1}}) == "Vad-2 c d");
  CHECK(world.Models({{"CreationTimeBefore", world.first + 1}}) == "b");
  CHECK(world.Models({{"CreationTimeAfter", world.first}, {"CreationTimeBefore", world.first + 2.001}}) == "d a");
}

TEST_CASE("pages join to the whole listing in each order") {
  Lists world;
  CHECK(world.Pages({{"MaxResults", 1}}) == "c|d|a|b");
  CHECK(world.Pages({{"MaxResults", 3}}) == "c d a|b");
  CHECK(world.Pages({{"MaxResults", 4}}) == "c d a b");
  CHECK(world.Pages({{"MaxResults", 2}, {"SortBy", "Name"}, {"SortOrder", "Ascending"}}) == "a b|c d");
  CHECK(world.Pages({{"MaxResults", 2}, {"NameContains", "a"}}) == "a");
}

TEST_CASE("ten make a page where the request does not say") {
  Lists world;
  for (int i = 0; i < 7; ++i) world.MakeModel("x" + std::to_string(i));
  const Json answer = world.Done("ListModels");
  CHECK(answer["Models"].size() == 10);
  CHECK(answer.contains("NextToken"));
}

TEST_CASE("resources made at the same moment are in the order of their names") {
  SagemakerWorld world;
  for (const char* name : {"b", "c", "a"}) world.MakeModel(name);
  const Json page = world.Done("ListModels", {{"MaxResults", 2}});
  CHECK(page["Models"][0]["ModelName"] == "c");
  CHECK(page["Models"][1]["ModelName"] == "b");
  CHECK(world.Done("ListModels", {{"NextToken", page["NextToken"]}})["Models"][0]["ModelName"] == "a");
}

TEST_CASE("what comes and goes between two pages hides and repeats nothing else") {
  Lists world;
  const Json page = world.Done("ListModels", {{"MaxResults", 2}});  // c d
  world.Done("DeleteModel", {{"ModelName", "d"}});
  world.Done("DeleteModel", {{"ModelName", "c"}});
  world.MakeModel("new");
  CHECK(world.Models({{"NextToken", page["NextToken"]}}) == "a b");
}

TEST_CASE("a token is good for the same listing alone; the size of pages may change") {
  Lists world;
  const std::string token = world.Done("ListModels", {{"MaxResults", 2}})["NextToken"];
  CHECK(world.Models({{"MaxResults", 50}, {"NextToken", token}}) == "a b");
  for (const Json& other : {Json{{"SortBy", "Name"}}, Json{{"SortOrder", "Ascending"}}, Json{{"NameContains", "a"}}}) {
    Json input = other;
    input["NextToken"] = token;
    CHECK_THAT(world.Invalid("ListModels", input), Catch::StartsWith("The NextToken is not valid: it belongs to a listing with other filters"));
  }
  CHECK_THAT(world.Invalid("ListEndpoints", {{"NextToken", token}}), Catch::Contains("NextToken is not valid"));
  for (const std::string& broken : {std::string("x"), std::string("{}"), token.substr(1), token + "A", std::string(9000, 'A')})
    CHECK_THAT(world.Invalid("ListModels", {{"NextToken", broken}}), Catch::Contains("NextToken is not valid"));
}

TEST_CASE("configurations and endpoints are listed as models are") {
  Lists world;
  world.MakeConfig("Config", "a");
  world.Done("CreateEndpoint", world.EndpointInput("one", "Config"));
  world.Done("CreateEndpoint", world.EndpointInput("two", "Config"));
  CHECK(world.Done("ListEndpointConfigs") == Json({{"EndpointConfigs",
                                                    {{{"EndpointConfigName", "Config"}, {"EndpointConfigArn", HostingArn("endpoint-config/config")}, {"CreationTime", world.Now()}}}}}));
  CHECK(world.Done("ListEndpoints", {{"NameContains", "one"}}) == Json({{"Endpoints",
                                                                       {{{"EndpointName", "one"},
                                                                         {"EndpointArn", HostingArn("endpoint/one")},
                                                                         {"CreationTime", world.Now()},
                                                                         {"LastModifiedTime", world.Now()},
                                                                         {"EndpointStatus", "Creating"}}}}}));
  CHECK(world.Pages({{"MaxResults", 1}}, "ListEndpoints", "Endpoints", "EndpointName") == "two|one");
}

TEST_CASE("endpoints are filtered and sorted by status and by the time of their last change") {
  Lists world;
  const auto endpoints = [&](const Json& input) { return world.NamesOf(world.Done("ListEndpoints", input), "Endpoints", "EndpointName"); };
  for (const char* name : {"e1", "e2", "e3"}) world.MakeEndpoint(name);
  const double made = world.Now();
  world.clock.Advance(std::chrono::seconds(5));
  world.Say("e2", "Failed", {{"FailureReason", "x"}});
  CHECK(endpoints({{"StatusEquals", "Failed"}}) == "e2");
  CHECK(endpoints({{"StatusEquals", "OutOfService"}}) == "");
  CHECK(endpoints({{"SortBy", "Status"}, {"SortOrder", "Ascending"}}) == "e2 e1 e3");
  CHECK(endpoints({{"LastModifiedTimeAfter", made}}) == "e2");
  CHECK(endpoints({{"LastModifiedTimeBefore", made + 1}}) == "e3 e1");
  CHECK(endpoints({{"LastModifiedTimeBefore", made}}) == "");
}

TEST_CASE("an endpoint on its way out is listed as Deleting, once") {
  SagemakerWorld world;
  world.MakeEndpoint();
  world.Done("DeleteEndpoint", {{"EndpointName", "e"}});
  const Json answer = world.Done("ListEndpoints");
  REQUIRE(answer["Endpoints"].size() == 1);
  CHECK(answer["Endpoints"][0]["EndpointStatus"] == "Deleting");
}

TEST_CASE("a damaged document hides no other") {
  Lists world;
  world.files.Put(world.PathOf(Kind::kModel, "d"), "{");
  CHECK(world.Models() == "c a b");
}

}  // namespace
}  // namespace smhost
