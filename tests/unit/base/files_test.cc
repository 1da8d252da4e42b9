#include "base/files.h"

#include <sys/stat.h>

#include <catch2/catch.hpp>
#include <cerrno>
#include <fstream>
#include <functional>

#include "fakes/fake_files.h"
#include "fakes/scratch_folder.h"

namespace smhost {
namespace {

using namespace std::chrono_literals;

std::string ReadOr(Files& files, const std::string& path) {
  auto bytes = files.Read(path, 1 << 20);
  return bytes ? *bytes : "(" + std::string(CodeName(bytes.error().code)) + ")";
}

// What both must do, so that the fake may stand for the real one.
void ForBoth(const std::function<void(Files&, const std::string& root)>& test) {
  SECTION("the system's files") {
    ScratchFolder scratch;
    test(*MakeSystemFiles(), scratch.path());
  }
  SECTION("the files in memory") {
    FakeFiles files;
    REQUIRE(files.MakeFolders("/root", 0700));
    test(files, "/root");
  }
}

TEST_CASE("what was written is read back, and a second write of the name is refused") {
  ForBoth([](Files& files, const std::string& root) {
    REQUIRE(files.WriteNew(root + "/a", "one", 0600));
    CHECK(ReadOr(files, root + "/a") == "one");
    CHECK_FALSE(files.WriteNew(root + "/a", "two", 0600));
    CHECK_FALSE(files.WriteNewUnsynced(root + "/a", "two", 0600));
    CHECK(ReadOr(files, root + "/a") == "one");
    CHECK(files.Info(root + "/a")->size_bytes == 3);
    CHECK(files.Info(root + "/a")->mode == 0600);
    CHECK(files.Info(root + "/a")->is_file);
  });
}

TEST_CASE("reading names what is wrong: not there, too large, a folder") {
  ForBoth([](Files& files, const std::string& root) {
    REQUIRE(files.WriteNew(root + "/a", "12345", 0600));
    CHECK(files.Read(root + "/none", 9).error().code == Code::kNotFound);
    CHECK(files.Read(root + "/a", 4).error().code == Code::kTooLarge);
    CHECK(files.Read(root + "/a", 5));
    CHECK(files.Read(root, 9).error().code == Code::kInvalid);
    CHECK(files.Read(root + "/none", 9).error().message.find(root + "/none") != std::string::npos);
  });
}

TEST_CASE("a link is a second name that survives the renaming of the first") {
  ForBoth([](Files& files, const std::string& root) {
    REQUIRE(files.WriteNew(root + "/a", "old", 0600));
    REQUIRE(files.WriteNew(root + "/b", "new", 0600));
    REQUIRE(files.WriteNew(root + "/c", "replaced", 0600));
    REQUIRE(files.Link(root + "/a", root + "/c"));
    REQUIRE(files.Rename(root + "/b", root + "/a"));
    CHECK(ReadOr(files, root + "/a") == "new");
    CHECK(ReadOr(files, root + "/c") == "old");
    REQUIRE(files.Link(root + "/a", root + "/a2"));
    REQUIRE(files.Link(root + "/a", root + "/a2"));  // the same file already
    CHECK(files.List(root)->size() == 3);
  });
}

TEST_CASE("folders are made with their parents, listed in order, and a file in the way is an error") {
  ForBoth([](Files& files, const std::string& root) {
    REQUIRE(files.MakeFolders(root + "/x/y/z", 0700));
    REQUIRE(files.MakeFolders(root + "/x/y/z", 0700));
    CHECK(files.Info(root + "/x/y")->mode == 0700);
    REQUIRE(files.WriteNew(root + "/x/file", "", 0600));
    auto entries = files.List(root + "/x");
    REQUIRE(entries);
    REQUIRE(entries->size() == 2);
    CHECK((*entries)[0].name == "file");
    CHECK((*entries)[1].is_folder);
    CHECK_FALSE(files.MakeFolders(root + "/x/file", 0700));
    CHECK_FALSE(files.MakeFolders(root + "/x/file/under", 0700));
    CHECK(files.List(root + "/none").error().code == Code::kNotFound);
    REQUIRE(files.RemoveTree(root + "/x"));
    REQUIRE(files.RemoveTree(root + "/x"));
    CHECK_FALSE(files.Exists(root + "/x"));
    CHECK(files.Remove(root + "/x").error().code == Code::kNotFound);
  });
}

TEST_CASE("a lock keeps others out until it goes") {
  ForBoth([](Files& files, const std::string& root) {
    {
      auto held = files.Lock(root + "/lock", 0ms);
      REQUIRE(held);
      CHECK(files.Lock(root + "/lock", 0ms).error().code == Code::kConflict);
      CHECK(files.Lock(root + "/other", 0ms));
    }
    CHECK(files.Lock(root + "/lock", 0ms));
  });
}

TEST_CASE("writing durably replaces, keeps the previous copy where asked, and leaves nothing temporary") {
  ForBoth([](Files& files, const std::string& root) {
    std::string path = root + "/a";
    REQUIRE(WriteDurably(files, path, "1"));
    REQUIRE(WriteDurably(files, path, "2", 0600, true));
    REQUIRE(WriteDurably(files, path, "3", 0600, true));
    CHECK(ReadOr(files, path) == "3");
    CHECK(ReadOr(files, path + ".prev") == "2");
    REQUIRE(WriteAtomically(files, path, "4"));
    CHECK(ReadOr(files, path) == "4");
    CHECK(files.List(root)->size() == 2);
    REQUIRE(RemoveDurably(files, path));
    CHECK(files.List(root)->empty());
  });
}

TEST_CASE("a new file is not wider than asked for under an open umask") {
  ScratchFolder scratch;
  auto files = MakeSystemFiles();
  mode_t before = ::umask(0);
  Status made = files->MakeFolders(scratch.path() + "/a/b", 0700);
  Status written = WriteDurably(*files, scratch.path() + "/a/b/c", "x");
  ::umask(before);
  REQUIRE(made);
  REQUIRE(written);
  CHECK(files->Info(scratch.path() + "/a")->mode == 0700);
  CHECK(files->Info(scratch.path() + "/a/b/c")->mode == 0600);
}

TEST_CASE("a link in a file's place is neither written through nor called a file") {
  ScratchFolder scratch;
  auto files = MakeSystemFiles();
  REQUIRE(files->WriteNew(scratch.path() + "/target", "mine", 0600));
  std::filesystem::create_symlink(scratch.path() + "/target", scratch.path() + "/link");
  CHECK_FALSE(files->WriteNew(scratch.path() + "/link", "x", 0600));
  CHECK_FALSE(files->Info(scratch.path() + "/link")->is_file);
  CHECK_FALSE(files->SetMode(scratch.path() + "/link", 0644));
  REQUIRE(WriteDurably(*files, scratch.path() + "/link", "new"));
  CHECK(ReadOr(*files, scratch.path() + "/target") == "mine");
}

TEST_CASE("reading a FIFO does not wait for a writer") {
  ScratchFolder scratch;
  REQUIRE(::mkfifo((scratch.path() + "/fifo").c_str(), 0600) == 0);
  CHECK(MakeSystemFiles()->Read(scratch.path() + "/fifo", 9).error().code == Code::kInvalid);
}

TEST_CASE("names of temporary files are told from all others") {
  CHECK(IsTemporaryName(TemporaryPath("/d/vad.json")));
  CHECK(TemporaryPath("/d/a") != TemporaryPath("/d/a"));
  CHECK_FALSE(IsTemporaryName("vad.json"));
  CHECK_FALSE(IsTemporaryName("vad.tmp.json"));
  CHECK_FALSE(IsTemporaryName("vad.json.prev"));
  CHECK_FALSE(IsTemporaryName("a.tmp.1"));
  CHECK_FALSE(IsTemporaryName("a.tmp.0123456789abcdeX"));
}

TEST_CASE("a full disk is an error that says what to do") {
  FakeFiles files;
  REQUIRE(files.MakeFolders("/d", 0700));
  files.FailCall(1, ENOSPC);
  auto done = WriteDurably(files, "/d/a", "x");
  REQUIRE_FALSE(done);
  CHECK(done.error().code == Code::kUnavailable);
  CHECK(done.error().message.find("/d/a") != std::string::npos);
  CHECK(done.error().message.find("free some space") != std::string::npos);
}

TEST_CASE("whichever call fails while a file is replaced, the old or the new content is there and nothing else") {
  for (int error : {ENOSPC, EIO}) {
    bool failed = true;
    for (int n = 1; failed; ++n) {
      FakeFiles files;
      REQUIRE(files.MakeFolders("/d", 0700));
      REQUIRE(WriteDurably(files, "/d/a", "old"));
      files.FailCall(n, error);
      failed = !WriteDurably(files, "/d/a", "new", 0600, true);
      files.StopFailing();
      CAPTURE(n, error);
      std::string seen = files.Get("/d/a");
      CHECK((seen == "old" || seen == "new"));
      if (!failed) CHECK(seen == "new");
      for (const auto& [path, bytes] : files.AllFiles()) CHECK_FALSE(IsTemporaryName(path));
      REQUIRE(n < 20);
    }
  }
}

TEST_CASE("after a power cut during any call the old or the new content is there, and what was acknowledged is new") {
  for (std::size_t torn : {0, 1, 2}) {
    bool acknowledged = false;
    for (int n = 1; !acknowledged; ++n) {
      for (int kept = 0; kept <= n; ++kept) {
        FakeFiles files;
        REQUIRE(files.MakeFolders("/d", 0700));
        REQUIRE(WriteDurably(files, "/d/a", "old"));
        int before = files.calls();
        files.CutPower(n, torn);
        acknowledged = WriteDurably(files, "/d/a", "new", 0600, true).has_value();
        files.Crash(before + kept);
        CAPTURE(n, kept, torn);
        std::string seen = files.Get("/d/a");
        CHECK((seen == "old" || seen == "new"));
        if (acknowledged) CHECK(seen == "new");
      }
      REQUIRE(n < 20);
    }
  }
}

TEST_CASE("after a power cut during any call of a removal the file is whole or gone, and gone once acknowledged") {
  bool acknowledged = false;
  for (int n = 1; !acknowledged; ++n) {
    for (int kept = 0; kept <= n; ++kept) {
      FakeFiles files;
      REQUIRE(files.MakeFolders("/d", 0700));
      REQUIRE(WriteDurably(files, "/d/a", "older"));
      REQUIRE(WriteDurably(files, "/d/a", "old", 0600, true));
      int before = files.calls();
      files.CutPower(n);
      acknowledged = RemoveDurably(files, "/d/a").has_value();
      files.Crash(before + kept);
      CAPTURE(n, kept);
      if (acknowledged) {
        CHECK(files.AllFiles().empty());
      } else if (files.Exists("/d/a")) {
        CHECK(files.Get("/d/a") == "old");
      } else {
        CHECK_FALSE(files.Exists("/d/a.prev"));
      }
    }
    REQUIRE(n < 20);
  }
}

TEST_CASE("the files in memory forget names and bytes that were not synced") {
  FakeFiles files;
  REQUIRE(files.MakeFolders("/d", 0700));
  REQUIRE(files.WriteNew("/d/synced", "bytes", 0600));
  REQUIRE(files.SyncFolder("/d"));
  REQUIRE(files.WriteNew("/d/nameless", "bytes", 0600));
  REQUIRE(files.Rename("/d/synced", "/d/renamed"));
  files.Crash();
  CHECK(files.Get("/d/synced") == "bytes");
  CHECK_FALSE(files.Exists("/d/renamed"));
  CHECK_FALSE(files.Exists("/d/nameless"));

  REQUIRE(files.WriteNewUnsynced("/d/loose", "bytes", 0600));
  files.Crash(files.calls(), FakeFiles::Unsynced::kZeros);
  CHECK(files.Get("/d/loose") == std::string(5, '\0'));
}

}  // namespace
}  // namespace smhost
