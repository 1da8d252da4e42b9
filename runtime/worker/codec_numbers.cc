#include <charconv>
#include <cmath>
#include <cstdlib>
#include <cstring>

#include "worker/codec_formats.h"

namespace smhost {
namespace {

// Python's repr(): positional from 1e-4 up to below 1e16, else with an exponent of at least two digits.
constexpr int kLeastPositional = -4, kFirstWithExponent = 16;

template <typename T>
void Append(T value, std::string& out) {
  if (std::isnan(value)) return void(out += "nan");
  if (std::isinf(value)) return void(out += value < 0 ? "-inf" : "inf");
  char text[40];
  auto end = std::to_chars(text, text + sizeof text, value, std::chars_format::scientific).ptr;
  char* e = static_cast<char*>(std::memchr(text, 'e', static_cast<std::size_t>(end - text)));
  int exponent = 0;
  std::from_chars(e[1] == '+' ? e + 2 : e + 1, end, exponent);
  if (exponent < kLeastPositional || exponent >= kFirstWithExponent) return void(out.append(text, end));
  const char* at = text;
  if (*at == '-') out += *at++;
  std::string_view first(at, 1), rest(at + 1, static_cast<std::size_t>(e - at - 1));
  if (!rest.empty()) rest.remove_prefix(1);  // the point
  if (exponent < 0) {
    out += "0.";
    out.append(static_cast<std::size_t>(-exponent - 1), '0');
    out += first;
    out += rest;
    return;
  }
  auto whole = static_cast<std::size_t>(exponent);
  out += first;
  out += rest.substr(0, whole);
  if (rest.size() < whole) out.append(whole - rest.size(), '0');
  out += '.';
  if (rest.size() > whole)
    out += rest.substr(whole);
  else
    out += '0';
}

}  // namespace

void AppendFloat(float value, std::string& out) { Append(value, out); }
void AppendDouble(double value, std::string& out) { Append(value, out); }

bool ParseFloat(std::string_view text, double& value) {
  constexpr const char* kBlanks = " \t\r\n\v\f";
  auto begin = text.find_first_not_of(kBlanks);
  if (begin == std::string_view::npos) return false;
  text = text.substr(begin, text.find_last_not_of(kBlanks) - begin + 1);
  if (text[0] == '+' && text.size() > 1 && text[1] != '-') text.remove_prefix(1);
  auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (end != text.data() + text.size()) return false;
  if (error == std::errc::result_out_of_range) {
    // Past a double's range Python gives infinity or zero; so does strtod.
    value = std::strtod(std::string(text).c_str(), nullptr);
    return true;
  }
  // from_chars also knows "nan(…)", which Python does not.
  return error == std::errc() && text.back() != ')';
}

}  // namespace smhost
