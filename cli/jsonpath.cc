#include "jsonpath.h"

#include <algorithm>
#include <charconv>
#include <optional>
#include <variant>
#include <vector>

namespace smhost::cli {
namespace {

struct Slice {
  std::optional<long> first, last;  // last exclusive
};
struct Every {};
using Step = std::variant<std::string, long, Slice, Every>;

// A piece of a template: literal text, an expression, or a range with a body.
struct Piece {
  enum { kText, kPath, kRange } kind = kText;
  std::string text;
  std::vector<Step> path;
  std::vector<Piece> body;
};

std::string Unescaped(std::string_view quoted) {
  std::string out;
  for (std::size_t i = 0; i < quoted.size(); ++i) {
    if (quoted[i] != '\\' || i + 1 == quoted.size()) {
      out += quoted[i];
      continue;
    }
    char c = quoted[++i];
    out += c == 'n' ? '\n' : c == 't' ? '\t' : c == 'r' ? '\r' : c;
  }
  return out;
}

class PatternReader {
 public:
  explicit PatternReader(const std::string& text) : text_(text) {}

  Result<std::vector<Piece>> Read() {
    SMHOST_TRY(auto pieces, Pieces(false));
    return pieces;
  }

 private:
  tl::unexpected<Error> Bad(const std::string& why) const {
    return Fail(Code::kInvalid, "jsonpath " + text_ + ": " + why + " at character " + std::to_string(at_ + 1));
  }

  Result<std::vector<Piece>> Pieces(bool inside_range) {
    std::vector<Piece> pieces;
    while (at_ < text_.size()) {
      if (text_[at_] != '{') {
        std::size_t end = std::min(text_.find('{', at_), text_.size());
        pieces.push_back({Piece::kText, Unescaped(std::string_view(text_).substr(at_, end - at_)), {}, {}});
        at_ = end;
        continue;
      }
      ++at_;
      SkipBlanks();
      if (Taken("end")) {
        if (!inside_range) return Bad("{end} without {range}");
        SMHOST_TRY_STATUS(Closed());
        return pieces;
      }
      SMHOST_TRY(Piece piece, OnePiece());
      pieces.push_back(std::move(piece));
    }
    if (inside_range) return Bad("{range} without {end}");
    return pieces;
  }

  Result<Piece> OnePiece() {
    Piece piece;
    if (at_ < text_.size() && (text_[at_] == '"' || text_[at_] == '\'')) {
      SMHOST_TRY(piece.text, Quoted());
      SMHOST_TRY_STATUS(Closed());
      return piece;
    }
    bool range = Taken("range");
    SkipBlanks();
    piece.kind = range ? Piece::kRange : Piece::kPath;
    SMHOST_TRY(piece.path, Path());
    SMHOST_TRY_STATUS(Closed());
    if (range) {
      SMHOST_TRY(piece.body, Pieces(true));
    }
    return piece;
  }

  Result<std::vector<Step>> Path() {
    std::vector<Step> steps;
    if (at_ < text_.size() && (text_[at_] == '$' || text_[at_] == '@')) ++at_;
    while (at_ < text_.size() && text_[at_] != '}' && text_[at_] != ' ') {
      if (text_[at_] == '.') {
        ++at_;
        if (at_ < text_.size() && text_[at_] == '[') continue;
        if (at_ < text_.size() && text_[at_] == '.') return Bad("\"..\" is not known here");
        SMHOST_TRY(Step step, Member());
        if (!std::holds_alternative<std::string>(step) || !std::get<std::string>(step).empty())
          steps.push_back(std::move(step));
      } else if (text_[at_] == '[') {
        ++at_;
        SMHOST_TRY(Step step, Bracket());
        steps.push_back(std::move(step));
      } else if (steps.empty()) {
        SMHOST_TRY(Step step, Member());
        steps.push_back(std::move(step));
      } else {
        return Bad("unexpected \"" + std::string(1, text_[at_]) + "\"");
      }
    }
    return steps;
  }

  Result<Step> Member() {
    std::size_t end = std::min(text_.find_first_of(".[]{} ", at_), text_.size());
    std::string name = text_.substr(at_, end - at_);
    at_ = end;
    if (name == "*") return Step(Every{});
    return Step(name);
  }

