#include "api/gzip_body.h"

#include <zlib.h>

#include "base/check.h"

namespace smhost {
namespace {

constexpr int kGzipOnly = 16 + MAX_WBITS;  // zlib's word for it

struct Inflater {
  z_stream stream{};
  Inflater() { SMHOST_CHECK(inflateInit2(&stream, kGzipOnly) == Z_OK); }
  ~Inflater() { inflateEnd(&stream); }
  Inflater(const Inflater&) = delete;
  Inflater& operator=(const Inflater&) = delete;
};

}  // namespace

Result<std::string> Gunzip(std::string_view packed, std::size_t most_bytes) {
  Inflater inflater;
  z_stream& stream = inflater.stream;
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(packed.data()));
  stream.avail_in = static_cast<uInt>(packed.size());
  std::string unpacked;
  char part[16 * 1024];
  for (int state = Z_OK; state != Z_STREAM_END;) {
    stream.next_out = reinterpret_cast<Bytef*>(part);
    stream.avail_out = sizeof part;
    state = inflate(&stream, Z_NO_FLUSH);
    const std::size_t count = sizeof part - stream.avail_out;
    if (state != Z_OK && state != Z_STREAM_END) return Fail(Code::kInvalid, "the request's body is not gzip, as its Content-Encoding says");
    if (unpacked.size() + count > most_bytes)
      return Fail(Code::kTooLarge, "HTTP content length exceeded " + std::to_string(most_bytes) + " bytes.");
    unpacked.append(part, count);
  }
  if (stream.avail_in != 0) return Fail(Code::kInvalid, "the request's body goes on behind its gzip stream");
  return unpacked;
}

}  // namespace smhost
