#include <cbor.h>

#include <vector>

#include "api/protocol_cbor.h"
#include "api/shape_values.h"
#include "base/limits.h"
#include "base/limits_api.h"
#include "base/utf8.h"

namespace smhost {
namespace {

// Puts the items together that libcbor reads one by one: a stack of what is open, so that depth is ours to bound.
class Builder {
 public:
  bool failed() const { return !fault_.empty(); }
  bool complete() const { return done_ && open_.empty() && !tagged_; }
  const std::string& fault() const { return fault_; }
  Json Take() { return std::move(root_); }

  void Scalar(Json value) {
    if (Allowed()) Add(std::move(value));
  }
  void Text(std::string_view text) {
    if (!IsUtf8(text)) return Refuse("a text that is not UTF-8");
    Chunk(Kind::kText, text, [&] { return Json(std::string(text)); });
  }
  void Bytes(std::string_view bytes) {
    Chunk(Kind::kBytes, bytes, [&] { return BinaryOf(bytes); });
  }
  void StartText() { Start({Kind::kText}); }
  void StartBytes() { Start({Kind::kBytes}); }
  void StartArray(std::uint64_t count, bool indefinite) { Start({Kind::kArray, indefinite, count, Json::array()}); }
  void StartMap(std::uint64_t count, bool indefinite) { Start({Kind::kMap, indefinite, count, Json::object()}); }
  void Tag() {
    if (Allowed()) tagged_ = true;
  }
  void Break() {
    if (open_.empty() || !open_.back().indefinite || open_.back().key || tagged_) return Refuse("a break where nothing is to end");
    Close();
  }
  void Refuse(const char* fault) {
    if (fault_.empty()) fault_ = fault;
  }

 private:
  enum class Kind { kArray, kMap, kText, kBytes };
  struct Open {
    Kind kind;
    bool indefinite = true;
    std::uint64_t left = 0;
    Json value;
    std::optional<std::string> key;  // of the entry that is read
    std::string chunks;
  };

  static Json BinaryOf(std::string_view bytes) { return Json::binary({bytes.begin(), bytes.end()}); }

  // Within a text or bytes of unknown length only their chunks may come, without tags.
  bool Allowed() {
    if (done_ && open_.empty()) {
      Refuse("more than one item");
    } else if (!open_.empty() && open_.back().kind >= Kind::kText) {
      Refuse("an item within a text");
    } else if (++values_ > limits::kApiValues) {
      Refuse("too many values");
    }
    return !failed();
  }

  template <typename Make>
  void Chunk(Kind kind, std::string_view bytes, Make make) {
    if (!open_.empty() && open_.back().kind == kind && !tagged_) {
      open_.back().chunks += bytes;
    } else if (Allowed()) {
      Add(make());
    }
  }

  void Start(Open open) {
    if (!Allowed()) return;
    if (open_.size() >= static_cast<std::size_t>(limits::kJsonDepth)) return Refuse("too many levels");
    if (!open_.empty() && open_.back().kind == Kind::kMap && !open_.back().key && open.kind != Kind::kText)
      return Refuse("a key that is no text");
    tagged_ = false;
    open_.push_back(std::move(open));
    CloseIfFull();
  }

  void CloseIfFull() {
    if (!open_.empty() && !open_.back().indefinite && open_.back().left == 0 && !open_.back().key) Close();
  }

  void Close() {
    Open closed = std::move(open_.back());
    open_.pop_back();
    if (closed.kind == Kind::kText) closed.value = closed.chunks;
    if (closed.kind == Kind::kBytes) closed.value = BinaryOf(closed.chunks);
    Add(std::move(closed.value));
  }

  void Add(Json value) {
    tagged_ = false;
    if (open_.empty()) {
      root_ = std::move(value);
      done_ = true;
      return;
    }
    Open& open = open_.back();
    if (open.kind == Kind::kMap && !open.key) {
      if (!value.is_string()) return Refuse("a key that is no text");
      open.key = value.get<std::string>();
      if (open.value.contains(*open.key)) Refuse("a key that comes twice");
      return;
    }
    if (open.kind == Kind::kMap) {
      open.value[*open.key] = std::move(value);
      open.key.reset();
    } else {
      open.value.push_back(std::move(value));
    }
    if (!open.indefinite) --open.left;
    CloseIfFull();
  }

