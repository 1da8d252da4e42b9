#include "worker/request_queue.h"

#include <catch2/catch.hpp>

namespace smhost {
namespace {

struct NoPort final : ReplyPort {
  void Send(std::string) override {}
};

Request Make(const std::shared_ptr<ReplyPort>& port, std::uint64_t id, std::string body = "") {
  Request request;
  request.port = port;
  request.id = id;
  request.body = std::move(body);
  return request;
}
std::vector<std::uint64_t> Ids(const RequestQueue::Batch& batch) {
  std::vector<std::uint64_t> ids;
  for (const auto& request : batch.requests) ids.push_back(request.id);
  return ids;
}

struct Fixture {
  std::shared_ptr<ReplyPort> a = std::make_shared<NoPort>(), b = std::make_shared<NoPort>();
  RequestQueue queue{4, 100};
  bool Push(Request request) { return queue.Push(request); }
};

}  // namespace

TEST_CASE_METHOD(Fixture, "requests are taken in order, as many as a batch may hold") {
  for (std::uint64_t id : {1, 2, 3}) CHECK(Push(Make(a, id)));
  CHECK(Ids(queue.Take(2, {})) == std::vector<std::uint64_t>{1, 2});
  CHECK(queue.Outstanding() == 3);
  queue.Done(2);
  CHECK(Ids(queue.Take(2, {})) == std::vector<std::uint64_t>{3});
  queue.Done(1);
  CHECK(queue.Outstanding() == 0);
}

TEST_CASE_METHOD(Fixture, "a full queue refuses by count and by bytes") {
  CHECK(Push(Make(a, 1, std::string(90, 'x'))));
  CHECK_FALSE(Push(Make(a, 2, std::string(11, 'x'))));
  for (std::uint64_t id : {3, 4, 5}) CHECK(Push(Make(a, id)));
  CHECK_FALSE(Push(Make(a, 6)));
  queue.Take(1, {});
  CHECK(Push(Make(a, 7, std::string(90, 'x'))));
}

TEST_CASE_METHOD(Fixture, "a cancelled request is gone, one of another connection with the same id is not") {
  Push(Make(a, 1));
  Push(Make(b, 1));
  Push(Make(a, 2));
  queue.Cancel(a.get(), 1);
  queue.Cancel(a.get(), 99);
  auto batch = queue.Take(8, {});
  CHECK(Ids(batch) == std::vector<std::uint64_t>{1, 2});
  CHECK(batch.requests[0].port == b);
}

TEST_CASE_METHOD(Fixture, "what a lost connection asked is dropped and its bytes are free again") {
  Push(Make(a, 1, std::string(60, 'x')));
  Push(Make(b, 2, std::string(40, 'x')));
  Push(Make(a, 3));
  queue.Drop(a.get());
  CHECK(Push(Make(b, 4, std::string(60, 'x'))));
  CHECK(Ids(queue.Take(8, {})) == std::vector<std::uint64_t>{2, 4});
}

TEST_CASE_METHOD(Fixture, "a full batch does not wait for its delay") {
  Push(Make(a, 1));
  Push(Make(a, 2));
  auto begin = std::chrono::steady_clock::now();
  CHECK(queue.Take(2, std::chrono::hours(1)).requests.size() == 2);
  CHECK(std::chrono::steady_clock::now() - begin < std::chrono::minutes(1));
}

TEST_CASE_METHOD(Fixture, "a closed queue gives nothing more") {
  Push(Make(a, 1));
  queue.Close();
  CHECK(queue.Take(2, {}).requests.empty());
}

}  // namespace smhost
