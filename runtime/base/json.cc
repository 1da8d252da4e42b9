#include "base/json.h"

#include <vector>

#include "base/limits.h"

namespace smhost {
namespace {

std::string Position(std::string_view text, std::size_t byte) {
  std::size_t line = 1, column = 1;
  for (std::size_t i = 0; i < byte && i < text.size(); ++i) {
    if (text[i] == '\n') {
      ++line;
      column = 1;
    } else {
      ++column;
    }
  }
  return "line " + std::to_string(line) + ", column " + std::to_string(column);
}

// Builds the value of nlohmann's events, and finds what its own parser would swallow.
class Builder final : public nlohmann::json_sax<Json> {
 public:
  Json value;
  std::string problem;
  std::size_t problem_byte = 0;

  bool null() override { return Take(nullptr); }
  bool boolean(bool truth) override { return Take(truth); }
  bool number_integer(number_integer_t number) override { return Take(number); }
  bool number_unsigned(number_unsigned_t number) override { return Take(number); }
  bool number_float(number_float_t number, const string_t&) override { return Take(number); }
  bool string(string_t& text) override { return Take(text); }
  bool binary(binary_t&) override { return false; }  // no text has it
  bool start_object(std::size_t) override { return Open(Json::value_t::object); }
  bool key(string_t& name) override {
    auto& members = *open_.back()->get_ptr<Json::object_t*>();
    const std::size_t before = members.size();
    member_ = &members.try_emplace(members.end(), name)->second;  // a text of ours is sorted: at the end is right
    if (members.size() > before) return true;
    problem = "the key \"" + name + "\" stands twice in one object";
    return false;
  }
  bool end_object() override { return Close(); }
  bool start_array(std::size_t) override { return Open(Json::value_t::array); }
  bool end_array() override { return Close(); }
  bool parse_error(std::size_t byte, const std::string& token, const nlohmann::detail::exception&) override {
    problem_byte = byte;
    problem = token.empty() ? "unexpected end" : "unexpected \"" + token.substr(0, 40) + "\"";
    return false;
  }

 private:
  // Where it lies now; it stays there as long as it is open, since nothing else is added to what holds it.
  template <typename Value>
  Json* Put(const Value& what) {
    if (open_.empty()) return &(value = what);
    if (auto* elements = open_.back()->get_ptr<Json::array_t*>()) return &elements->emplace_back(what);
    return &(*member_ = what);
  }
  template <typename Value>
  bool Take(const Value& what) {
    Put(what);
    return true;
  }
  bool Open(Json::value_t type) {
    if (open_.size() < limits::kJsonDepth) {
      open_.push_back(Put(type));
      return true;
    }
    problem = "more than " + std::to_string(limits::kJsonDepth) + " levels deep";
    return false;
  }
  bool Close() {
    open_.pop_back();
    return true;
  }
  std::vector<Json*> open_;  // the arrays and objects around what comes next
  Json* member_ = nullptr;   // what comes next, in an object
};

}  // namespace

Result<Json> ParseJson(std::string_view text, const std::string& what, std::size_t max_bytes) {
  if (text.size() > max_bytes)
    return Fail(Code::kTooLarge, what + ": larger than the " + std::to_string(max_bytes) + " bytes allowed");
  if (auto nul = text.find('\0'); nul != std::string_view::npos)
    return Fail(Code::kInvalid, what + ": not valid JSON: a NUL byte at " + Position(text, nul));
  Builder builder;
  if (!Json::sax_parse(text, &builder)) {
    std::string where = builder.problem_byte != 0 ? " at " + Position(text, builder.problem_byte - 1) : "";
    return Fail(Code::kInvalid, what + ": not valid JSON: " + builder.problem + where);
  }
  return std::move(builder.value);
}

std::string PrettyJson(const Json& value) { return value.dump(2, ' ', false, Json::error_handler_t::replace) + "\n"; }
std::string CompactJson(const Json& value) { return value.dump(-1, ' ', false, Json::error_handler_t::replace); }

const Json& MemberOr(const Json& object, const char* key) {
  static const Json kNull;
  if (!object.is_object()) return kNull;
  auto it = object.find(key);
  return it == object.end() ? kNull : *it;
}
std::string StringOr(const Json& object, const char* key, const std::string& fallback) {
  const Json& value = MemberOr(object, key);
  return value.is_string() ? value.get<std::string>() : fallback;
}
std::int64_t IntOr(const Json& object, const char* key, std::int64_t fallback) {
  const Json& value = MemberOr(object, key);
  if (!value.is_number_float()) return value.is_number() ? value.get<std::int64_t>() : fallback;
  double number = value.get<double>();  // one out of range has no integer: converting it would be undefined
  return number >= -0x1p63 && number < 0x1p63 ? static_cast<std::int64_t>(number) : fallback;
}
double DoubleOr(const Json& object, const char* key, double fallback) {
  const Json& value = MemberOr(object, key);
  return value.is_number() ? value.get<double>() : fallback;
}
bool BoolOr(const Json& object, const char* key, bool fallback) {
  const Json& value = MemberOr(object, key);
  return value.is_boolean() ? value.get<bool>() : fallback;
}

}  // namespace smhost