  std::vector<Open> open_;
  Json root_;
  std::string fault_;
  std::size_t values_ = 0;
  bool done_ = false, tagged_ = false;
};

Builder& Of(void* context) { return *static_cast<Builder*>(context); }
std::string_view View(cbor_data data, std::size_t size) { return {reinterpret_cast<const char*>(data), size}; }

// CBOR's -1 - n; one beyond 64 bits is a float, which no integer's shape takes.
void Negative(void* context, std::uint64_t n) {
  if (n > 0x7FFFFFFFFFFFFFFFu) return Of(context).Scalar(-1.0 - static_cast<double>(n));
  Of(context).Scalar(-1 - static_cast<std::int64_t>(n));
}

cbor_callbacks Callbacks() {
  cbor_callbacks to = cbor_empty_callbacks;
  to.uint8 = [](void* c, std::uint8_t n) { Of(c).Scalar(n); };
  to.uint16 = [](void* c, std::uint16_t n) { Of(c).Scalar(n); };
  to.uint32 = [](void* c, std::uint32_t n) { Of(c).Scalar(n); };
  to.uint64 = [](void* c, std::uint64_t n) { Of(c).Scalar(n); };
  to.negint8 = [](void* c, std::uint8_t n) { Negative(c, n); };
  to.negint16 = [](void* c, std::uint16_t n) { Negative(c, n); };
  to.negint32 = [](void* c, std::uint32_t n) { Negative(c, n); };
  to.negint64 = [](void* c, std::uint64_t n) { Negative(c, n); };
  to.byte_string_start = [](void* c) { Of(c).StartBytes(); };
  to.byte_string = [](void* c, cbor_data data, std::size_t size) { Of(c).Bytes(View(data, size)); };
  to.string_start = [](void* c) { Of(c).StartText(); };
  to.string = [](void* c, cbor_data data, std::size_t size) { Of(c).Text(View(data, size)); };
  to.indef_array_start = [](void* c) { Of(c).StartArray(0, true); };
  to.array_start = [](void* c, std::size_t count) { Of(c).StartArray(count, false); };
  to.indef_map_start = [](void* c) { Of(c).StartMap(0, true); };
  to.map_start = [](void* c, std::size_t count) { Of(c).StartMap(count, false); };
  to.tag = [](void* c, std::uint64_t) { Of(c).Tag(); };
  to.float2 = [](void* c, float n) { Of(c).Scalar(n); };
  to.float4 = [](void* c, float n) { Of(c).Scalar(n); };
  to.float8 = [](void* c, double n) { Of(c).Scalar(n); };
  to.undefined = [](void* c) { Of(c).Scalar(nullptr); };
  to.null = [](void* c) { Of(c).Scalar(nullptr); };
  to.boolean = [](void* c, bool yes) { Of(c).Scalar(yes); };
  to.indef_break = [](void* c) { Of(c).Break(); };
  return to;
}

}  // namespace

ApiResult<Json> ReadCbor(std::string_view bytes) {
  static const cbor_callbacks kCallbacks = Callbacks();
  Builder builder;
  while (!bytes.empty() && !builder.failed()) {
    const cbor_decoder_result read =
        cbor_stream_decode(reinterpret_cast<cbor_data>(bytes.data()), bytes.size(), &kCallbacks, &builder);
    if (read.status == CBOR_DECODER_NEDATA) builder.Refuse("unexpected end");
    if (read.status == CBOR_DECODER_ERROR) builder.Refuse("a byte that begins no item");
    if (read.status == CBOR_DECODER_FINISHED) bytes.remove_prefix(read.read);
  }
  if (!builder.failed() && !builder.complete()) builder.Refuse("unexpected end");
  if (builder.failed()) return ApiFail("SerializationException", "the request's body: not valid CBOR: " + builder.fault());
  return builder.Take();
}

ApiResult<Json> DecodeCborInput(const ApiOperation& operation, std::string_view body) {
  ApiResult<Json> sent = body.empty() ? Json::object() : ReadCbor(body);
  if (!sent || operation.input == nullptr) return sent ? Json::object() : sent;
  if (sent->is_null()) return ApiFail("SerializationException", "the request's body: an input is a map, not null");
  return ReadInput(*operation.input, *sent);
}

}  // namespace smhost