  Result<Step> Bracket() {
    if (at_ < text_.size() && (text_[at_] == '"' || text_[at_] == '\'')) {
      SMHOST_TRY(std::string name, Quoted());
      if (!Taken("]")) return Bad("\"]\" is missing");
      return Step(name);
    }
    std::size_t end = text_.find(']', at_);
    if (end == text_.npos) return Bad("\"]\" is missing");
    std::string inside = text_.substr(at_, end - at_);
    SMHOST_TRY(Step step, IndexStep(inside));
    at_ = end + 1;
    return step;
  }

  Result<Step> IndexStep(const std::string& inside) {
    if (inside == "*") return Step(Every{});
    std::size_t colon = inside.find(':');
    std::optional<long> first = Number(inside.substr(0, colon));
    if (colon == inside.npos) {
      if (!first) return Bad("\"" + inside + "\" is no index (a number, *, a slice 1:3, or a quoted name)");
      return Step(*first);
    }
    Slice slice{first, Number(inside.substr(colon + 1))};
    if ((!slice.first && colon != 0) || (!slice.last && colon + 1 != inside.size()))
      return Bad("\"" + inside + "\" is no slice");
    return Step(slice);
  }

  static std::optional<long> Number(const std::string& text) {
    long value = 0;
    auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
    return value;
  }

  Result<std::string> Quoted() {
    char quote = text_[at_];
    for (std::size_t end = at_ + 1; end < text_.size(); ++end) {
      if (text_[end] == '\\') {
        ++end;
      } else if (text_[end] == quote) {
        std::string inside = Unescaped(std::string_view(text_).substr(at_ + 1, end - at_ - 1));
        at_ = end + 1;
        return inside;
      }
    }
    return Bad("a quote that does not end");
  }

  Status Closed() {
    SkipBlanks();
    if (!Taken("}")) return Bad("\"}\" is missing");
    return {};
  }
  void SkipBlanks() {
    while (at_ < text_.size() && text_[at_] == ' ') ++at_;
  }
  bool Taken(std::string_view word) {
    if (std::string_view(text_).substr(at_, word.size()) != word) return false;
    at_ += word.size();
    return true;
  }

  const std::string& text_;
  std::size_t at_ = 0;
};

void Take(const Step& step, const Json& from, std::vector<const Json*>& into) {
  if (auto* name = std::get_if<std::string>(&step)) {
    if (from.is_object()) {
      if (auto it = from.find(*name); it != from.end()) into.push_back(&*it);
    }
  } else if (auto* index = std::get_if<long>(&step)) {
    if (!from.is_array()) return;
    long size = static_cast<long>(from.size()), at = *index < 0 ? size + *index : *index;
    if (at >= 0 && at < size) into.push_back(&from[static_cast<std::size_t>(at)]);
  } else if (auto* slice = std::get_if<Slice>(&step)) {
    if (!from.is_array()) return;
    long size = static_cast<long>(from.size());
    auto place = [size](long n) { return std::clamp(n < 0 ? size + n : n, 0L, size); };
    for (long i = place(slice->first.value_or(0)); i < place(slice->last.value_or(size)); ++i)
      into.push_back(&from[static_cast<std::size_t>(i)]);
  } else if (from.is_structured()) {
    for (const auto& element : from) into.push_back(&element);
  }
}

std::vector<const Json*> Select(const std::vector<Step>& path, const Json& value) {
  std::vector<const Json*> now{&value};
  for (std::size_t i = 0; i < path.size(); ++i) {
    auto* name = std::get_if<std::string>(&path[i]);
    if (i == 0 && value.is_array() && name != nullptr && *name == "items") continue;
    std::vector<const Json*> next;
    for (const Json* one : now) Take(path[i], *one, next);
    now = std::move(next);
  }
  return now;
}

std::string Plain(const Json& value) { return value.is_string() ? value.get<std::string>() : CompactJson(value); }

void Render(const std::vector<Piece>& pieces, const Json& value, std::string& out) {
  for (const auto& piece : pieces) {
    if (piece.kind == Piece::kText) {
      out += piece.text;
      continue;
    }
    bool first = true;
    for (const Json* found : Select(piece.path, value)) {
      if (piece.kind == Piece::kRange) {
        Render(piece.body, *found, out);
        continue;
      }
      if (!first) out += ' ';
      out += Plain(*found);
      first = false;
    }
  }
}

}  // namespace

Result<std::string> EvaluateJsonPath(const std::string& pattern, const Json& value) {
  std::string whole = pattern;
  if (whole.find('{') == whole.npos) whole = "{" + whole + "}";
  SMHOST_TRY(std::vector<Piece> pieces, PatternReader(whole).Read());
  std::string out;
  Render(pieces, value, out);
  return out;
}

}  // namespace smhost::cli
