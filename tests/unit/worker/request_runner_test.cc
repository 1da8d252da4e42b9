#include "worker/request_runner.h"

#include <catch2/catch.hpp>
#include <functional>
#include <new>

namespace smhost {
namespace {

using Catch::Matchers::Contains;

// Does what a function says and counts its calls.
class FakeModel final : public Model {
 public:
  FakeModel() { schema.arguments = {{"x", {TypeSpec::Kind::kTensor, false, {}, "Tensor"}, false}}; }
  const MethodSchema& Schema() const override { return schema; }
  Status PrepareInstance(int) override { return {}; }
  std::string Device() const override { return "cpu"; }
  Result<Value> Run(Arguments arguments) override {
    ++calls;
    return answer(arguments);
  }

  MethodSchema schema;
  int calls = 0;
  std::function<Result<Value>(Arguments&)> answer = [](Arguments& arguments) { return *arguments[0]; };
};

std::int64_t RowsIn(const Arguments& arguments) { return arguments[0]->As<Tensor>()->shape[0]; }

struct Fixture {
  FakeModel model;
  Settings settings;
  RequestRunner runner{model, settings};
  MonotonicTime now = MonotonicTime() + std::chrono::hours(1);

  std::vector<Answer> Ask(std::vector<std::string> bodies, const std::string& type = "application/json",
                          const std::string& accept = "", bool in_parts = false) {
    std::vector<Request> requests;
    for (auto& body : bodies) {
      auto& request = requests.emplace_back();
      request.content_type = type;
      request.accept = accept;
      request.in_parts = in_parts;
      request.body = body;
    }
    runner.Run(requests, now);
    std::vector<Answer> answers;
    for (auto& request : requests) answers.push_back(request.answer);
    return answers;
  }
};

}  // namespace

TEST_CASE_METHOD(Fixture, "an answer has the type that was asked for") {
  auto json = Ask({"[1, 2]"})[0];
  CHECK(json.status == 200);
  CHECK(json.content_type == "application/json");
  CHECK(json.body == "[1.0, 2.0]");
  auto csv = Ask({"1,2"}, "text/csv", "text/csv")[0];
  CHECK(csv.content_type == "text/csv");
  CHECK(csv.body == "1.0\n2.0\n");
}

TEST_CASE_METHOD(Fixture, "the caller's mistakes are answered without running the model") {
  CHECK(Ask({"[1"})[0].status == 400);
  CHECK(Ask({"1"}, "image/png")[0].status == 415);
  CHECK(Ask({"1"}, "application/json", "image/png")[0].status == 406);
  CHECK(model.calls == 0);
}

TEST_CASE_METHOD(Fixture, "whose fault a failed run is decides the status") {
  model.answer = [](Arguments&) { return Fail(Code::kInvalid, "mat1 and mat2 do not fit"); };
  CHECK(Ask({"1"})[0].status == 400);
  CHECK(Ask({"1"})[0].body == "mat1 and mat2 do not fit");
  model.answer = [](Arguments&) { return Fail(Code::kInternal, "the model raised"); };
  CHECK(Ask({"1"})[0].status == 500);
  model.answer = [](Arguments&) { return Fail(Code::kTooLarge, "8 GB"); };
  CHECK_THAT(Ask({"1"})[0].body, Contains("out of memory") && Contains("8 GB"));
  model.answer = [](Arguments&) -> Result<Value> { throw std::bad_alloc(); };
  CHECK_THAT(Ask({"1"})[0].body, Contains("out of memory"));
  CHECK(runner.usable());
}

TEST_CASE_METHOD(Fixture, "a lost device ends the runner's use and the rest is not run") {
  model.answer = [](Arguments&) { return Fail(Code::kCorrupt, "CUDA error"); };
  auto answers = Ask({"1", "2"});
  CHECK(answers[0].status == 500);
  CHECK_THAT(answers[1].body, Contains("being replaced"));
  CHECK_FALSE(runner.usable());
  CHECK(model.calls == 1);
}

TEST_CASE_METHOD(Fixture, "a passed deadline is answered without running the model") {
  std::vector<Request> requests(1);
  requests[0].content_type = "application/json";
  requests[0].body = "1";
  requests[0].deadline = now;
  runner.Run(requests, now);
  CHECK(requests[0].answer.status == 504);
  CHECK(model.calls == 0);
}

TEST_CASE_METHOD(Fixture, "requests that fit are run in one call and each gets its rows") {
  auto answers = Ask({"[[1, 2]]", "[[3, 4], [5, 6]]"});
  CHECK(model.calls == 1);
  CHECK(answers[0].body == "[[1.0, 2.0]]");
  CHECK(answers[1].body == "[[3.0, 4.0], [5.0, 6.0]]");
}

TEST_CASE_METHOD(Fixture, "requests that do not fit, or cannot be read, leave the others joined") {
  auto answers = Ask({"[[1]]", "[[2]]", "[[3, 4]]", "[", "[[5, 6]]"});
  CHECK(model.calls == 2);
  CHECK(answers[1].body == "[[2.0]]");
  CHECK(answers[3].status == 400);
  CHECK(answers[4].body == "[[5.0, 6.0]]");
}

TEST_CASE_METHOD(Fixture, "after a joined call failed each request has its own result") {
  model.answer = [](Arguments& arguments) -> Result<Value> {
    if (RowsIn(arguments) > 1) return Fail(Code::kInvalid, "one of them is wrong");
    if (arguments[0]->As<Tensor>()->At(0) == 2) return Fail(Code::kInvalid, "two is wrong");
    return *arguments[0];
  };
  auto answers = Ask({"[[1]]", "[[2]]", "[[3]]"});
  CHECK(model.calls == 4);
  CHECK(answers[0].status == 200);
  CHECK(answers[1].body == "two is wrong");
  CHECK(answers[2].body == "[[3.0]]");
}

TEST_CASE_METHOD(Fixture, "a model whose answers cannot be split is asked one by one from then on") {
  model.answer = [](Arguments&) { return Value{std::int64_t{7}}; };
  CHECK(Ask({"[[1]]", "[[2]]"})[1].body == "7");
  CHECK(model.calls == 3);
  Ask({"[[1]]", "[[2]]"});
  CHECK(model.calls == 5);
}

TEST_CASE_METHOD(Fixture, "how long a call is in the model can be asked while it is, and is nothing before and after") {
  const auto later = std::chrono::steady_clock::now() + std::chrono::hours(1);
  Duration seen{};
  model.answer = [&](Arguments& arguments) {
    seen = runner.InModel(later);
    return *arguments[0];
  };
  CHECK(runner.InModel(later) == Duration::zero());
  Ask({"[[1]]"});
  CHECK(seen > std::chrono::minutes(59));
  CHECK(runner.InModel(later) == Duration::zero());
}

TEST_CASE_METHOD(Fixture, "a call that left the model without memory is in it no more") {
  model.answer = [](Arguments&) -> Result<Value> { throw std::bad_alloc(); };
  CHECK(Ask({"[[1]]"})[0].status == 500);
  CHECK(runner.InModel(std::chrono::steady_clock::now() + std::chrono::hours(1)) == Duration::zero());
}

TEST_CASE_METHOD(Fixture, "an answer that the wanted type cannot hold is 406") {
  model.answer = [](Arguments&) { return Value{std::string("text")}; };
  CHECK(Ask({"1"}, "application/json", "text/csv")[0].status == 406);
  CHECK(Ask({"1"})[0].body == "\"text\"");
}

TEST_CASE_METHOD(Fixture, "a list that is asked for in parts has its first element as the body and the others behind it") {
  auto ask = [this](List list, const std::string& accept = "") {
    model.answer = [&](Arguments&) { return Value{list}; };
    return Ask({"1"}, "application/json", accept, true)[0];
  };
  auto three = ask({{Value{std::string("a")}, Value{std::int64_t{2}}, Value{None{}}}});
  CHECK(three.body == "\"a\"");
  REQUIRE(three.more);
  CHECK(three.more->list.items.size() == 2);
  auto one = ask({{Value{std::int64_t{1}}}});
  CHECK(one.body == "1");
  CHECK_FALSE(one.more);
  auto none = ask({});
  CHECK(none.status == 200);
  CHECK(none.body.empty());
  CHECK_FALSE(none.more);
  // What cannot be written at all is an error and no stream.
  auto wrong = ask({{Value{std::string("a")}, Value{std::int64_t{2}}}}, "text/csv");
  CHECK(wrong.status == 406);
  CHECK_FALSE(wrong.more);
}

TEST_CASE_METHOD(Fixture, "what is no list, or was not asked for in parts, is one answer") {
  auto tensor = Ask({"[1, 2]"}, "application/json", "", true)[0];
  CHECK(tensor.body == "[1.0, 2.0]");
  CHECK_FALSE(tensor.more);
  model.answer = [](Arguments&) { return Value{List{{Value{std::int64_t{1}}, Value{std::int64_t{2}}}}}; };
  auto list = Ask({"1"})[0];
  CHECK(list.body == "[1, 2]");
  CHECK_FALSE(list.more);
}

}  // namespace smhost
