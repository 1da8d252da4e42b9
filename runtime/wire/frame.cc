#include "wire/frame.h"

#include <bit>
#include <charconv>
#include <cstring>

#include "base/check.h"
#include "base/limits.h"

namespace smhost {
namespace {

static_assert(std::endian::native == std::endian::little, "the wire is little endian");
constexpr std::uint32_t kMagic = 0x31464d53;  // "SMF1"

template <typename T>
void AppendNumber(std::string& out, T value) {
  out.append(reinterpret_cast<const char*>(&value), sizeof value);
}
template <typename T>
T NumberAt(std::string_view bytes, std::size_t offset) {
  T value;
  std::memcpy(&value, bytes.data() + offset, sizeof value);
  return value;
}

bool ParseMeta(std::string_view bytes, std::vector<std::pair<std::string, std::string>>& meta) {
  auto text = [&bytes](std::string& to) {
    if (bytes.size() < 2) return false;
    std::size_t size = NumberAt<std::uint16_t>(bytes, 0);
    if (bytes.size() < 2 + size) return false;
    to.assign(bytes.substr(2, size));
    bytes.remove_prefix(2 + size);
    return true;
  };
  meta.clear();
  while (!bytes.empty()) {
    auto& pair = meta.emplace_back();
    if (!text(pair.first) || !text(pair.second)) return false;
  }
  return true;
}

}  // namespace

std::string_view Frame::Get(std::string_view key) const {
  for (const auto& [name, value] : meta)
    if (name == key) return value;
  return {};
}

std::uint64_t Frame::Number(std::string_view key) const {
  std::string_view text = Get(key);
  std::uint64_t number = 0;
  auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  return error == std::errc() && end == text.data() + text.size() ? number : 0;
}

void AppendFrame(const Frame& frame, std::string& out) {
  AppendFrameHead(frame, frame.body.size(), out);
  out.append(frame.body);
}

void AppendFrameHead(const Frame& frame, std::size_t body_bytes, std::string& out) {
  std::size_t meta_bytes = 0;
  for (const auto& [key, value] : frame.meta) meta_bytes += 4 + key.size() + std::min<std::size_t>(value.size(), 0xffff);
  SMHOST_CHECK(meta_bytes <= limits::kFrameMetaBytes && body_bytes <= limits::kFrameBodyBytes);
  AppendNumber(out, kMagic);
  AppendNumber(out, static_cast<std::uint32_t>(frame.type));
  AppendNumber(out, frame.id);
  AppendNumber(out, static_cast<std::uint32_t>(meta_bytes));
  AppendNumber(out, static_cast<std::uint32_t>(body_bytes));
  auto text = [&out](std::string_view value) {
    value = value.substr(0, 0xffff);
    AppendNumber(out, static_cast<std::uint16_t>(value.size()));
    out.append(value);
  };
  for (const auto& [key, value] : frame.meta) {
    text(key);
    text(value);
  }
}

void FrameReader::Feed(std::string_view bytes) {
  if (start_ == buffer_.size()) {
    buffer_.clear();
    start_ = 0;
  } else if (start_ > 1 << 20) {
    buffer_.erase(0, start_);
    start_ = 0;
  }
  buffer_.append(bytes);
}

Result<bool> FrameReader::Next(Frame& frame) {
  std::string_view bytes = std::string_view(buffer_).substr(start_);
  if (bytes.size() < kFrameHeaderBytes) return false;
  if (NumberAt<std::uint32_t>(bytes, 0) != kMagic) return Fail(Code::kInvalid, "frame: wrong magic number");
  auto type = NumberAt<std::uint32_t>(bytes, 4);
  if (type < 1 || type > 8) return Fail(Code::kInvalid, "frame: unknown type " + std::to_string(type));
  std::size_t meta_bytes = NumberAt<std::uint32_t>(bytes, 16), body_bytes = NumberAt<std::uint32_t>(bytes, 20);
  if (meta_bytes > limits::kFrameMetaBytes || body_bytes > limits::kFrameBodyBytes)
    return Fail(Code::kTooLarge, "frame: larger than allowed");
  if (bytes.size() < kFrameHeaderBytes + meta_bytes + body_bytes) return false;
  frame.type = static_cast<FrameType>(type);
  frame.id = NumberAt<std::uint64_t>(bytes, 8);
  if (!ParseMeta(bytes.substr(kFrameHeaderBytes, meta_bytes), frame.meta))
    return Fail(Code::kInvalid, "frame: meta does not add up");
  frame.body.assign(bytes.substr(kFrameHeaderBytes + meta_bytes, body_bytes));
  start_ += kFrameHeaderBytes + meta_bytes + body_bytes;
  return true;
}

}  // namespace smhost
