#include "wire/control.h"

#include <catch2/catch.hpp>

#include "wire/routes.h"

using namespace smhost;

namespace {
Json Parse(const std::string& text, const std::string& wanted_op) {
  std::string op;
  auto json = ParseMessage(text, op);
  REQUIRE(json);
  CHECK(op == wanted_op);
  return *json;
}
}  // namespace

TEST_CASE("orders come back as they were sent") {
  TemplateOrder t{"t-0123456789ab", "sha256:ff", "/a/b", {{"K", "V"}}};
  auto t2 = DecodeTemplateOrder(Parse(Encode(t), "template"));
  REQUIRE(t2);
  CHECK(t2->id == t.id);
  CHECK(t2->model_folder == t.model_folder);
  CHECK(t2->environment == t.environment);

  InstanceOrder i{"i-0123456789ab", "000000000000", "e", "f-1", "v", 3, 2, 1ull << 40, 5, "/s", "/l"};
  auto i2 = DecodeInstanceOrder(Parse(Encode(i), "instance"));
  REQUIRE(i2);
  CHECK(i2->fleet == "f-1");
  CHECK(i2->index == 3);
  CHECK(i2->memory_bytes == 1ull << 40);
  CHECK(i2->log_path == "/l");
}

TEST_CASE("an id that could leave its folder is no id") {
  for (const char* id : {"", "i-", "i-../../etc/p", "t-0123456789ab", "i-0123456789aB", "i-0123456789abc", "i-0123456789a/"}) {
    InstanceOrder order;
    order.id = id;
    CHECK_FALSE(DecodeInstanceOrder(Parse(Encode(order), "instance")));
  }
}

TEST_CASE("reports come back as they were sent, with and without a process") {
  auto started = DecodeStarted(Parse(Encode(Started{"i-1", ProcessId{5, 6, "boot"}, ""}), "started"));
  REQUIRE(started);
  REQUIRE(started->process);
  CHECK(started->process->start_time == 6);
  auto failed = DecodeStarted(Parse(Encode(Started{"i-1", std::nullopt, "why"}), "started"));
  REQUIRE(failed);
  CHECK_FALSE(failed->process);
  CHECK(failed->error == "why");
  auto taken = DecodeRoutesTaken(Parse(Encode(RoutesTaken{9, {"a", "b"}}), "taken"));
  REQUIRE(taken);
  CHECK(taken->generation == 9);
  CHECK(taken->busy.size() == 2);
}

TEST_CASE("instances that a request took down come back by name, no more of them than there may be") {
  auto two = DecodeInstancesPoisoned(Parse(Encode(InstancesPoisoned{{"i-1", "i-2"}}), "poisoned"));
  REQUIRE(two);
  CHECK(two->ids == std::vector<std::string>{"i-1", "i-2"});
  auto many = DecodeInstancesPoisoned(Parse(Encode(InstancesPoisoned{std::vector<std::string>(1000, "i-1")}), "poisoned"));
  REQUIRE(many);
  CHECK(many->ids.size() == limits::kPoisonedInstances);
  for (const char* odd : {R"({"op":"poisoned"})", R"({"op":"poisoned","ids":7})", R"({"op":"poisoned","ids":[1,null,{}]})"}) {
    auto none = DecodeInstancesPoisoned(Parse(odd, "poisoned"));
    REQUIRE(none);
    CHECK(none->ids.empty());
  }
}

// What a newer peer adds must not end the connection to an older one.
TEST_CASE("members and kinds of messages that are not known are let pass") {
  auto poisoned = DecodeInstancesPoisoned(Parse(R"({"op":"poisoned","ids":["i-1"],"digest":"ff"})", "poisoned"));
  REQUIRE(poisoned);
  CHECK(poisoned->ids == std::vector<std::string>{"i-1"});
  CHECK(DecodeInstanceLost(Parse(R"({"op":"lost","id":"i-1","why":"?"})", "lost")));
  CHECK_FALSE(DecodeInstanceLost(Parse(R"({"op":"invented later"})", "invented later")));
}

TEST_CASE("a message of one kind is not taken for another") {
  Json idle = Parse(Encode(InstanceIdle{"i-1"}), "idle");
  CHECK(DecodeInstanceIdle(idle));
  CHECK_FALSE(DecodeInstanceLost(idle));
  CHECK_FALSE(DecodeInstancesPoisoned(idle));
  CHECK_FALSE(DecodeStarted(idle));
  std::string op;
  CHECK_FALSE(ParseMessage("[]", op));
  CHECK_FALSE(ParseMessage("{", op));
}

TEST_CASE("a record comes back with its order, and a torn one is refused") {
  std::string text = EncodeRecord({ProcessId{1, 2, "b"}, Json{{"op", "instance"}}});
  auto record = DecodeRecord(text);
  REQUIRE(record);
  CHECK(record->process.pid == 1);
  for (std::size_t cut = 0; cut + 2 < text.size(); ++cut) CHECK_FALSE(DecodeRecord(text.substr(0, cut)));
}

TEST_CASE("routes come back as they were written") {
  RouteVariant blue{"A", "f-1", "c1", 0.25, 0.5, "sha256:1", false, false, 0, {{"i-1"}, {"i-2"}}};
  RouteVariant green{"A", "f-2", "c2", 0.75, 0.5, "sha256:2", true, false, 0, {}};
  RouteVariant shadow{"S", "f-2", "c2", 0, 1, "sha256:3", true, true, 0.1, {{"i-3"}}};
  RouteTable table{4, {{"000000000000", "e", "Updating", true, {blue, green, shadow}}, {"000000000000", "f", "InService", false, {}}}};
  table.public_routes = {{"000000000000", "p", "/public/p", "e", "A", false, {"ff", "00"}, 0.5, 3, {"https://a"}, {"text/csv"}, 100},
                         {"123456789012", "q", "/q", "f", "", true, {}, 1, 1, {}, {}, 7}};
  auto back = DecodeRoutes(EncodeRoutes(table));
  REQUIRE(back);
  CHECK(back->generation == 4);
  CHECK(back->endpoints == table.endpoints);
  CHECK(back->public_routes == table.public_routes);
}
