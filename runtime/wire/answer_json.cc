// Two JSON texts side by side. They are read into flat lists of nodes (no allocation a value), NaN and Infinity allowed, as
// models write them.
#include <charconv>
#include <cmath>
#include <cstdint>
#include <map>
#include <vector>

#include "base/json.h"
#include "base/limits.h"
#include "wire/answer_collector.h"

namespace smhost {
namespace {

enum class NodeType : std::uint8_t { kWord, kNumber, kText, kArray, kObject };

// An array's items follow it, an object's members too: a text and a value each.
struct Node {
  NodeType type = NodeType::kWord;
  std::uint32_t next = 0;   // the node after all that belong to this one
  std::uint32_t count = 0;  // of items or members
  double number = 0;
  std::string_view text;  // as it stands, a text without its quotes
};

class Reader {
 public:
  explicit Reader(std::string_view text) : text_(text) {}

  // One value; or, for JSON lines, all of them as the items of an array.
  bool Read(bool lines) {
    if (!lines) return Value(0) && AtEnd();
    nodes.push_back({NodeType::kArray, 0, 0, 0, {}});
    while (!AtEnd()) {
      if (!Value(1)) return false;
      ++nodes[0].count;
    }
    nodes[0].next = static_cast<std::uint32_t>(nodes.size());
    return true;
  }

  std::vector<Node> nodes;

 private:
  bool AtEnd() {
    Skip();
    return at_ == text_.size();
  }
  void Skip() {
    while (at_ < text_.size() && (text_[at_] == ' ' || text_[at_] == '\n' || text_[at_] == '\t' || text_[at_] == '\r')) ++at_;
  }
  bool Take(char c) {
    Skip();
    if (at_ >= text_.size() || text_[at_] != c) return false;
    ++at_;
    return true;
  }

  bool Value(int depth) {
    Skip();
    if (at_ >= text_.size() || depth > limits::kJsonDepth) return false;
    switch (text_[at_]) {
      case '{':
        return Group(NodeType::kObject, '}', depth);
      case '[':
        return Group(NodeType::kArray, ']', depth);
      case '"':
        return Text();
      default:
        return Word();
    }
  }

  bool Group(NodeType type, char end, int depth) {
    ++at_;
    const std::size_t group = nodes.size();
    nodes.push_back({type, 0, 0, 0, {}});
    if (!Take(end)) {
      do {
        if (type == NodeType::kObject && !(Quoted() && Take(':'))) return false;
        if (!Value(depth + 1)) return false;
        ++nodes[group].count;
      } while (Take(','));
      if (!Take(end)) return false;
    }
    nodes[group].next = static_cast<std::uint32_t>(nodes.size());
    return true;
  }

  bool Quoted() {
    Skip();
    return at_ < text_.size() && text_[at_] == '"' && Text();
  }

  bool Text() {
    const std::size_t start = ++at_;
    while (at_ < text_.size() && text_[at_] != '"') at_ += text_[at_] == '\\' ? 2 : 1;
    if (at_ >= text_.size()) return false;
    Add(NodeType::kText, text_.substr(start, at_ - start));
    ++at_;
    return true;
  }

  bool Word() {
    const std::size_t start = at_;
    while (at_ < text_.size() && std::string_view(",]}: \n\t\r").find(text_[at_]) == std::string_view::npos) ++at_;
    const std::string_view word = text_.substr(start, at_ - start);
    double number = 0;
    if (word == "true" || word == "false" || word == "null") Add(NodeType::kWord, word);
    else if (ReadAnswerNumber(word, number)) Add(NodeType::kNumber, word), nodes.back().number = number;
    else return false;
    return true;
  }

  void Add(NodeType type, std::string_view text) {
    nodes.push_back({type, static_cast<std::uint32_t>(nodes.size() + 1), 0, 0, text});
  }

  const std::string_view text_;
  std::size_t at_ = 0;
};

// Two spellings of one text are equal.
bool SameText(std::string_view a, std::string_view b) {
  if (a == b) return true;
  if (a.find('\\') == a.npos && b.find('\\') == b.npos) return false;
  auto decode = [](std::string_view text) {
    const Json value = Json::parse("\"" + std::string(text) + "\"", nullptr, false);
    return value.is_string() ? value.get<std::string>() : std::string(text);
  };
  return decode(a) == decode(b);
}

const char* TypeWord(const Node& node) {
  static const char* const kWords[] = {"a word", "a number", "a text", "a list", "an object"};
  return kWords[static_cast<int>(node.type)];
}

std::string Shown(const Node& node) {
  switch (node.type) {
    case NodeType::kText:
      return "\"" + CutAnswer(node.text) + "\"";
    case NodeType::kArray:
      return "a list of " + std::to_string(node.count);
    case NodeType::kObject:
      return "an object of " + std::to_string(node.count);
    default:
      return CutAnswer(node.text);
  }
}

class Walker {
 public:
  Walker(const std::vector<Node>& expected, const std::vector<Node>& given, AnswerCollector& collector)
      : expected_(expected), given_(given), collector_(collector) {}

