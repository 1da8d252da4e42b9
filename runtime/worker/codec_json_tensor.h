// Tensors out of a request's JSON, and what the readers of JSON share. Only for codec_json_*.cc.
#pragma once

#include <simdjson.h>

#include <string>

#include "worker/value.h"

namespace smhost {

// "inputs[2][1]": where in the body something is.
class Place {
 public:
  explicit Place(std::string root) : text_(std::move(root)) {}
  Place At(std::size_t index) const { return Place(text_ + "[" + std::to_string(index) + "]"); }
  Place At(std::string_view key) const { return Place(text_ + "[\"" + std::string(key) + "\"]"); }
  const std::string& text() const { return text_; }
  tl::unexpected<Error> Wrong(const std::string& what) const { return Fail(Code::kInvalid, text_ + ": " + what); }

 private:
  std::string text_;
};

// By value: what the library's own calls give is gone at the end of a for loop's head. The type was looked at before.
inline simdjson::dom::array ListOf(simdjson::dom::element value) { return value.get_array().value_unsafe(); }
inline simdjson::dom::object ObjectOf(simdjson::dom::element value) { return value.get_object().value_unsafe(); }

// "a list", "a number", …: for messages.
const char* WordFor(simdjson::dom::element value);

// Nested lists, which must all be as long as the first ones of their depth, or one number. kInvalid names the place.
Result<Tensor> ReadJsonTensor(simdjson::dom::element value, DType dtype, const Place& place);

}  // namespace smhost
