#include "api/protocol_cbor.h"

#include <catch2/catch.hpp>

#include "api/route.h"
#include "base/limits.h"
#include "base/limits_api.h"

namespace smhost {
namespace {

const ApiOperation& Operation(const char* name) { return *ShapesOf(ServiceKind::kMonitoring).FindOperation(name); }

std::string Hex(std::string_view digits) {
  std::string bytes;
  for (std::size_t i = 0; i + 1 < digits.size(); i += 2) bytes += static_cast<char>(std::stoi(std::string(digits.substr(i, 2)), nullptr, 16));
  return bytes;
}
Json Read(std::string_view digits) {
  auto read = ReadCbor(Hex(digits));
  INFO(digits << (read ? "" : read.error().message));
  REQUIRE(read);
  return *read;
}
std::string Refused(const std::string& bytes) {
  auto read = ReadCbor(bytes);
  REQUIRE_FALSE(read);
  CHECK(read.error().code == "SerializationException");
  return read.error().message;
}

// Of RFC 8949, appendix A.
TEST_CASE("items of CBOR") {
  CHECK(Read("00") == 0);
  CHECK(Read("1b000000e8d4a51000") == 1000000000000);
  CHECK(Read("1bffffffffffffffff") == 18446744073709551615u);
  CHECK(Read("3903e7") == -1000);
  CHECK(Read("3b7fffffffffffffff") == std::numeric_limits<std::int64_t>::min());
  CHECK(Read("3bffffffffffffffff").is_number_float());
  CHECK(Read("f93e00") == 1.5);
  CHECK(Read("fa47c35000") == 100000.0);
  CHECK(Read("fb3ff199999999999a") == 1.1);
  CHECK(Read("f5") == true);
  CHECK(Read("f6").is_null());
  CHECK(Read("f7").is_null());
  CHECK(Read("c11a514b67b0") == 1363896240);
  CHECK(Read("c1fb41d452d9ec200000") == 1363896240.5);
  CHECK(Read("62c3bc") == "ü");
  CHECK(Read("7f657374726561646d696e67ff") == "streaming");
  CHECK(Read("5f42010243030405ff") == Json::binary({1, 2, 3, 4, 5}));
  CHECK(Read("80") == Json::array());
  CHECK(Read("9fff") == Json::array());
  CHECK(Read("9f018202039f0405ffff") == Json::parse("[1,[2,3],[4,5]]"));
  CHECK(Read("bf6346756ef563416d7421ff") == Json::parse(R"({"Fun":true,"Amt":-2})"));
  CHECK(Read("a26161016162820203") == Json::parse(R"({"a":1,"b":[2,3]})"));
  CHECK(Read("a17f6161ff01") == Json::parse(R"({"a":1})"));
}

TEST_CASE("what is no CBOR, or more than is allowed, is refused") {
  for (const char* digits : {"", "18", "61", "5f", "9f", "a1", "a16161", "81", "c1", "bf6161ff", "7f6161", "9f01"}) {
    INFO(digits);
    CHECK_THAT(Refused(Hex(digits)), Catch::EndsWith("unexpected end") || Catch::Contains("break"));
  }
  CHECK_THAT(Refused(Hex("1c")), Catch::Contains("begins no item"));
  CHECK_THAT(Refused(Hex("ff")), Catch::Contains("break"));
  CHECK_THAT(Refused(Hex("82ff")), Catch::Contains("break"));
  CHECK_THAT(Refused(Hex("9fc1ff")), Catch::Contains("break"));
  CHECK_THAT(Refused(Hex("0000")), Catch::Contains("more than one"));
  CHECK_THAT(Refused(Hex("a10101")), Catch::Contains("key that is no text"));
  CHECK_THAT(Refused(Hex("a1f601")), Catch::Contains("key that is no text"));
  CHECK_THAT(Refused(Hex("a18001")), Catch::Contains("key that is no text"));
  CHECK_THAT(Refused(Hex("a2616101616102")), Catch::Contains("twice"));
  CHECK_THAT(Refused(Hex("61ff")), Catch::Contains("UTF-8"));
  CHECK_THAT(Refused(Hex("7f01ff")), Catch::Contains("within a text"));
  CHECK_THAT(Refused(Hex("5f6161ff")), Catch::Contains("within a text"));
  CHECK_THAT(Refused(Hex("7bffffffffffffffff")), Catch::Contains("unexpected end"));
  CHECK_THAT(Refused(Hex("9bffffffffffffffff")), Catch::Contains("unexpected end"));
  CHECK_THAT(Refused(std::string(100'000, '\x81')), Catch::Contains("levels"));
  CHECK_THAT(Refused(std::string(100'000, '\xc1')), Catch::Contains("unexpected end"));
  CHECK_THAT(Refused("\x9f" + std::string(limits::kApiValues, '\x80')), Catch::Contains("too many"));
}

TEST_CASE("an input has its shape, with times from tags") {
  const auto input = DecodeCborInput(Operation("GetMetricStatistics"), Hex("a1") + "\x69StartTime" + Hex("c1fb41d452d9ec200000"));
  REQUIRE(input);
  CHECK(*input == Json{{"StartTime", 1363896240.5}});
  CHECK(*DecodeCborInput(Operation("ListMetrics"), "") == Json::object());
  CHECK(*DecodeCborInput(Operation("ListMetrics"), Hex("bfff")) == Json::object());
  CHECK(DecodeCborInput(Operation("ListMetrics"), Hex("80")).error().code == "SerializationException");
  CHECK(DecodeCborInput(Operation("ListMetrics"), Hex("f6")).error().code == "SerializationException");
}

TEST_CASE("an output is a map by its shape, with tagged times and floats") {
  const Json output = {{"Label", "m"}, {"Datapoints", Json::array({{{"Timestamp", "2013-03-21T20:04:00Z"}, {"Sum", 1}, {"Unit", nullptr}}})}};
  CHECK(EncodeCborOutput(Operation("GetMetricStatistics"), output).body ==
        Hex("a2") + "\x6a" + "Datapoints" + Hex("81a2") + "\x63Sum" + Hex("fb3ff0000000000000") + "\x69Timestamp" + Hex("c11a514b67b0") +
            "\x65Label\x61m");
  CHECK(EncodeCborOutput(Operation("DeleteAlarms"), nullptr).body.empty());
}

TEST_CASE("numbers below zero and text that is no UTF-8 can be written") {
  const Json output = {{"Label", "\xff"}, {"Datapoints", Json::array({{{"Timestamp", -1.5}}, {{"Timestamp", -500}}})}};
  const auto read = ReadCbor(EncodeCborOutput(Operation("GetMetricStatistics"), output).body);
  REQUIRE(read);
  CHECK((*read)["Label"] == "\uFFFD");
  CHECK((*read)["Datapoints"] == Json::parse(R"([{"Timestamp":-1.5},{"Timestamp":-500}])"));
}

TEST_CASE("an error in CBOR has the type's name and, for older clients, the word of forms") {
  const ApiAnswer answer = EncodeCborError({"InvalidParameterValue", "no"}, &Operation("PutMetricData"), true);
  CHECK(answer.status == 400);
  CHECK(*ReadCbor(answer.body) == Json{{"__type", "InvalidParameterValueException"}, {"message", "no"}});
  CHECK(answer.headers.back() == std::pair<std::string, std::string>{"x-amzn-query-error", "InvalidParameterValue;Sender"});
}

}  // namespace
}  // namespace smhost
