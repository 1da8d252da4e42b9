#include "gateway/mailbox.h"

#include <sys/eventfd.h>
#include <unistd.h>

#include <cstdint>

#include "base/check.h"

namespace smhost {

Mailbox::Mailbox(EventLoop& loop) : loop_(loop), signal_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {
  SMHOST_CHECK(signal_);
  loop_.OnReadable(signal_.get(), [this] { Deliver(); });
}

Mailbox::~Mailbox() { loop_.Forget(signal_.get()); }

void Mailbox::Post(std::function<void()> message) {
  {
    std::lock_guard lock(mutex_);
    messages_.push_back(std::move(message));
  }
  std::uint64_t one = 1;
  // A full counter is readable as well: nothing is lost.
  [[maybe_unused]] auto written = ::write(signal_.get(), &one, sizeof one);
}

void Mailbox::Deliver() {
  std::uint64_t count = 0;
  [[maybe_unused]] auto got = ::read(signal_.get(), &count, sizeof count);
  std::vector<std::function<void()>> messages;
  {
    std::lock_guard lock(mutex_);
    messages.swap(messages_);
  }
  for (auto& message : messages) message();
}

}  // namespace smhost
