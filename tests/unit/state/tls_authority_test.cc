#include "state/tls_authority.h"

#include <catch2/catch.hpp>
#include <cerrno>
#include <thread>

#include "unit/state/state_world.h"

namespace smhost {
namespace {

using namespace std::chrono_literals;

TlsIdentity Ensure(StateWorld& world) {
  auto made = EnsureTls(world.files, world.clock, world.home);
  REQUIRE(made);
  return *made;
}

TlsIdentity Add(StateWorld& world, const std::vector<std::string>& names) {
  auto made = AddTlsNames(world.files, world.clock, world.home, names);
  REQUIRE(made);
  return *made;
}

bool Verifies(StateWorld& world, const TlsIdentity& identity) {
  return VerifyServer(identity.authority, identity.server.certificate, world.clock.Wall()).has_value();
}

std::vector<std::string> NamesOf(const TlsIdentity& identity) { return DescribeCertificate(identity.server.certificate)->names; }

const std::vector<std::string> kDefaultNames{"localhost", "*.localhost", "s3.localhost", "*.s3.localhost", "127.0.0.1", "::1"};

TEST_CASE("an authority and a certificate are made at first use, verify strictly, and stay the same from then on") {
  StateWorld world;
  TlsIdentity made = Ensure(world);
  CHECK(made.warnings.empty());
  CHECK(Verifies(world, made));
  CHECK(CheckPair(made.server));
  CHECK(NamesOf(made) == kDefaultNames);
  world.files.Crash();
  TlsIdentity again = Ensure(world);
  CHECK(again.authority == made.authority);
  CHECK(again.server.certificate == made.server.certificate);
  CHECK(again.server.key == made.server.key);
  CHECK(world.files.Get(world.home.TlsAuthority()) == made.authority);
}

TEST_CASE("keys are readable by their owner alone") {
  StateWorld world;
  Ensure(world);
  CHECK(world.files.Info(world.home.Tls())->mode == 0700);
  CHECK(world.files.Info(world.home.TlsAuthorityKey())->mode == 0600);
  CHECK(world.files.Info(world.home.TlsServerKey())->mode == 0600);
}

TEST_CASE("several at once get the same authority and certificate") {
  StateWorld world;
  std::vector<TlsIdentity> made(4);
  std::vector<std::thread> threads;
  for (TlsIdentity& one : made) threads.emplace_back([&] { one = EnsureTls(world.files, world.clock, world.home).value(); });
  for (std::thread& thread : threads) thread.join();
  for (const TlsIdentity& one : made) {
    CHECK(one.authority == made[0].authority);
    CHECK(one.server.certificate == made[0].server.certificate);
  }
}

TEST_CASE("the certificate is renewed two months before its end, under the same authority, silently") {
  StateWorld world;
  TlsIdentity first = Ensure(world);
  world.clock.Advance(24h * 336);
  CHECK(Ensure(world).server.certificate == first.server.certificate);
  world.clock.Advance(24h * 2);
  TlsIdentity renewed = Ensure(world);
  CHECK(renewed.server.certificate != first.server.certificate);
  CHECK(renewed.authority == first.authority);
  CHECK(renewed.warnings.empty());
  CHECK(Verifies(world, renewed));
  CHECK(DescribeCertificate(renewed.server.certificate)->not_after - world.clock.Wall() > 24h * 390);
}

TEST_CASE("an authority near its end is replaced loudly, and its certificate never outlives it") {
  StateWorld world;
  TlsIdentity first = Ensure(world);
  world.clock.Advance(24h * 3500);
  TlsIdentity late = Ensure(world);
  CHECK(late.authority == first.authority);
  CHECK(DescribeCertificate(late.server.certificate)->not_after == DescribeCertificate(first.authority)->not_after);
  world.clock.Advance(24h * 100);
  TlsIdentity next = Ensure(world);
  CHECK(next.authority != first.authority);
  REQUIRE(next.warnings.size() == 1);
  CHECK_THAT(next.warnings[0], Catch::Contains("smhost trust"));
  CHECK(Verifies(world, next));
}

TEST_CASE("a wall clock set back beyond the certificate's begin brings one that is valid now") {
  StateWorld world;
  TlsIdentity first = Ensure(world);
  world.clock.Advance(24h * 340);
  TlsIdentity renewed = Ensure(world);
  world.clock.SetWall(world.clock.Wall() - 24h * 300);
  TlsIdentity back = Ensure(world);
  CHECK(back.server.certificate != renewed.server.certificate);
  CHECK(back.authority == first.authority);
  CHECK(Verifies(world, back));
}

TEST_CASE("a damaged authority is set aside and remade loudly, its certificate with it") {
  for (const char* damage : {"", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n", "nonsense"}) {
    for (bool key : {false, true}) {
      INFO(damage << key);
      StateWorld world;
      TlsIdentity first = Ensure(world);
      world.files.Put(key ? world.home.TlsAuthorityKey() : world.home.TlsAuthority(), damage);
      TlsIdentity anew = Ensure(world);
      CHECK(anew.authority != first.authority);
      CHECK(Verifies(world, anew));
      REQUIRE(anew.warnings.size() == 1);
      CHECK_THAT(anew.warnings[0], Catch::Contains(world.home.TlsAuthority()) && Catch::Contains("trust anew"));
      CHECK(world.Quarantined().size() == 1);
      CHECK(Ensure(world).warnings.empty());
    }
  }
}

TEST_CASE("the key of another authority is damage") {
  StateWorld world, other;
  Ensure(world);
  Ensure(other);
  world.files.Put(world.home.TlsAuthorityKey(), other.files.Get(other.home.TlsAuthorityKey()));
  TlsIdentity anew = Ensure(world);
  CHECK(anew.warnings.size() == 1);
  CHECK(Verifies(world, anew));
}

TEST_CASE("a damaged, lost or foreign certificate is made anew under the same authority") {
  StateWorld other;
  TlsIdentity foreign = Ensure(other);
  for (int way = 0; way < 4; ++way) {
    INFO(way);
    StateWorld world;
    TlsIdentity first = Ensure(world);
    if (way == 0) world.files.Put(world.home.TlsServer(), "nonsense");
    if (way == 1) REQUIRE(world.files.Remove(world.home.TlsServer()));
    if (way == 2) REQUIRE(world.files.Remove(world.home.TlsServerKey()));
    if (way == 3) {
      world.files.Put(world.home.TlsServer(), foreign.server.certificate);
      world.files.Put(world.home.TlsServerKey(), foreign.server.key);
    }
    TlsIdentity anew = Ensure(world);
    CHECK(anew.authority == first.authority);
    CHECK(Verifies(world, anew));
    CHECK(CheckPair(anew.server));
  }
}

TEST_CASE("names are added to the certificate, kept over renewals, and known ones change nothing") {
  StateWorld world;
  TlsIdentity first = Ensure(world);
  TlsIdentity added = Add(world, {"models.test", "192.168.7.9"});
  CHECK(added.authority == first.authority);
  CHECK(added.warnings.empty());
  auto expected = kDefaultNames;
  expected.insert(expected.end(), {"models.test", "192.168.7.9"});
  CHECK(NamesOf(added) == expected);
  CHECK(Verifies(world, added));
  CHECK(Add(world, {"models.test", "localhost"}).server.certificate == added.server.certificate);
  world.clock.Advance(24h * 360);
  CHECK(NamesOf(Ensure(world)) == expected);
}

TEST_CASE("a name of the public world needs an authority that may sign it: made anew, loudly") {
  StateWorld world;
  TlsIdentity first = Ensure(world);
  TlsIdentity added = Add(world, {"models.example.com", "203.0.113.7"});
  CHECK(added.authority != first.authority);
  REQUIRE(added.warnings.size() == 1);
  CHECK_THAT(added.warnings[0], Catch::Contains("trust anew"));
  CHECK(Verifies(world, added));
  CHECK(Ensure(world).authority == added.authority);
}

TEST_CASE("the first authority is made for the names that are asked for with it, silently") {
  StateWorld world;
  TlsIdentity made = Add(world, {"models.example.com"});
  CHECK(made.warnings.empty());
  CHECK(Verifies(world, made));
  CHECK(Ensure(world).authority == made.authority);
}

TEST_CASE("an authority cannot sign for the rest of the world") {
  StateWorld world;
  Ensure(world);
  KeyPair authority{world.files.Get(world.home.TlsAuthority()), world.files.Get(world.home.TlsAuthorityKey())};
  for (const char* name : {"example.com", "api.sagemaker.us-east-1.amazonaws.com", "8.8.8.8", "2001:db8::1"}) {
    INFO(name);
    auto issued = IssueServer(authority, {name}, world.clock.Wall());
    REQUIRE(issued);
    auto verified = VerifyServer(authority.certificate, issued->certificate, world.clock.Wall());
    REQUIRE_FALSE(verified);
    CHECK_THAT(verified.error().message, Catch::Contains("permitted subtree"));
  }
  for (const char* name : {"x.localhost", "box.local", "10.1.2.3", "fd00::7"})
    CHECK(VerifyServer(authority.certificate, IssueServer(authority, {name}, world.clock.Wall())->certificate, world.clock.Wall()));
}

TEST_CASE("what is no name or address is refused, named") {
  for (const char* name : {"localhost", "a", "*.dev.test", "my_box", "10.0.0.1", "fe80::1", "3com.test"}) {
    INFO(name);
    CHECK(CheckCertificateName(name));
  }
  for (const std::string& name : {std::string(""), std::string("*"), std::string("*."), std::string("a..b"), std::string(".a"), std::string("a."), std::string("a b"),
                                  std::string("a,DNS:evil.com"), std::string("a\n"), std::string("x*.y"), std::string("-a"), std::string("a-.b"), std::string("1.2.3"),
                                  std::string("300.1.1.1"), std::string(64, 'a'), std::string("https://a"), std::string("a:80")}) {
    INFO(name);
    StateWorld world;
    auto added = AddTlsNames(world.files, world.clock, world.home, {name});
    REQUIRE_FALSE(added);
    CHECK(added.error().code == Code::kInvalid);
    CHECK_THAT(added.error().message, Catch::Contains("'" + name + "'"));
    CHECK_FALSE(world.files.Exists(world.home.TlsNames()));
  }
}

TEST_CASE("names that cannot be read are set aside, said loudly, and HTTPS goes on") {
  StateWorld world;
  TlsIdentity added = Add(world, {"models.test"});
  world.files.Put(world.home.TlsNames(), "{\"Names\": [\"a,IP:1.1.1.1\"]}");
  TlsIdentity anew = Ensure(world);
  CHECK(anew.authority == added.authority);
  CHECK(NamesOf(anew) == kDefaultNames);
  REQUIRE(anew.warnings.size() == 1);
  CHECK_THAT(anew.warnings[0], Catch::Contains(world.home.TlsNames()));
  CHECK(world.Quarantined().size() == 1);
  CHECK(Ensure(world).warnings.empty());
}

TEST_CASE("too many names are refused") {
  StateWorld world;
  std::vector<std::string> names;
  for (int i = 0; i < 65; ++i) names.push_back("n" + std::to_string(i) + ".test");
  auto added = AddTlsNames(world.files, world.clock, world.home, names);
  REQUIRE_FALSE(added);
  CHECK(added.error().code == Code::kTooLarge);
}

TEST_CASE("wherever writing fails or power is lost, the next call gives a pair that verifies") {
  for (bool crash : {false, true}) {
    int failed = 0;
    for (int n = 1; n < 60; ++n) {
      INFO(n << crash);
      StateWorld world;
      world.files.FailCall(n, ENOSPC);
      if (!EnsureTls(world.files, world.clock, world.home)) ++failed;
      if (crash) world.files.Crash();
      TlsIdentity made = Ensure(world);
      CHECK(Verifies(world, made));
      CHECK(CheckPair(made.server));
      CHECK(Ensure(world).server.certificate == made.server.certificate);
    }
    CHECK(failed > 8);
  }
}

TEST_CASE("files that cannot be read now are not replaced") {
  StateWorld world;
  TlsIdentity first = Ensure(world);
  for (int n = 1; n <= 4; ++n) {
    world.files.FailCall(n, EIO);
    auto failed = EnsureTls(world.files, world.clock, world.home);
    if (!failed) CHECK(failed.error().code != Code::kCorrupt);
    CHECK(Ensure(world).authority == first.authority);
  }
}

}  // namespace
}  // namespace smhost
