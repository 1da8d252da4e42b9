// SHA-256, for whoever names content by what it is. Any thread, one object a thread.
#pragma once

#include <memory>
#include <string>
#include <string_view>

namespace smhost {

class Sha256 {
 public:
  Sha256();
  ~Sha256();
  Sha256(Sha256&&) noexcept;
  Sha256& operator=(Sha256&&) noexcept;

  void Update(std::string_view bytes);
  std::string FinishHex();  // 64 lower-case hex digits; once, nothing may follow

 private:
  struct State;
  std::unique_ptr<State> state_;
};

std::string Sha256Hex(std::string_view bytes);

}  // namespace smhost
