#include "state/store.h"

#include <sys/stat.h>

#include <catch2/catch.hpp>
#include <filesystem>
#include <thread>

#include "base/limits.h"
#include "fakes/scratch_folder.h"
#include "state/document.h"
#include "unit/state/state_world.h"

namespace smhost {
namespace {

using namespace std::chrono_literals;

std::vector<Document> Three(const std::string& url, int count = 1) {
  return {ModelDocument("m", url), ConfigDocument("c", "m", count), EndpointDocument("e", "c")};
}

TEST_CASE("an applied document is found again with its ARN, a uid, a generation and times") {
  StateWorld world;
  auto outcomes = world.Apply({ModelDocument("VAD-1", "s3://b/1")});
  REQUIRE(outcomes);
  REQUIRE(outcomes->size() == 1);
  CHECK((*outcomes)[0].change == Change::kCreated);
  CHECK((*outcomes)[0].before.is_null());
  auto stored = world.MakeStore().Get(world.account, Kind::kModel, "VAD-1");
  REQUIRE(stored);
  CHECK(stored->arn == "arn:aws:sagemaker:us-east-1:000000000000:model/vad-1");
  CHECK(stored->uid.size() == 32);
  CHECK(stored->generation == 1);
  CHECK(stored->creation_time == FormatIso8601(world.clock.Wall()));
  CHECK(stored->last_modified_time == stored->creation_time);
  CHECK(stored->properties == ModelDocument("VAD-1", "s3://b/1").properties);
}

TEST_CASE("applying the same again changes nothing, and other properties make a new generation of the same resource") {
  StateWorld world;
  REQUIRE(world.Apply({ModelDocument("m", "s3://b/1")}));
  auto first = *world.MakeStore().Get(world.account, Kind::kModel, "m");
  std::string text = world.files.Get(world.PathOf(Kind::kModel, "m"));
  world.clock.Advance(1s);
  CHECK((*world.Apply({ModelDocument("m", "s3://b/1")}))[0].change == Change::kUnchanged);
  CHECK(world.files.Get(world.PathOf(Kind::kModel, "m")) == text);

  auto changed = world.Apply({ModelDocument("m", "s3://b/2")});
  REQUIRE(changed);
  CHECK((*changed)[0].change == Change::kChanged);
  CHECK((*changed)[0].before == first.properties);
  auto second = *world.MakeStore().Get(world.account, Kind::kModel, "m");
  CHECK(second.uid == first.uid);
  CHECK(second.creation_time == first.creation_time);
  CHECK(second.generation == 2);
  CHECK(second.last_modified_time != first.last_modified_time);
}

TEST_CASE("a document without its name in the properties gets it, and one with another name is refused") {
  StateWorld world;
  Document document = ModelDocument("m", "s3://b/1");
  document.properties.erase("ModelName");
  REQUIRE(world.Apply({document}));
  CHECK((*world.Apply({ModelDocument("m", "s3://b/1")}))[0].change == Change::kUnchanged);
  document.properties["ModelName"] = "n";
  CHECK(world.Apply({document}).error().code == Code::kInvalid);
}

TEST_CASE("a dry run tells what would happen and makes no call that changes anything") {
  StateWorld world;
  world.account = "123456789012";
  int calls = world.files.calls();
  auto outcomes = world.Apply(Three("s3://b/1"), {.dry_run = true});
  REQUIRE(outcomes);
  for (const Outcome& outcome : *outcomes) CHECK(outcome.change == Change::kCreated);
  CHECK(world.files.calls() == calls);
  CHECK(world.Apply({EndpointDocument("e", "none")}, {.dry_run = true}).error().code == Code::kInvalid);
}

TEST_CASE(
    "what a document refers to must be among the documents or stored, and all that is missing is told in AWS's words") {
  StateWorld world;
  auto refused = world.Apply({ConfigDocument("c", "No-Model"), EndpointDocument("e", "no-config")});
  REQUIRE_FALSE(refused);
  CHECK(refused.error().code == Code::kInvalid);
  CHECK(refused.error().resource == "endpoint-config/c");
  CHECK(
      refused.error().message ==
      "Could not find model \"arn:aws:sagemaker:us-east-1:000000000000:model/no-model\". "
      "Could not find endpoint configuration \"arn:aws:sagemaker:us-east-1:000000000000:endpoint-config/no-config\".");
  CHECK(world.UrlOf("c") == "(none)");
  REQUIRE(world.Apply({EndpointDocument("e", "c"), ConfigDocument("c", "m"), ModelDocument("m", "s3://b/1")}));
  CHECK(world.Apply({ConfigDocument("d", "m")}));
  CHECK(world.Apply({ConfigDocument("d", "../../../resources/model/m")}).error().code == Code::kInvalid);
}

TEST_CASE("nothing is written if one of several documents is refused") {
  StateWorld world;
  auto before = world.files.AllFiles();
  CHECK_FALSE(world.Apply({ModelDocument("m", "s3://b/1"), EndpointDocument("e", "none")}));
  CHECK_FALSE(world.Apply({ModelDocument("m", "s3://b/1"), ModelDocument("bad name", "s3://b/1")}));
  CHECK_FALSE(world.Apply({ModelDocument("m", "s3://b/1"), ModelDocument("M", "s3://b/1")}));
  CHECK(world.files.AllFiles() == before);
}

TEST_CASE("names that differ by case alone are one resource to AWS, so the second spelling is refused") {
  StateWorld world;
  REQUIRE(world.Apply({ModelDocument("Vad", "s3://b/1")}));
  auto refused = world.Apply({ModelDocument("vad", "s3://b/1")});
  REQUIRE_FALSE(refused);
  CHECK(refused.error().code == Code::kConflict);
  CHECK(refused.error().message.find("\"Vad\"") != std::string::npos);
}

TEST_CASE("a path leads to one public route, whatever account takes it, and is free again with it") {
  StateWorld world;
  const auto route = [](const char* name, const char* path) {
    return Document{Kind::kPublicRoute, name, {{"EndpointName", "e"}, {"Access", "None"}, {"Path", path}}};
  };
  const auto refused = [](const Result<std::vector<Outcome>>& result) { return !result && result.error().code == Code::kInvalid; };
  REQUIRE(world.Apply({route("a", "/x"), route("b", "/y")}));
  CHECK(refused(world.Apply({route("c", "/x")})));
  CHECK(refused(world.Apply({route("c", "/z"), route("d", "/z")})));
  CHECK(refused(world.Apply({{Kind::kPublicRoute, "c", {{"EndpointName", "e"}, {"Access", "None"}}}, route("d", "/public/c")})));
  CHECK(world.Apply({route("a", "/x")}));
  CHECK(world.Apply({route("a", "/y"), route("b", "/x")}));
  auto other = world.MakeStore().Apply("123456789012", {route("a", "/x")});
  CHECK(refused(other));
  CHECK(other.error().message.find("another account") != std::string::npos);
  REQUIRE(world.MakeStore().Delete(world.account, Kind::kPublicRoute, "b"));
  CHECK(world.MakeStore().Apply("123456789012", {route("a", "/x")}));
}

TEST_CASE("a document that somebody changed meanwhile is a conflict") {
  StateWorld world;
  std::pair<Kind, std::string> key{Kind::kModel, "m"};
  REQUIRE(world.Apply({ModelDocument("m", "s3://b/1")}, {.expected_generations = {{key, 0}}}));
  auto existing = world.Apply({ModelDocument("m", "s3://b/2")}, {.expected_generations = {{key, 0}}});
  REQUIRE_FALSE(existing);
  CHECK(existing.error().code == Code::kConflict);
  CHECK(existing.error().message ==
        "Cannot create already existing model \"arn:aws:sagemaker:us-east-1:000000000000:model/m\".");
  REQUIRE(world.Apply({ModelDocument("m", "s3://b/2")}, {.expected_generations = {{key, 1}}}));
  auto stale = world.Apply({ModelDocument("m", "s3://b/3")}, {.expected_generations = {{key, 1}}});
  REQUIRE_FALSE(stale);
  CHECK(stale.error().code == Code::kConflict);
  CHECK(world.MakeStore().Delete(world.account, Kind::kModel, "m", 1).error().code == Code::kConflict);
  CHECK(world.UrlOf("m") == "s3://b/2");
  CHECK(world.MakeStore().Delete(world.account, Kind::kModel, "m", 2));
}

TEST_CASE("a deleted resource is gone with its previous copy, and one made anew has another uid") {
  StateWorld world;
  REQUIRE(world.Apply({ModelDocument("m", "s3://b/1")}));
  REQUIRE(world.Apply({ModelDocument("m", "s3://b/2")}));
  auto deleted = world.MakeStore().Delete(world.account, Kind::kModel, "m");
  REQUIRE(deleted);
  CHECK(deleted->generation == 2);
  CHECK(world.UrlOf("m") == "(none)");
  CHECK_FALSE(world.files.Exists(world.PathOf(Kind::kModel, "m") + ".prev"));
  auto again = world.MakeStore().Delete(world.account, Kind::kModel, "m");
  REQUIRE_FALSE(again);
  CHECK(again.error().code == Code::kNotFound);
  CHECK(again.error().resource == "model/m");
  REQUIRE(world.Apply({ModelDocument("m", "s3://b/3")}));
  CHECK(world.MakeStore().Get(world.account, Kind::kModel, "m")->uid != deleted->uid);
}

TEST_CASE("a model in use can be deleted, as in AWS") {
  StateWorld world;
  REQUIRE(world.Apply(Three("s3://b/1")));
  CHECK(world.MakeStore().Delete(world.account, Kind::kModel, "m"));
  CHECK(world.MakeStore().Get(world.account, Kind::kEndpoint, "e"));
}

TEST_CASE("hostile names and accounts never reach the disk") {
  StateWorld world;
  Store store = world.MakeStore();
  auto before = world.files.AllFiles();
  std::vector<std::string> names = {"",
                                    ".",
                                    "..",
                                    "../x",
                                    "a/b",
                                    "/etc/passwd",
                                    "a.json",
                                    "a\\b",
                                    "-a",
                                    "a-",
                                    "a b",
                                    "a\n",
                                    std::string("a\0b", 3),
                                    "ä",
                                    "a_b",
                                    "%2e%2e",
                                    "$(id)",
                                    "'",
                                    "\"",
                                    "NUL:",
                                    "a*",
                                    std::string(64, 'a'),
                                    std::string(10'000, 'a'),
                                    "\xff\xfe",
                                    "a.tmp.1"};
  for (const std::string& name : names) {
    CAPTURE(name);
    CHECK(store.Apply(world.account, {ModelDocument(name, "s3://b/1")}).error().code == Code::kInvalid);
    CHECK(store.Get(world.account, Kind::kModel, name).error().code == Code::kInvalid);
    CHECK(store.Delete(world.account, Kind::kModel, name).error().code == Code::kInvalid);
    CHECK(store.PutStatus(world.account, Kind::kModel, name, {}).error().code == Code::kInvalid);
    CHECK(store.GetStatus(world.account, Kind::kModel, name).error().code == Code::kInvalid);
    CHECK(store.RemoveStatus(world.account, Kind::kModel, name).error().code == Code::kInvalid);
    CHECK(store.PutJournal(world.account, name, {}).error().code == Code::kInvalid);
    CHECK(store.GetJournal(world.account, name).error().code == Code::kInvalid);
    CHECK(store.RemoveJournal(world.account, name).error().code == Code::kInvalid);
    CHECK(store.Get(name, Kind::kModel, "m").error().code == Code::kInvalid);
    CHECK(store.Apply(name, {}).error().code == Code::kInvalid);
    CHECK(store.List(name, Kind::kModel).error().code == Code::kInvalid);
    CHECK(store.Recover(name).error().code == Code::kInvalid);
  }
  CHECK(world.files.AllFiles() == before);
  CHECK(
      store.Apply(world.account, {ModelDocument(std::string(63, 'a'), "s3://b/1"), ModelDocument("a--b", "s3://b/1")}));
}

TEST_CASE("more documents than a template may have are refused, and a document too large to be read back") {
  StateWorld world;
  std::vector<Document> many(limits::kResourcesPerApply + 1, ModelDocument("m", "s3://b/1"));
  CHECK(world.Apply(many).error().code == Code::kTooLarge);
  Document large = ModelDocument("m", std::string(limits::kStateFileBytes, 'x'));
  CHECK(world.Apply({large}).error().code == Code::kTooLarge);
  CHECK(world.UrlOf("m") == "(none)");
}

TEST_CASE("lists hold the resources of one account and kind by name, and files that are not ours are ignored") {
  StateWorld world;
  REQUIRE(world.Apply({ModelDocument("b", "s3://b/1"), ModelDocument("a", "s3://b/1")}));
  REQUIRE(world.MakeStore().Apply("123456789012", {ModelDocument("c", "s3://b/1")}));
  world.files.Put(world.PathOf(Kind::kModel, "a") + "~", "editor");
  world.files.Put(FolderOf(world.PathOf(Kind::kModel, "a")) + "/README", "hello");
  world.files.Put(world.home.root() + "/accounts/notes.txt", "hello");
  Store store = world.MakeStore();
  auto listing = store.List(world.account, Kind::kModel);
  REQUIRE(listing);
  REQUIRE(listing->resources.size() == 2);
  CHECK(listing->resources[0].name == "a");
  CHECK(listing->resources[1].name == "b");
  CHECK(listing->incidents.empty());
  CHECK(store.List(world.account, Kind::kEndpoint)->resources.empty());
  CHECK(*store.Accounts() == std::vector<std::string>{"000000000000", "123456789012"});
}

TEST_CASE("statuses are kept by resource, written only when they change, and a torn one is as if it were not there") {
  StateWorld world;
  Store store = world.MakeStore();
  CHECK(store.GetStatus(world.account, Kind::kEndpoint, "e").error().code == Code::kNotFound);
  REQUIRE(store.PutStatus(world.account, Kind::kEndpoint, "e", {{"EndpointStatus", "Creating"}}));
  int calls = world.files.calls();
  REQUIRE(store.PutStatus(world.account, Kind::kEndpoint, "e", {{"EndpointStatus", "Creating"}}));
  CHECK(world.files.calls() == calls);
  REQUIRE(store.PutStatus(world.account, Kind::kEndpoint, "e", {{"EndpointStatus", "InService"}}));
  CHECK(StringOr(*store.GetStatus(world.account, Kind::kEndpoint, "e"), "EndpointStatus") == "InService");
  CHECK(*store.StatusNames(world.account, Kind::kEndpoint) == std::vector<std::string>{"e"});

  for (auto loss : {FakeFiles::Unsynced::kEmpty, FakeFiles::Unsynced::kZeros, FakeFiles::Unsynced::kHalf}) {
    Store fresh = world.MakeStore();
    REQUIRE(fresh.PutStatus(world.account, Kind::kEndpoint, "e", {{"EndpointStatus", "InService"}}));
    world.files.Crash(world.files.calls(), loss);
    CHECK(fresh.GetStatus(world.account, Kind::kEndpoint, "e").error().code == Code::kNotFound);
  }
  REQUIRE(store.RemoveStatus(world.account, Kind::kEndpoint, "e"));
  REQUIRE(store.RemoveStatus(world.account, Kind::kEndpoint, "e"));
  CHECK(store.StatusNames(world.account, Kind::kEndpoint)->empty());
  REQUIRE(store.PutStatus(world.account, Kind::kEndpoint, "e", {{"EndpointStatus", "InService"}}));
  CHECK(store.GetStatus(world.account, Kind::kEndpoint, "e"));
}

TEST_CASE("journals are kept by endpoint, and a removed one does not come back") {
  StateWorld world;
  Store store = world.MakeStore();
  CHECK(store.ListJournals(world.account)->empty());
  CHECK(store.GetJournal(world.account, "e").error().code == Code::kNotFound);
  REQUIRE(store.RemoveJournal(world.account, "e"));
  REQUIRE(store.PutJournal(world.account, "e", {{"Stage", "Start"}}));
  REQUIRE(store.PutJournal(world.account, "e", {{"Stage", "Drain"}}));
  CHECK(StringOr(*store.GetJournal(world.account, "e"), "Stage") == "Drain");
  CHECK(*store.ListJournals(world.account) == std::vector<std::string>{"e"});
  REQUIRE(store.RemoveJournal(world.account, "e"));
  world.files.Crash();
  CHECK(store.GetJournal(world.account, "e").error().code == Code::kNotFound);
}

TEST_CASE("many commands at once never lose a write: each change is a generation of its own") {
  StateWorld world;
  constexpr int kThreads = 4, kWrites = 50;
  std::vector<std::thread> threads;
  std::atomic<int> changed{0};
  for (int thread = 0; thread < kThreads; ++thread) {
    threads.emplace_back([&, thread] {
      Store store = world.MakeStore();
      for (int i = 0; i < kWrites; ++i) {
        std::string url = "s3://b/" + std::to_string(thread) + "-" + std::to_string(i);
        if (store.Apply(world.account, {ModelDocument("m", url), ModelDocument("m" + std::to_string(thread), url)}))
          ++changed;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  CHECK(changed == kThreads * kWrites);
  CHECK(world.MakeStore().Get(world.account, Kind::kModel, "m")->generation == kThreads * kWrites);
  for (int thread = 0; thread < kThreads; ++thread)
    CHECK(world.UrlOf("m" + std::to_string(thread)) ==
          "s3://b/" + std::to_string(thread) + "-" + std::to_string(kWrites - 1));
  CHECK(world.CountTemporaries() == 0);
}

TEST_CASE("on a real disk, too, stores at once lose no write, and everything they leave is its owner's alone") {
  ScratchFolder scratch;
  FakeClock clock;
  Home home(scratch.path() + "/state");
  auto files = MakeSystemFiles();
  mode_t before = ::umask(0);
  REQUIRE(PrepareHome(*files, home));
  constexpr int kWrites = 8;
  auto write = [&](const std::string& mine) {
    auto own_files = MakeSystemFiles();
    Store store(*own_files, clock, home);
    for (int i = 0; i < kWrites; ++i) {
      std::string url = "s3://b/" + mine + std::to_string(i);
      SMHOST_CHECK(store.Apply(kLocalAccount, {ModelDocument("shared", url), ModelDocument(mine, url)}));
    }
  };
  std::thread other([&] { write("x"); });
  write("y");
  other.join();
  ::umask(before);
  Store store(*files, clock, home);
  CHECK(store.Get(kLocalAccount, Kind::kModel, "shared")->generation == 2 * kWrites);
  CHECK(store.Get(kLocalAccount, Kind::kModel, "x")->generation == kWrites);
  CHECK(store.List(kLocalAccount, Kind::kModel)->resources.size() == 3);
  CHECK(store.Recover(kLocalAccount)->empty());
  for (const auto& entry : std::filesystem::recursive_directory_iterator(home.root())) {
    CAPTURE(entry.path());
    CHECK(files->Info(entry.path())->mode == (entry.is_directory() ? 0700 : 0600));
    CHECK_FALSE(IsTemporaryName(entry.path().string()));
  }
}

TEST_CASE("of many who expect the same generation exactly one wins") {
  StateWorld world;
  REQUIRE(world.Apply({ModelDocument("m", "s3://b/0")}));
  std::atomic<int> won{0}, conflicts{0};
  std::vector<std::thread> threads;
  for (int thread = 1; thread <= 4; ++thread) {
    threads.emplace_back([&, thread] {
      auto done = world.Apply({ModelDocument("m", "s3://b/" + std::to_string(thread))},
                              {.expected_generations = {{{Kind::kModel, "m"}, 1}}});
      if (done)
        ++won;
      else if (done.error().code == Code::kConflict)
        ++conflicts;
    });
  }
  for (std::thread& thread : threads) thread.join();
  CHECK(won == 1);
  CHECK(conflicts == 3);
}

TEST_CASE("tags change in place: generation and times stay, and the change is durable") {
  StateWorld world;
  REQUIRE(world.Apply({ModelDocument("m", "s3://b/0")}));
  Store store = world.MakeStore();
  const Resource before = store.Get(world.account, Kind::kModel, "m").value();
  world.clock.Advance(std::chrono::seconds(5));
  const Json tag = {{"Key", "a"}, {"Value", "b"}};
  auto tagged = store.Retag(world.account, Kind::kModel, "m", [&](Json& tags) -> Status {
    CHECK(tags == Json::array());
    tags.push_back(tag);
    return {};
  });
  REQUIRE(tagged);
  world.files.Crash();
  const Resource after = store.Get(world.account, Kind::kModel, "m").value();
  CHECK(after.properties["Tags"] == Json::array({tag}));
  CHECK(after.generation == before.generation);
  CHECK(after.last_modified_time == before.last_modified_time);
  CHECK(after.uid == before.uid);

  REQUIRE(store.Retag(world.account, Kind::kModel, "m", [](Json& tags) -> Status {
    tags.clear();
    return {};
  }));
  CHECK(store.Get(world.account, Kind::kModel, "m")->properties == before.properties);
}

TEST_CASE("tags that are refused, unchanged, or of nothing write nothing") {
  StateWorld world;
  REQUIRE(world.Apply({ModelDocument("m", "s3://b/0")}));
  Store store = world.MakeStore();
  const std::string text = world.files.Get(world.PathOf(Kind::kModel, "m"));
  auto refused = store.Retag(world.account, Kind::kModel, "m", [](Json& tags) -> Status {
    tags.push_back("x");
    return Fail(Code::kInvalid, "no");
  });
  CHECK(refused.error().message == "no");
  CHECK(store.Retag(world.account, Kind::kModel, "m", [](Json&) { return Status(); }));
  CHECK(world.files.Get(world.PathOf(Kind::kModel, "m")) == text);
  CHECK(store.Retag(world.account, Kind::kModel, "x", [](Json&) { return Status(); }).error().code == Code::kNotFound);
}

TEST_CASE("names are listed in their own order, damaged documents among them") {
  StateWorld world;
  REQUIRE(world.Apply({ModelDocument("a", "s3://b/0"), ModelDocument("a-b", "s3://b/0"), ModelDocument("B", "s3://b/0")}));
  world.files.Put(world.PathOf(Kind::kModel, "a"), "{");
  CHECK(world.MakeStore().Names(world.account, Kind::kModel) == std::vector<std::string>{"B", "a", "a-b"});
  CHECK(world.MakeStore().Names(world.account, Kind::kEndpoint)->empty());
}

TEST_CASE("a lock that somebody else holds is a conflict that names no resource") {
  StateWorld world;
  REQUIRE(world.Apply({ModelDocument("m", "s3://b/0")}));
  auto held = world.files.Lock(world.home.AccountLock(world.account), std::chrono::milliseconds(0));
  REQUIRE(held);
  auto listed = world.MakeStore().ListAll(world.account);
  REQUIRE_FALSE(listed);
  CHECK(listed.error().code == Code::kConflict);
  CHECK(listed.error().resource.empty());
}

}  // namespace
}  // namespace smhost
