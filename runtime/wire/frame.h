// What passes on the stream between the gateway (or the controller) and an instance.
//
//   u32 magic "SMF1" | u8 type | u8[3] 0 | u64 id | u32 meta_bytes | u32 body_bytes | meta | body      (little endian)
//
// meta: pairs of u16 length + bytes, key then value. The instance answers every Request with exactly one Response of
// the same id, in any order. Pure: no I/O here.
//
// A Request with kStream may be answered by several Responses of its id, the parts of one answer in their order: all but the
// last carry kMore, the first says what the answer is (status, content type, times), and a last one whose status is an error
// says that the answer broke off. kStream is how many bytes of parts may be under way; an instance sends a further part
// only while that, less what it sent, plus what Grants added, is above zero.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"

namespace smhost {

enum class FrameType : std::uint8_t {
  kHello = 1,     // instance → peer, once, first: "state" = ready | failed, "id", "digest", "error", "device"
  kRequest = 2,   // peer → instance: see the keys below
  kResponse = 3,  // instance → peer
  kCancel = 4,    // peer → instance: nobody waits for this id any more; no Response is owed if it had not begun
  kDrain = 5,     // peer → instance: end after the answers that are owed
  kPing = 6,      // peer → instance: do you live? Only to a peer that sent one goes a
  kPong = 7,      // instance → peer: of the same id, with "busy-ms", from the thread that reads frames, not the model's
  kGrant = 8,     // peer → instance: "bytes" more of the parts of the answer to this id may come
};

// Keys of meta. Request: kContentType, kAccept, kCustomAttributes, kDeadlineMs, kStream,
// kSession. Pong: kBusyMs. Grant: kBytes.
// Response: the rest and kContentType.
namespace frame_key {
inline constexpr std::string_view kState = "state";
inline constexpr std::string_view kInstance = "id";
inline constexpr std::string_view kDigest = "digest";
inline constexpr std::string_view kDevice = "device";
inline constexpr std::string_view kError = "error";
inline constexpr std::string_view kContentType = "content-type";
inline constexpr std::string_view kAccept = "accept";
inline constexpr std::string_view kCustomAttributes = "custom-attributes";
inline constexpr std::string_view kDeadlineMs = "deadline-ms";  // what is left of the caller's patience, decimal
inline constexpr std::string_view kStream = "stream";            // bytes of parts that may be under way, decimal; absent: one answer
inline constexpr std::string_view kMore = "more";                // not empty: further parts of this answer follow
inline constexpr std::string_view kBytes = "bytes";
inline constexpr std::string_view kBusyMs = "busy-ms";          // how long the call that is in the model is in it; 0: none is
inline constexpr std::string_view kSession = "session";          // the id of the session that the call is part of
inline constexpr std::string_view kCloseSession = "close-session";  // not empty: the instance has ended that session
inline constexpr std::string_view kStatus = "status";           // HTTP status that a container would have given: 200, 400, 415, 500
inline constexpr std::string_view kQueueUs = "queue-us";        // in the instance, before the batch formed
inline constexpr std::string_view kBatchUs = "batch-us";        // waiting for others to join
inline constexpr std::string_view kModelUs = "model-us";        // codec and forward
inline constexpr std::string_view kBatchSize = "batch-size";
}  // namespace frame_key

struct Frame {
  FrameType type = FrameType::kRequest;
  std::uint64_t id = 0;
  std::vector<std::pair<std::string, std::string>> meta;
  std::string body;

  // The value, or an empty text.
  std::string_view Get(std::string_view key) const;
  // The decimal number there; 0 where there is none.
  std::uint64_t Number(std::string_view key) const;
  void Set(std::string_view key, std::string_view value) { meta.emplace_back(key, value); }
};

inline constexpr std::size_t kFrameHeaderBytes = 24;

void AppendFrame(const Frame& frame, std::string& out);
// All but the body, for whoever writes that from where it lies: `body_bytes` of it must follow.
void AppendFrameHead(const Frame& frame, std::size_t body_bytes, std::string& out);

// Takes bytes as they come and gives whole frames. After an error the stream is unusable: close it.
class FrameReader {
 public:
  void Feed(std::string_view bytes);
  // True: `frame` holds the next one. False: more bytes are needed. An error names what is wrong
  // (magic, type, sizes over limits::kFrame…, meta that does not add up).
  Result<bool> Next(Frame& frame);

 private:
  std::string buffer_;
  std::size_t start_ = 0;
};

}  // namespace smhost
