#include "base/json.h"

#include <set>

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

// Walks nlohmann's events; it builds nothing, it only finds what the real parse would swallow.
class Rules : public nlohmann::json_sax<Json> {
 public:
  std::string problem;
  std::size_t problem_byte = 0;

  bool null() override { return true; }
  bool boolean(bool) override { return true; }
  bool number_integer(number_integer_t) override { return true; }
  bool number_unsigned(number_unsigned_t) override { return true; }
  bool number_float(number_float_t, const string_t&) override { return true; }
  bool string(string_t&) override { return true; }
  bool binary(binary_t&) override { return true; }
  bool start_object(std::size_t) override {
    keys_.emplace_back();
    return Deeper();
  }
  bool key(string_t& name) override {
    if (keys_.back().insert(name).second) return true;
    problem = "the key \"" + name + "\" stands twice in one object";
    return false;
  }
  bool end_object() override {
    keys_.pop_back();
    --depth_;
    return true;
  }
  bool start_array(std::size_t) override { return Deeper(); }
  bool end_array() override {
    --depth_;
    return true;
  }
  bool parse_error(std::size_t byte, const std::string& token, const nlohmann::detail::exception&) override {
    problem_byte = byte;
    problem = token.empty() ? "unexpected end" : "unexpected \"" + token.substr(0, 40) + "\"";
    return false;
  }

 private:
  bool Deeper() {
    if (++depth_ <= limits::kJsonDepth) return true;
    problem = "more than " + std::to_string(limits::kJsonDepth) + " levels deep";
    return false;
  }
  int depth_ = 0;
  std::vector<std::set<std::string>> keys_;
};

}  // namespace

Result<Json> ParseJson(std::string_view text, const std::string& what, std::size_t max_bytes) {
  if (text.size() > max_bytes)
    return Fail(Code::kTooLarge, what + ": larger than the " + std::to_string(max_bytes) + " bytes allowed");
  if (auto nul = text.find('\0'); nul != std::string_view::npos)
    return Fail(Code::kInvalid, what + ": not valid JSON: a NUL byte at " + Position(text, nul));
  Rules rules;
  if (!Json::sax_parse(text, &rules)) {
    std::string where = rules.problem_byte != 0 ? " at " + Position(text, rules.problem_byte - 1) : "";
    return Fail(Code::kInvalid, what + ": not valid JSON: " + rules.problem + where);
  }
  return Json::parse(text, nullptr, false);
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
