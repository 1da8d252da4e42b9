#include "telemetry/counters.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <thread>

#include "base/limits.h"
#include "base/lock.h"

namespace smhost {

struct Counters::Layout {
  std::uint64_t magic;
  std::uint64_t format;
  std::atomic<std::uint64_t> high_water;  // slots after it were never used
  std::atomic<std::uint64_t> next_epoch;
  std::uint64_t unused[4];
  CounterSlot slots[limits::kCounterSlots];
};

namespace {

constexpr std::uint64_t kCounterMagic = 0x31524e554f43534d;  // "MSCOUNR1"
constexpr std::uint64_t kCounterFormat = 1;
constexpr int kLockTries = 50;
constexpr auto kOpenWait = std::chrono::seconds(1);

// flock, given back with the object. Bounded: a holder that was stopped must not stop who counts.
class FileLocked {
 public:
  explicit FileLocked(int fd) : fd_(fd) {
    if (fd_ < 0) return;
    for (int i = 0; i < kLockTries && !held_; ++i) {
      held_ = ::flock(fd_, LOCK_EX | LOCK_NB) == 0;
      if (!held_) std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
  }
  ~FileLocked() {
    if (held_) ::flock(fd_, LOCK_UN);
  }
  FileLocked(const FileLocked&) = delete;
  FileLocked& operator=(const FileLocked&) = delete;
  bool held() const { return held_ || fd_ < 0; }

 private:
  const int fd_;
  bool held_ = false;
};

bool Fits(const CounterKey& key) {
  for (const std::string* name : {&key.account, &key.endpoint, &key.variant, &key.config})
    if (name->size() >= CounterSlot::kNameBytes || name->find('\0') != std::string::npos) return false;
  return true;
}

void Copy(char (&to)[CounterSlot::kNameBytes], const std::string& from) {
  std::memset(to, 0, sizeof to);
  std::memcpy(to, from.data(), from.size());
}

bool Same(const char (&stored)[CounterSlot::kNameBytes], const std::string& name) {
  return std::string_view(stored, ::strnlen(stored, sizeof stored)) == name;
}

bool Is(const CounterSlot& slot, const CounterKey& key) {
  return Same(slot.endpoint, key.endpoint) && Same(slot.variant, key.variant) && Same(slot.config, key.config) &&
         Same(slot.account, key.account);
}

std::string Name(const char (&stored)[CounterSlot::kNameBytes]) { return {stored, ::strnlen(stored, sizeof stored)}; }

void Zero(LatencyCounters& latency) {
  latency.count.store(0, std::memory_order_relaxed);
  latency.sum_us.store(0, std::memory_order_relaxed);
  for (auto& bucket : latency.buckets) bucket.store(0, std::memory_order_relaxed);
}

void Zero(CounterSlot& slot) {
  for (auto* number : {&slot.invocations, &slot.errors_4xx, &slot.errors_5xx, &slot.model_errors, &slot.per_instance,
                       &slot.shadow_compared, &slot.shadow_status_mismatches, &slot.shadow_shape_mismatches,
                       &slot.shadow_dropped, &slot.shadow_difference_sum, &slot.shadow_difference_largest})
    number->store(0, std::memory_order_relaxed);
  Zero(slot.model);
  Zero(slot.overhead);
}

// What is wrong with an open file of counters; empty: nothing.
std::string Fault(int fd, std::size_t bytes) {
  struct stat info {};
  std::uint64_t head[2] = {};
  if (::fstat(fd, &info) != 0 || !S_ISREG(info.st_mode)) return "is no file";
  if (static_cast<std::uint64_t>(info.st_size) != bytes)
    return "has " + std::to_string(info.st_size) + " bytes instead of " + std::to_string(bytes);
  if (::pread(fd, head, sizeof head, 0) != static_cast<ssize_t>(sizeof head) || head[0] != kCounterMagic)
    return "does not begin as a file of counters does";
  if (head[1] != kCounterFormat) return "has format " + std::to_string(head[1]) + " instead of " + std::to_string(kCounterFormat);
  return {};
}

// A fresh file beside `path`, whole, and put in its place in one step. Its blocks are there from the start: writing through
// a mapping when the disk is full would be a SIGBUS.
Status Replace(const std::string& path, std::size_t bytes) {
  const std::string fresh = path + ".new." + std::to_string(::getpid());
  ::unlink(fresh.c_str());
  Descriptor file(::open(fresh.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600));
  if (!file) return FailErrno("create", fresh, errno);
  const std::uint64_t head[2] = {kCounterMagic, kCounterFormat};
  int error = ::posix_fallocate(file.get(), 0, static_cast<off_t>(bytes));
  if (error == 0 && ::pwrite(file.get(), head, sizeof head, 0) != static_cast<ssize_t>(sizeof head)) error = errno;
  if (error == 0 && ::rename(fresh.c_str(), path.c_str()) != 0) error = errno;
  if (error == 0) return {};
  ::unlink(fresh.c_str());
  return FailErrno("make", path, error);
}

Result<Descriptor> OpenFile(const std::string& path, std::size_t bytes, std::string& fault) {
  Descriptor file(::open(path.c_str(), O_RDWR | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK));
  fault = file ? Fault(file.get(), bytes) : "";
  if (!file && errno != ENOENT) fault = "is no file that can be opened for writing";
  if (file && fault.empty()) return file;
  SMHOST_TRY_STATUS(Replace(path, bytes));
  file = Descriptor(::open(path.c_str(), O_RDWR | O_CLOEXEC | O_NOFOLLOW));
  if (!file) return FailErrno("open", path, errno);
  return file;
}

}  // namespace

Counters::Counters() : claiming_(std::make_unique<std::mutex>()) {}

Counters::Counters(Counters&& other) noexcept
    : file_(std::move(other.file_)),
      layout_(std::exchange(other.layout_, nullptr)),
      note_(std::move(other.note_)),
      claiming_(std::move(other.claiming_)),
      idle_(std::move(other.idle_)) {}

Counters& Counters::operator=(Counters&& other) noexcept {
  if (this == &other) return *this;
  std::swap(file_, other.file_);
  std::swap(layout_, other.layout_);
  std::swap(note_, other.note_);
  std::swap(claiming_, other.claiming_);
  std::swap(idle_, other.idle_);
  return *this;
}

Counters::~Counters() {
  if (layout_ != nullptr) ::munmap(layout_, sizeof(Layout));
}

Counters Counters::InMemory() {
  Counters counters;
  void* memory = ::mmap(nullptr, sizeof(Layout), PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (memory != MAP_FAILED) counters.layout_ = static_cast<Layout*>(memory);
  return counters;
}

Result<Counters> Counters::Open(const std::string& path) {
  // Of two that find no good file, the second one finds the first one's.
  SMHOST_TRY(FileLock lock, FileLock::Take(path + ".lock", kOpenWait));
  Counters counters;
  std::string fault;
  SMHOST_TRY(counters.file_, OpenFile(path, sizeof(Layout), fault));
  if (!fault.empty()) counters.note_ = path + " " + fault + ": counted anew from 0";
  void* memory = ::mmap(nullptr, sizeof(Layout), PROT_READ | PROT_WRITE, MAP_SHARED, counters.file_.get(), 0);
  if (memory == MAP_FAILED) return FailErrno("map", path, errno);
  counters.layout_ = static_cast<Layout*>(memory);
  return counters;
}

// The file may hold anything: the mark is a bound, never trusted beyond the slots that there are.
std::size_t Counters::Touched() const {
  if (layout_ == nullptr) return 0;
  return std::min<std::uint64_t>(layout_->high_water.load(std::memory_order_acquire), limits::kCounterSlots);
}

CounterSlot* Counters::Find(const CounterKey& key) const {
  for (std::size_t i = 0; i < Touched(); ++i) {
    CounterSlot& slot = layout_->slots[i];
    if (slot.used.load(std::memory_order_acquire) != 0 && Is(slot, key)) return &slot;
  }
  return nullptr;
}

CounterSlot* Counters::Claim(const CounterKey& key) {
  if (layout_ == nullptr || !Fits(key)) return nullptr;
  std::lock_guard<std::mutex> claiming(*claiming_);
  // Also for a slot that is found: Release, which holds the lock, must not be about to free it.
  const FileLocked locked(file_.get());
  if (!locked.held()) return nullptr;
  if (CounterSlot* slot = Find(key)) return slot;
  for (std::size_t i = 0; i < limits::kCounterSlots; ++i) {
    CounterSlot& slot = layout_->slots[i];
    if (slot.used.load(std::memory_order_relaxed) != 0) continue;
    Zero(slot);
    Copy(slot.account, key.account);
    Copy(slot.endpoint, key.endpoint);
    Copy(slot.variant, key.variant);
    Copy(slot.config, key.config);
    slot.epoch.store(layout_->next_epoch.fetch_add(1, std::memory_order_relaxed) + 1, std::memory_order_release);
    if (i >= Touched()) layout_->high_water.store(i + 1, std::memory_order_release);
    slot.used.store(1, std::memory_order_release);  // last: a claimer that dies before leaves the slot free
    return &slot;
  }
  return nullptr;
}

std::vector<std::pair<CounterKey, const CounterSlot*>> Counters::All() const {
  std::vector<std::pair<CounterKey, const CounterSlot*>> all;
  for (std::size_t i = 0; i < Touched(); ++i) {
    const CounterSlot& slot = layout_->slots[i];
    if (slot.used.load(std::memory_order_acquire) == 0) continue;
    all.emplace_back(CounterKey{Name(slot.account), Name(slot.endpoint), Name(slot.variant), Name(slot.config)}, &slot);
  }
  return all;
}

void Counters::Release(const std::set<CounterKey>& in_use, MonotonicTime now) {
  if (layout_ == nullptr) return;
  std::lock_guard<std::mutex> claiming(*claiming_);
  const FileLocked locked(file_.get());
  if (!locked.held()) return;  // the next call does it
  for (const auto& [key, slot] : All()) {
    const std::size_t index = static_cast<std::size_t>(slot - layout_->slots);
    CounterSnapshot seen = Read(*slot);
    auto idle = idle_.find(index);
    if (in_use.count(key) != 0) {
      if (idle != idle_.end()) idle_.erase(idle);
    } else if (idle == idle_.end() || idle->second.seen != seen) {
      idle_[index] = Idle{now, std::move(seen)};
    } else if (now - idle->second.since >= limits::kCounterSlotIdle) {
      layout_->slots[index].used.store(0, std::memory_order_release);
      idle_.erase(idle);
    }
  }
}

}  // namespace smhost
