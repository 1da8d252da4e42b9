// Arrays as numpy saves them: little-endian numbers and bools.
#include <algorithm>
#include <bit>
#include <cstdint>
#include <cstring>
#include <type_traits>

#include "wire/answer_collector.h"

namespace smhost {
namespace {

struct Array {
  std::string_view header;  // "{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3), }" without what pads it
  std::string_view descr;   // "<f4"
  std::string_view data;
};

bool ReadArray(std::string_view bytes, Array& array) {
  constexpr std::string_view kMagic("\x93NUMPY", 6);
  if (bytes.size() < 10 || bytes.substr(0, 6) != kMagic) return false;
  const auto byte = [&](std::size_t i) { return static_cast<std::size_t>(static_cast<unsigned char>(bytes[i])); };
  const bool long_length = byte(6) >= 2;
  if (long_length && bytes.size() < 12) return false;
  const std::size_t begin = long_length ? 12 : 10;
  const std::size_t length = byte(8) | byte(9) << 8 | (long_length ? byte(10) << 16 | byte(11) << 24 : 0);
  if (bytes.size() - begin < length) return false;
  array.header = bytes.substr(begin, length);
  array.data = bytes.substr(begin + length);
  while (!array.header.empty() && (array.header.back() == ' ' || array.header.back() == '\n')) array.header.remove_suffix(1);
  constexpr std::string_view kKey = "'descr': '";
  const std::size_t at = array.header.find(kKey);
  if (at == std::string_view::npos) return false;
  const std::string_view rest = array.header.substr(at + kKey.size());
  array.descr = rest.substr(0, rest.find('\''));
  return true;
}

template <typename T>
bool Elements(std::string_view expected, std::string_view given, AnswerCollector& collector) {
  if (expected.size() != given.size() || expected.size() % sizeof(T) != 0) return false;
  for (std::size_t i = 0; i < expected.size() / sizeof(T); ++i) {
    T a, b;
    std::memcpy(&a, expected.data() + i * sizeof(T), sizeof(T));
    std::memcpy(&b, given.data() + i * sizeof(T), sizeof(T));
    collector.Enter(i);
    if constexpr (std::is_same_v<T, std::int64_t>) {
      // As doubles, two neighbours past 2^53 would be equal.
      const auto low = static_cast<std::uint64_t>(std::min(a, b)), high = static_cast<std::uint64_t>(std::max(a, b));
      collector.Number(static_cast<double>(a), static_cast<double>(b), static_cast<double>(high - low));
    } else {
      collector.Number(static_cast<double>(a), static_cast<double>(b));
    }
    collector.Leave();
  }
  return true;
}

}  // namespace

bool WalkNpy(std::string_view expected, std::string_view given, AnswerCollector& collector) {
  static_assert(std::endian::native == std::endian::little, "elements are read as they lie");
  Array a, b;
  if (!ReadArray(expected, a) || !ReadArray(given, b)) return false;
  if (a.header != b.header) {
    collector.Mismatch(CutAnswer(a.header), CutAnswer(b.header));
    return true;
  }
  if (a.descr == "<f4") return Elements<float>(a.data, b.data, collector);
  if (a.descr == "<f8") return Elements<double>(a.data, b.data, collector);
  if (a.descr == "<i2") return Elements<std::int16_t>(a.data, b.data, collector);
  if (a.descr == "<i4") return Elements<std::int32_t>(a.data, b.data, collector);
  if (a.descr == "<i8") return Elements<std::int64_t>(a.data, b.data, collector);
  if (a.descr == "|i1") return Elements<std::int8_t>(a.data, b.data, collector);
  if (a.descr == "|u1" || a.descr == "|b1") return Elements<std::uint8_t>(a.data, b.data, collector);
  return false;
}

}  // namespace smhost
