#include "api_server/keys.h"

#include <sys/stat.h>

#include "base/log.h"

namespace smhost {

std::optional<Keys::Look> Keys::LookAtFile() const {
  struct stat info {};
  if (::stat(home_.Credentials().c_str(), &info) != 0) return std::nullopt;
  return Look{info.st_ino, static_cast<std::uint64_t>(info.st_size), info.st_ctim.tv_sec * 1'000'000'000 + info.st_ctim.tv_nsec};
}

std::shared_ptr<const KeyRing> Keys::Now() {
  auto look = LookAtFile();
  if (look && seen_ == look) return ring_;
  seen_ = std::nullopt;
  ring_ = nullptr;
  if (!look) return nullptr;
  auto ring = KeyRing::Read(files_, home_);
  if (!ring) spdlog::warn("{}; requests are refused until it can be read", ring.error().message);
  if (!ring) return nullptr;
  ring_ = *ring;
  seen_ = look;
  return ring_;
}

}  // namespace smhost
