#include "api/aws_chunks.h"

#include <algorithm>
#include <charconv>

#include "base/check.h"
#include "base/limits_api.h"

namespace smhost {
namespace {

constexpr std::string_view kSignature = "chunk-signature=";
constexpr std::string_view kTrailerSignature = "x-amz-trailer-signature";

bool HasSignedChunks(PayloadForm form) { return form == PayloadForm::kSignedChunks || form == PayloadForm::kSignedChunksTrailer; }
bool HasTrailers(PayloadForm form) { return form != PayloadForm::kSignedChunks; }

std::string_view Trimmed(std::string_view text) {
  auto blank = [](char c) { return c == ' ' || c == '\t' || c == '\r'; };
  while (!text.empty() && blank(text.front())) text.remove_prefix(1);
  while (!text.empty() && blank(text.back())) text.remove_suffix(1);
  return text;
}

tl::unexpected<Error> Malformed(const std::string& why) { return Fail(Code::kInvalid, "The body is not aws-chunked as it says: " + why); }

tl::unexpected<Error> Unproven(const char* what) {
  return Fail(Code::kDenied, std::string("The signature of ") + what + " does not match what it covers.");
}

}  // namespace

AwsChunkDecoder::AwsChunkDecoder(const Signed& request, std::optional<std::uint64_t> decoded_bytes)
    : form_(request.payload), expected_(decoded_bytes) {
  SMHOST_CHECK(IsChunked(form_));
  if (HasSignedChunks(form_)) signatures_.emplace(request);
}

Status AwsChunkDecoder::Feed(std::string_view bytes, std::string& content) {
  while (!bytes.empty()) {
    switch (state_) {
      case State::kHead:
        if (!TakeLine(bytes, limits::kAwsChunkHeadBytes)) break;
        SMHOST_TRY_STATUS(OnHead());
        line_.clear();
        break;
      case State::kData: {
        auto part = bytes.substr(0, static_cast<std::size_t>(std::min<std::uint64_t>(left_, bytes.size())));
        if (signatures_) chunk_.Update(part);
        content.append(part);
        bytes.remove_prefix(part.size());
        left_ -= part.size();
        if (left_ == 0) state_ = State::kDataEnd;
        break;
      }
      case State::kDataEnd:
        if (!TakeLine(bytes, 2)) break;
        if (line_ != "\r\n") return Malformed("a chunk is not followed by CR LF.");
        line_.clear();
        SMHOST_TRY_STATUS(OnChunkEnd());
        break;
      case State::kTrailers:
        if (!TakeLine(bytes, limits::kAwsTrailerBytes - trailer_bytes_)) break;
        trailer_bytes_ += line_.size();
        SMHOST_TRY_STATUS(OnTrailer());
        line_.clear();
        break;
      case State::kDone:
        return Malformed("bytes follow its end.");
    }
    if (line_.size() > limits::kAwsChunkHeadBytes && state_ == State::kHead)
      return Fail(Code::kTooLarge, "A chunk's head has more than " + std::to_string(limits::kAwsChunkHeadBytes) + " bytes.");
    if (state_ == State::kTrailers && trailer_bytes_ + line_.size() > limits::kAwsTrailerBytes)
      return Fail(Code::kTooLarge, "The trailers have more than " + std::to_string(limits::kAwsTrailerBytes) + " bytes.");
    if (state_ == State::kDataEnd && line_.size() > 2) return Malformed("a chunk is longer than its head says.");
  }
  return {};
}

// Moves bytes into line_, the line's end included, but never many more than the line may have: whoever calls looks at that.
// True: line_ is whole.
bool AwsChunkDecoder::TakeLine(std::string_view& bytes, std::size_t most_bytes) {
  auto end = bytes.find('\n');
  bool whole = end != std::string_view::npos;
  std::size_t wanted = whole ? end + 1 : bytes.size();
  std::size_t room = most_bytes + 1 - std::min(line_.size(), most_bytes + 1);
  std::size_t taken = std::min(wanted, room);
  line_.append(bytes.substr(0, taken));
  bytes.remove_prefix(taken);
  return whole && taken == wanted && line_.size() <= most_bytes;
}

// "SIZE" or "SIZE;chunk-signature=HEX", and CR LF.
Status AwsChunkDecoder::OnHead() {
  std::string_view line = line_;
  if (line.size() < 3 || line[line.size() - 2] != '\r') return Malformed("a chunk's head does not end in CR LF.");
  line.remove_suffix(2);
  auto [end, error] = std::from_chars(line.data(), line.data() + line.size(), left_, 16);
  auto digits = static_cast<std::size_t>(end - line.data());
  if (error != std::errc() || digits == 0) return Malformed("a chunk's head does not begin with its size.");
  auto extension = line.substr(digits);
  if (signatures_) {
    if (extension.substr(0, 1 + kSignature.size()) != ";" + std::string(kSignature)) return Malformed("a chunk has no chunk-signature.");
    chunk_signature_ = extension.substr(1 + kSignature.size());
    chunk_ = Sha256();
  } else if (!extension.empty() && extension[0] != ';') {
    return Malformed("a chunk's size is not hexadecimal.");
  }
  if (left_ > limits::kAwsDecodedBytes - decoded_)
    return Fail(Code::kTooLarge, "The body has more than " + std::to_string(limits::kAwsDecodedBytes) + " bytes.");
  decoded_ += left_;
  if (expected_ && decoded_ > *expected_) return Malformed("it has more than the " + std::to_string(*expected_) + " bytes it announced.");
  last_chunk_ = left_ == 0;
  state_ = State::kData;
  if (!last_chunk_) return {};
  if (!HasTrailers(form_)) {
    state_ = State::kDataEnd;
    return {};
  }
  return OnChunkEnd();
}

Status AwsChunkDecoder::OnChunkEnd() {
  if (signatures_ && !signatures_->CheckChunk(chunk_.FinishHex(), chunk_signature_)) return Unproven("a chunk");
  state_ = !last_chunk_ ? State::kHead : HasTrailers(form_) ? State::kTrailers : State::kDone;
  return {};
}

Status AwsChunkDecoder::OnTrailer() {
  std::string_view line = Trimmed(std::string_view(line_).substr(0, line_.size() - 1));
  if (line.empty()) {
    // Some clients end the last trailer twice before its signature.
    if (!signatures_ || trailers_proven_) state_ = State::kDone;
    return {};
  }
  auto colon = line.find(':');
  if (colon == std::string_view::npos || colon == 0 || trailers_proven_) return Malformed("a trailer is not NAME:VALUE, or follows its signature.");
  std::string name(Trimmed(line.substr(0, colon)));
  std::transform(name.begin(), name.end(), name.begin(), [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
  auto value = Trimmed(line.substr(colon + 1));
  if (name == kTrailerSignature && signatures_) return CheckTrailers(value);
  if (trailers_.size() == limits::kAwsTrailers)
    return Fail(Code::kTooLarge, "The body has more than " + std::to_string(limits::kAwsTrailers) + " trailers.");
  trailers_.emplace_back(std::move(name), value);
  return {};
}

Status AwsChunkDecoder::CheckTrailers(std::string_view signature) {
  auto sorted = trailers_;
  std::stable_sort(sorted.begin(), sorted.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
  std::string text;
  for (const auto& [name, value] : sorted) text.append(name).append(":").append(value).append("\n");
  if (!signatures_->CheckTrailers(Sha256Hex(text), signature)) return Unproven("the trailers");
  trailers_proven_ = true;
  return {};
}

Status AwsChunkDecoder::Finish() {
  // Behind a proven signature nothing can be missing but the empty line.
  bool whole = state_ == State::kDone || (trailers_proven_ && line_.empty());
  if (!whole) return Malformed("it ends before its last chunk, trailer or signature.");
  if (expected_ && decoded_ != *expected_)
    return Malformed("it has " + std::to_string(decoded_) + " bytes and announced " + std::to_string(*expected_) + ".");
  return {};
}

}  // namespace smhost
