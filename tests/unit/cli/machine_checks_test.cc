#include "machine_checks.h"

#include <catch2/catch.hpp>

namespace smhost::cli {
namespace {

constexpr std::uint64_t kMiB = 1ull << 20;

TEST_CASE("little space is a warning, none a fault, and both have a remedy") {
  CHECK(JudgeSpace("/h", 10'000 * kMiB, 1'000'000).health == Health::kOk);
  CHECK(JudgeSpace("/h", 500 * kMiB, 1'000'000).health == Health::kWarning);
  CHECK(JudgeSpace("/h", 10 * kMiB, 1'000'000).health == Health::kFault);
  CHECK(JudgeSpace("/h", 10'000 * kMiB, 5).health == Health::kFault);
  CHECK_FALSE(JudgeSpace("/h", 10 * kMiB, 1'000'000).remedy.empty());
  CHECK(JudgeSpace("/h", 10'000 * kMiB, 1'000'000).remedy.empty());
}

TEST_CASE("little memory and few files are warnings") {
  CHECK(JudgeMemory(8192 * kMiB, 16384 * kMiB).health == Health::kOk);
  CHECK(JudgeMemory(300 * kMiB, 16384 * kMiB).health == Health::kWarning);
  CHECK(JudgeDescriptors(65536).health == Health::kOk);
  CHECK(JudgeDescriptors(256).health == Health::kWarning);
  CHECK(JudgeDescriptors(~0ull).text.find("any number") != std::string::npos);
}

}  // namespace
}  // namespace smhost::cli