  void Walk(std::uint32_t a, std::uint32_t b) {
    const Node &x = expected_[a], &y = given_[b];
    if (x.type != y.type) return collector_.Mismatch(std::string(TypeWord(x)) + ", " + Shown(x), Shown(y));
    switch (x.type) {
      case NodeType::kNumber:
        return Numbers(x, y);
      case NodeType::kArray:
        return Arrays(a, b);
      case NodeType::kObject:
        return Objects(a, b);
      default:
        if (!SameText(x.text, y.text)) collector_.Mismatch(Shown(x), Shown(y));
    }
  }

 private:
  void Numbers(const Node& x, const Node& y) {
    if (x.text == y.text || x.number != y.number) return collector_.Number(x.number, y.number);
    // Equal as doubles and spelled otherwise: whole numbers past 2^53 differ nevertheless.
    std::int64_t i = 0, j = 0;
    auto whole = [](std::string_view text, std::int64_t& value) {
      const auto read = std::from_chars(text.data(), text.data() + text.size(), value);
      return read.ec == std::errc() && read.ptr == text.data() + text.size();
    };
    if (!whole(x.text, i) || !whole(y.text, j)) return collector_.Number(x.number, y.number);
    collector_.Number(x.number, y.number, std::fabs(static_cast<double>(static_cast<long double>(i) - static_cast<long double>(j))));
  }

  void Arrays(std::uint32_t a, std::uint32_t b) {
    if (expected_[a].count != given_[b].count) return collector_.Mismatch(Shown(expected_[a]), Shown(given_[b]));
    std::uint32_t x = a + 1, y = b + 1;
    for (std::size_t i = 0; i < expected_[a].count; ++i, x = expected_[x].next, y = given_[y].next) {
      collector_.Enter(i);
      Walk(x, y);
      collector_.Leave();
    }
  }

  void Objects(std::uint32_t a, std::uint32_t b) {
    if (expected_[a].count != given_[b].count) return collector_.Mismatch(Keys(expected_, a), Keys(given_, b));
    std::map<std::string_view, std::uint32_t> by_name;  // only where the members come in another order
    std::uint32_t y = b + 1;
    for (std::uint32_t x = a + 1; x != expected_[a].next; x = expected_[x + 1].next, y = given_[y + 1].next) {
      std::uint32_t value = y + 1;
      if (!SameText(expected_[x].text, given_[y].text)) {
        if (by_name.empty())
          for (std::uint32_t k = b + 1; k != given_[b].next; k = given_[k + 1].next) by_name.emplace(given_[k].text, k + 1);
        auto found = by_name.find(expected_[x].text);
        if (found == by_name.end()) return collector_.Mismatch(Keys(expected_, a), Keys(given_, b));
        value = found->second;
      }
      collector_.Enter(expected_[x].text);
      Walk(x + 1, value);
      collector_.Leave();
    }
  }

  static std::string Keys(const std::vector<Node>& nodes, std::uint32_t object) {
    std::string keys;
    for (std::uint32_t i = object + 1; i != nodes[object].next && keys.size() < 80; i = nodes[i + 1].next)
      keys += (keys.empty() ? "" : ", ") + std::string(nodes[i].text);
    return "an object with " + (keys.empty() ? "no members" : CutAnswer(keys));
  }

  const std::vector<Node>&expected_, &given_;
  AnswerCollector& collector_;
};

}  // namespace

bool WalkJson(std::string_view expected, std::string_view given, bool lines, AnswerCollector& collector) {
  Reader one(expected), two(given);
  const bool expected_read = one.Read(lines), given_read = two.Read(lines);
  if (!expected_read && !given_read) return false;
  if (expected_read && given_read) Walker(one.nodes, two.nodes, collector).Walk(0, 0);
  else collector.Mismatch(expected_read ? "JSON" : "no JSON", given_read ? "JSON" : "no JSON");
  return true;
}

}  // namespace smhost
