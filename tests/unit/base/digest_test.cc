#include "base/digest.h"

#include <catch2/catch.hpp>

#include "base/random.h"

namespace smhost {
namespace {

// FIPS 180-2, appendix B.
TEST_CASE("SHA-256 gives the digests of the standard's examples") {
  CHECK(Sha256Hex("abc") == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  CHECK(Sha256Hex("") == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  CHECK(Sha256Hex(std::string(1'000'000, 'a')) == "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
}

TEST_CASE("bytes in parts give the digest of the whole") {
  Sha256 parts;
  parts.Update("a");
  parts.Update("");
  parts.Update("bc");
  CHECK(parts.FinishHex() == Sha256Hex("abc"));
}

TEST_CASE("random bytes have the length asked for and do not repeat") {
  CHECK(RandomBytes(0).empty());
  CHECK(RandomBytes(300).size() == 300);
  CHECK(RandomHex(16).size() == 32);
  CHECK(RandomHex(16) != RandomHex(16));
  CHECK(HexOf(std::string("\x00\x7f\xff", 3)) == "007fff");
}

}  // namespace
}  // namespace smhost
